"""A machine-learning model described in STAC (extensions mlm, ml-model and dlm) as a model in the graph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.names import Names
from ingest.quads import to_triples
from ingest.reader import Record
from ingest.stac_assets import band_concept, resolve
from ingest.stac_collection import Imported, with_own_identifier
from ingest.stac_facts import (
    Facts,
    classes_of,
    holders_of,
    plain,
    source_of,
    state_citations,
    state_licence,
    state_own,
    state_providers,
    state_texts,
    web,
)
from ingest.stac_sensors import named_sensors
from ingest.stac_values import Repairs, first, integer_of, mapping_of, mappings_of, number_of, text_of, texts_of, unique
from ontology.errors import RecordError
from ontology.namespaces import BASE
from ontology.vocabulary import Vocabulary

_FRAMEWORKS = (("torch", "PyTorch"), ("tensorflow", "TensorFlow"), ("keras", "Keras"), ("sklearn", "scikit-learn"),
               ("jax", "JAX"))  # fmt: skip
_CHANNELS = ("bands", "band", "channel", "channels", "variables", "c")
_EDGES = ("height", "width", "y", "x", "h", "w", "lat", "lon")
_WEIGHTS = ("model", "weights", "checkpoint")
_ARTIFACTS = (
    ("torchscript", "TorchScript"),
    ("torch.jit", "TorchScript"),
    ("torch.export", "ExportedProgram"),
    ("safetensors", "safetensors"),
    ("onnx", "ONNX"),
    ("saved_model", "SavedModel"),
    ("keras", "Keras"),
    ("torch", "PyTorch checkpoint"),
    ("pickle", "pickle"),
)
_ENDINGS = ((".onnx", "ONNX"), (".safetensors", "safetensors"), (".pth", "PyTorch checkpoint"),
            (".pt", "PyTorch checkpoint"), (".ckpt", "PyTorch checkpoint"), (".keras", "Keras"))  # fmt: skip
_ACCELERATORS = {"cuda": "single GPU", "rocm": "single GPU", "gpu": "single GPU", "tpu": "TPU", "xla": "TPU",
                 "amd64": "CPU", "cpu": "CPU", "intel-ipex-cpu": "CPU", "macos-arm": "CPU"}  # fmt: skip


def import_model(value: Mapping[str, Any], path: str, base: str, names: Names) -> Imported:
    """The model that an item or collection describes.

    Args:
        value: the item or collection.
        path: file or address it was read from.
        base: what relative links start from; empty where unknown.
        names: looks up concepts, bands, licences and datasets.

    Raises:
        RecordError: it has no identifier.
    """
    identifier = text_of(value.get("id"), 300)
    if identifier is None:
        raise RecordError("no identifier", "Give the model an `id`.")
    repairs: Repairs = []
    properties = {**mapping_of(value.get("summaries")), **value, **mapping_of(value.get("properties"))}
    facts = Facts(source_of(value, path))
    own_facts = isinstance(properties.get("earthdex:facts"), Mapping)
    title = first(properties, *(("title",) if own_facts else ()), "mlm:name", "title", "dlm:name")
    name = state_texts(facts, {**properties, "title": title}, identifier, repairs)
    state_providers(facts, properties)
    state_licence(facts, properties, repairs)
    state_citations(facts, properties)
    inputs, outputs = mappings_of(properties.get("mlm:input")), mappings_of(properties.get("mlm:output"))
    _state_kind(facts, properties, outputs, names)
    seen = _state_sensors(facts, properties, inputs, name, holders_of(value.get("assets")))
    _state_inputs(facts, inputs, seen, mapping_of(value.get("assets")))
    _state_training(facts, properties, value, names)
    classes = list(classes_of([*outputs, properties]))
    facts.add_all("class_label", classes, 200)
    if classes:
        facts.add("num_classes", len({str(one["name"]) for one in classes}))
    for asset in holders_of(value.get("assets"))[:100]:
        _state_file(facts, asset, base)
    state_own(facts, properties, "model", names)
    collection = text_of(value.get("collection"), 200)
    own = f"stac/{collection}/{identifier}" if collection and collection != identifier else f"stac/{identifier}"
    record = Record(own, "model", tuple(facts.facts), {}, path)
    quads = tuple(with_own_identifier(to_triples(record, names), record.iri, identifier))
    return Imported(record.iri, "model", quads, unique(repairs))


def _state_kind(
    facts: Facts, properties: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]], names: Names
) -> None:
    tasks = [*texts_of(properties.get("mlm:tasks")), *(one for row in outputs for one in texts_of(row.get("tasks")))]
    tasks += texts_of(first(properties, "ml-model:prediction_type", "dlm:task"))
    for task in unique(tasks):
        words = task.replace("-", " ").replace("_", " ")[:80]
        if words.casefold() not in ("other", "unknown") and names.concept("task", words) is not None:
            facts.add("task", words)
    architecture = text_of(first(properties, "mlm:architecture", "ml-model:architecture", "dlm:architecture"), 200)
    if architecture:
        facts.add("architecture", _architecture(architecture, names))
    framework = text_of(first(properties, "mlm:framework", "dlm:framework"), 200) or ""
    known = names.concept("framework", framework)
    for mark, label in _FRAMEWORKS:
        if known is None and mark in framework.casefold():
            framework, known = label, names.concept("framework", label)
    if known is not None:
        facts.add("framework", framework)
    facts.add("num_parameters", integer_of(properties.get("mlm:total_parameters"), 1, 10**13))
    size = number_of(first(properties, "file:size", "mlm:file_size"))
    if size is not None and 0 < size < 10**14:
        facts.add("size_mb", size / 1e6)
    accelerator = text_of(properties.get("mlm:accelerator"), 40)
    if accelerator:
        facts.add("hardware", _ACCELERATORS.get(accelerator.casefold()))


def _architecture(text: str, names: Names) -> str:
    """The architecture of the vocabulary that a name or a Python path ends in, else the text itself."""
    parts = [text, text.rsplit(".", 1)[-1], *reversed(re.split(r"[\s/_.,()+]+", text))]
    return next((part for part in parts if part and names.concept("architecture", part) is not None), text[:100])


def _state_sensors(
    facts: Facts,
    properties: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    name: str,
    assets: Sequence[Mapping[str, Any]],
) -> tuple[str, ...]:
    """Missions that the model's fields or names name."""
    texts = [*texts_of(first(properties, "platform", "constellation")), *texts_of(properties.get("instruments"))]
    known = [concept.label for text in texts if (concept := Vocabulary.load().lookup("sensor", text)) is not None]
    if not known:
        words = [name, text_of(properties.get("description"), 2_000) or ""]
        words += [text_of(properties.get("mlm:pretrained_source"), 300) or ""]
        words += [text_of(row.get(key), 500) or "" for row in inputs for key in ("name", "description")]
        words += [text_of(row.get(key), 500) or "" for row in assets[:20] for key in ("title", "description", "href")]
        known = [label for text in words for label in named_sensors(text)]
    labels = unique(known)
    facts.add_all("input_sensor", labels, 20)
    return labels


def _state_inputs(
    facts: Facts, inputs: Sequence[Mapping[str, Any]], seen: tuple[str, ...], assets: Mapping[str, Any]
) -> None:
    rows = list(_bands(inputs)) or list(_bands([{"bands": one.get("eo:bands")} for one in holders_of(assets)]))
    for name in unique(rows)[:150]:
        found = band_concept(name, None, seen)
        if found is not None:
            facts.add("input_band", found.removeprefix(BASE + "band/").replace("/", " "))
    shapes = [(_sizes(row), row) for row in inputs]
    counts = [found for sizes, _ in shapes for name, found in sizes if name in _CHANNELS]
    if len(inputs) == 1 and (counts or rows):
        facts.add("num_input_bands", counts[0] if counts else len(rows))
    edges = [found for sizes, _ in shapes for name, found in sizes if name in _EDGES]
    if edges:
        facts.add("input_size_px", max(edges))


def _bands(inputs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Names of bands: texts, or objects with a name; those computed from others are left out."""
    for row in inputs:
        listed = row.get("bands")
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, Mapping) and one.get("expression"):
                continue
            name = text_of(one.get("name") if isinstance(one, Mapping) else one, 60)
            if name:
                yield name


def _sizes(row: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(dimension, size) pairs of an input array."""
    array = mapping_of(row.get("input"))
    order, shape = array.get("dim_order"), array.get("shape")
    if not isinstance(order, list) or not isinstance(shape, list):
        return []
    pairs = ((str(name).casefold(), integer_of(size, 1, 1_000_000)) for name, size in zip(order, shape, strict=False))
    return [(name, size) for name, size in pairs if size is not None]


def _state_training(facts: Facts, properties: Mapping[str, Any], value: Mapping[str, Any], names: Names) -> None:
    """What it was trained on: named in words, or linked."""
    words = plain(text_of(properties.get("mlm:pretrained_source"), 200), [], 150)
    if words:
        found = next((part for part in (words, *words.split()) if names.record("dataset", part) is not None), None)
        facts.add("trained_on", {"name": found or words})
    for link in mappings_of(value.get("links"))[:200]:
        if link.get("rel") in ("ml-model:train-data", "mlm:training-data", "train-data", "training-data", "trained-on"):
            address = web(link.get("href"))
            title = plain(text_of(link.get("title"), 200), [], 150)
            label = title if title and title != "Training Data" else _last_name(address or "")
            if label:
                facts.add("trained_on", {"name": label, "url": address} if address else {"name": label})


def _last_name(address: str) -> str:
    """The last part of an address that names something: `.../landcover/collection.json` -> `landcover`."""
    parts = [re.sub(r"\.json$", "", one) for one in address.split("?")[0].split("/")[3:] if one]
    return next((one for one in reversed(parts) if one not in ("collection", "item", "catalog", "collections")), "")


def _state_file(facts: Facts, asset: Mapping[str, Any], base: str) -> None:
    """The weights, where they can be had."""
    roles = [one.casefold() for one in texts_of(asset.get("roles", asset.get("role")))]
    if not any(mark in role for role in roles for mark in _WEIGHTS):
        return
    address = web(resolve(text_of(asset.get("href"), 4_000) or "", base))
    artifact = (text_of(first(asset, "mlm:artifact_type", "type"), 100) or "").casefold()
    kind = next((label for mark, label in _ARTIFACTS if mark in artifact), None)
    if kind is None and address:
        kind = next((label for ending, label in _ENDINGS if address.split("?")[0].casefold().endswith(ending)), None)
    if address is None:
        facts.add("format", kind)
        return
    parts: dict[str, object] = {"url": address}
    if title := plain(text_of(asset.get("title"), 200), [], 150):
        parts["title"] = title
    if kind:
        parts["format"] = kind
    if size := integer_of(asset.get("file:size"), 1, 10**14):
        parts["size_bytes"] = size
    facts.add("distribution", parts)
