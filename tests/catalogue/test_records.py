"""The packaged records: sound, sourced, linked, and holding the public facts they were written from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingest.catalogue import packaged_records
from ingest.check import check_path
from ingest.known import KnownNames
from ingest.names import RecordIndex
from ingest.reader import Record
from ingest.schema import KEYS
from ontology.namespaces import slug
from ontology.paths import catalogue_dir
from tests.corpora import shared

EXTREME_EARTH = {"timesen2crop", "extremeearth-metno-sea-ice", "extremeearth-belgica-bank-ice-benchmark-dlr",
                 "extremeearth-sea-ice-sar-training-set-khaleghian-et-al-2021"}  # fmt: skip
AI4COPERNICUS = {"pre-processing", "change-detection", "sentinel-2-harmonisation", "crop-type-lstm",
                 "patch-segmentation", "cams-downscaling"}  # fmt: skip


@cache
def _records() -> dict[str, Record]:
    return {f"{record.kind}/{record.id}": record for record in packaged_records()}


@cache
def _index() -> RecordIndex:
    return RecordIndex(_records().values())


def _values(record: Record, *keys: str) -> list[Any]:
    found = [fact.value for key in keys for fact in record.all(key)]
    return [value["name"] if isinstance(value, Mapping) and "name" in value else value for value in found]


def test_every_record_passes_all_checks_and_the_shapes() -> None:
    assert check_path(catalogue_dir()) == []


def test_there_are_enough_records() -> None:
    kinds = [record.kind for record in _records().values()]
    assert kinds.count("dataset") >= 150 and kinds.count("model") >= 140


def test_ids_are_file_names() -> None:
    assert all(Path(record.origin).stem == record.id for record in _records().values())


def test_every_fact_has_a_source() -> None:
    assert all(fact.sources and all(fact.sources) for record in _records().values() for fact in record.facts)


def test_unknown_stays_unknown() -> None:
    words = {"none", "n/a", "na", "unknown", "-", "tbd", "null", "?"}
    for record in _records().values():
        for fact in record.facts:
            if fact.key not in ("class_label", "pretraining"):
                assert str(fact.value).strip().casefold() not in words, (record.id, fact)


def test_descriptions_are_sentences_of_their_own() -> None:
    descriptions = [record.text("description") for record in _records().values()]
    assert all(len(text) > 40 and text.endswith(".") for text in descriptions)
    datasets = [record.text("description") for record in _records().values() if record.kind == "dataset"]
    assert len(set(datasets)) == len(datasets)


def test_the_projects_this_grew_from_are_complete() -> None:
    assert {f"dataset/{name}" for name in EXTREME_EARTH} <= _records().keys()
    assert {f"model/ai4copernicus-{name}" for name in AI4COPERNICUS} <= _records().keys()
    assert "model/s2cloudless" in _records()
    for name in EXTREME_EARTH:
        assert "ExtremeEarth" in _values(_records()[f"dataset/{name}"], "project")
    crops = _records()["dataset/timesen2crop"]
    assert _values(crops, "coverage") == ["country:AT"] and "time series" in _values(crops, "temporal")
    assert _values(_records()["model/ai4copernicus-crop-type-lstm"], "trained_on") == ["timesen2crop"]


@pytest.mark.parametrize(
    ("identifier", "scheme"),
    [
        ("eurosat", "corine"),
        ("timesen2crop", "hcat"),
        ("esa-worldcover", "worldcover"),
        ("ai4arctic-autoice-sea-ice-challenge-ready-to-train", "wmo-sea-ice"),
    ],
)
def test_classes_are_linked_to_taxonomies(identifier: str, scheme: str) -> None:
    classes = [fact.value for fact in _records()[f"dataset/{identifier}"].all("class_label")]
    matches = [
        str(value) for one in classes if isinstance(one, Mapping) for key, value in one.items() if "_match" in key
    ]
    assert len(matches) >= len(classes) // 2
    assert any(one.startswith(scheme + "/") for one in matches)


def test_the_number_of_classes_agrees_with_their_list() -> None:
    """Up to one class of background or missing data may be listed and not counted."""
    for record in _records().values():
        counts, listed = _values(record, "num_classes"), len(record.all("class_label"))
        # a list may be only the best known part of a long one
        if counts and listed and listed > max(counts) + 3:
            pytest.fail(f"{record.id}: {listed} classes listed, {counts} counted")


def test_permission_for_commercial_use_follows_the_licence() -> None:
    names = KnownNames()
    for record in _records().values():
        for value in _values(record, "license"):
            licence = names.vocabulary.licence(str(value))
            assert licence is not None, (record.id, value)
            if "-NC" in str(value):
                assert licence.commercial is False, (record.id, value)


CONFLICTS = {
    "NASA Marine Debris": ("dataset", "license"),
    "EuroCrops": ("dataset", "license"),
    "Fields Of The World": ("dataset", "num_samples"),
    "SpaceNet 1": ("dataset", "num_samples"),
    "CMS Global Mangrove Canopy": ("dataset", "resolution_m"),
    "Copernicus-Bench EuroSAT-S2": ("dataset", "modality"),
    "m-forestnet (GEO-Bench)": ("dataset", "sensor"),
    "TimeSen2Crop": ("dataset", "num_classes"),
}


def _found(kind: str, *names: str) -> Record | None:
    for name in names:
        iri = _index().find(kind, name) or _index().find(kind, re.sub(r" \(.*\)$", "", name))
        if iri is not None:
            return next(record for record in _records().values() if record.iri == iri)
    return None


def test_contradictions_stand_side_by_side() -> None:
    rows = [json.loads(line) for line in shared("facts", "conflicts.jsonl").read_text("utf-8").splitlines()]
    about = {row["subject"]: row for row in rows}
    assert about.keys() >= CONFLICTS.keys()
    for subject, (kind, key) in CONFLICTS.items():
        record = _found(kind, subject, "global-mangrove-distribution" if "Mangrove" in subject else subject)
        assert record is not None, subject
        values = {str(fact.value): fact.sources for fact in record.all(key)}
        assert len(values) >= 2 and len(set(values.values())) >= 2, (subject, values)


def test_both_papers_of_disputed_weights_are_kept() -> None:
    rows = [json.loads(line) for line in shared("facts", "models.jsonl").read_text("utf-8").splitlines()]
    disputed = [row for row in rows if row["publication_conflict"]]
    assert len(disputed) == 11
    for row in disputed:
        record = _model(row)
        assert record is not None
        cited = {fact.value: fact.sources for fact in record.all("paper")}
        assert row["publication_conflict"]["meta"] in cited and len(cited) >= 2, row["id"]
        assert len(set(cited.values())) >= 2


def _model(row: Mapping[str, Any]) -> Record | None:
    found = _found("model", str(row["name"]), str(row["id"]).partition(":")[2])
    if found is not None:
        return found
    loaded = [
        record for record in _records().values() if record.kind == "model" and _holds(record, "loader", row["loader"])
    ]
    return loaded[0] if len(loaded) == 1 else None


def _facts(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shared("facts", name).read_text("utf-8").splitlines()]


def test_every_known_dataset_is_there_with_its_figures() -> None:
    missing: list[tuple[str, str, object]] = []
    for row in _facts("datasets.jsonl"):
        record = _found("dataset", row["name"], row["id"])
        if record is None:
            missing.append((row["id"], "record", None))
            continue
        missing += [(row["id"], key, value) for key, value in _wanted_of_dataset(row) if not _holds(record, key, value)]
    assert missing == []


def _wanted_of_dataset(row: Mapping[str, Any]) -> list[tuple[str, object]]:
    plain = {"n_samples": "num_samples", "doi": "doi", "gsd_m_min": "resolution_m"}
    wanted: list[tuple[str, object]] = [(key, row[name]) for name, key in plain.items() if row[name] is not None]
    if row["n_classes"] is not None and "," not in str(row["n_classes_text"]):
        wanted.append(("num_classes", row["n_classes"]))
    if row["license_spdx"]:
        wanted += [("license", one) for one in re.split(r" (?:OR|AND) ", row["license_spdx"]) if one != "ESA"]
    wanted += [("class_label", one) for one in row["classes"] or ()]
    wanted += [("source", one) for one in row["source"]]
    wanted += [("loader", one) for one in (row["loaders"] or {}).values()]
    wanted += [("country", one) for one in row["countries"] or ()]
    wanted += [(key, row[key]) for key in ("time_start", "time_end") if row[key]]
    return wanted


def _holds(record: Record, key: str, value: Any) -> bool:
    if key == "source":
        return value in record.sources.values()
    if key == "loader":
        return any(isinstance(one.value, Mapping) and one.value["name"] == value for one in record.all(key))
    if key == "class_label":
        return slug(str(value)) in {slug(str(one)) for one in _values(record, key)}
    if key in ("time_start", "time_end"):
        return any(str(one).startswith(str(value)) or str(value).startswith(str(one)) for one in _values(record, key))
    if key == "doi":
        return any(str(value).removeprefix("https://doi.org/") in str(one) for one in _values(record, "doi", "paper"))
    if key == "country":
        return _reaches(record, str(value))
    if key == "resolution_m" and any(f"{value:g} m" in str(note) for note in _values(record, "note")):
        return True
    if key in ("resolution_m", "num_samples", "num_classes"):
        return any(abs(float(one) - float(str(value))) < 1e-6 for one in _values(record, key))
    return value in _values(record, key)


@cache
def _known() -> KnownNames:
    return KnownNames()


def _reaches(record: Record, country: str) -> bool:
    """Whether a place of the record is the country, lies in it or holds it."""
    gazetteer = _known().gazetteer
    land = gazetteer.geometry(f"https://w3id.org/earthdex/place/country/{country}")
    for fact in record.all("coverage"):
        parts = fact.value if isinstance(fact.value, Mapping) else {"name": fact.value}
        if "bbox" in parts or parts["name"] == "global":
            return True
        iri = _known().place(str(parts["name"]))
        area = gazetteer.geometry(iri) if iri else None
        if area is not None and land is not None and area.intersects(land):
            return True
    return False


def test_every_known_model_is_there_with_its_figures() -> None:
    plain = {"in_channels": "num_input_bands", "num_classes": "num_classes", "framework": "framework",
             "license_spdx": "license", "paper": "paper"}  # fmt: skip
    missing: list[tuple[str, str, object]] = []
    for row in _facts("models.jsonl"):
        record = _model(row)
        if record is None:
            missing.append((row["id"], "record", None))
            continue
        wanted = [(key, row[name]) for name, key in plain.items() if row[name]]
        wanted += [("source", one) for one in row["source"]]
        missing += [(row["id"], key, value) for key, value in wanted if not _holds(record, key, value)]
        links = [fact.value for fact in record.all("distribution")]
        if row["url"] and not any(row["url"] in str(link) for link in links) and row["url"] not in str(record.sources):
            missing.append((row["id"], "url", row["url"]))
        if len(row["benchmark_scores"] or ()) > len(record.all("evaluation")):
            missing.append((row["id"], "evaluation", row["benchmark_scores"]))
    assert missing == []


def test_keys_are_used_as_the_reference_says() -> None:
    used = {fact.key for record in _records().values() for fact in record.facts}
    assert used <= KEYS.keys()
    assert len(used) >= 55
