"""What the graph says of any thing of ours: its values, what names it, and for a scheme or concept the tree below."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.web.graph import rows
from kg.describe import natural
from ontology.errors import NotFound
from ontology.namespaces import BASE, PREFIXES, shorten
from ontology.terms import IRI, Literal, Term

if TYPE_CHECKING:
    from kg.home import Home

_VALUES = 600
_NAMING = 400
_TREE = 3000
_SHOWN = 40
_LARGE = 10_000  # from which on thousands are set apart; no year
_SKOS = PREFIXES["skos"]
_GEOMETRY = (PREFIXES["geo"] + "hasGeometry", PREFIXES["geo"] + "hasCentroid")
_BOTH_WAYS = tuple(PREFIXES["geo"] + name for name in ("sfTouches", "sfIntersects", "sfEquals"))
_NAMES = (
    _SKOS + "prefLabel",
    PREFIXES["rdfs"] + "label",
    PREFIXES["dct"] + "title",
    PREFIXES["foaf"] + "name",
    PREFIXES["dct"] + "identifier",
)
_WORDS = (_SKOS + "definition", PREFIXES["dct"] + "description", PREFIXES["rdfs"] + "comment", _SKOS + "scopeNote")
_TYPE = PREFIXES["rdf"] + "type"
_NAME = "skos:prefLabel|rdfs:label|dct:title|foaf:name"


@dataclass(frozen=True, slots=True)
class Said:
    """A value: text, and the IRI of the thing it names, "" for a literal."""

    text: str
    iri: str = ""


@dataclass(slots=True)
class Node:
    """A concept in a tree."""

    iri: str
    name: str
    below: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Thing:
    """What a page shows of a thing.

    Attributes:
        iri: it.
        name: its name; the end of its IRI where it has none.
        kinds: names of its classes.
        text: its definition or description.
        values: (name of a property, its IRI, values).
        named_by: (name of a property, its IRI, things that name it by that, whether there are more).
        tree: the concepts of a scheme, or those below a concept.
        wkt: its geometries.
        is_scene: whether it is a row of the scenes tier.
    """

    iri: str
    name: str
    kinds: list[Said] = field(default_factory=list)
    text: str = ""
    values: list[tuple[str, str, list[Said]]] = field(default_factory=list)
    named_by: list[tuple[str, str, list[Said], bool]] = field(default_factory=list)
    tree: list[Node] = field(default_factory=list)
    wkt: list[str] = field(default_factory=list)
    is_scene: bool = False


def thing_of(home: Home, iri: str) -> Thing:
    """A thing with all that a page shows of it.

    Args:
        home: the catalogue.
        iri: one of ours, without characters that end an IRI in SPARQL.

    Raises:
        NotFound: the graph says nothing of it.
    """
    scene = iri.startswith(BASE + "scene/")
    found = rows(
        home,
        f"SELECT ?p ?o (SAMPLE(?n) AS ?name) WHERE {{ <{iri}> ?p ?o OPTIONAL {{ ?o {_NAME} ?n }} }} "
        f"GROUP BY ?p ?o LIMIT {_VALUES}",
        scenes=scene,
    )
    naming = [] if scene else _naming(home, iri)
    if not found and not naming:
        raise NotFound(f"Nothing is known of <{iri}>.", "Look at the lists: /datasets, /models and /ontology.")
    thing = Thing(iri, _last(iri), is_scene=scene)
    by_property: dict[str, list[Said]] = {}
    for prop, value, label in found:
        by_property.setdefault(str(prop), []).append(_said(value, label))
    for each in reversed(_NAMES):
        if each in by_property:
            thing.name = by_property[each][0].text
    for each in reversed(_WORDS):
        if each in by_property:
            thing.text = by_property.pop(each)[0].text
    thing.kinds = [Said(_apart(one.text), one.iri) for one in by_property.pop(_TYPE, [])]
    if [each for each in _GEOMETRY if by_property.pop(each, None)]:
        thing.wkt = _geometries(home, iri, scene)
    # what holds both ways is said once
    naming = [one for one in naming if one[0] not in by_property or one[0] not in _BOTH_WAYS]
    names = property_names(home, [*by_property, *(one for one, _ in naming)])
    for name, values in by_property.items():
        values.sort(key=lambda one: natural(one.text))
        if not (len(values) == 1 and values[0].text == thing.name and not values[0].iri):
            thing.values.append((names[name], name, values))
    thing.values.sort(key=lambda one: one[0])
    grouped: dict[str, list[Said]] = {}
    for way, one in naming:
        grouped.setdefault(way, []).append(one)
    thing.tree = _tree(home, iri, "ConceptScheme" in {one.iri.removeprefix(_SKOS) for one in thing.kinds})
    if thing.tree:
        for part in ("inScheme", "topConceptOf", "broader"):
            grouped.pop(_SKOS + part, None)
    for way, things in sorted(grouped.items(), key=lambda one: names[one[0]]):
        things.sort(key=lambda one: natural(one.text))
        thing.named_by.append((names[way], way, things[:_SHOWN], len(things) > _SHOWN or len(naming) >= _NAMING))
    return thing


def property_names(home: Home, iris: list[str]) -> dict[str, str]:
    """Names of properties: their labels in the ontology, else the words of their names (`dct:issued`: issued)."""
    own = " ".join(f"<{one}>" for one in dict.fromkeys(iris) if one.startswith(BASE))
    found = rows(home, f"SELECT ?p ?name WHERE {{ VALUES ?p {{ {own} }} ?p rdfs:label ?name }}") if own else ()
    names = {str(one): str(name) for one, name in found}
    for iri in iris:
        names.setdefault(iri, _apart(_last(iri)).removeprefix("sf "))
    return names


def _naming(home: Home, iri: str) -> list[tuple[str, Said]]:
    """(property, thing) of what names a thing; parts without a page of their own stand for what they are part of."""
    body = (
        f"SELECT ?p ?s (SAMPLE(?n) AS ?name) WHERE {{ ?s ?p <{iri}> FILTER(ISIRI(?s)) OPTIONAL {{ ?s {_NAME} ?n }} }} "
        f"GROUP BY ?p ?s LIMIT {_NAMING}"
    )
    return [(str(name), _said(thing, label)) for name, thing, label in rows(home, body)]


def _geometries(home: Home, iri: str, scene: bool) -> list[str]:
    body = f"SELECT ?wkt WHERE {{ <{iri}> geo:hasGeometry/geo:asWKT ?wkt }} LIMIT 3"
    return [str(one) for (one,) in rows(home, body, scenes=scene)]


def _tree(home: Home, iri: str, is_scheme: bool) -> list[Node]:
    """The concepts of a scheme, or all below a concept, by `skos:broader`; a cycle ends where it closes."""
    within = f"?c skos:inScheme <{iri}>" if is_scheme else f"?c skos:broader+ <{iri}>"
    body = (
        f"SELECT ?c (SAMPLE(?n) AS ?name) (GROUP_CONCAT(DISTINCT STR(?b); separator=' ') AS ?above) WHERE {{ {within} "
        f"OPTIONAL {{ ?c {_NAME} ?n }} OPTIONAL {{ ?c skos:broader ?b }} }} GROUP BY ?c LIMIT {_TREE}"
    )
    nodes: dict[str, Node] = {}
    above: dict[str, list[str]] = {}
    for concept, label, parents in rows(home, body):
        nodes[str(concept)] = Node(str(concept), str(label) if label is not None else _last(str(concept)))
        above[str(concept)] = str(parents or "").split()
    top: list[Node] = []
    for one, node in nodes.items():
        parents_in = [parent for parent in above[one] if parent in nodes and parent != one]
        if parents_in and not _leads_back(one, parents_in[0], above):
            nodes[parents_in[0]].below.append(node)
        else:
            top.append(node)
    for node in nodes.values():
        node.below.sort(key=lambda each: natural(each.name))
    return sorted(top, key=lambda each: natural(each.name))


def _leads_back(start: str, parent: str, above: dict[str, list[str]]) -> bool:
    """Whether the way up from `parent` comes back to `start`."""
    seen: set[str] = set()
    while parent not in seen:
        if parent == start:
            return True
        seen.add(parent)
        parents = above.get(parent, [])
        if not parents:
            return False
        parent = parents[0]
    return False


def _said(value: Term | None, label: Term | None) -> Said:
    if isinstance(value, IRI):
        return Said(str(label) if label is not None else _last(str(value)), str(value))
    if isinstance(value, Literal):
        number = value.to_python()
        is_large = isinstance(number, int) and not isinstance(number, bool) and abs(number) >= _LARGE
        return Said(f"{number:,}" if is_large else str(value))
    return Said("(a part without a name)")


def _apart(name: str) -> str:
    """`ConceptScheme` as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _last(iri: str) -> str:
    """The end of an IRI, as a name."""
    short = shorten(iri)
    if not short.startswith("<"):
        return short.partition(":")[2]
    return re.split(r"[/#]", iri.rstrip("/#"))[-1] or iri
