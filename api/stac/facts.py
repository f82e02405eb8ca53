"""The facts of all datasets, or of all models, out of the graph, in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kg.home import Home
from kg.solutions import Solutions
from ontology.namespaces import sparql_prologue
from ontology.properties import Target, properties_of
from ontology.terms import IRI, Literal, Term

_TYPES = {"dataset": "dcat:Dataset", "model": "it6:MachineLearningModel"}
# beside what `ontology.properties` lists
_FURTHER = {
    "title": "dct:title",
    "alias": "skos:altLabel",
    "description": "dct:description",
    "identifier": "dct:identifier",
    "licence_iri": "dct:license",
    "global": "ed:globalExtent",
    "imagery": "rdf:type",
}
_LEFT_OUT = ("name", "class_label", "format", "commercial_use")
_MANY = 400


@dataclass(frozen=True, slots=True)
class File:
    """A file of a record."""

    href: str
    title: str = ""
    format: str = ""
    size: int | None = None
    checksum: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A spectral band: its name on its sensor, the name that bands of many share, wavelengths in nm, metres."""

    name: str
    common: str = ""
    centre: float | None = None
    width: float | None = None
    metres: float | None = None


@dataclass(slots=True)
class Facts:
    """What the graph says of one record.

    Attributes:
        iri: of the record.
        values: by property; things by their IRI.
        labels: of things, by IRI (shared by all records).
        classes: (name, value) of label classes; value None where there is none.
        files: that can be fetched.
    """

    iri: str
    values: dict[str, list[Term]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    classes: list[tuple[str, int | None]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    def texts(self, name: str) -> list[str]:
        """Values as people read them, each once, in order of text."""
        return sorted({self.labels.get(str(one), str(one)) for one in self.values.get(name, ())})

    def text(self, name: str) -> str:
        """The first value, "" where there is none."""
        return next(iter(self.texts(name)), "")

    def things(self, name: str) -> list[str]:
        """IRIs, each once, in order."""
        return sorted({str(one) for one in self.values.get(name, ()) if isinstance(one, IRI)})

    def numbers(self, name: str) -> list[float]:
        """Numbers, each once, the smallest first."""
        found = {one.to_python() for one in self.values.get(name, ()) if isinstance(one, Literal)}
        return sorted(one for one in found if isinstance(one, (int, float)) and not isinstance(one, bool))


def facts_of(home: Home, target: Target) -> dict[str, Facts]:
    """The facts of all datasets or models, by IRI, in order of IRI."""
    kind = _TYPES[target]
    paths = {one.name: one.path for one in properties_of(target) if one.name not in _LEFT_OUT} | _FURTHER
    found: dict[str, Facts] = {}
    labels: dict[str, str] = {}
    names = list(paths)
    parts = [f"{{ BIND({at} AS ?n) ?r a {kind} . ?r {paths[name]} ?v }}" for at, name in enumerate(names)]
    for record, number, value in _rows(home, "SELECT ?r ?n ?v WHERE { " + " UNION ".join(parts) + " }"):
        if isinstance(record, IRI) and isinstance(number, Literal) and value is not None:
            one = found.setdefault(str(record), Facts(str(record), labels=labels))
            one.values.setdefault(names[int(number.value)], []).append(value)
    things = {str(v) for one in found.values() for each in one.values.values() for v in each if isinstance(v, IRI)}
    labels.update(_labels(home, sorted(things)))
    for record, name, value in _rows(
        home,
        f"SELECT ?r ?l ?v WHERE {{ ?r a {kind} ; ed:labelClass ?c . ?c skos:prefLabel ?l "
        "OPTIONAL { ?c ed:classValue ?v } }",
    ):
        at = int(value.value) if isinstance(value, Literal) and _whole(value.value) else None
        if str(record) in found:
            found[str(record)].classes.append((str(name), at))
    for record, *row in _rows(home, _FILES.replace("KIND", kind)):
        if str(record) in found:
            found[str(record)].files.append(_file(row))
    for one in found.values():
        one.classes.sort(key=lambda each: (each[1] is None, each[1] or 0, each[0]))
        one.files = sorted(dict.fromkeys(one.files), key=lambda each: (each.href, each.title))
    return dict(sorted(found.items()))


_FILES = """SELECT ?r ?url ?title ?format ?size ?algorithm ?sum WHERE {
  ?r a KIND ; dcat:distribution ?d . ?d dcat:downloadURL|dcat:accessURL ?url
  OPTIONAL { ?d dct:title ?title } OPTIONAL { ?d dct:format/skos:prefLabel ?format }
  OPTIONAL { ?d dcat:byteSize ?size }
  OPTIONAL { ?d spdx:checksum ?c . ?c spdx:algorithm ?algorithm ; spdx:checksumValue ?sum } }"""


def _file(row: list[Term | None]) -> File:
    url, title, kind, size, algorithm, checksum = row
    known = (str(algorithm).rsplit("_", 1)[-1], str(checksum)) if algorithm and checksum else None
    whole = int(size.value) if isinstance(size, Literal) and _whole(size.value) else None
    return File(str(url), str(title or ""), str(kind or ""), whole, known)


def _whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and len(text) < 16


def _labels(home: Home, things: list[str]) -> Iterator[tuple[str, str]]:
    for first in range(0, len(things), _MANY):
        listed = " ".join(f"<{one}>" for one in things[first : first + _MANY])
        body = f"SELECT ?v ?l WHERE {{ VALUES ?v {{ {listed} }} ?v skos:prefLabel|dct:title|rdfs:label|foaf:name ?l }}"
        rows = sorted((str(value), str(label)) for value, label in _rows(home, body))
        yield from reversed(rows)  # of several labels the first by name stays


def places_of(home: Home, places: Iterable[str]) -> dict[str, str]:
    """Outlines (WKT) of places, by IRI."""
    found: dict[str, str] = {}
    things = sorted(set(places))
    for first in range(0, len(things), _MANY):
        listed = " ".join(f"<{one}>" for one in things[first : first + _MANY])
        body = f"SELECT ?p ?w WHERE {{ VALUES ?p {{ {listed} }} ?p geo:hasGeometry/geo:asWKT ?w }}"
        found |= {str(place): str(wkt) for place, wkt in _rows(home, body)}
    return found


def bands_of(home: Home) -> dict[str, Band]:
    """All bands that have a sensor, by IRI."""
    body = """SELECT ?b ?l ?n ?up ?c ?w ?m WHERE { ?b a ed:Band ; skos:prefLabel ?l
      OPTIONAL { ?b skos:notation ?n } OPTIONAL { ?b skos:broader/skos:prefLabel ?up }
      OPTIONAL { ?b ed:centreWavelengthNm ?c } OPTIONAL { ?b ed:bandwidthNm ?w }
      OPTIONAL { ?b dcat:spatialResolutionInMeters ?m } }"""
    found: dict[str, Band] = {}
    for band, label, notation, common, *numbers in _rows(home, body):
        centre, width, metres = (_number(one) for one in numbers)
        found.setdefault(str(band), Band(str(notation or label), str(common or ""), centre, width, metres))
    return found


def _number(term: Term | None) -> float | None:
    value = term.to_python() if isinstance(term, Literal) else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def sensor_kinds(home: Home) -> dict[str, str]:
    """`constellation`, `platform` or `instruments` of each sensor, by IRI."""
    body = """SELECT ?s ?t WHERE { VALUES ?t { ed:Mission ed:MissionFamily sosa:Platform sosa:Sensor } ?s a ?t ;
      skos:inScheme ?c }"""
    ranks = {"Sensor": "instruments", "Platform": "platform", "Mission": "constellation"}
    found: dict[str, str] = {}
    rows = _rows(home, body)
    for rank, name in ranks.items():  # a mission of one spacecraft is both: what comes last counts
        found |= {str(sensor): name for sensor, kind in rows if str(kind).endswith(rank)}
    return found


def _rows(home: Home, body: str) -> tuple[tuple[Term | None, ...], ...]:
    found = home.query(sparql_prologue(body) + body)
    return found.rows if isinstance(found, Solutions) else ()
