"""Scenes as triples: which predicate each column stands for, and its values as terms.

A scene is `ed:Scene`, named by collection and identifier. Its footprint hangs below a node of its own:
`scene geo:hasGeometry/geo:asWKT footprint`, as with places. Assets are no triples: `SceneTable` returns them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from typing import Literal as OneOf
from urllib.parse import unquote

from ontology.namespaces import BASE, expand, scene_iri
from ontology.properties import properties_of
from ontology.terms import IRI, XSD, Literal, Term

SCENES = BASE + "scene/"
SCENE_CLASS = expand("ed:Scene")
TYPE = expand("rdf:type")
HAS_GEOMETRY = expand("geo:hasGeometry")
AS_WKT = expand("geo:asWKT")
_GEOMETRY = "#geometry"

Kind = OneOf["text", "sensor", "band", "integer", "number", "moment", "boolean"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A predicate of scenes and the column that holds its values.

    Attributes:
        many: whether the column is a list.
    """

    predicate: IRI
    column: str
    kind: Kind
    many: bool = False

    def term(self, value: Any) -> IRI | Literal:  # noqa: ANN401 - a value of the column
        """The term of one value (moments: microseconds since 1970)."""
        match self.kind:
            case "sensor" | "band":
                return IRI(f"{BASE}{self.kind}/{value}")
            case "number":
                return Literal(double_text(float(value)), XSD + "double")
            case "moment":
                return Literal(moment_text(int(value)), XSD + "dateTime")
            case "integer" | "boolean":
                return Literal.of(value)
            case _:
                return Literal(str(value))

    def value(self, term: Term) -> tuple[Any, bool] | None:
        """The column's value for a term, and whether no other term has that value; None: no scene has the term."""
        if isinstance(term, IRI):
            stem = f"{BASE}{self.kind}/"
            known = self.kind in ("sensor", "band") and term.startswith(stem) and (self.many or len(term) > len(stem))
            return (term[len(stem) :], True) if known else None
        if not isinstance(term, Literal) or self.kind in ("sensor", "band"):
            return None
        if self.kind == "text":  # an empty text is no value, but may be a member of a list
            known = term.datatype == XSD + "string" and (self.many or term.value != "")
            return (term.value, True) if known else None
        if self.kind == "moment":
            found = micros_of(term)
            return None if found is None else (found, self.term(found) == term)
        number = term.to_python()
        if self.kind == "boolean":
            return (number, False) if isinstance(number, bool) else None
        if not isinstance(number, (int, float)) or isinstance(number, bool):
            return None
        # the store holds numbers by value: of one datatype, those that are equal are the same term (but for -0.0)
        datatype = XSD + ("integer" if self.kind == "integer" else "double")
        return number, term.datatype == datatype and (number != 0 or self.kind == "integer")


_COLUMNS = {"product_id": "id", "acquisition_time": "start_time"}
_KINDS: dict[str, Kind] = {
    "sensor": "sensor",
    "concept": "band",
    "integer": "integer",
    "number": "number",
    "date": "moment",
}


def _attributes() -> tuple[Attribute, ...]:
    rows = [
        Attribute(expand(one.path), _COLUMNS.get(one.name, one.name), _KINDS.get(one.kind, "text"), one.many)
        for one in properties_of("product")
    ]
    return (
        *rows,
        Attribute(expand("ed:globalExtent"), "is_global", "boolean"),
        Attribute(expand("dct:source"), "source", "text"),
    )


ATTRIBUTES: dict[IRI, Attribute] = {one.predicate: one for one in _attributes()}
"""Attributes by predicate; type and geometry apart."""

SCENE_PREDICATES: frozenset[IRI] = frozenset({TYPE, HAS_GEOMETRY, *ATTRIBUTES})
"""All predicates whose subject may be a scene."""


def double_text(value: float) -> str:
    """A double as the store writes it: without exponent, shortest; of two equally short texts either."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "INF", "-inf": "-INF"}[repr(value)]
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def moment_text(micros: int) -> str:
    """Microseconds since 1970 as xsd:dateTime in UTC."""
    text = datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    rest = f"{micros % 1_000_000:06d}".rstrip("0")
    year, _, tail = text.partition("-")  # strftime does not pad years everywhere
    return f"{year:0>4}-{tail}{'.' + rest if rest else ''}Z"


def micros_of(term: Literal) -> int | None:
    """Microseconds since 1970 of an xsd:dateTime with a zone; None for anything else."""
    if term.datatype != XSD + "dateTime":
        return None
    try:
        moment = datetime.fromisoformat(term.value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def scene_key(iri: str) -> tuple[str, str] | None:
    """(collection, identifier) of a scene's IRI; None for any other IRI."""
    parts = iri.removeprefix(SCENES).split("/") if iri.startswith(SCENES) else []
    return (unquote(parts[0]), unquote(parts[1])) if len(parts) == 2 else None


def scene_keys(terms: Iterable[Term]) -> tuple[tuple[str, str], ...]:
    """(collection, identifier) of those terms that are IRIs of scenes, written as scenes are named."""
    found = []
    for one in terms:
        key = scene_key(one) if isinstance(one, IRI) else None
        if key is not None and scene_iri(*key) == one:
            found.append(key)
    return tuple(found)


def geometry_iri(scene: str) -> IRI:
    """The node that holds the footprint of a scene."""
    return IRI(scene + _GEOMETRY)


def geometry_key(iri: str) -> tuple[str, str] | None:
    """(collection, identifier) of the scene whose geometry node this is; None for any other IRI."""
    return scene_key(iri.removesuffix(_GEOMETRY)) if iri.endswith(_GEOMETRY) else None


def columns_of(predicates: Sequence[IRI]) -> list[Attribute]:
    """The attributes of some predicates, each column once."""
    return [ATTRIBUTES[one] for one in dict.fromkeys(predicates) if one in ATTRIBUTES]
