"""Datasets and models as plain values, for those who write them in the formats of others.

What sources disagree on keeps all its values; what is unknown is empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.describe import find
from kg.solutions import Solutions
from ontology.licences import Licence
from ontology.namespaces import PREFIXES, expand, sparql_prologue
from ontology.terms import IRI, Literal, Term
from ontology.vocabulary import Vocabulary

if TYPE_CHECKING:
    from kg.home import Home

_AT_ONCE = 200
_LABELS = "skos:prefLabel|dct:title|rdfs:label|foaf:name"
_KINDS = {expand("dcat:Dataset"): "dataset", expand("it6:MachineLearningModel"): "model"}


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with a name: a topic, a place, somebody, another record."""

    iri: str
    name: str


@dataclass(frozen=True, slots=True)
class File:
    """A file, or a page where files are offered (`dcat:Distribution`).

    Attributes:
        iri: of the distribution.
        url: where it lies; "" where only its format is known.
        direct: whether `url` gives the bytes themselves.
        title: what it is called.
        format: its format.
        byte_size: None where unknown.
        algorithm, checksum: lower-case hash name (`md5`, `sha256`) and hexadecimal digest; "" where unknown.
    """

    iri: str
    url: str = ""
    direct: bool = False
    title: str = ""
    format: Named | None = None
    byte_size: int | None = None
    algorithm: str = ""
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What a model reached: metric, value, and on what."""

    metric: str
    value: str
    on: str = ""


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of labels and the number that stands for it in files, where known."""

    iri: str
    name: str
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A dataset or model.

    Attributes:
        iri: its name in the graph.
        kind: `dataset` or `model`.
        id: short identifier, the last part of the IRI.
        title: what it is called.
        description: what it is; never empty.
        values: literal values by property, such as `dct:title`.
        things: things by property.
        licences: that are known.
        licence_text: what its publisher wrote.
        start, end: days or "".
        files: what is offered.
        classes: of its labels, in the order of their values.
        splits: (name, samples or None).
        scores: that a model reached.
    """

    iri: str
    kind: str
    id: str
    title: str
    description: str
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    things: dict[str, tuple[Named, ...]] = field(default_factory=dict)
    licences: tuple[Licence, ...] = ()
    licence_text: str = ""
    start: str = ""
    end: str = ""
    files: tuple[File, ...] = ()
    classes: tuple[LabelClass, ...] = ()
    splits: tuple[tuple[str, int | None], ...] = ()
    scores: tuple[Score, ...] = ()

    def value(self, name: str) -> str:
        """The first value of a property, "" where it has none."""
        held = self.values.get(name, ())
        return held[0] if held else ""

    def named(self, name: str) -> tuple[Named, ...]:
        """The things of a property."""
        return self.things.get(name, ())

    @property
    def is_global(self) -> bool:
        """Whether it covers the whole world."""
        return self.value("ed:globalExtent") == "true"

    @property
    def page(self) -> str:
        """Its own page on the web, "" where none is known."""
        return next((one.iri for one in self.named("dcat:landingPage")), "")

    @property
    def doi(self) -> str:
        """Its own DOI, as `10.1234/abc`; "" where it has none."""
        found = self.value("bibo:doi")
        return found[found.index("10.") :] if "10." in found else ""


def read_record(home: Home, name: str) -> Record:
    """The dataset or model of that name, alias, identifier or IRI.

    Raises:
        NotFound: there is none; the message names the nearest ones.
    """
    return read_records(home, [find(home, name)[0]])[0]


def record_iris(home: Home, kind: str = "") -> list[str]:
    """IRIs of all datasets and models, or of one kind, in the order of their names."""
    wanted = [shortest for shortest in ("dcat:Dataset", "it6:MachineLearningModel") if _KINDS[expand(shortest)] == kind]
    values = " ".join(wanted or ["dcat:Dataset", "it6:MachineLearningModel"])
    rows = _rows(home, f"SELECT DISTINCT ?r WHERE {{ VALUES ?t {{ {values} }} ?r a ?t ; dct:title ?n }} ORDER BY ?r")
    return [str(row[0]) for row in rows]


def read_records(home: Home, iris: Sequence[str]) -> list[Record]:
    """Datasets and models by IRI, in that order; IRIs of other things are left out. Reads many at once."""
    return [one for start in range(0, len(iris), _AT_ONCE) for one in _read(home, iris[start : start + _AT_ONCE])]


def _rows(home: Home, body: str) -> tuple[tuple[Term | None, ...], ...]:
    found = home.graph.query(sparql_prologue(body) + body)
    return found.rows if isinstance(found, Solutions) else ()


_Facts = dict[str, list[Term]]


def _facts(home: Home, iris: Iterable[str]) -> dict[str, _Facts]:
    """Values by subject and property."""
    found: dict[str, _Facts] = defaultdict(lambda: defaultdict(list))
    body = f"SELECT ?s ?p ?o WHERE {{ {_values('?s', iris)} ?s ?p ?o }}"
    for subject, predicate, value in _rows(home, body):
        if value is not None:
            found[str(subject)][_short(str(predicate))].append(value)
    return found


def _values(variable: str, iris: Iterable[str]) -> str:
    return f"VALUES {variable} {{ {' '.join(f'<{one}>' for one in iris)} }}"


def _short(iri: str) -> str:
    return next((f"{prefix}:{iri[len(stem) :]}" for prefix, stem in PREFIXES.items() if iri.startswith(stem)), iri)


_PARTS = ("dcat:distribution", "dct:temporal", "ed:labelClass", "ed:split", "dqv:hasQualityMeasurement")


def _read(home: Home, iris: Sequence[str]) -> list[Record]:
    own = _facts(home, iris)
    parts = _facts(home, {str(o) for facts in own.values() for key in _PARTS for o in facts.get(key, ())})
    sums = _facts(home, {str(o) for facts in parts.values() for o in facts.get("spdx:checksum", ())})
    linked = {
        str(o)
        for facts in (*own.values(), *parts.values())
        for key, values in facts.items()
        for o in values
        if isinstance(o, IRI) and key not in ("rdf:type", *_PARTS)
    }
    labels: dict[str, str] = {}
    for thing, label in _rows(home, f"SELECT ?o ?label WHERE {{ {_values('?o', linked)} ?o {_LABELS} ?label }}"):
        labels.setdefault(str(thing), str(label))
    return [_made(iri, own[iri], parts, sums, labels) for iri in iris if iri in own and _kind(own[iri])]


def _kind(facts: _Facts) -> str:
    return next((kind for iri, kind in _KINDS.items() if iri in facts.get("rdf:type", ())), "")


def _made(iri: str, facts: _Facts, parts: dict[str, _Facts], sums: dict[str, _Facts], labels: dict[str, str]) -> Record:
    def of(key: str) -> list[tuple[str, _Facts]]:
        return [(str(one), parts.get(str(one), {})) for one in sorted(facts.get(key, ()), key=str)]

    title = _first(facts, "dct:title")
    period = of("dct:temporal")[0][1] if facts.get("dct:temporal") else {}
    spdx = sorted(str(one).rsplit("/", 1)[-1] for one in facts.get("dct:license", ()))
    vocabulary = Vocabulary.load()
    known = [vocabulary.licence(one) for one in spdx]
    classes = [
        LabelClass(one, _first(held, "skos:prefLabel"), _whole(held, "ed:classValue"))
        for one, held in of("ed:labelClass")
    ]
    return Record(
        iri=iri,
        kind=_kind(facts),
        id=_first(facts, "dct:identifier") or iri.rsplit("/", 1)[-1],
        title=title,
        description=_first(facts, "dct:description") or title,
        values={
            key: tuple(sorted({one.value for one in held if isinstance(one, Literal)}))
            for key, held in facts.items()
            if any(isinstance(one, Literal) for one in held)
        },
        things={
            key: tuple(
                sorted(
                    (Named(str(one), labels.get(str(one), str(one))) for one in held if isinstance(one, IRI)),
                    key=lambda one: (one.name.casefold(), one.iri),
                )
            )
            for key, held in facts.items()
            if key not in _PARTS and any(isinstance(one, IRI) for one in held)
        },
        licences=tuple(one for one in known if one is not None),
        licence_text="; ".join(sorted(str(one) for one in facts.get("ed:licenceText", ()))),
        start=_first(period, "dcat:startDate"),
        end=_first(period, "dcat:endDate"),
        files=tuple(_file(one, held, sums, labels) for one, held in of("dcat:distribution")),
        classes=tuple(sorted(classes, key=lambda one: (one.value is None, one.value or 0, one.name))),
        splits=tuple((_first(held, "dct:title"), _whole(held, "ed:sampleCount")) for _, held in of("ed:split")),
        scores=tuple(_score(held, labels) for _, held in of("dqv:hasQualityMeasurement")),
    )


def _first(facts: _Facts, key: str) -> str:
    return min((str(one) for one in facts.get(key, ())), default="")


def _whole(facts: _Facts, key: str) -> int | None:
    found = [one.to_python() for one in facts.get(key, ()) if isinstance(one, Literal)]
    return next((int(one) for one in found if isinstance(one, (int, float))), None)


def _file(iri: str, facts: _Facts, sums: dict[str, _Facts], labels: dict[str, str]) -> File:
    direct = _first(facts, "dcat:downloadURL")
    form = _first(facts, "dct:format")
    summed = sums.get(_first(facts, "spdx:checksum"), {})
    return File(
        iri=iri,
        url=direct or _first(facts, "dcat:accessURL"),
        direct=bool(direct),
        title=_first(facts, "dct:title"),
        format=Named(form, labels.get(form, form)) if form else None,
        byte_size=_whole(facts, "dcat:byteSize"),
        algorithm=_first(summed, "spdx:algorithm").rpartition("checksumAlgorithm_")[2].lower(),
        checksum=_first(summed, "spdx:checksumValue").lower(),
    )


def _score(facts: _Facts, labels: dict[str, str]) -> Score:
    metric, on = _first(facts, "dqv:isMeasurementOf"), _first(facts, "ed:evaluatedOn")
    return Score(labels.get(metric, metric), _first(facts, "dqv:value"), labels.get(on, on))
