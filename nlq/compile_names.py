"""What the words of a question stand for in the graph: concepts, sensors, classes, records, values, places.

Names are resolved before a query is written, so that the query holds IRIs and exact literals: it needs no fuzzy
matching and runs on any server. The index is read from the graph once for each version of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol
from weakref import WeakKeyDictionary

from kg.solutions import Result, Solutions
from nlq.compile_text import key, prologue, quote, term
from nlq.question import NamedPlace
from ontology.errors import EarthdexError
from ontology.namespaces import BASE, PREFIXES, scheme_iri
from ontology.properties import PROPERTIES, Property
from ontology.terms import IRI, Term

_MOST_VALUES = 20_000
_RECORD_TYPES = {PREFIXES["dcat"] + "Dataset": "dataset", PREFIXES["it6"] + "MachineLearningModel": "model"}
_LINKS = "it6:trainedOn|ed:fineTunedOn|ed:evaluatedOn|prov:wasDerivedFrom|it6:fineTunedFrom"


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
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._concepts: dict[str, dict[str, list[IRI]]] = {}
        self._labels: dict[IRI, str] = {}
        self._narrower: dict[IRI, list[IRI]] = {}
        self._types: dict[IRI, set[str]] = {}
        self._matches: dict[IRI, set[IRI]] = {}
        self._records: dict[str, list[IRI]] = {}
        self._kinds: dict[IRI, str] = {}
        self._values: dict[str, dict[str, list[str]]] = {}
        self._outlines: dict[IRI, str] = {}
        self._read_concepts()
        self._read_records()

    def rows(self, body: str) -> tuple[tuple[Term | None, ...], ...]:
        """Rows of a SELECT whose prefixes are added here."""
        found = self.graph.query(prologue(body) + body)
        return found.rows if isinstance(found, Solutions) else ()

    # --- reading -------------------------------------------------------------------------------------------------

    def _read_concepts(self) -> None:
        body = """SELECT ?concept ?scheme ?label ?preferred WHERE {
  ?concept skos:inScheme ?scheme .
  { ?concept skos:prefLabel ?label BIND(true AS ?preferred) }
  UNION { ?concept skos:altLabel|skos:notation ?label BIND(false AS ?preferred) }
}"""
        for concept, scheme, label, preferred in self.rows(body):
            iri = IRI(str(concept))
            index = self._concepts.setdefault(str(scheme).removeprefix(BASE), {})
            for form in {key(str(label)), key(singular(str(label)))}:
                found = index.setdefault(form, [])
                if iri not in found:
                    found.insert(0, iri) if str(preferred) == "true" else found.append(iri)
            if str(preferred) == "true" or iri not in self._labels:
                self._labels[iri] = str(label)
        for narrow, broad in self.rows("SELECT ?narrow ?broad WHERE { ?narrow skos:broader ?broad }"):
            self._narrower.setdefault(IRI(str(broad)), []).append(IRI(str(narrow)))
        for thing, kind in self.rows(
            f"SELECT ?thing ?type WHERE {{ ?thing skos:inScheme {term(scheme_iri('sensor'))} ; a ?type }}"
        ):
            self._types.setdefault(IRI(str(thing)), set()).add(str(kind))
        linked = "SELECT ?a ?b WHERE { ?a skos:exactMatch|skos:closeMatch ?b . ?a skos:inScheme ?one }"
        for one, other in self.rows(linked):
            self._matches.setdefault(IRI(str(one)), set()).add(IRI(str(other)))
            self._matches.setdefault(IRI(str(other)), set()).add(IRI(str(one)))

    def _read_records(self) -> None:
        body = f"""SELECT DISTINCT ?record ?type ?name WHERE {{
  {{ VALUES ?type {{ dcat:Dataset it6:MachineLearningModel }}
    ?record a ?type ; dct:title|skos:altLabel|dct:identifier ?name }}
  UNION {{ ?any {_LINKS} ?record . ?record dct:title ?name FILTER NOT EXISTS {{ ?record a ?kind }} }}
}}"""
        for record, kind, name in self.rows(body):
            iri = IRI(str(record))
            self._kinds[iri] = _RECORD_TYPES.get(str(kind), "mention")
            found = self._records.setdefault(key(str(name)), [])
            if iri not in found:
                found.append(iri)

    # --- concepts ------------------------------------------------------------------------------------------------

    def concepts(self, scheme: str, label: str) -> tuple[IRI, ...]:
        """Concepts of a scheme with that label, synonym or notation; preferred labels first. Empty: none."""
        index = self._concepts.get(scheme, {})
        found = index.get(key(label)) or index.get(key(singular(label))) or []
        return tuple(found)

    def classes(self, label: str) -> tuple[IRI, ...]:
        """Concepts of the label taxonomies (`class/...`) with that name, and what they match in the others."""
        found: dict[IRI, None] = {}
        for scheme in sorted(self._concepts):
            if scheme.startswith("class/"):
                found |= dict.fromkeys(self.concepts(scheme, label))
        for iri in tuple(found):
            found |= dict.fromkeys(sorted(self._matches.get(iri, ())))
        return tuple(found)

    def label(self, iri: str) -> str:
        """Preferred label of a concept; empty where there is none."""
        return self._labels.get(IRI(iri), "")

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

    def is_instrument(self, iri: IRI) -> bool:
        """Whether a concept of the sensor scheme is an instrument."""
        return PREFIXES["sosa"] + "Sensor" in self._types.get(iri, ())

    # --- records -------------------------------------------------------------------------------------------------

    def records(self, name: str, kind: str | None = None) -> tuple[IRI, ...]:
        """Records of that name, alias or identifier. `kind`: dataset, model, None for both and mere mentions."""
        if name.startswith("http") and IRI(name) in self._kinds:
            return (IRI(name),)
        return self._of_kind(self._records.get(key(name), ()), kind)

    def family(self, name: str, kind: str | None = None) -> tuple[IRI, ...]:
        """Records whose name holds the given text."""
        wanted = key(name)
        if not wanted:
            return ()
        found: dict[IRI, None] = {}
        for form, iris in self._records.items():
            if wanted in form:
                found |= dict.fromkeys(iris)
        return self._of_kind(found, kind)

    def _of_kind(self, iris: Iterable[IRI], kind: str | None) -> tuple[IRI, ...]:
        return tuple(iri for iri in iris if kind is None or self._kinds.get(iri) == kind)

    def kinds(self, iris: Iterable[str]) -> dict[str, str]:
        """Whether records are a dataset, a model or a mere mention; unknown ones are left out."""
        return {iri: kind for iri in iris if (kind := self._kinds.get(IRI(iri)))}

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
        from_gazetteer = _gazetteer_place(place.name)
        if from_gazetteer is not None:
            return from_gazetteer
        name = quote(place.name.split(",")[0].strip())
        body = f"""SELECT ?place WHERE {{
  ?place rdfs:label|skos:altLabel ?name ; geo:hasGeometry ?geometry
  VALUES ?name {{ {name} {name}@en }}
  OPTIONAL {{ ?place ed:areaKm2 ?area }}
}} ORDER BY DESC(?area) ?place LIMIT 1"""
        rows = self.rows(body)
        return IRI(str(rows[0][0])) if rows else None

    def place_kind(self, iri: str) -> str:
        """Label of the kind of a place in the graph; empty where unknown."""
        rows = self.rows(f"SELECT ?kind WHERE {{ {term(iri)} ed:placeKind ?kind }} LIMIT 1")
        return self.label(str(rows[0][0])) if rows else ""

    def outline(self, iri: IRI) -> str:
        """The geometry of a place that only the gazetteer holds, such as a small town, as WKT (CRS84).

        Empty where the graph itself holds it, so that a query need not bring it along, and where nobody does.
        """
        if iri not in self._outlines:
            held = self.rows(f"SELECT ?geometry WHERE {{ {term(iri)} geo:hasGeometry ?geometry }} LIMIT 1")
            self._outlines[iri] = "" if held else _gazetteer_outline(iri)
        return self._outlines[iri]


def text_path(prop: Property) -> str:
    """Where the words of a text property are: of an agent also its short names."""
    return prop.path.replace("/foaf:name", "/(foaf:name|skos:altLabel)")


def _gazetteer_place(name: str) -> IRI | None:
    try:
        from kg.gazetteer import open_gazetteer
    except ImportError:
        return None
    try:
        found = open_gazetteer().lookup(name, limit=1)
    except EarthdexError:
        return None
    return IRI(found[0].place.iri) if found else None


def _gazetteer_outline(iri: IRI) -> str:
    try:
        from kg.gazetteer import open_gazetteer
    except ImportError:
        return ""
    try:
        found = open_gazetteer().geometry(iri)
    except EarthdexError:
        return ""
    return str(found.wkt) if found is not None else ""


_CACHE: WeakKeyDictionary[Graph, Names] = WeakKeyDictionary()


def names_of(graph: Graph) -> Names:
    """The names of an open graph, read once."""
    found = _CACHE.get(graph)
    if found is None:
        found = _CACHE[graph] = Names(graph)
    return found


def known_property(name: str) -> Property:
    """A property by name.

    Raises:
        EarthdexError: there is none.
    """
    if name not in PROPERTIES:
        raise EarthdexError(f"There is no property {name[:60]!r}.", "The reference lists the properties.")
    return PROPERTIES[name]
