"""What a JSON object is: STAC item, list of items, collection, catalogue, or model; empty for anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

Kind = Literal["item", "items", "collection", "catalog", "model", ""]
_MODEL = ("mlm:", "ml-model:", "dlm:")


def kind_of_document(value: Mapping[str, Any]) -> Kind:
    """The kind of a JSON object, also where `type` is missing (collections and catalogues before STAC 1.0)."""
    kind = value.get("type")
    if kind == "Feature":
        return _kind_of_feature(value)
    if kind == "FeatureCollection" or (kind in (None, "ItemCollection") and isinstance(value.get("features"), list)):
        return "items"
    if isinstance(value.get("collections"), list) and "id" not in value:
        return "items"
    if not isinstance(value.get("id"), (str, int)) or not _text(value.get("stac_version")):
        # the first versions marked neither; what they demanded tells them
        whole = kind is None and isinstance(value.get("extent"), Mapping) and "license" in value and "id" in value
        return "collection" if whole else ""
    if kind == "Collection" or (kind is None and isinstance(value.get("extent"), Mapping)):
        return "model" if _names_model(value) else "collection"
    if kind == "Catalog" or (kind is None and isinstance(value.get("links"), list) and "properties" not in value):
        return "catalog"
    if kind is None and isinstance(value.get("properties"), Mapping) and "geometry" in value:
        return _kind_of_feature(value)
    return ""


def members_of(value: Mapping[str, Any]) -> Iterator[Any]:
    """The items or collections of a list."""
    for name in ("features", "collections"):
        members = value.get(name)
        if isinstance(members, list):
            yield from members
            return


def holds_models(value: Mapping[str, Any]) -> bool:
    """Whether a collection holds models, no imagery: by its extensions, or the roles of its items' assets."""
    extensions = value.get("stac_extensions")
    if isinstance(extensions, list) and any("/ml-model/" in str(one) or "/mlm/" in str(one) for one in extensions):
        return True
    assets = value.get("item_assets")
    roles = (
        [one.get("roles") for one in assets.values() if isinstance(one, Mapping)] if isinstance(assets, Mapping) else []
    )
    return any(str(role).startswith("mlm:") for one in roles if isinstance(one, list) for role in one)


def _kind_of_feature(value: Mapping[str, Any]) -> Kind:
    properties = value.get("properties")
    if not isinstance(properties, Mapping):
        return "item" if "stac_version" in value else ""
    if any(str(key).startswith(_MODEL) for key in properties) or _names_model(value):
        return "model"
    timed = any(name in properties for name in ("datetime", "start_datetime", "dtr:start_datetime"))
    return "item" if "stac_version" in value or timed or "assets" in value else ""


def _names_model(value: Mapping[str, Any]) -> bool:
    """Whether the object itself (not what it holds) is described as a model."""
    return any(str(key) in ("mlm:name", "mlm:architecture", "mlm:tasks", "ml-model:type") for key in value)


def _text(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, str) and bool(value)
