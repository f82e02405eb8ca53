"""What the assets of a STAC item say: files with resolved addresses, bands, resolution, polarisations.

Bands stand in `eo:bands` and `raster:bands` (to STAC 1.0) or `bands` (STAC 1.1), of the asset or of the item; before
STAC 0.8 an asset held indexes into the item's list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from ingest.stac_json import dump
from ingest.stac_values import mapping_of, mappings_of, number_of, text_of, texts_of, unique
from ontology.concepts import label_key
from ontology.namespaces import slug

_MAX_ASSETS = 500
_MAX_BANDS = 500
_COMMON = {
    "coastal": "coastal-aerosol",
    "blue": "blue",
    "green": "green",
    "green05": "green",
    "red": "red",
    "yellow": "yellow",
    "pan": "panchromatic",
    "rededge": "red-edge",
    "rededge071": "red-edge",
    "rededge075": "red-edge",
    "rededge078": "red-edge",
    "nir": "near-infrared",
    "nir08": "near-infrared",
    "nir09": "near-infrared",
    "cirrus": "cirrus",
    "swir16": "short-wave-infrared",
    "swir22": "short-wave-infrared",
    "lwir": "thermal-infrared",
    "lwir11": "thermal-infrared",
    "lwir12": "thermal-infrared",
    "vv": "vv",
    "vh": "vh",
    "hh": "hh",
    "hv": "hv",
}


def bands_of(properties: Mapping[str, Any], assets: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every band object of an item or of its assets."""
    holders: list[Mapping[str, Any]] = [properties]
    holders += [mapping_of(one) for one in list(assets.values())[:_MAX_ASSETS]]
    number = 0
    for holder in holders:
        for name in ("bands", "eo:bands", "raster:bands"):
            for band in mappings_of(holder.get(name)):
                number += 1
                if number > _MAX_BANDS:
                    return
                yield band


def band_slugs(properties: Mapping[str, Any], assets: Mapping[str, Any], mission: str | None) -> tuple[str, ...]:
    """Slugs of the band scheme: common names (`near-infrared`) and bands of the mission (`sentinel-2/b08`)."""
    found: list[str] = []
    for band in bands_of(properties, assets):
        common = text_of(band.get("eo:common_name", band.get("common_name")), 40)
        name = text_of(band.get("name"), 40)
        for text in (common, name):
            known = _COMMON.get(label_key(text)) if text else None
            if known:
                found.append(known)
        if name and mission and label_key(name) not in _COMMON:
            found.append(f"{mission}/{slug(name)}")
    return unique(found)


def polarisations_of_assets(assets: Mapping[str, Any]) -> tuple[str, ...]:
    """Channels that the assets name."""
    every = [text for asset in mappings_of(dict(assets)) for text in texts_of(asset.get("sar:polarizations"))]
    return unique(every)


def finest_resolution(properties: Mapping[str, Any], assets: Mapping[str, Any]) -> float | None:
    """The smallest ground sampling distance, in metres, that assets or bands name."""
    values = [number_of(mapping_of(one).get(name)) for one in assets.values() for name in ("gsd", "eo:gsd")]
    if not any(values):
        values = [
            number_of(band.get(name))
            for band in bands_of(properties, assets)
            for name in ("gsd", "spatial_resolution", "raster:spatial_resolution")
        ]
    known = [one for one in values if one is not None and 0.0 < one <= 1_000_000.0]
    return min(known) if known else None


def assets_json(assets: Mapping[str, Any], links: Any, base: str) -> str:  # noqa: ANN401
    """The assets as a JSON object, their addresses made absolute where the record tells from where."""
    if not assets:
        return "{}"
    own = next((text_of(one.get("href"), 4000) for one in mappings_of(links) if one.get("rel") == "self"), None)
    origin = own if own and "://" in own else base
    kept: dict[str, Any] = {}
    for key, value in list(assets.items())[:_MAX_ASSETS]:
        if not isinstance(value, Mapping):
            continue
        asset = dict(value)
        href = text_of(asset.get("href"), 8000)
        if href is None:
            continue
        asset["href"] = resolve(href, origin)
        kept[key] = asset
    return dump(kept)


def resolve(href: str, base: str) -> str:
    """An address relative to another, or the address itself where it is absolute or the other unknown."""
    if not base or "://" in href or href.startswith(("/", "data:")) or href[1:3] == ":\\":
        return href
    if "://" in base:
        try:
            return urljoin(base, href)
        except ValueError:
            return href
    if "\x00" in href:
        return href
    return str(Path(base).parent / href.removeprefix("./"))
