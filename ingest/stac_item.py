"""A STAC item of any version from 0.6 to 1.1 as a scene.

Field names follow the STAC specification and the extensions eo, sar, sat, view, sci, processing, product, grid, mgrs,
proj, landsat, sentinel-1 and sentinel-2; the older names are those of STAC 0.6 to 0.9 (`eo:platform`, `eo:gsd`,
`sar:pass_direction`, `dtr:start_datetime`). What the fields leave open is read from the product's identifier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.product_ids import ProductId, parse_product_id
from ingest.stac_assets import assets_json, band_slugs, finest_resolution, polarisations_of_assets
from ingest.stac_footprint import footprint
from ingest.stac_json import dump
from ingest.stac_sensors import Sensing, sensors
from ingest.stac_values import (
    Repairs,
    first,
    integer_of,
    mapping_of,
    mappings_of,
    moment_of,
    number_of,
    percent,
    ranged,
    text_of,
    texts_of,
    unique,
)
from ontology.errors import RecordError
from ontology.records import Scene

_NO_COLLECTION = "no-collection"
_MAX_ID = 500
_NOTHING = ProductId("")
_POLARISATIONS = ("HH", "HV", "VV", "VH", "RH", "RV", "LH", "LV")
_ONLY_INSTRUMENT = {"sentinel-1": ("c-sar",), "sentinel-2": ("msi",), "sentinel-5p": ("tropomi",)}
_ORBITS = {"ascending": "ascending", "asc": "ascending", "descending": "descending", "desc": "descending"}


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about an item from outside it.

    Attributes:
        source: file or address, with the line where it has several.
        base: folder or address that relative links start from; empty where unknown.
        tiles: outline (WKB or WKT) by MGRS tile.
        inherited: properties that the item's collection states for all its items (STAC 0.8 and 0.9).
        is_row: whether the item was made of a table's row; that its identifier has to tell more is no repair then.
    """

    source: str = ""
    base: str = ""
    tiles: Mapping[str, bytes | str] | None = None
    inherited: Mapping[str, Any] | None = None
    is_row: bool = False


def scene_of(item: Mapping[str, Any], context: Context | None = None) -> tuple[Scene, tuple[str, ...]]:
    """The scene that an item describes.

    Returns:
        The scene, and what had to be mended, in short constant phrases.

    Raises:
        RecordError: the item has no identifier, or nothing tells when and where it was taken.
    """
    context = context or Context()
    repairs: Repairs = []
    properties = mapping_of(item.get("properties"))
    if context.inherited:
        properties = {**context.inherited, **properties}
    identifier = text_of(item.get("id"), _MAX_ID)
    if identifier is None:
        raise RecordError("no identifier", "Give the item an `id`.")
    parsed = _parsed(identifier, properties)
    collection = _collection(item, properties, parsed, repairs)
    sensing = _sensing(properties, parsed, collection)
    start, end = _times(properties, parsed, repairs)
    tile = _tile(properties, parsed)
    shape = footprint(item.get("geometry"), item.get("bbox"), tile, context.tiles, repairs)
    if start is None and shape.wkb is None:
        raise RecordError("neither time nor footprint", "Give `datetime` and `geometry`.")
    assets = mapping_of(item.get("assets"))
    product = _product(properties, parsed, assets)
    scene = Scene(
        id=identifier,
        collection=collection,
        mission=sensing.mission,
        platform=sensing.platform,
        instrument=sensing.instrument,
        **product,
        **_orbit(properties, parsed),
        tile_id=tile,
        **_shares(properties, repairs),
        sun_elevation=_sun(properties, repairs),
        incidence_angle=_incidence(properties, repairs),
        resolution_m=_resolution(properties, parsed, assets),
        parameter=text_of(first(properties, "parameter", "s5p:parameter"), 60) or parsed.parameter,
        band=band_slugs(properties, assets, sensing, product["processing_level"], product["polarisation"]),
        start_time=start,
        end_time=end,
        ingestion_time=_ingested(properties, parsed),
        geometry=shape.wkb,
        is_global=shape.is_global,
        assets=assets_json(assets, item.get("links"), context.base),
        source=context.source,
        original=dump(item),
    )
    told = (one for one in repairs if not (context.is_row and one.endswith("from the product identifier")))
    return scene, unique(told)


def _parsed(identifier: str, properties: Mapping[str, Any]) -> ProductId:
    """What the product's identifier says; some catalogues keep it beside their own."""
    names = (
        "s2:product_uri",
        "s1:product_identifier",
        "sentinel:product_id",
        "landsat:product_id",
        "landsat:scene_id",
        "title",
    )
    for text in (identifier, *(properties.get(name) for name in names)):
        if isinstance(text, str):
            found = parse_product_id(text)
            if found is not None:
                return found
    return _NOTHING


def _collection(item: Mapping[str, Any], properties: Mapping[str, Any], parsed: ProductId, repairs: Repairs) -> str:
    name = text_of(item.get("collection"), _MAX_ID) or text_of(properties.get("collection"), _MAX_ID)
    if name:
        return name
    link = next((one for one in mappings_of(item.get("links")) if one.get("rel") == "collection"), {})
    href = text_of(link.get("href"), 2000) or ""
    parts = [one for one in re.split(r"[/\\?#]", href) if one and not re.match(r"\.+$|collections?(\.json)?$", one)]
    if parts and (name := re.sub(r"\.json$", "", parts[-1])):
        repairs.append("collection: took the name from the link")
        return name[:_MAX_ID]
    if parsed.collection:
        repairs.append("collection: took it from the product identifier")
        return parsed.collection
    repairs.append(f"collection: none named, kept under '{_NO_COLLECTION}'")
    return _NO_COLLECTION


def _sensing(properties: Mapping[str, Any], parsed: ProductId, collection: str) -> Sensing:
    platforms = texts_of(first(properties, "platform", "eo:platform", "sar:platform", "spacecraft", "satellite"))
    instruments = texts_of(first(properties, "instruments", "instrument", "eo:instrument", "sar:instrument", "sensor"))
    constellation = text_of(first(properties, "constellation", "eo:constellation", "sar:constellation", "mission"), 100)
    read = sensors().read(
        platforms, instruments, constellation, (text_of(properties.get("pl:item_type"), 60) or "", collection)
    )
    known = sensors().mission_of(parsed.platform) if parsed.platform else None
    mission = read.mission or parsed.mission or known
    aboard = read.instrument or parsed.instrument or _ONLY_INSTRUMENT.get(mission or "", ())
    return Sensing(mission, read.platform or parsed.platform, aboard)


def _times(
    properties: Mapping[str, Any], parsed: ProductId, repairs: Repairs
) -> tuple[datetime | None, datetime | None]:
    at = moment_of(properties.get("datetime"), repairs)
    start = moment_of(first(properties, "start_datetime", "dtr:start_datetime"), repairs)
    end = moment_of(first(properties, "end_datetime", "dtr:end_datetime"), repairs, last=True)
    if at is not None and start is None and end is None:
        whole = isinstance(properties.get("datetime"), str) and len(properties["datetime"].strip()) <= 10
        return at, moment_of(properties["datetime"], [], last=True) if whole else at
    start, end = start or at or end, end or at or start
    if start is None or end is None:
        if parsed.start_time is not None:
            repairs.append("time: took it from the product identifier")
            return parsed.start_time, parsed.end_time or parsed.start_time
        repairs.append("time: kept without one")
        return None, None
    if start > end:
        repairs.append("time: swapped start and end")
        start, end = end, start
    return start, end


def _tile(properties: Mapping[str, Any], parsed: ProductId) -> str | None:
    """The MGRS tile without the leading T, five characters; for MODIS and VIIRS the sinusoidal tile."""
    text = text_of(first(properties, "s2:mgrs_tile", "mgrs_tile", "tile_id"), 20)
    if parsed.mission == "sentinel-1":  # its bursts and frames follow no tiles; a table may name one that they touch
        return parsed.tile_id
    code = text_of(properties.get("grid:code"), 40)
    if text is None and code and code.upper().startswith("MGRS-"):
        text = code[5:]
    for prefix in ("mgrs:", "sentinel:"):
        parts = [
            properties.get(prefix + "utm_zone", properties.get("proj:utm_zone")),
            properties.get(prefix + "latitude_band"),
            properties.get(prefix + "grid_square"),
        ]
        if text is None and None not in parts:
            text = "".join(str(one) for one in parts)
    if text and (found := re.fullmatch(r"T?(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z][A-HJ-NP-V])", text.upper())):
        return f"{int(found[1]):02d}{found[2]}{found[3]}"
    return parsed.tile_id


def _product(properties: Mapping[str, Any], parsed: ProductId, assets: Mapping[str, Any]) -> dict[str, Any]:
    kind = text_of(
        first(properties, "s2:product_type", "product:type", "sar:product_type", "sar:type", "landsat:correction"), 60
    )
    level = text_of(
        first(properties, "landsat:correction", "landsat:processing_level", "processing:level", "s1:processing_level"),
        40,
    )
    mode = text_of(first(properties, "sar:instrument_mode", "sar:mode"), 20)
    return {
        "product_type": kind or parsed.product_type,
        "processing_level": _finer(_level(level), parsed.processing_level),
        "timeliness": _timeliness(properties) or parsed.timeliness,
        "sensor_mode": _mode(mode) if mode else parsed.sensor_mode,
        "polarisation": _polarisation(properties, assets) or parsed.polarisation,
        "wrs_path": integer_of(_wrs(properties, "path", 0), 1, 251) or parsed.wrs_path,
        "wrs_row": integer_of(_wrs(properties, "row", 1), 1, 248) or parsed.wrs_row,
    }


def _level(text: str | None) -> str | None:
    """`Level-2A`, `2a` and `L2A` are one level."""
    if text is None:
        return None
    found = re.fullmatch(r"(?:LEVEL|LEV|L)?[-_ ]?(\d\w{0,3})", text.upper())
    return f"L{found[1]}" if found else text


def _finer(said: str | None, parsed: str | None) -> str | None:
    """What the record says; where its name says more of the same (L2A, not just L2), that."""
    return parsed if said is None or (parsed or "").startswith(said) else said


def _timeliness(properties: Mapping[str, Any]) -> str | None:
    text = text_of(first(properties, "product:timeliness_category", "s1:product_timeliness", "timeliness"), 40)
    names = {
        "nrt": "NRT",
        "near real time": "NRT",
        "nrt-3h": "NRT",
        "stc": "STC",
        "ntc": "NTC",
        "non time critical": "NTC",
    }
    return names.get(text.casefold(), text) if text else None


def _mode(text: str) -> str:
    name = text.upper()
    return "SM" if re.fullmatch(r"S[1-6]|STRIPMAP", name) else name


def _polarisation(properties: Mapping[str, Any], assets: Mapping[str, Any]) -> tuple[str, ...]:
    found = texts_of(first(properties, "sar:polarizations", "sar:polarization", "polarizations"))
    names = [
        part.upper() for text in (found or polarisations_of_assets(assets)) for part in re.split(r"[+,/& ]+", text)
    ]
    return tuple(one for one in _POLARISATIONS if one in names)


def _wrs(properties: Mapping[str, Any], part: str, place: int) -> Any:  # noqa: ANN401
    direct = first(properties, f"landsat:wrs_{part}", f"landsat:{part}", f"eo:{'column' if part == 'path' else part}")
    if direct is not None:
        return direct
    found = re.fullmatch(r"WRS\d?-(\d{3})(\d{3})", text_of(properties.get("grid:code"), 40) or "")
    return found.group(place + 1) if found else None


def _orbit(properties: Mapping[str, Any], parsed: ProductId) -> dict[str, Any]:
    direction = text_of(first(properties, "sat:orbit_state", "sar:pass_direction", "orbit_direction"), 20)
    return {
        "orbit_direction": _ORBITS.get((direction or "").casefold()),
        "relative_orbit": integer_of(first(properties, "sat:relative_orbit", "sar:relative_orbit", "relative_orbit"))
        or parsed.relative_orbit,
        "absolute_orbit": integer_of(first(properties, "sat:absolute_orbit", "sar:absolute_orbit", "absolute_orbit"))
        or parsed.absolute_orbit,
    }


def _shares(properties: Mapping[str, Any], repairs: Repairs) -> dict[str, Any]:
    names = {
        "cloud_cover": ("eo:cloud_cover", "cloud_cover", "tile:clouds_percent"),
        "snow_cover": ("eo:snow_cover", "s2:snow_ice_percentage"),
        "vegetation_percentage": ("s2:vegetation_percentage",),
        "water_percentage": ("s2:water_percentage",),
        "bare_soil_percentage": ("s2:not_vegetated_percentage",),
        "nodata_percentage": ("s2:nodata_pixel_percentage",),
    }
    return {name: percent(name, first(properties, *fields), repairs) for name, fields in names.items()}


def _sun(properties: Mapping[str, Any], repairs: Repairs) -> float | None:
    direct = first(properties, "view:sun_elevation", "eo:sun_elevation", "sun_elevation")
    zenith = number_of(first(properties, "s2:mean_solar_zenith"))
    return ranged("sun_elevation", 90.0 - zenith if direct is None and zenith else direct, -90.0, 90.0, repairs)


def _incidence(properties: Mapping[str, Any], repairs: Repairs) -> float | None:
    value = first(properties, "view:incidence_angle", "sar:incidence_angle", "eo:incidence_angle")
    return ranged("incidence_angle", value, 0.0, 90.0, repairs)


def _resolution(properties: Mapping[str, Any], parsed: ProductId, assets: Mapping[str, Any]) -> float | None:
    for value in (
        first(properties, "gsd", "eo:gsd"),
        finest_resolution(properties, assets),
        first(properties, "sar:pixel_spacing_range", "sar:resolution_range", "s1:pixel_spacing"),
    ):
        number = number_of(value)
        if number is not None and 0.0 < number <= 1_000_000.0:
            return round(number, 4)  # 0.5999999999999927 is 0.6
    return parsed.resolution_m


def _ingested(properties: Mapping[str, Any], parsed: ProductId) -> datetime | None:
    found = moment_of(first(properties, "created", "published", "updated"), [])
    return found or parsed.ingestion_time
