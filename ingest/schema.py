"""The keys that a catalogue record may have and the shape of their values.

Most keys are the properties of `ontology.properties`; this table adds how their values are written in a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from ontology.properties import PROPERTIES

Shape = OneOf[
    "text",
    "link",
    "doi",
    "integer",
    "number",
    "date",
    "concept",
    "sensor",
    "band",
    "licence",
    "place",
    "dataset",
    "model",
    "agent",
    "class",
    "split",
    "distribution",
    "evaluation",
    "loader",
    "format",
]
RecordKind = OneOf["dataset", "model"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record.

    Attributes:
        name: as written in the file.
        shape: how a value is written.
        many: whether several values stand side by side; a list under a key that is not `many` means contradiction.
        kinds: the kinds of record that may have it.
        scheme: concept scheme of the values.
        predicate: the property from the record to the value, such as `dcat:theme`; empty where the shape decides.
        scale: graph value = written value x scale.
    """

    name: str
    shape: Shape
    many: bool
    kinds: tuple[RecordKind, ...]
    scheme: str = ""
    predicate: str = ""
    scale: int = 1


_BOTH: tuple[RecordKind, ...] = ("dataset", "model")
_DATASET: tuple[RecordKind, ...] = ("dataset",)
_MODEL: tuple[RecordKind, ...] = ("model",)

# Answers of the graph, not facts of a record: they follow from other keys.
_DERIVED = {
    "name",
    "commercial_use",
    "trained_model",
    "fine_tuned_model",
    "evaluated_model",
    "evaluated_on",
    "metric",
    "metric_value",
}

_SHAPES: dict[str, Shape] = {
    "doi": "doi",
    "paper": "link",
    "homepage": "link",
    "license": "licence",
    "publisher": "agent",
    "creator": "agent",
    "project": "agent",
    "funder": "agent",
    "band": "band",
    "input_band": "band",
    "coverage": "place",
    "split": "split",
    "class_label": "class",
    "format": "format",
    "derived_from": "dataset",
    "trained_on": "dataset",
    "fine_tuned_on": "dataset",
    "initialised_from": "model",
}


def _of_properties() -> dict[str, Key]:
    keys: dict[str, Key] = {}
    for name, row in PROPERTIES.items():
        kinds: tuple[RecordKind, ...] = tuple(k for k in _BOTH if k in row.targets)
        if not kinds or name in _DERIVED:
            continue
        shape: Shape = _SHAPES.get(name) or row.kind  # type: ignore[assignment]
        many = row.many or name in ("license", "paper")
        keys[name] = Key(name, shape, many, kinds, row.scheme, row.path.split("/")[0], row.scale)
    return keys


_OWN = (
    Key("name", "text", False, _BOTH, predicate="dct:title"),
    Key("alias", "text", True, _BOTH, predicate="skos:altLabel"),
    Key("description", "text", False, _BOTH, predicate="dct:description"),
    Key("license_text", "text", True, _BOTH, predicate="ed:licenceText"),
    Key("note", "text", True, _BOTH, predicate="skos:note"),
    Key("see_also", "link", True, _BOTH, predicate="rdfs:seeAlso"),
    Key("distribution", "distribution", True, _BOTH, predicate="dcat:distribution"),
    Key("loader", "loader", True, _BOTH, predicate="ed:loader"),
    Key("evaluation", "evaluation", True, _MODEL, predicate="dqv:hasQualityMeasurement"),
)

KEYS: dict[str, Key] = {**{key.name: key for key in _OWN}, **_of_properties()}
"""Every key but `id`, `type` and `source`, which the reader itself knows."""

REQUIRED: dict[RecordKind, tuple[str, ...]] = {
    "dataset": ("name", "description", "topic"),
    "model": ("name", "description", "model_type"),
}

PARTS: dict[Shape, dict[str, str]] = {
    "class": {
        "name": "text",
        "value": "integer",
        "alias": "text",
        "exact_match": "text",
        "close_match": "text",
        "broad_match": "text",
        "definition": "text",
    },
    "place": {"name": "text", "bbox": "numbers", "point": "numbers"},
    "split": {"name": "text", "num_samples": "integer"},
    "distribution": {
        "url": "link",
        "format": "text",
        "checksum": "text",
        "size_bytes": "integer",
        "title": "text",
        "page": "link",
    },
    "evaluation": {"on": "text", "metric": "text", "value": "number", "note": "text"},
    "dataset": {"name": "text", "url": "link"},
    "model": {"name": "text", "url": "link"},
    "agent": {"name": "text", "alias": "text", "url": "link"},
}
"""The keys of values that are mappings, and the kind of each; the first is required."""


def keys_for(kind: RecordKind) -> tuple[str, ...]:
    """All keys that a record of a kind may have, `id`, `type` and `source` among them."""
    return ("id", "type", *(name for name, key in KEYS.items() if kind in key.kinds), "source")
