"""Scenes of the graph as items: their assets with bands, scale and grid, cut to an area."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kg.home import Home
from kg.scenes.table import Condition
from ontology.namespaces import BASE, record_iri, scene_iri
from training.layouts.words import band_key, tile_of
from training.types import Grid, Item, Part

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_COLUMNS = ("collection", "id", "start_time", "tile_id", "geometry", "assets")
_CHUNK = 500
_TIFF = re.compile(r"\.tiff?(\?|$)", re.IGNORECASE)
# assets that are pictures for people or tell of quality, not pixels to learn from
_ASIDE = re.compile(
    r"thumb|overview|preview|browse|visual|tci|qa|aerosol|scl|aot|wvp|cld|snw|mask|msk|index|rendered", re.I
)


def scene_items(
    home: Home,
    scenes: Sequence[str],
    *,
    area: BaseGeometry | None = None,
    root: str | Path | None = None,
    labels: str = "",
    problems: list[str],
) -> list[Item]:
    """Items of scenes, in the order of collection and time.

    Args:
        home: the catalogue.
        scenes: IRIs.
        area: polygon in degrees (CRS84); scenes that do not overlap it are left out.
        root: folder that holds the files by name, in place of the addresses that the records tell.
        labels: href of a label raster or vector labels that go with each scene.
        problems: what was left out and why is appended to it.
    """
    local = _local_files(root) if root is not None and "://" not in str(root) else {}
    items, outside, bare = [], 0, list[str]()
    for row in _rows(home, scenes):
        iri = scene_iri(row["collection"], row["id"])
        shape = _shape(row["geometry"])
        if area is not None and (shape is None or not _overlaps(shape, area)):
            outside += 1
            continue
        parts = list(_parts(row["assets"], local))
        if not parts:
            bare.append(str(iri))
            continue
        if labels:
            parts.append(Part("vector" if labels.lower().endswith((".geojson", ".json")) else "label", labels))
        start = row["start_time"]
        items.append(
            Item(
                iri=str(iri),
                dataset=_collection_iri(row["collection"]),
                parts=tuple(parts),
                time=start.strftime("%Y-%m-%dT%H:%M:%SZ") if start is not None else "",
                bbox=_bbox(shape),
                grid=_grid(row["assets"]),
                scene=row["tile_id"] or tile_of(row["id"]) or row["id"],
            )
        )
    if outside:
        problems.append(f"{outside:,} scenes do not overlap the area: left out.")
    if bare:
        problems.append(f"{len(bare):,} scenes have no GeoTIFF asset: {', '.join(bare[:3])}.")
    missing = len(scenes) - len(items) - outside - len(bare)
    if missing > 0:
        problems.append(f"{missing:,} scenes are not in the catalogue (any more).")
    return sorted(items, key=lambda one: (one.dataset, one.time, one.iri))


def _collection_iri(collection: str) -> str:
    return str(record_iri("dataset", f"collection/{collection}"))


def _rows(home: Home, scenes: Sequence[str]) -> Iterator[dict[str, Any]]:
    by_collection: dict[str, list[str]] = {}
    for iri in scenes:
        collection, _, name = iri.removeprefix(BASE + "scene/").partition("/")
        by_collection.setdefault(unquote(collection), []).append(unquote(name))
    for collection, names in sorted(by_collection.items()):
        for start in range(0, len(names), _CHUNK):
            where = (Condition("collection", "=", collection), Condition("id", "in", names[start : start + _CHUNK]))
            yield from home.scenes.select(_COLUMNS, where, order=(("id", "asc"),))


def _local_files(root: str | Path) -> dict[str, str]:
    """Files below a folder by their name."""
    folder = Path(root)
    if not folder.is_dir():
        return {}
    return {path.name: str(path) for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()}


def _parts(assets: str, local: Mapping[str, str]) -> Iterator[Part]:
    try:
        found = json.loads(assets or "{}")
    except ValueError:
        return
    if not isinstance(found, dict):
        return
    kept = []
    for key, asset in found.items():
        if not isinstance(asset, dict) or not isinstance(asset.get("href"), str):
            continue
        roles = {str(one) for one in _rows_of(asset, "roles")}
        kind = str(asset.get("type") or "")
        raster = "tiff" in kind.casefold() or _TIFF.search(asset["href"])
        if not raster or _ASIDE.search(key) or {"thumbnail", "overview", "metadata"} & roles:
            continue
        kept.append((key, asset))
    for key, asset in sorted(kept, key=lambda one: _order(*one)):
        bands = _bands(asset)
        told = [str(one.get("name") or one.get("eo:common_name") or key)[:80] for one in bands] or [key]
        names = tuple(map(_short, told))
        first = bands[0] if bands else {}
        scale = _number(first.get("scale", first.get("raster:scale")), 1.0)
        offset = _number(first.get("offset", first.get("raster:offset")), 0.0)
        nodata = first.get("nodata")
        href = str(asset["href"])
        yield Part(
            "image",
            local.get(unquote(href.rpartition("/")[2]), href),
            names=names,
            checksum=_checksum(asset),
            size=int(_number(asset.get("file:size"), -1)),
            scale=scale,
            offset=offset,
            nodata=float(nodata) if isinstance(nodata, (int, float)) else None,
        )


def _order(key: str, asset: Mapping[str, Any]) -> tuple[int, str]:
    """Bands by number with B8A after B08, then the others by name."""
    bands = _bands(asset)
    name = str(bands[0].get("name") or key) if bands else key
    match = re.fullmatch(r"b(\d+)(a?)", band_key(_short(name)))
    return (int(match[1]) * 2 + bool(match[2]), key) if match else (1000, key)


def _short(key: str) -> str:
    return re.sub(r"^(SR|ST|TOA)_|\.TIFF?$", "", key, flags=re.IGNORECASE)


def _bands(asset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Bands of an asset: those of STAC 1.1, else those of the extensions of 1.0 put together."""
    if isinstance(asset.get("bands"), list):
        return [one for one in asset["bands"] if isinstance(one, dict)]
    eo, raster = _rows_of(asset, "eo:bands"), _rows_of(asset, "raster:bands")
    longest = max(len(eo), len(raster))
    both = []
    for number in range(min(longest, 500)):
        one: dict[str, Any] = {}
        for rows in (raster, eo):
            if number < len(rows) and isinstance(rows[number], dict):
                one |= rows[number]
        both.append(one)
    return both


def _checksum(asset: Mapping[str, Any]) -> str:
    """`file:checksum` is a multihash: 1220 and 64 digits are a SHA-256."""
    text = str(asset.get("file:checksum") or "").lower()
    return f"sha256:{text[4:]}" if re.fullmatch(r"1220[0-9a-f]{64}", text) else ""


def _number(value: Any, usual: float) -> float:  # noqa: ANN401
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else usual


def _grid(assets: str) -> Grid | None:
    """The grid of the finest asset, where the projection extension tells it."""
    try:
        found = json.loads(assets or "{}")
    except ValueError:
        return None
    assets_found = found.values() if isinstance(found, dict) else ()
    grids = [one for asset in assets_found if isinstance(asset, dict) and (one := _grid_of(asset)) is not None]
    return max(grids, key=lambda one: one.width * one.height) if grids else None


def _grid_of(asset: Mapping[str, Any]) -> Grid | None:
    shape, transform = _rows_of(asset, "proj:shape"), _rows_of(asset, "proj:transform")[:6]
    code = str(asset.get("proj:code") or (f"EPSG:{asset['proj:epsg']}" if asset.get("proj:epsg") else ""))
    sized = len(shape) == 2 and all(type(one) is int and 0 < one < 1 << 31 for one in shape)
    placed = len(transform) == 6 and all(type(one) in (int, float) and math.isfinite(one) for one in transform)
    if not (sized and placed and code):
        return None
    a, b, c, d, e, f = (float(one) for one in transform)
    return Grid(code, (a, b, c, d, e, f), shape[1], shape[0])


def _rows_of(asset: Mapping[str, Any], name: str) -> list[Any]:
    found = asset.get(name)
    return found if isinstance(found, list) else []


def _shape(wkb: bytes | None) -> BaseGeometry | None:
    if wkb is None:
        return None
    import shapely

    return shapely.from_wkb(wkb, on_invalid="ignore")


def _overlaps(shape: BaseGeometry, area: BaseGeometry) -> bool:
    return bool(shape.intersects(area)) and not shape.touches(area)


def _bbox(shape: BaseGeometry | None) -> tuple[float, float, float, float] | None:
    """Box of a footprint that may be cut at the antimeridian: then west > east."""
    if shape is None or shape.is_empty:
        return None
    import shapely

    west, south, east, north = (float(one) for one in shape.bounds)
    if east - west > 180.0:
        bounds = shapely.bounds(shapely.get_parts(shape))
        left, right = bounds[bounds[:, 0] < 0], bounds[bounds[:, 0] >= 0]
        if len(left) and len(right) and right[:, 2].max() >= 180.0 and left[:, 0].min() <= -180.0:
            return float(right[:, 0].min()), south, float(left[:, 2].max()), north
    return west, south, east, north
