"""The classes of a dataset as a tree: below the classes of the taxonomy that they match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.web.graph import one_of, rows
from kg.describe import natural
from ontology.terms import Literal

if TYPE_CHECKING:
    from kg.home import Home

_MOST = 2000
_LEAST_SHARE = 0.3  # of the classes that match a taxonomy, from which on it orders them


@dataclass(slots=True)
class ClassNode:
    """A class.

    Attributes:
        iri: the class.
        name: its name.
        value: its number in the files; "" where none is known.
        matches: (IRI, name, how close) of classes of taxonomies that it stands for.
        below: what lies below it.
        own: whether the dataset has it; else it only orders others.
    """

    iri: str
    name: str
    value: str = ""
    matches: list[tuple[str, str, str]] = field(default_factory=list)
    below: list[ClassNode] = field(default_factory=list)
    own: bool = True


def class_tree(home: Home, record: str) -> tuple[list[ClassNode], int]:
    """(the topmost classes, how many there are) of a record."""
    body = f"""SELECT ?class ?name ?value ?kind ?match ?matched WHERE {{
  <{record}> ed:labelClass ?class OPTIONAL {{ ?class skos:prefLabel ?name }} OPTIONAL {{ ?class ed:classValue ?value }}
  OPTIONAL {{ VALUES ?kind {{ skos:exactMatch skos:closeMatch skos:broadMatch }} ?class ?kind ?match
             OPTIONAL {{ ?match skos:prefLabel ?matched }} }} }} LIMIT {_MOST}"""
    found: dict[str, ClassNode] = {}
    for iri, name, value, kind, match, matched in rows(home, body):
        text = str(name or str(iri).rsplit("/", 1)[-1])
        node = found.setdefault(str(iri), ClassNode(str(iri), text, str(value or "")))
        if match is not None:
            how = {"exactMatch": "same as", "closeMatch": "close to"}.get(str(kind).rsplit("#", 1)[-1], "part of")
            entry = (str(match), str(matched or match), how)
            if entry not in node.matches:
                node.matches.append(entry)
    nodes = sorted(found.values(), key=_order)
    return _ordered(home, nodes), len(nodes)


def _order(node: ClassNode) -> tuple[bool, int, list[tuple[int, str]]]:
    number = int(node.value) if node.value.lstrip("-").isdecimal() else 0
    return (not node.value, number, natural(node.name))


def _ordered(home: Home, nodes: list[ClassNode]) -> list[ClassNode]:
    """The classes below the top classes of the taxonomy that most of them match; flat where few match any."""
    schemes: dict[str, int] = {}
    for node in nodes:
        for scheme in {_scheme(iri) for iri, _, _ in node.matches}:
            schemes[scheme] = schemes.get(scheme, 0) + 1
    best = max(schemes, key=lambda one: (schemes[one], one), default="")
    if not best or len(nodes) < 4 or schemes[best] < _LEAST_SHARE * len(nodes):
        return nodes
    above = _tops(home, [iri for node in nodes for iri, _, _ in node.matches if _scheme(iri) == best])
    tops: dict[str, ClassNode] = {}
    rest: list[ClassNode] = []
    for node in nodes:
        match = next((iri for iri, _, _ in node.matches if iri in above), "")
        if not match:
            rest.append(node)
            continue
        iri, name = above[match]
        tops.setdefault(iri, ClassNode(iri, name, own=False)).below.append(node)
    if len(tops) < 2:
        return nodes
    ordered = sorted(tops.values(), key=lambda one: natural(one.iri))
    if rest:
        ordered.append(ClassNode("", "Others", own=False, below=rest))
    return ordered


def _scheme(iri: str) -> str:
    return iri.rsplit("/", 1)[0]


def _tops(home: Home, iris: Sequence[str]) -> dict[str, tuple[str, str]]:
    """(IRI, name) of the topmost class above each; itself where nothing is above it."""
    body = f"""SELECT ?class ?top ?name WHERE {{ {one_of("?class", dict.fromkeys(iris))}
  ?class skos:broader* ?top . ?top skos:prefLabel ?name FILTER NOT EXISTS {{ ?top skos:broader ?above }} }}"""
    return {
        str(iri): (str(top), name.value if isinstance(name, Literal) else str(name))
        for iri, top, name in rows(home, body)
    }
