"""What the page of a dataset or model shows, read from the graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.records.licences import plain_licence
from api.web.classes import ClassNode, class_tree
from api.web.graph import one_of, rows, whole
from api.web.spectrum import Band, bands_of
from kg.describe import Description, Fact, Value, describe
from kg.record import Record as KnownRecord
from kg.record import read_record
from ontology.terms import Literal

if TYPE_CHECKING:
    from kg.home import Home

_MOST_RELATED = 8
_GROUPS = (
    ("About", ("topic", "task", "keyword", "benchmark", "model_type", "architecture", "num_parameters", "size_mb",
               "framework", "hardware", "gpu_memory_gb", "pretraining", "scale_factor", "quality_level", "version")),
    ("Imagery", ("sensor", "input_sensor", "modality", "input_modality", "output_modality", "temporal", "sensor_mode",
                 "resolution_m", "output_resolution_m", "time_start", "time_end", "num_bands", "num_input_bands",
                 "crs", "scene_type")),
    ("Labels", ("annotation_type", "annotation_source", "num_classes")),
    ("Size", ("num_samples", "num_images", "num_instances", "image_size_px", "input_size_px", "size_gb", "split",
              "format")),
    ("Where", ("coverage", "num_countries")),
    ("From", ("publisher", "creator", "project", "funder", "publication_year", "access", "doi", "paper", "homepage")),
    ("Built on", ("derived_from", "initialised_from", "trained_on", "fine_tuned_on")),
)  # fmt: skip
# shown in parts of their own
_ELSEWHERE = ("class_label", "band", "input_band", "license", "commercial_use", "trained_model", "fine_tuned_model",
              "evaluated_model", "evaluated_on", "metric", "metric_value")  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A file or place to have the data from."""

    name: str
    address: str
    format: str = ""
    size: float = 0
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """Another record: what it shares."""

    iri: str
    name: str
    text: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """A measurement: of what, on what."""

    iri: str
    name: str
    metric: str
    value: float | str


@dataclass(slots=True)
class Record:
    """A dataset or model with all that its page shows; `facts` is it as citations and JSON-LD read it."""

    about: Description
    aliases: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    groups: list[tuple[str, list[Fact]]] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)
    facts: KnownRecord | None = None
    disputed: bool = False
    bands: list[Band] = field(default_factory=list)
    classes: list[ClassNode] = field(default_factory=list)
    class_count: int = 0
    files: list[File] = field(default_factory=list)
    loaders: list[tuple[str, str]] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    trained: list[Value] = field(default_factory=list)
    alike: list[Related] = field(default_factory=list)
    near: list[Related] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    is_global: bool = False
    sources: list[str] = field(default_factory=list)

    def fact(self, name: str) -> Fact | None:
        """The fact of that property."""
        return next((one for one in self.about.facts if one.property == name), None)

    def texts(self, name: str) -> list[str]:
        """The values of a property."""
        found = self.fact(name)
        return [one.text for one in found.values] if found else []


def record_of(home: Home, iri: str) -> Record:
    """Everything that the page of a record shows.

    Args:
        home: the catalogue.
        iri: the record.

    Raises:
        NotFound: no such record.
    """
    about = describe(home, iri)
    known = {fact.property: fact for fact in about.facts}
    found = Record(about, disputed=any(fact.disputed for fact in about.facts))
    placed = set(_ELSEWHERE)
    for title, names in _GROUPS:
        held = [known[name] for name in names if name in known]
        placed.update(names)
        if held:
            found.groups.append((title, held))
    rest = [fact for fact in about.facts if fact.property not in placed]
    if rest:
        found.groups.append(("More", rest))
    for predicate, value in rows(
        home,
        "SELECT ?p ?o WHERE { VALUES ?p { skos:altLabel skos:note ed:globalExtent dct:spatial } "
        f"<{about.iri}> ?p ?o }} LIMIT 2000",
    ):
        kind, text = str(predicate).rsplit("/", 1)[-1].rsplit("#", 1)[-1], str(value)
        if kind == "altLabel":
            found.aliases.append(text)
        elif kind == "note":
            found.notes.append(text)
        elif kind == "spatial":
            found.places.append(text)
        elif isinstance(value, Literal) and value.value in ("true", "1"):
            found.is_global = True
    found.aliases.sort(key=str.casefold)
    found.bands = bands_of(home, about.iri)
    found.classes, found.class_count = class_tree(home, about.iri)
    found.facts = read_record(home, about.iri)
    found.licences = plain_licence(found.facts)
    found.files, found.loaders = _files(home, about.iri), _loaders(home, about.iri)
    found.scores = _scores(home, about)
    for name in ("trained_model", "fine_tuned_model"):
        if name in known:
            found.trained += known[name].values
    if about.kind == "dataset":
        found.alike, found.near = _same_classes(home, about.iri), _same_places(home, about.iri)
    else:
        found.alike = _same_ground(home, about.iri)
    found.sources = sorted({one for fact in about.facts for value in fact.values for one in value.sources})
    return found


def _files(home: Home, iri: str) -> list[File]:
    body = f"""SELECT ?at ?title ?format ?size ?algorithm ?sum WHERE {{
  <{iri}> dcat:distribution ?d . ?d dcat:downloadURL|dcat:accessURL ?at
  OPTIONAL {{ ?d dct:title ?title }} OPTIONAL {{ ?d dct:format/skos:prefLabel ?format }}
  OPTIONAL {{ ?d dcat:byteSize ?size }}
  OPTIONAL {{ ?d spdx:checksum ?c . ?c spdx:algorithm ?algorithm ; spdx:checksumValue ?sum }} }}
ORDER BY ?title ?at LIMIT 60"""
    found: dict[str, File] = {}
    for at, title, form, size, algorithm, total in rows(home, body):
        address = str(at)
        name = str(title or address.split("?")[0].rstrip("/").rsplit("/", 1)[-1] or address)
        kind = str(algorithm or "").rsplit("_", 1)[-1]
        found.setdefault(
            address, File(name, address, str(form or ""), float(whole(size)), f"{kind}:{total}" if total else "")
        )
    return list(found.values())


def _loaders(home: Home, iri: str) -> list[tuple[str, str]]:
    body = (
        f"SELECT ?title ?name WHERE {{ <{iri}> ed:loader ?l . ?l dct:title ?title ; schema:identifier ?name }} LIMIT 20"
    )
    return sorted({(str(title), str(name)) for title, name in rows(home, body)})


def _scores(home: Home, about: Description) -> list[Score]:
    if about.kind == "model":
        body = f"""SELECT ?thing ?name ?metric ?value WHERE {{
  <{about.iri}> dqv:hasQualityMeasurement ?m . ?m dqv:value ?value
  OPTIONAL {{ ?m dqv:isMeasurementOf/skos:prefLabel ?metric }}
  OPTIONAL {{ ?m ed:evaluatedOn ?thing . ?thing dct:title ?name }} }} ORDER BY ?name ?metric LIMIT 60"""
    else:
        body = f"""SELECT ?thing ?name ?metric ?value WHERE {{
  ?m ed:evaluatedOn <{about.iri}> ; dqv:value ?value . ?thing dqv:hasQualityMeasurement ?m ; dct:title ?name
  OPTIONAL {{ ?m dqv:isMeasurementOf/skos:prefLabel ?metric }} }} ORDER BY ?metric DESC(?value) LIMIT 60"""
    found = []
    for thing, title, metric, held in rows(home, body):
        plain = held.to_python() if isinstance(held, Literal) else str(held)
        shown = plain if isinstance(plain, (int, float)) else str(plain)
        found.append(Score(str(thing or ""), str(title or ""), str(metric or ""), shown))
    return found


def _same_classes(home: Home, iri: str) -> list[Related]:
    """Datasets with classes that match the same classes of a taxonomy."""
    body = f"""SELECT ?other ?name (COUNT(DISTINCT ?match) AS ?count) WHERE {{
  <{iri}> ed:labelClass/(skos:exactMatch|skos:closeMatch) ?match .
  ?other ed:labelClass/(skos:exactMatch|skos:closeMatch) ?match ; a ed:TrainingDataset ; dct:title ?name .
  FILTER(?other != <{iri}>) }} GROUP BY ?other ?name ORDER BY DESC(?count) ?name LIMIT {_MOST_RELATED}"""
    return [Related(str(other), str(name), count=whole(count)) for other, name, count in rows(home, body)]


def _same_places(home: Home, iri: str) -> list[Related]:
    """Datasets of one of the same places and one of the same topics."""
    body = f"""SELECT ?other ?name (COUNT(DISTINCT ?place) AS ?count) (SAMPLE(?label) AS ?text) WHERE {{
  <{iri}> dct:spatial ?place ; dcat:theme ?topic . FILTER(!STRENDS(STR(?place), "place/earth"))
  ?other dct:spatial ?place ; dcat:theme ?topic ; a ed:TrainingDataset ; dct:title ?name .
  OPTIONAL {{ ?place rdfs:label ?label }}
  FILTER(?other != <{iri}>) }} GROUP BY ?other ?name ORDER BY DESC(?count) ?name LIMIT {_MOST_RELATED}"""
    return [
        Related(str(other), str(name), str(text or ""), whole(count)) for other, name, count, text in rows(home, body)
    ]


def _same_ground(home: Home, iri: str) -> list[Related]:
    """Models trained on one of the same datasets, or of one architecture for the same sensor."""
    body = f"""SELECT ?other ?name (COUNT(DISTINCT ?shared) AS ?count) WHERE {{
  {{ <{iri}> it6:trainedOn ?shared . ?other it6:trainedOn ?shared }}
  UNION {{ <{iri}> ed:architecture ?shared ; ed:sensor ?s . ?other ed:architecture ?shared ; ed:sensor ?s }}
  ?other a it6:MachineLearningModel ; dct:title ?name . FILTER(?other != <{iri}>)
}} GROUP BY ?other ?name ORDER BY DESC(?count) ?name LIMIT {_MOST_RELATED}"""
    return [Related(str(other), str(name), count=whole(count)) for other, name, count in rows(home, body)]


def briefs(home: Home, iris: list[str]) -> dict[str, str]:
    """Names of records."""
    found = rows(home, f"SELECT ?record ?name WHERE {{ {one_of('?record', iris)} ?record dct:title ?name }}")
    return {str(iri): str(name) for iri, name in found}
