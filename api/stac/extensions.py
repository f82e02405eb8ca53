"""STAC extensions by the prefix of their fields: their schemas, as the extensions publish their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_STEM = "https://stac-extensions.github.io/"
_VERSIONS = {
    "classification": "2.0.0",
    "eo": "2.0.0",
    "file": "2.1.0",
    "grid": "1.1.0",
    "label": "1.0.1",
    "landsat": "1.1.1",
    "mlm": "1.4.0",
    "ml-aoi": "0.2.0",
    "processing": "1.2.0",
    "product": "1.0.0",
    "proj": "2.0.0",
    "raster": "2.0.0",
    "s2": "1.0.0",
    "sar": "1.2.0",
    "sat": "1.1.0",
    "sci": "1.0.0",
    "version": "1.2.0",
    "view": "1.0.0",
}
_NAMES = {"proj": "projection", "s2": "sentinel-2", "sci": "scientific"}

SCHEMAS: dict[str, str] = {
    prefix: f"{_STEM}{_NAMES.get(prefix, prefix)}/v{version}/schema.json" for prefix, version in _VERSIONS.items()
}
"""Address of the schema of an extension, by the prefix of its fields."""


def used_extensions(properties: Mapping[str, Any], assets: Mapping[str, Any], named: Iterable[str] = ()) -> list[str]:
    """The extensions whose fields are used; of one that is named already, the version that is named.

    Args:
        properties: of an Item, or fields of a Collection.
        assets: objects whose fields count as well.
        named: addresses that a record names itself.
    """
    found = list(dict.fromkeys(named))
    prefixes = dict.fromkeys(name.partition(":")[0] for name in _fields(properties, assets) if ":" in name)
    for prefix in prefixes:
        stem = f"/{_NAMES.get(prefix, prefix)}/"
        if prefix in SCHEMAS and not any(stem in one for one in found):
            found.append(SCHEMAS[prefix])
    return found


def _fields(properties: Mapping[str, Any], assets: Mapping[str, Any]) -> Iterable[str]:
    yield from properties
    for one in assets.values():
        if isinstance(one, Mapping):
            yield from one
            for band in one["bands"] if isinstance(one.get("bands"), list) else ():
                if isinstance(band, Mapping):
                    yield from band
