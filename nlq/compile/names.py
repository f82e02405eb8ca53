"""What the words of a question stand for in the graph: concepts, sensors, classes, records, values, places.

Names are resolved before a query is written, so that the query holds IRIs and exact literals: it needs no fuzzy
matching and runs on any server. The index is read from the graph once for each version of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from weakref import WeakKeyDictionary

from kg.gazetteer import open_gazetteer
from kg.solutions import Result, Solutions
from nlq.compile.text import key, oneof, quote, term
from nlq.question import NamedPlace
from ontology.errors import EarthdexError
from ontology.namespaces import BASE, scheme_iri, sparql_prologue
from ontology.properties import Property
from ontology.terms import IRI, Term

_MOST_VALUES = 20_000
_LINKS = "it6:trainedOn|ed:fineTunedOn|ed:evaluatedOn|prov:wasDerivedFrom|it6:fineTunedFrom"


if TYPE_CHECKING:
    from kg.gazetteer import Gazetteer

T = TypeVar("T")


class Graph(Protocol):
    """What is needed of a store."""

    def query(self, sparql: str) -> Result:
        """The result of a query."""
        ...


def singular(text: str) -> str:
    """A label without the plural endings of its last word: `Wetlands` -> `wetland`, `cities` -> `city`."""
    low = text.casefold().strip()
    if len(low) < 4 or low.endswith(("ss", "us", "is")):
        return low
    if low.endswith("ies"):
        return low[:-3] + "y"
    if low.endswith(("sses", "xes", "ches", "shes")):
        return low[:-2]
    return low[:-1] if low.endswith("s") else low


def word_pattern(label: str) -> str:
    """A portable regular expression (XPath has no word boundary) that finds a label as whole words, also in plural."""
    words = [re.escape(word).replace('"', "") for word in re.findall(r"[\w+]+", singular(label))]
    return f"(^|[^a-z]){'[ _-]*'.join(words)}(s|es)?([^a-z]|$)"


class Names:
    """The names that a graph holds.

    Args:
        graph: the graph tier.
        folder: the catalogue's folder, whose own places the gazetteer holds too; None for the default one.
    """

    def __init__(self, graph: Graph, folder: Path | None = None) -> None:
        self.graph = graph
        self.folder = folder
        self._concepts: dict[str, dict[str, list[IRI]]] = {}
        self._labels: dict[IRI, str] = {}
        self._values: dict[str, dict[str, list[str]]] = {}
        self._outlines: dict[IRI, str] = {}

    def rows(self, body: str) -> tuple[tuple[Term | None, ...], ...]:
        """Rows of a SELECT whose prefixes are added here."""
        found = self.graph.query(sparql_prologue(body) + body)
        return found.rows if isinstance(found, Solutions) else ()

    def ordered(self, body: str) -> list[tuple[Term | None, ...]]:
        """The same in an order that is no matter of the store: what is made of them is the same on any server."""
        return sorted(self.rows(body), key=lambda row: tuple(map(str, row)))

    # --- reading, each part when it is first needed --------------------------------------------------------------

    def _scheme(self, name: str) -> dict[str, list[IRI]]:
        """Concepts of a scheme by the key of their labels; those with the preferred label first."""
        if name not in self._concepts:
            index: dict[str, list[IRI]] = {}
            scheme = term(scheme_iri(name))
            # preferred labels are read first, so that they win over synonyms
            for predicate in ("skos:prefLabel", "skos:altLabel", "skos:notation"):
                for concept, label in self.ordered(
                    f"SELECT ?concept ?label WHERE {{ ?concept skos:inScheme {scheme} . ?concept {predicate} ?label }}"
                ):
                    iri, text = IRI(str(concept)), str(label)
                    for form in {key(text), key(singular(text))}:
                        found = index.setdefault(form, [])
                        if iri not in found:
                            found.append(iri)
                    if predicate == "skos:prefLabel":
                        self._labels.setdefault(iri, text)
            self._concepts[name] = index
        return self._concepts[name]

    @cached_property
    def _narrower(self) -> dict[IRI, list[IRI]]:
        found: dict[IRI, list[IRI]] = {}
        for narrow, broad in self.ordered("SELECT ?narrow ?broad WHERE { ?narrow skos:broader ?broad }"):
            found.setdefault(IRI(str(broad)), []).append(IRI(str(narrow)))
        return found

    @cached_property
    def _matches(self) -> dict[IRI, set[IRI]]:
        """Concepts of the label taxonomies that match one another, both ways."""
        found: dict[IRI, set[IRI]] = {}
        for predicate in ("skos:exactMatch", "skos:closeMatch"):
            linked = f"SELECT ?a ?b WHERE {{ ?a {predicate} ?b . ?a skos:inScheme ?one }}"
            for one, other in self.rows(linked):
                found.setdefault(IRI(str(one)), set()).add(IRI(str(other)))
                found.setdefault(IRI(str(other)), set()).add(IRI(str(one)))
        return found

    @cached_property
    def _class_schemes(self) -> tuple[str, ...]:
        rows = self.rows("SELECT DISTINCT ?scheme WHERE { ?concept skos:inScheme ?scheme }")
        found = (str(scheme).removeprefix(BASE) for (scheme,) in rows)
        return tuple(sorted(name for name in found if name.startswith("class/")))

    @cached_property
    def _known_records(self) -> tuple[dict[str, list[IRI]], dict[IRI, str]]:
        """Records by the key of their names, and the kind of each: dataset, model or a mere mention."""
        names: dict[str, list[IRI]] = {}
        kinds: dict[IRI, str] = {}
        parts = [
            (kind, f"?record a {cls} . ?record {predicate} ?name")
            for cls, kind in (("dcat:Dataset", "dataset"), ("it6:MachineLearningModel", "model"))
            for predicate in ("dct:title", "skos:altLabel", "dct:identifier")
        ]
        linked = f"?any {_LINKS} ?record . ?record dct:title ?name FILTER NOT EXISTS {{ ?record a ?kind }}"
        for kind, pattern in [*parts, ("mention", linked)]:
            for record, name in self.ordered(f"SELECT DISTINCT ?record ?name WHERE {{ {pattern} }}"):
                iri = IRI(str(record))
                kinds.setdefault(iri, kind)
                found = names.setdefault(key(str(name)), [])
                if iri not in found:
                    found.append(iri)
        return names, kinds

    # --- concepts ------------------------------------------------------------------------------------------------

    def concepts(self, scheme: str, label: str) -> tuple[IRI, ...]:
        """Concepts of a scheme with that label, synonym or notation; preferred labels first. Empty: none."""
        index = self._scheme(scheme)
        found = index.get(key(label)) or index.get(key(singular(label))) or []
        return tuple(found)

    def classes(self, label: str) -> tuple[IRI, ...]:
        """Concepts of the label taxonomies (`class/...`) with that name, and what they match in the others."""
        found: dict[IRI, None] = {}
        for scheme in self._class_schemes:
            found |= dict.fromkeys(self.concepts(scheme, label))
        for iri in tuple(found):
            found |= dict.fromkeys(sorted(self._matches.get(iri, ())))
        return tuple(found)

    def label(self, iri: str) -> str:
        """Preferred label of a concept; empty where there is none."""
        return self.labels([IRI(iri)]).get(IRI(iri), "")

    def labels(self, iris: Iterable[IRI]) -> dict[IRI, str]:
        """Preferred labels of concepts; others are left out."""
        every = tuple(dict.fromkeys(iris))
        rest = [iri for iri in every if iri not in self._labels]
        for start in range(0, len(rest), 200):
            part = rest[start : start + 200]
            self._labels |= dict.fromkeys(part, "")
            found = oneof("?concept", map(term, part))
            body = f"SELECT ?concept ?label WHERE {{ {found} ?concept skos:prefLabel ?label }}"
            self._labels |= {IRI(str(concept)): str(label) for concept, label in self.rows(body)}
        return {iri: self._labels[iri] for iri in every if self._labels[iri]}

    def narrower(self, iri: IRI) -> tuple[IRI, ...]:
        """A concept and all narrower ones."""
        found: dict[IRI, None] = {iri: None}
        todo = [iri]
        while todo:
            for one in self._narrower.get(todo.pop(), ()):
                if one not in found:
                    found[one] = None
                    todo.append(one)
        return tuple(found)

    @cached_property
    def instruments(self) -> frozenset[IRI]:
        """The concepts of the sensor scheme that are instruments, not missions or spacecraft."""
        body = f"SELECT ?one WHERE {{ ?one a sosa:Sensor ; skos:inScheme {term(scheme_iri('sensor'))} }}"
        return frozenset(IRI(str(one)) for (one,) in self.rows(body))

    # --- records -------------------------------------------------------------------------------------------------

    def records(self, name: str, kind: str | None = None) -> tuple[IRI, ...]:
        """Records of that name, alias or identifier. `kind`: dataset, model, None for both and mere mentions."""
        if name.startswith("http") and IRI(name) in self._known_records[1]:
            return (IRI(name),)
        return self._of_kind(self._known_records[0].get(key(name), ()), kind)

    def family(self, name: str, kind: str | None = None) -> tuple[IRI, ...]:
        """Records whose name holds the given text."""
        wanted = key(name)
        if not wanted:
            return ()
        found: dict[IRI, None] = {}
        for form, iris in self._known_records[0].items():
            if wanted in form:
                found |= dict.fromkeys(iris)
        return self._of_kind(found, kind)

    def _of_kind(self, iris: Iterable[IRI], kind: str | None) -> tuple[IRI, ...]:
        return tuple(iri for iri in iris if kind is None or self._known_records[1].get(iri) == kind)

    def kinds(self, iris: Iterable[str]) -> dict[str, str]:
        """Whether records are a dataset, a model or a mere mention; unknown ones are left out."""
        return {iri: kind for iri in iris if (kind := self._known_records[1].get(IRI(iri)))}

    def near_records(self, name: str) -> tuple[str, ...]:
        """Up to three names of records that resemble an unknown one."""
        from rapidfuzz import fuzz, process

        body = "SELECT DISTINCT ?name WHERE { ?record dct:title|skos:altLabel ?name ; dct:identifier ?id }"
        known = [str(row[0]) for row in self.rows(body)]
        return tuple(one for one, _, _ in process.extract(name, known, scorer=fuzz.WRatio, limit=3, score_cutoff=75))

    # --- literals ------------------------------------------------------------------------------------------------

    def values(self, prop: Property, wanted: str) -> tuple[str, ...]:
        """Literals that a text property has in the graph and that are the same text but for case and signs."""
        return tuple(self._known(prop).get(key(wanted), ()))

    def values_with(self, prop: Property, wanted: str) -> tuple[str, ...]:
        """Literals of a text property that hold the text."""
        part = key(wanted)
        return tuple(one for form, texts in self._known(prop).items() if part and part in form for one in texts)

    def _known(self, prop: Property) -> dict[str, list[str]]:
        if prop.name not in self._values:
            index: dict[str, list[str]] = {}
            body = f"SELECT DISTINCT ?value WHERE {{ ?thing {text_path(prop)} ?value }} LIMIT {_MOST_VALUES}"
            for (value,) in self.rows(body):
                index.setdefault(key(str(value)), []).append(str(value))
            self._values[prop.name] = index
        return self._values[prop.name]

    # --- places --------------------------------------------------------------------------------------------------

    def place(self, place: NamedPlace) -> IRI | None:
        """The IRI of a place: its own, the best of the gazetteer, or that of a label in the graph."""
        if place.iri:
            return IRI(place.iri)
        found = self._ask(lambda gazetteer: gazetteer.lookup(place.name, limit=1))
        if found:
            return IRI(found[0].place.iri)
        name = quote(place.name.split(",")[0].strip())
        body = f"""SELECT ?place WHERE {{
  ?place rdfs:label|skos:altLabel ?name ; geo:hasGeometry ?geometry
  VALUES ?name {{ {name} {name}@en }}
  OPTIONAL {{ ?place ed:areaKm2 ?area }}
}} ORDER BY DESC(?area) ?place LIMIT 1"""
        rows = self.rows(body)
        return IRI(str(rows[0][0])) if rows else None

    def bounds(self, iri: IRI) -> tuple[float, float, float, float] | None:
        """West, south, east, north of a place of the gazetteer in degrees; None where it is not known."""
        place = self._ask(lambda gazetteer: gazetteer.get(iri))
        return place.bbox if place is not None else None

    def place_kind(self, iri: str) -> str:
        """Label of the kind of a place in the graph; empty where unknown."""
        rows = self.rows(f"SELECT ?kind WHERE {{ {term(iri)} ed:placeKind ?kind }} LIMIT 1")
        return self.label(str(rows[0][0])) if rows else ""

    def facts(self, iri: IRI) -> dict[str, str | int | float]:
        """What the gazetteer knows of a place that the graph does not hold: name, figures, point (WKT), kind."""
        place = self._ask(lambda gazetteer: gazetteer.get(iri))
        if place is None:
            return {}
        found: dict[str, str | int | float] = {
            "name": place.name,
            "kind": place.kind,
            "point": f"POINT({place.lon:.5f} {place.lat:.5f})",
        }
        for name in ("population", "area_km2", "elevation_m", "length_km", "depth_m"):
            value = getattr(place, name)
            if value is not None:
                found[name] = value
        return found

    def holders(self, iri: str) -> list[str]:
        """Names of what holds a place, from the nearest outwards: state, country, continent."""
        return list(dict.fromkeys(name for _, name in self.outer(iri)))

    def outer(self, iri: str) -> list[tuple[IRI, str]]:
        """What holds a place, from the nearest outwards: state, country, continent, with their names."""
        found: list[tuple[IRI, str]] = []
        held = self._ask(lambda gazetteer: [(one, gazetteer.get(one)) for one in _outwards(gazetteer, iri)])
        for parent, holder in held or ():
            if holder is not None and holder.kind in ("state", "country", "continent"):
                found.append((IRI(parent), holder.name))
        return found

    def outline(self, iri: IRI) -> str:
        """The geometry of a place that only the gazetteer holds, such as a small town, as WKT (CRS84).

        Empty where the graph itself holds it, so that a query need not bring it along, and where nobody does.
        """
        if iri not in self._outlines:
            held = self.rows(f"SELECT ?geometry WHERE {{ {term(iri)} geo:hasGeometry ?geometry }} LIMIT 1")
            outline = None if held else self._ask(lambda gazetteer: gazetteer.geometry(iri))
            self._outlines[iri] = "" if outline is None else str(outline.wkt)
        return self._outlines[iri]

    def _ask(self, ask: Callable[[Gazetteer], T]) -> T | None:
        """What the gazetteer says; None where it cannot be opened."""
        try:
            return ask(open_gazetteer(self.folder))
        except EarthdexError:
            return None


def _outwards(gazetteer: Gazetteer, iri: str) -> list[str]:
    """IRIs of what holds a place, and of what holds that."""
    first = gazetteer.parents(iri)
    return list(dict.fromkeys([*first, *(outer for one in first for outer in gazetteer.parents(one))]))


def text_path(prop: Property) -> str:
    """Where the words of a text property are: of an agent also its short names."""
    return prop.path.replace("/foaf:name", "/(foaf:name|skos:altLabel)")


_CACHE: WeakKeyDictionary[Graph, Names] = WeakKeyDictionary()


def names_of(graph: Graph, folder: Path | None = None) -> Names:
    """The names of an open graph of a catalogue's folder, read once."""
    found = _CACHE.get(graph)
    if found is None:
        found = _CACHE[graph] = Names(graph, folder)
    return found
