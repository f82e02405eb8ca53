"""A world in which graph and scenes speak of each other in every way that the data model allows, for the oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import shapely

from kg.nquads import Quad
from ontology.namespaces import BASE, expand
from ontology.records import Scene
from ontology.terms import IRI, RDF_LANG_STRING, WKT_LITERAL, XSD, BNode, Literal, Term
from tests.kg import world

NOTES, OTHERS = "graph/notes", "graph/others"
"""Named graphs, below the project's base IRI."""

_WORLD = shapely.box(-180, -90, 180, 90)
_SPLIT = shapely.MultiPolygon([shapely.box(178, -5, 180, 5), shapely.box(-180, -5, -177, 5)])
_POLE = shapely.box(-180, 80, 180, 90)
_HOLED = shapely.box(0, 0, 12, 12).difference(shapely.box(4, 4, 8, 8))


def scenes() -> list[Scene]:
    """44 scenes: some of the simple world, and all that is odd."""
    found = world.scenes(24, seed=5)
    noon = datetime(2019, 6, 1, 12, tzinfo=UTC)
    for number, shape in enumerate((_WORLD, _SPLIT, _POLE, _HOLED, shapely.Point(5.1, 5.1), None)):
        found.append(
            Scene(
                id=f"odd-{number}",
                collection="odd",
                mission="sentinel-2",
                platform="sentinel-2a" if number % 2 else None,
                instrument=("msi", "msi", "oli") if number % 3 == 0 else (),
                product_type="L1C",
                polarisation=("VV", "VH", "VV") if number == 1 else (),
                relative_orbit=-number,
                cloud_cover=(0.0, 100.0, 1e-7, 33.333333333333336, 20.0, None)[number],
                resolution_m=10.0,
                start_time=noon,
                end_time=noon,
                ingestion_time=noon + timedelta(microseconds=number),
                geometry=None if shape is None else shape.wkb,
                is_global=number == 0,
                source="alpha",
            )
        )
    for collection in ("one", "two", "ü & three/4"):  # one identifier in several collections
        found.append(
            Scene(
                id="twin",
                collection=collection,
                mission="landsat",
                platform="landsat-8",
                product_type="",
                cloud_cover=20.0,
                start_time=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
                geometry=shapely.box(9, 7, 11, 8).wkb,
            )
        )
    found.append(Scene(id="bare", collection="one"))  # nothing is known
    for number in range(10):  # pairs that differ in one value only
        found.append(
            Scene(
                id=f"pair-{number:02d}",
                collection="two" if number % 2 else "one",
                mission="sentinel-1",
                platform="sentinel-1a",
                product_type=("GRD", "grd")[number % 2],
                polarisation=(("VV", "VH"), ("HH",))[number % 2],
                orbit_direction=("ascending", "descending", None)[number % 3],
                relative_orbit=number // 2,
                tile_id="33UWP",
                resolution_m=20.0,
                start_time=noon + timedelta(days=number // 2),
                end_time=noon + timedelta(days=number // 2),
                geometry=shapely.box(number, number, number + 1, number + 1).wkb,
                source="a file",
            )
        )
    return found


def quads() -> list[Quad]:
    """The simple world's graph, with statements that name scenes in all places, lists, named graphs and clashes."""
    s = [one.iri for one in scenes()]

    def iri(tail: str) -> IRI:
        return IRI(BASE + tail)

    def text(value: str, language: str | None = None) -> Literal:
        return Literal(value, RDF_LANG_STRING if language else XSD + "string", language)

    alpha, beta, gamma = (iri(f"dataset/{name}") for name in ("alpha", "beta", "gamma"))
    model = iri("model/one")
    stem = s[3].removesuffix("#geometry")
    said: list[tuple[IRI | BNode, str, Term]] = [
        # scenes as values
        (gamma, "rdf:type", expand("dcat:Dataset")),
        (gamma, "dct:title", text("Gamma")),
        (gamma, "dct:title", text("Gamma", "en")),
        (gamma, "ed:scene", s[0]),
        (gamma, "ed:scene", s[24]),
        (alpha, "ed:scene", s[1]),
        (model, "prov:wasDerivedFrom", s[2]),
        (model, "prov:wasDerivedFrom", alpha),
        (beta, "prov:wasDerivedFrom", gamma),
        (s[5], "prov:wasDerivedFrom", s[6]),
        (s[6], "prov:wasDerivedFrom", s[7]),
        # scenes as subjects, with predicates of scenes and others
        (s[0], "ed:note", text("look at this")),
        (s[8], "rdfs:label", text("L1C")),
        (s[9], "rdf:type", iri("thing/Special")),
        (s[10], "ed:cloudCover", Literal("1000", XSD + "integer")),
        (s[11], "ed:productType", text("L1C", "en")),
        (s[12], "ed:mission", iri("sensor/landsat")),
        (IRI(stem + "#geometry"), "ed:note", text("a footprint")),
        (iri("scene/one/unknown"), "ed:note", text("not in the table")),
        (iri("scene/one/unknown"), "ed:cloudCover", Literal("20", XSD + "double")),
        # other things with predicates of scenes
        (iri("place/country/AA"), "ed:cloudCover", Literal("20", XSD + "double")),
        (iri("place/country/AA"), "dct:identifier", text("twin")),
        (alpha, "ed:platform", iri("sensor/sentinel-2a")),
        (alpha, "ed:productType", text("L2A")),
        (beta, "sosa:resultTime", Literal("2019-06-01T12:00:00Z", XSD + "dateTime")),
        (beta, "ed:relativeOrbit", Literal("2", XSD + "integer")),
        (iri("place/country/BB"), "rdfs:label", text("Beland", "de")),
        (iri("place/feature/lake"), "rdfs:label", text("L1C")),
        (iri("place/feature/lake"), "ed:population", Literal("12.50", XSD + "decimal")),
        (iri("place/country/CC"), "ed:founded", Literal("2019-06-01", XSD + "date")),
        (iri("thing/Special"), "rdfs:subClassOf", expand("ed:Scene")),
        (expand("ed:Scene"), "rdfs:label", text("scene")),
        # blank nodes and a list
        (alpha, "ed:split", BNode("train")),
        (BNode("train"), "dct:title", text("train")),
        (BNode("train"), "ed:sampleCount", Literal("20", XSD + "integer")),
        (gamma, "ed:order", BNode("l1")),
        (BNode("l1"), "rdf:first", s[0]),
        (BNode("l1"), "rdf:rest", BNode("l2")),
        (BNode("l2"), "rdf:first", s[24]),
        (BNode("l2"), "rdf:rest", expand("rdf:nil")),
    ]
    found: list[Quad] = [*world.graph_quads(), *((a, expand(p), o, None) for a, p, o in said)]  # type: ignore[misc]
    notes, others = iri(NOTES), iri(OTHERS)
    found += [
        (s[0], expand("ed:note"), text("in a graph"), notes),
        (s[13], expand("ed:cloudCover"), Literal("20", XSD + "double"), notes),
        (alpha, expand("ed:scene"), s[14], notes),
        (alpha, expand("dct:title"), text("Alpha"), others),
        (s[0], expand("rdf:type"), expand("ed:Scene"), others),
        (notes, expand("rdfs:label"), text("Notes"), None),
        (iri("place/country/AA"), expand("geo:hasGeometry"), iri("place/x/geometry"), others),
        (iri("place/x/geometry"), expand("geo:asWKT"), Literal("POINT(5 5)", WKT_LITERAL), others),
    ]
    return found
