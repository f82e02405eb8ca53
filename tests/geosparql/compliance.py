"""Queries over the harbour in `data/`, one or more for each of the 30 requirements of GeoSPARQL 1.0 (OGC 11-052r4).

Expected values were reckoned by hand from the plan of the harbour (boxes and lines on a grid of degrees), or, for
metres, with the geodesic of pyproj: nothing here asks earthdex what it says.

    y                                       Port = Twin  0..4 x 0..4      Island  8..9 x 8..9
    6          +-------+ Market             Basin        1..2 x 1..2      Pier    (2 2.5) - (5 2.5)
    4 +--------|-+     |                    Quay         0..1 x 1..2      Rail    (3 2) - (3 2.9)
    3 |        +-|-----+                    Market       3..6 x 3..6      Buoy    (1.5 1.5)
    2 |Q[B]      +---+                      Park         4..6 x 0..2      Beacon  (8.25 8.75)
    0 +----------+---+ Park                 Port's mark  (2 2), a geometry of it that is not its default one
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyproj
import shapely

DATA = Path(__file__).parent / "data"
EX = "http://example.org/harbour#"
GEO = "http://www.opengis.net/ont/geosparql#"
XSD = "http://www.w3.org/2001/XMLSchema#"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
SF = "http://www.opengis.net/ont/sf#"
GML = "http://www.opengis.net/ont/gml#"
PROLOGUE = f"""PREFIX ex: <{EX}>
PREFIX geo: <{GEO}>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX gml: <{GML}>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sf: <{SF}>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
PREFIX xsd: <{XSD}>
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry that is expected: the same vertices strictly, the same points by value, in a literal of a kind.

    Attributes:
        wkt: in CRS84.
        kind: `wktLiteral` or `gmlLiteral`.
        tolerance: of the area, as a part of it, where the standard leaves the vertices open (buffers).
    """

    wkt: str
    kind: str = "wktLiteral"
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is expected, with a datatype; `part` is how far off it may be by value."""

    value: float
    datatype: str = XSD + "double"
    part: float = 1e-6


@dataclass(frozen=True, slots=True)
class Case:
    """A query and what it answers.

    Attributes:
        requirement: 1 to 30.
        name: tells it from the others of its requirement.
        query: without prefixes.
        rows: expected rows of one column each: IRIs by local name of the harbour or in full, (text, datatype), Shape
            or Number; their order means nothing.
    """

    requirement: int
    name: str
    query: str
    rows: tuple[Any, ...]


def cases() -> Iterator[Case]:
    """All cases."""
    yield from _core()
    yield from _properties()
    yield from _literals()
    yield from _functions()
    yield from _relations_as_functions()
    yield from _entailment()
    yield from _rewriting()


# name: (object, features that have the relation to it)
HELD: dict[str, tuple[str, str]] = {
    "sfEquals": ("Port", "Port Twin"),
    "sfDisjoint": ("Port", "Island Beacon"),
    "sfIntersects": ("Port", "Port Twin Basin Quay Market Park Pier Rail Buoy"),
    "sfTouches": ("Port", "Park"),
    "sfCrosses": ("Port", "Pier"),
    "sfWithin": ("Port", "Port Twin Basin Quay Rail Buoy"),
    "sfContains": ("Basin", "Port Twin Basin"),
    "sfOverlaps": ("Port", "Market"),
    "ehEquals": ("Port", "Port Twin"),
    "ehDisjoint": ("Port", "Island Beacon"),
    "ehMeet": ("Port", "Park"),
    "ehOverlap": ("Port", "Market Pier"),
    "ehCovers": ("Quay", "Port Twin"),
    "ehCoveredBy": ("Port", "Quay"),
    "ehInside": ("Port", "Basin Rail Buoy"),
    "ehContains": ("Basin", "Port Twin"),
    "rcc8eq": ("Port", "Port Twin"),
    "rcc8dc": ("Port", "Island"),
    "rcc8ec": ("Port", "Park"),
    "rcc8po": ("Port", "Market"),
    "rcc8tppi": ("Quay", "Port Twin"),
    "rcc8tpp": ("Port", "Quay"),
    "rcc8ntpp": ("Port", "Basin Rail"),
    "rcc8ntppi": ("Basin", "Port Twin"),
}
# the port's mark, a point in its middle, has these relations to the port
_MARK = ("sfIntersects", "sfWithin", "ehInside")
# a feature that has the relation not
_NOT = {"Port": "Island", "Basin": "Island", "Quay": "Island"}
_APART = ("sfDisjoint", "ehDisjoint", "rcc8dc")
_ALL = "Port Twin Basin Quay Market Park Island Pier Rail Buoy Beacon"


def _true(value: bool = True) -> tuple[str, str]:
    return ("true" if value else "false", XSD + "boolean")


def _family(name: str) -> int:
    return 0 if name.startswith("sf") else 1 if name.startswith("eh") else 2


def _core() -> Iterator[Case]:
    yield Case(1, "a pattern, a filter, an optional", "SELECT ?l WHERE { ex:Pier rdfs:label ?l }", (("Pier", ""),))
    spatial = ["yard", *_ALL.split(), *(f"{one}Shape" for one in _ALL.split()), "PortMark"]
    named = "FILTER(!STRSTARTS(STR(?x), CONCAT(STR(ex:), 'said')) && !STRSTARTS(STR(?x), CONCAT(STR(ex:), 'heard'))"
    named += " && !STRENDS(STR(?x), 'Writing') && !STRENDS(STR(?x), 'Written'))"
    yield Case(
        2,
        "spatial objects",
        f"SELECT ?x WHERE {{ ?x a geo:SpatialObject {named} }}".replace("ex:)", f"<{EX}>)"),
        tuple(spatial),
    )
    yield Case(3, "features", "SELECT ?x WHERE { ?x a geo:Feature }", (*_ALL.split(), "yard"))
    for name in HELD:
        yield Case(4 + _family(name), name, f"SELECT ?x WHERE {{ ex:said_{name} geo:{name} ?x }}", (f"heard_{name}",))


def _properties() -> Iterator[Case]:
    shapes = [f"{one}Shape" for one in _ALL.split()]
    yield Case(7, "geometries", "SELECT ?x WHERE { ?x a geo:Geometry . ?f ex:hasSurvey ?x }", tuple(shapes))
    yield Case(8, "hasGeometry", "SELECT ?x WHERE { ex:Port geo:hasGeometry ?x }", ("PortShape", "PortMark"))
    yield Case(8, "hasDefaultGeometry", "SELECT ?x WHERE { ex:Port geo:hasDefaultGeometry ?x }", ("PortShape",))
    for name in ("dimension", "coordinateDimension", "spatialDimension"):
        yield Case(9, name, f"SELECT ?x WHERE {{ ex:PortShape geo:{name} ?x }}", (("2", XSD + "integer"),))
    for name, value in (("isEmpty", False), ("isSimple", True)):
        yield Case(9, name, f"SELECT ?x WHERE {{ ex:PortShape geo:{name} ?x }}", (_true(value),))
    port = "POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))"
    yield Case(
        9,
        "hasSerialization",
        "SELECT ?x WHERE { ex:PortShape geo:hasSerialization ?x }",
        (Shape(port), Shape(port, "gmlLiteral")),
    )


def _literals() -> Iterator[Case]:
    def ask(requirement: int, name: str, body: str, row: Any) -> Case:
        return Case(requirement, name, f"SELECT ?x WHERE {{ {body} }}", (row,))

    yield ask(10, "datatype", "ex:PortShape geo:asWKT ?w BIND(DATATYPE(?w) AS ?x)", GEO + "wktLiteral")
    for one, other, name in (
        ("plainWriting", "fullWriting", "CRS84 is meant where nothing is said"),
        ("fullWriting", "plainWriting", "the other way round"),
    ):
        body = f"ex:{one} geo:asWKT ?a . ex:{other} geo:asWKT ?b BIND(geof:sfEquals(?a, ?b) AS ?x)"
        yield ask(11, name, body, _true())
    for function, value in (("sfEquals", True), ("sfDisjoint", False)):
        body = f"ex:BeaconShape geo:asWKT ?a . ex:plainWriting geo:asWKT ?b BIND(geof:{function}(?a, ?b) AS ?x)"
        yield ask(12, f"order of axes: {function}", body, _true(value))
    yield ask(13, "no text", "ex:nothingWritten geo:asWKT ?a BIND(geof:isEmpty(?a) AS ?x)", _true())
    yield ask(
        13,
        "no text and EMPTY",
        "ex:nothingWritten geo:asWKT ?a . ex:emptyWritten geo:asWKT ?b BIND(geof:sfEquals(?a, ?b) AS ?x)",
        _true(),
    )
    yield ask(14, "asWKT", "ex:BasinShape geo:asWKT ?x", Shape("POLYGON((1 1, 2 1, 2 2, 1 2, 1 1))"))
    yield ask(15, "datatype", "ex:PortShape geo:asGML ?w BIND(DATATYPE(?w) AS ?x)", GEO + "gmlLiteral")
    yield ask(16, "no text", "ex:nothingWritten geo:asGML ?a BIND(geof:isEmpty(?a) AS ?x)", _true())
    yield ask(
        16,
        "no text and no members",
        "ex:nothingWritten geo:asGML ?a . ex:emptyWritten geo:asGML ?b BIND(geof:sfEquals(?a, ?b) AS ?x)",
        _true(),
    )
    body = "ex:oldWriting geo:asGML ?a . ex:PortShape geo:asGML ?b BIND(geof:sfEquals(?a, ?b) AS ?x)"
    yield ask(17, "GML 2 and GML 3", body, _true())
    body = "ex:BeaconShape geo:asGML ?a . ex:plainWriting geo:asWKT ?b BIND(geof:sfEquals(?a, ?b) AS ?x)"
    yield ask(17, "a system by URN", body, _true())
    yield ask(18, "asGML", "ex:BasinShape geo:asGML ?x", Shape("POLYGON((1 1, 2 1, 2 2, 1 2, 1 1))", "gmlLiteral"))


def _pair(a: str, b: str, call: str) -> Iterator[tuple[str, str, str]]:
    """(name, body, kind of the first literal) for the four ways to give two geometries."""
    for first in ("asWKT", "asGML"):
        for second in ("asWKT", "asGML"):
            body = f"ex:{a} geo:hasDefaultGeometry/geo:{first} ?a . ex:{b} geo:hasDefaultGeometry/geo:{second} ?b "
            yield f"{first} {second}", body + f"BIND({call} AS ?x)", f"{first[2:].lower()}Literal"


def _single(a: str, call: str) -> Iterator[tuple[str, str, str]]:
    for form in ("asWKT", "asGML"):
        body = f"ex:{a} geo:hasDefaultGeometry/geo:{form} ?a BIND({call} AS ?x)"
        yield form, body, f"{form[2:].lower()}Literal"


def _functions() -> Iterator[Case]:
    metres = pyproj.Geod(ellps="WGS84").inv(1.5, 1.5, 8.0, 8.0)[2]
    for unit, value in (("metre", metres), ("degree", 6.5 * 2**0.5)):
        for name, body, _ in _pair("Buoy", "Island", f"geof:distance(?a, ?b, uom:{unit})"):
            yield Case(19, f"distance {unit} {name}", f"SELECT ?x WHERE {{ {body} }}", (Number(value),))
    for name, body, kind in _single("Buoy", "geof:buffer(?a, 1, uom:degree)"):
        round_shape = shapely.Point(1.5, 1.5).buffer(1.0, quad_segs=256).wkt
        yield Case(19, f"buffer {name}", f"SELECT ?x WHERE {{ {body} }}", (Shape(round_shape, kind, 0.02),))
    port, line = "POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))", "LINESTRING(2 2.5, 5 2.5)"
    for function, subject, value in (
        ("convexHull", "Twin", port),
        ("convexHull", "Pier", line),
        ("envelope", "Twin", port),
        ("boundary", "Port", "LINESTRING(0 0, 4 0, 4 4, 0 4, 0 0)"),
        ("boundary", "Pier", "MULTIPOINT((2 2.5), (5 2.5))"),
    ):
        for name, body, kind in _single(subject, f"geof:{function}(?a)"):
            yield Case(19, f"{function} {subject} {name}", f"SELECT ?x WHERE {{ {body} }}", (Shape(value, kind),))
    for function, other, value in (
        ("intersection", "Market", "POLYGON((3 3, 4 3, 4 4, 3 4, 3 3))"),
        ("union", "Market", "POLYGON((0 0, 4 0, 4 3, 6 3, 6 6, 3 6, 3 4, 0 4, 0 0))"),
        ("difference", "Market", "POLYGON((0 0, 4 0, 4 3, 3 3, 3 4, 0 4, 0 0))"),
        (
            "symDifference",
            "Market",
            "MULTIPOLYGON(((0 0, 4 0, 4 3, 3 3, 3 4, 0 4, 0 0)), ((4 3, 6 3, 6 6, 3 6, 3 4, 4 4, 4 3)))",
        ),
    ):
        for name, body, kind in _pair("Port", other, f"geof:{function}(?a, ?b)"):
            yield Case(19, f"{function} {name}", f"SELECT ?x WHERE {{ {body} }}", (Shape(value, kind),))
    for name, body, _ in _single("Port", "geof:getSRID(?a)"):
        yield Case(20, f"getSRID {name}", f"SELECT ?x WHERE {{ {body} }}", ((CRS84, XSD + "anyURI"),))
    system = "http://www.opengis.net/def/crs/EPSG/0/4326"
    body = "ex:BeaconShape geo:asWKT ?a BIND(geof:getSRID(?a) AS ?x)"
    yield Case(20, "getSRID of another", f"SELECT ?x WHERE {{ {body} }}", ((system, XSD + "anyURI"),))


def _relations_as_functions() -> Iterator[Case]:
    for name, body, _ in _pair("Basin", "Port", 'geof:relate(?a, ?b, "TFFTFFTTT")'):
        yield Case(21, name, f"SELECT ?x WHERE {{ {body} }}", (_true(),))
    for name, body, _ in _pair("Basin", "Port", 'geof:relate(?a, ?b, "FF*FF****")'):
        yield Case(21, f"{name} false", f"SELECT ?x WHERE {{ {body} }}", (_true(False),))
    for relation, (thing, subjects) in HELD.items():
        requirement, subject = 22 + _family(relation), subjects.split()[0]
        for name, body, _ in _pair(subject, thing, f"geof:{relation}(?a, ?b)"):
            yield Case(requirement, f"{relation} {name}", f"SELECT ?x WHERE {{ {body} }}", (_true(),))
        other = "Park" if relation in _APART else "Island"
        body = next(_pair(other, thing, f"geof:{relation}(?a, ?b)"))[1]
        yield Case(requirement, f"{relation} not", f"SELECT ?x WHERE {{ {body} }}", (_true(False),))


def _entailment() -> Iterator[Case]:
    yield Case(25, "a class below another", "SELECT ?x WHERE { ?x a ex:Site }", (*_ALL.split(), "yard"))
    yield Case(25, "a property below another", "SELECT ?x WHERE { ex:Twin geo:hasGeometry ?x }", ("TwinShape",))
    yield Case(25, "domain", "SELECT ?x WHERE { ?x a ex:Lamp }", ("lamp",))
    yield Case(25, "range", "SELECT ?x WHERE { ex:lamp ex:lightsUp ?x . ?x a geo:SpatialObject }", ("yard",))
    areas = tuple(f"{one}Shape" for one in ("Port", "Twin", "Basin", "Quay", "Market", "Park", "Island"))
    lines, points = ("PierShape", "RailShape"), ("BuoyShape", "BeaconShape", "PortMark")
    for requirement, prefix, names in (
        (26, "sf", {"Surface": areas, "Curve": lines, "Geometry": (*areas, *lines, *points)}),
        (27, "gml", {"Surface": areas, "Curve": lines, "AbstractGeometry": (*areas, *lines, "BuoyShape")}),
    ):
        for name, rows in names.items():
            yield Case(requirement, f"{prefix}:{name}", f"SELECT ?x WHERE {{ ?x a {prefix}:{name} }}", rows)


def _rewriting() -> Iterator[Case]:
    for relation, (thing, subjects) in HELD.items():
        requirement = 28 + _family(relation)
        shapes = tuple(f"{one}Shape" for one in subjects.split()) + (("PortMark",) if relation in _MARK else ())
        for kind, rows in (("geo:Feature", tuple(subjects.split())), ("sf:Geometry", shapes)):
            for object_ in (thing, f"{thing}Shape"):
                query = f"SELECT ?x WHERE {{ ?x a {kind} ; geo:{relation} ex:{object_} }}"
                yield Case(requirement, f"{relation} {kind} {object_}", query, rows)
