"""What stored values mean: scale and offset of Sentinel-2, Landsat and STAC rasters.

Physical value = stored * scale + offset. Since processing baseline 04.00 (25 January 2022) Sentinel-2 products store
reflectance with 1,000 added (ESA, Sentinel-2 Products Specification, BOA_ADD_OFFSET and RADIO_ADD_OFFSET), which some
providers take off again; Landsat Collection 2 Level 2 stores reflectance as 0.0000275 and -0.2, surface temperature as
0.00341802 and 149 K (USGS, Landsat 8-9 Collection 2 Level 2 Science Product Guide).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from training.types import Item

S2_SCALE, S2_OFFSET_DN = 1e-4, -1000.0
LANDSAT_REFLECTANCE = (2.75e-5, -0.2)
LANDSAT_TEMPERATURE = (0.00341802, 149.0)
_S2_BAND = re.compile(r"(?:^|[_-])(?:B(?:0?[1-9]|1[0-2]|8A))(?:[_-]\d{2}m)?$", re.IGNORECASE)
_S2_NAMES = re.compile(r"^(?:coastal|blue|green|red|rededge[123]?|nir0?[89]?|nir|swir(?:16|22)|cirrus)$", re.IGNORECASE)
_BASELINE = re.compile(r"S2[A-D]_MSIL[12][ABC]_\d{8}T\d{6}_N(\d{2})(\d{2})_")
_LANDSAT_L2 = re.compile(r"L[COTEM]0[1-9]_L2S[PR]_\d{6}_\d{8}_\d{8}_02_\w{2}")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scale and offset of one band, what they give, and who says so."""

    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    source: str = ""


def sentinel2_baseline(item: Mapping[str, Any]) -> float | None:
    """Processing baseline of a Sentinel-2 STAC item, by its properties or names: 4.0, 5.1 ...; None where unknown."""
    properties = item.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    for key in ("s2:processing_baseline", "sentinel2:processing_baseline", "sentinel:processing_baseline",
                "processing:version", "processing:baseline"):  # fmt: skip
        found = re.fullmatch(r"N?(\d{1,2})\.?(\d{2})?(?:\.\d+)?", str(properties.get(key, "")).strip())
        if found:
            return float(f"{int(found[1])}.{found[2] or '00'}")
    names = (
        item.get("id"),
        properties.get("s2:product_uri"),
        properties.get("title"),
        properties.get("sentinel:product_id"),
    )
    for name in names:
        match = _BASELINE.search(str(name or ""))
        if match:
            return float(f"{int(match[1])}.{match[2]}")
    return None


def stac_calibration(item: Mapping[str, Any]) -> dict[str, tuple[Calibration, ...]]:
    """Calibration of each asset of a STAC item, one entry a band; assets of which nothing is known are left out.

    `raster:bands` (or `bands` of STAC 1.1) count first; a provider that says it has taken the Sentinel-2 offset off
    (`earthsearch:boa_offset_applied`) is believed, whatever its offset says. Then the baseline of Sentinel-2 and the
    product name of Landsat Collection 2 Level 2 tell.
    """
    found: dict[str, tuple[Calibration, ...]] = {}
    assets = item.get("assets")
    is_s2, is_landsat = _is_sentinel2(item), _is_landsat_level2(item)
    properties = item.get("properties") if isinstance(item.get("properties"), Mapping) else {}
    applied = isinstance(properties, Mapping) and properties.get("earthsearch:boa_offset_applied") is True
    baseline = sentinel2_baseline(item) if is_s2 else None
    for key, asset in assets.items() if isinstance(assets, Mapping) else ():
        if not isinstance(asset, Mapping):
            continue
        stem = PurePosixPath(str(asset.get("href", ""))).stem
        reflective = is_s2 and bool(_S2_BAND.search(stem) or _S2_BAND.search(str(key)) or _S2_NAMES.match(str(key)))
        told = _told(asset)
        if told:
            if reflective and applied:
                told = tuple(replace(one, offset=0.0, source="offset already applied by the provider") for one in told)
            found[str(key)] = told
        elif reflective and baseline is not None:
            offset = S2_OFFSET_DN * S2_SCALE if baseline >= 4.0 and not applied else 0.0
            said = "offset already applied by the provider" if applied else f"processing baseline {baseline:05.2f}"
            found[str(key)] = (Calibration(S2_SCALE, offset, "reflectance", said),)
        elif is_landsat:
            known = _landsat_default(stem) or _landsat_default(str(key))
            if known is not None:
                found[str(key)] = (known,)
    return found


def _told(asset: Mapping[str, Any]) -> tuple[Calibration, ...]:
    rows = asset.get("raster:bands") or asset.get("bands")
    if not isinstance(rows, list):
        return ()
    found = []
    for row in rows:
        if not isinstance(row, Mapping):
            return ()
        scale = row.get("scale", row.get("raster:scale"))
        offset = row.get("offset", row.get("raster:offset"))
        if scale is None and offset is None:
            return ()
        if not all(
            value is None or (isinstance(value, (int, float)) and abs(value) < 1e9) for value in (scale, offset)
        ):
            return ()
        found.append(
            Calibration(
                1.0 if scale is None else float(scale),
                0.0 if offset is None else float(offset),
                str(row.get("unit") or ""),
                "raster:bands" if "raster:bands" in asset else "bands",
            )
        )
    return tuple(found)


def _is_sentinel2(item: Mapping[str, Any]) -> bool:
    properties = item.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    names = (item.get("id"), item.get("collection"), properties.get("platform"), properties.get("constellation"))
    return any(re.search(r"sentinel-?2|^S2[A-D]_", str(name or ""), re.IGNORECASE) for name in names)


def _is_landsat_level2(item: Mapping[str, Any]) -> bool:
    properties = item.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    assets = item.get("assets")
    hrefs = (
        [str(one.get("href", "")) for one in assets.values() if isinstance(one, Mapping)]
        if isinstance(assets, Mapping)
        else []
    )
    return any(_LANDSAT_L2.search(text) for text in (str(item.get("id", "")), *hrefs))


def _landsat_default(stem: str) -> Calibration | None:
    if re.search(r"(?:^|_)SR_B\d+$", stem):
        return Calibration(*LANDSAT_REFLECTANCE, "reflectance", "Landsat Collection 2 Level 2")
    if re.search(r"(?:^|_)ST_B\d+$", stem):
        return Calibration(*LANDSAT_TEMPERATURE, "kelvin", "Landsat Collection 2 Level 2")
    return None


def mtl_calibration(mtl: Mapping[str, Any]) -> dict[str, Calibration]:
    """Calibration of each file that a Landsat MTL (JSON) names: file name -> scale and offset.

    Reflectance counts before radiance where the file gives both (Level 1).
    """
    root = mtl.get("LANDSAT_METADATA_FILE", mtl)
    root = root if isinstance(root, Mapping) else {}
    groups = {str(name): group for name, group in root.items() if isinstance(group, Mapping)}
    contents = groups.get("PRODUCT_CONTENTS", {})
    found: dict[str, Calibration] = {}
    is_level2 = "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS" in groups
    order = (
        ("LEVEL2_SURFACE_REFLECTANCE_PARAMETERS", "LEVEL2_SURFACE_TEMPERATURE_PARAMETERS")
        if is_level2
        else ("LEVEL1_RADIOMETRIC_RESCALING",)
    )
    for band_key, name in contents.items():
        if not str(band_key).startswith("FILE_NAME_BAND_"):
            continue
        band = str(band_key).removeprefix("FILE_NAME_BAND_")
        for kind, unit in (("REFLECTANCE", "reflectance"), ("TEMPERATURE", "kelvin"), ("RADIANCE", "W/(m2 sr um)")):
            group = next((groups[one] for one in order if f"{kind}_MULT_BAND_{band}" in groups.get(one, {})), None)
            if group is not None:
                try:
                    scale, offset = (float(group[f"{kind}_{part}_BAND_{band}"]) for part in ("MULT", "ADD"))
                except (KeyError, ValueError, TypeError):
                    break
                found[str(name)] = Calibration(scale, offset, unit, "MTL")
                break
    return found


def with_calibration(item: Item, known: Mapping[str, Calibration]) -> Item:
    """An item whose parts carry the scale and offset that are known for their file names."""
    parts = []
    for part in item.parts:
        name = PurePosixPath(part.href.split("?")[0]).name
        found = known.get(name)
        parts.append(part if found is None else replace(part, scale=found.scale, offset=found.offset))
    return replace(item, parts=tuple(parts))


def by_file(item: Mapping[str, Any]) -> dict[str, Calibration]:
    """Calibration of a STAC item by file name, for `with_calibration`: that of an asset's first band."""
    found = {}
    assets = item.get("assets")
    for key, rows in stac_calibration(item).items():
        asset = assets[key] if isinstance(assets, Mapping) else {}
        href = str(asset.get("href", "")) if isinstance(asset, Mapping) else ""
        if href and len(set(rows)) == 1:
            found[PurePosixPath(href.split("?")[0]).name] = rows[0]
    return found
