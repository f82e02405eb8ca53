"""A STAC collection as a dataset of imagery in the graph.

The collection's own identifier is kept as `dct:identifier`, which is what its scenes name; its IRI has a part of its
own (`dataset/collection/...`), so that no imported collection can take the place of a catalogue record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.names import Names
from ingest.quads import EARTH, Quad, to_triples
from ingest.reader import Record
from ingest.stac_assets import band_concept, bands_of, usual_bands
from ingest.stac_facts import (
    Facts,
    classes_of,
    holders_of,
    source_of,
    state_citations,
    state_licence,
    state_own,
    state_providers,
    state_texts,
    web,
)
from ingest.stac_sensors import named_sensors
from ingest.stac_values import (
    Repairs,
    first,
    mapping_of,
    mappings_of,
    moment_of,
    number_of,
    text_of,
    texts_of,
    unique,
)
from kg.geometry import normalise
from ontology.errors import GeometryError, RecordError
from ontology.namespaces import concept_iri, expand, record_iri, slug
from ontology.terms import IRI, WKT_LITERAL, Literal
from ontology.vocabulary import Vocabulary

_MOST_BANDS = 150
_MOST_BOXES = 200
_FIRST_YEAR, _LAST_YEAR = 1900, 2200  # outside of them a date stands for "open"
_SAR = {"vv", "vh", "hh", "hv"}
_MEDIA = (
    ("cloud-optimized", "COG"),
    ("geotiff", "GeoTIFF"),
    ("image/tiff", "GeoTIFF"),
    ("image/jp2", "JPEG 2000"),
    ("netcdf", "NetCDF"),
    ("zarr", "Zarr"),
    ("hdf5", "HDF5"),
    ("hdf", "HDF4"),
    ("grib", "GRIB"),
    ("parquet", "GeoParquet"),
    ("laszip", "LAS"),
    ("geopackage", "GeoPackage"),
    ("geo+json", "GeoJSON"),
)


@dataclass(frozen=True, slots=True)
class Imported:
    """A record for the graph.

    Attributes:
        iri: the dataset or model.
        kind: `dataset` or `model`.
        quads: its quads.
        repairs: what had to be mended.
    """

    iri: IRI
    kind: str
    quads: tuple[Quad, ...]
    repairs: tuple[str, ...]


def collection_iri(identifier: str) -> IRI:
    """The IRI of an imported collection."""
    return record_iri("dataset", f"collection/{identifier}")


def import_collection(value: Mapping[str, Any], path: str, names: Names) -> Imported:
    """The dataset that a collection describes.

    Args:
        value: the collection, STAC 0.6 to 1.1.
        path: file or address it was read from.
        names: looks up concepts, bands and licences.

    Raises:
        RecordError: it has no identifier.
    """
    identifier = text_of(value.get("id"), 300)
    if identifier is None:
        raise RecordError("no identifier", "Give the collection an `id`.")
    repairs: Repairs = []
    facts = Facts(source_of(value, path))
    name = state_texts(facts, value, identifier, repairs)
    state_providers(facts, value)
    state_licence(facts, value, repairs)
    state_citations(facts, value)
    summaries = {**mapping_of(value.get("properties")), **mapping_of(value.get("summaries"))}
    seen = _state_sensors(facts, value, summaries, f"{identifier} {name}")
    bands = list(bands_of({**value, **summaries}, mapping_of(value.get("item_assets"))))
    _state_resolution(facts, summaries, bands)
    _state_topics(facts, value, names)
    _state_times(facts, value, repairs)
    _state_formats(facts, value)
    facts.add_all("class_label", classes_of([summaries, *bands]), 200)
    trains = state_own(facts, value, "dataset", names)
    own = next((web(link.get("href")) for link in mappings_of(value.get("links")) if link.get("rel") == "self"), None)
    facts.add("see_also", own)
    record = Record(f"collection/{identifier}", "dataset", tuple(facts.facts), {}, path)
    iri = record.iri
    quads: list[Quad] = list(with_own_identifier(to_triples(record, names), iri, identifier, trains))
    quads += _band_quads(iri, bands, seen)
    quads += _extent_quads(iri, name, value, repairs)
    return Imported(iri, "dataset", tuple(quads), unique(repairs))


def with_own_identifier(quads: Iterator[Quad], iri: IRI, identifier: str, trains: bool = False) -> Iterator[Quad]:
    """Quads of an imported record: its identifier as published, and a collection is no training dataset.

    Args:
        quads: of the record.
        iri: of it.
        identifier: as published.
        trains: whether it is a training dataset nevertheless.
    """
    training, collection = expand("ed:TrainingDataset"), expand("ed:ImageryCollection")
    named = expand("dct:identifier")
    for subject, predicate, value, graph in quads:
        if value == training and not trains:
            value = collection
        elif subject == iri and predicate == named:
            value = Literal(identifier)
        yield subject, predicate, value, graph


def _state_sensors(facts: Facts, value: Mapping[str, Any], summaries: Mapping[str, Any], names: str) -> tuple[str, ...]:
    """Missions, spacecraft and instruments that the record states, else those its names name; returns their labels."""
    texts = [
        text
        for name in ("platform", "platforms", "constellation", "mission", "instruments", "instrument", "eo:platform",
                     "eo:instrument", "eo:constellation", "sar:platform")
        for text in texts_of(first(summaries, name) or first(value, name))
    ]  # fmt: skip
    vocabulary = Vocabulary.load()
    found: list[str] = []
    for text in texts:
        for part in re.split(r"[,;|/]", text):
            concept = vocabulary.lookup("sensor", part.strip()) if part.strip() else None
            if concept is not None and "ed:MissionFamily" not in concept.types:
                found.append(concept.label)
    labels = unique(found) or named_sensors(names)
    facts.add_all("sensor", labels)
    return labels


def _state_resolution(facts: Facts, summaries: Mapping[str, Any], bands: list[Mapping[str, Any]]) -> None:
    stated = first(summaries, "gsd", "eo:gsd")
    values: list[Any] = []
    if isinstance(stated, Mapping):
        values = [stated.get("minimum", stated.get("min"))]
    elif stated is not None:
        values = stated if isinstance(stated, list) else [stated]
    for one in bands:
        gsd = first(one, "gsd", "spatial_resolution", "raster:spatial_resolution")
        values += gsd if isinstance(gsd, list) else [gsd]
    known = [number for one in values if (number := number_of(one)) is not None and 0.0 < number <= 5_000_000.0]
    if known:
        facts.add("resolution_m", min(known))


def _state_topics(facts: Facts, value: Mapping[str, Any], names: Names) -> None:
    """Keywords and categories that are topics."""
    words = [*texts_of(value.get("keywords"))[:100], *texts_of(value.get("gee:categories"))]
    known = set()
    for word in words:
        found = names.concept("topic", word.replace("_", " ")[:60])
        if found is not None and found not in known:
            known.add(found)
            facts.add("topic", word.replace("_", " ")[:60])


def _state_times(facts: Facts, value: Mapping[str, Any], repairs: Repairs) -> None:
    """First and last day; open ends stay open."""
    temporal = mapping_of(mapping_of(value.get("extent")).get("temporal"))
    stated = temporal.get("interval", mapping_of(value.get("extent")).get("temporal"))
    rows = stated if isinstance(stated, list) else []
    if rows and not isinstance(rows[0], list):
        rows = [rows]  # STAC 0.6 to 0.8: one interval
    starts: list[datetime | None] = []
    ends: list[datetime | None] = []
    for row in rows[:_MOST_BOXES]:
        if not isinstance(row, list) or len(row) != 2:
            repairs.append("time: dropped an interval without two ends")
            continue
        start, end = moment_of(row[0], repairs), moment_of(row[1], repairs, last=True)
        if start and end and start > end:
            repairs.append("time: swapped start and end")
            start, end = end, start
        starts.append(start)
        ends.append(end)
    start = None if not starts or None in starts else min(one for one in starts if one)
    end = None if not ends or None in ends else max(one for one in ends if one)
    for key, moment in (("time_start", start), ("time_end", end)):
        if moment is not None and _FIRST_YEAR < moment.year < _LAST_YEAR:
            facts.add(key, moment.date().isoformat())


def _state_formats(facts: Facts, value: Mapping[str, Any]) -> None:
    for asset in [*holders_of(value.get("item_assets")), *holders_of(value.get("assets"))][:200]:
        roles = texts_of(asset.get("roles"))
        if "data" not in roles and roles:
            continue
        media = (text_of(asset.get("type"), 200) or "").casefold()
        known = next((label for mark, label in _MEDIA if mark in media), None)
        facts.add("format", known)


def _band_quads(iri: IRI, bands: list[Mapping[str, Any]], seen: tuple[str, ...]) -> Iterator[Quad]:
    """Bands that the vocabulary knows by link, others as the collection's own; and how many there are."""
    known: dict[str, IRI] = {}
    for row in bands:
        name = text_of(row.get("name"), 60)
        common = text_of(row.get("eo:common_name", row.get("common_name")), 40)
        key = name or common
        if key is None or key in known or len(known) >= _MOST_BANDS:
            continue
        found = band_concept(name, common, seen)
        known[key] = found or IRI(f"{iri}/band/{slug(key) or len(known)}")
        if found is None:
            yield known[key], expand("rdf:type"), expand("skos:Concept"), None
            yield known[key], expand("skos:prefLabel"), Literal.of(key, "en"), None
    for target in dict.fromkeys(known.values()):
        yield iri, expand("ed:band"), target, None
    for target in () if known else usual_bands(seen):
        yield iri, expand("ed:band"), target, None
    if known:
        yield iri, expand("ed:bandCount"), Literal.of(len(known)), None
        kind = "SAR" if all(one.casefold() in _SAR | {"angle"} for one in known) else None
        if kind:
            yield iri, expand("ed:modality"), concept_iri("modality", kind), None


def _extent_quads(iri: IRI, name: str, value: Mapping[str, Any], repairs: Repairs) -> Iterator[Quad]:
    """Where the collection is: one place with the boxes of its extent; the whole Earth is only flagged."""
    spatial = mapping_of(value.get("extent")).get("spatial")
    stated = spatial.get("bbox") if isinstance(spatial, Mapping) else spatial
    if not isinstance(stated, list) or not stated:
        repairs.append("extent: none stated")
        return
    if "extent.spatial" in texts_of(value.get("earthdex:unknown")):
        return  # a box that only the form demanded
    boxes = [one for one in (stated if isinstance(stated[0], list) else [stated]) if isinstance(one, list)][
        :_MOST_BOXES
    ]
    shapes = []
    for box in boxes:
        try:
            shape = normalise(box)
        except GeometryError as error:
            repairs.append(
                "extent: dropped a box (" + ("null" if None in box else error.message.split(",")[0][:60]) + ")"
            )
            continue
        repairs.extend(f"extent: {one}" for one in shape.repairs)
        shapes.append(shape)
    if len(shapes) > 1 and all(shapes[0].geometry.covers(one.geometry) for one in shapes[1:]):
        shapes = shapes[1:]  # since STAC 1.0 the first box holds the others, which are finer
    if not shapes:
        return
    if any(one.is_global for one in shapes):
        yield iri, expand("ed:globalExtent"), Literal.of(True), None
        yield iri, expand("dct:spatial"), EARTH, None
        return
    merged = shapes[0]
    if len(shapes) > 1:
        merged = normalise(
            {"type": "GeometryCollection", "geometries": [one.geometry.__geo_interface__ for one in shapes]}
        )
    place, geometry = IRI(f"{iri}/extent"), IRI(f"{iri}/extent/geometry")
    yield iri, expand("dct:spatial"), place, None
    yield place, expand("rdf:type"), expand("geo:Feature"), None
    yield place, expand("rdfs:label"), Literal(f"extent of {name}"), None
    yield place, expand("geo:hasGeometry"), geometry, None
    yield geometry, expand("rdf:type"), expand("geo:Geometry"), None
    yield geometry, expand("geo:asWKT"), Literal(merged.wkt, WKT_LITERAL), None
