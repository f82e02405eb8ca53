"""Models as STAC Items with the extension mlm, in the Collection `models`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from api.stac.extensions import SCHEMAS, used_extensions
from api.stac.facts import Band, Facts
from api.stac.moments import day_of
from api.stac.records import assets_of, band_objects, class_objects, links_of, own_facts, texts
from api.stac.select import Row
from ontology.namespaces import BASE, slug

MODELS = "models"
# tasks that the extension lists (version 1.4)
_TASKS = ("regression", "classification", "scene-classification", "detection", "object-detection", "segmentation",
          "semantic-segmentation", "instance-segmentation", "panoptic-segmentation", "similarity-search", "generative",
          "image-captioning", "super-resolution")  # fmt: skip
_OTHER_TASKS = {"image-retrieval": "similarity-search", "multi-label-scene-classification": "scene-classification"}
_ARTIFACTS = {"PyTorch checkpoint": "torch.save", "TorchScript": "torch.jit.save", "ONNX": "onnx",
              "safetensors": "safetensors", "SavedModel": "tf.saved_model", "Keras": "keras",
              "ExportedProgram": "torch.export.save", "pickle": "pickle"}  # fmt: skip
# a model is no picture of a moment: where no year is known, it holds for all time that can be written
_ALWAYS = ("1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
_NEEDED = ("mlm:name", "mlm:architecture", "mlm:tasks", "mlm:input", "mlm:output")
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]+[a-zA-Z0-9]").fullmatch


def model_row(facts: Facts, identifier: str, bands: Mapping[str, Band], sensors: Mapping[str, str]) -> Row:
    """A model as a row that searches go over, with its Item (links into the service begin with a slash).

    Args:
        facts: of the model.
        identifier: of the Item.
        bands: by IRI.
        sensors: what kind each sensor is, by IRI.
    """
    made = _item(facts, identifier, bands, sensors)
    properties = made["properties"]
    first, last = (properties[name] for name in ("start_datetime", "end_datetime"))
    return {
        "collection": MODELS,
        "id": identifier,
        "start_time": day_of(first[:10]),
        "end_time": day_of(last[:10]) + 86_399_000_000,
        "platform": properties.get("platform"),
        "mission": properties.get("constellation"),
        "instrument": tuple(properties.get("instruments", ())),
        "resolution_m": properties.get("gsd"),
        "geometry": None,
        "item": made,
    }


def _item(facts: Facts, identifier: str, bands: Mapping[str, Band], sensors: Mapping[str, str]) -> dict[str, Any]:
    years = [int(one) for one in facts.numbers("publication_year") if 1900 <= one <= 9999]
    first, last = (f"{years[0]:04d}-01-01T00:00:00Z", f"{years[-1]:04d}-12-31T23:59:59Z") if years else _ALWAYS
    properties: dict[str, Any] = {
        **texts(facts, identifier),
        "datetime": first,
        "start_datetime": first,
        "end_datetime": last,
        **_sensors(facts, sensors),
        **_mlm(facts, identifier, bands),
        "earthdex:facts": own_facts(facts, "model"),
    }
    if len(metres := facts.numbers("output_resolution_m")) == 1:
        properties["gsd"] = metres[0]
    assets = assets_of(facts.files, ["mlm:model", "mlm:weights", "data"])
    formats = {file.href: file.format for file in facts.files}
    for asset in assets.values():
        kind = _ARTIFACTS.get(formats.get(asset["href"], ""))
        if kind:
            asset["mlm:artifact_type"] = kind
        asset.setdefault("type", "application/octet-stream")
    own = f"/stac/collections/{MODELS}/items/{quote(identifier, safe='')}"
    used = used_extensions(properties, assets)
    whole = all(name in properties for name in _NEEDED) and any("mlm:artifact_type" in one for one in assets.values())
    if not whole:  # what the schema of the extension demands and nobody knows is not made up
        used = [one for one in used if one != SCHEMAS["mlm"]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": used,
        "id": identifier,
        "geometry": None,
        "properties": properties,
        "links": [
            {"rel": "self", "href": own, "type": "application/geo+json"},
            {"rel": "parent", "href": f"/stac/collections/{MODELS}", "type": "application/json"},
            {"rel": "collection", "href": f"/stac/collections/{MODELS}", "type": "application/json"},
            {"rel": "root", "href": "/stac", "type": "application/json"},
            *links_of(facts),
            *_relations(facts),
        ],
        "assets": assets,
        "collection": MODELS,
    }


def _sensors(facts: Facts, sensors: Mapping[str, str]) -> dict[str, Any]:
    """The one spacecraft and mission, and all instruments; several missions are told in `mlm:input` alone."""
    kinds: dict[str, list[str]] = {}
    for one in facts.things("input_sensor"):
        if one in sensors:
            kinds.setdefault(sensors[one], []).append(one.removeprefix(BASE + "sensor/"))
    found: dict[str, Any] = {}
    for name in ("platform", "constellation"):
        if len(kinds.get(name, ())) == 1:
            found[name] = kinds[name][0]
    if "instruments" in kinds:
        found["instruments"] = kinds["instruments"]
    return found


def _mlm(facts: Facts, identifier: str, bands: Mapping[str, Band]) -> dict[str, Any]:
    tasks = [_OTHER_TASKS.get(slug(one), slug(one)) for one in facts.texts("task")]
    tasks = list(dict.fromkeys(one for one in tasks if one in _TASKS))
    found: dict[str, Any] = {
        "mlm:name": identifier if _NAME(identifier) else "",
        "mlm:architecture": facts.text("architecture"),
        "mlm:framework": facts.text("framework"),
        "mlm:pretrained_source": ", ".join(facts.texts("trained_on")[:5]),
    }
    found = {name: value for name, value in found.items() if value}
    found["mlm:tasks"] = tasks
    if parameters := facts.numbers("num_parameters"):
        found["mlm:total_parameters"] = int(parameters[0])
    listed = band_objects(facts.things("input_band"), bands, facts.labels)
    counts = [int(one) for one in facts.numbers("num_input_bands")]
    edges = [int(one) for one in facts.numbers("input_size_px")]
    names = ", ".join(facts.texts("input_sensor"))
    if listed or counts or edges or names:
        count = counts[0] if counts else len(listed) or -1
        edge = edges[0] if edges else -1
        array = {
            "shape": [-1, count, edge, edge],
            "dim_order": ["batch", "bands", "height", "width"],
            "data_type": "other",
        }
        found["mlm:input"] = [{"name": names or "images", "bands": [one["name"] for one in listed], "input": array}]
    number = [int(one) for one in facts.numbers("num_classes")]
    width = number[0] if number else len(facts.classes) or -1
    output: dict[str, Any] = {
        "name": "output",
        "tasks": tasks,
        "result": {"shape": [-1, width], "dim_order": ["batch", "class"], "data_type": "other"},
    }
    if facts.classes:
        numbered = [(name, at if value is None else value) for at, (name, value) in enumerate(facts.classes)]
        output["classification:classes"] = class_objects(numbered)
    found["mlm:output"] = [output]
    return found


def _relations(facts: Facts) -> list[dict[str, Any]]:
    """Links to the datasets it was trained on, and to the models it was made from."""
    found: list[dict[str, Any]] = []
    stem = BASE + "dataset/"
    for name in ("trained_on", "fine_tuned_on"):
        for one in facts.things(name):
            if one.startswith(stem) and "/" not in one.removeprefix(stem):
                href = f"/stac/collections/{one.removeprefix(stem)}"
                title = facts.labels.get(one, one.removeprefix(stem))
                found.append({"rel": "ml-model:train-data", "href": href, "type": "application/json", "title": title})
    stem = BASE + "model/"
    for one in facts.things("initialised_from"):
        if one.startswith(stem) and "/" not in one.removeprefix(stem):
            href = f"/stac/collections/{MODELS}/items/{one.removeprefix(stem)}"
            found.append({"rel": "derived_from", "href": href, "type": "application/geo+json"})
    return found
