"""What the identifier of a satellite product says: mission, spacecraft, level, type, times, tile, orbit.

One parser for all places an identifier stands: STAC items, tables of scenes, file names. Naming rules: Sentinel-1, -2,
-3 and -5P product naming of ESA, USGS Landsat Collection 1 and 2, the pre-collection Landsat scene identifier, MODIS
and VIIRS land tiles, HLS, OPERA, and the short Sentinel-2 and Landsat identifiers of Earth Engine and of COG archives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MAX_ID = 300


@dataclass(frozen=True, slots=True)
class ProductId:
    """What an identifier says; fields as in `ontology.records.Scene`, None or empty where it says nothing.

    Attributes:
        collection: name of the product family, such as `sentinel-2-l1c`, for products that name no collection.
    """

    collection: str
    mission: str | None = None
    platform: str | None = None
    instrument: tuple[str, ...] = ()
    product_type: str | None = None
    processing_level: str | None = None
    timeliness: str | None = None
    sensor_mode: str | None = None
    polarisation: tuple[str, ...] = ()
    relative_orbit: int | None = None
    absolute_orbit: int | None = None
    tile_id: str | None = None
    wrs_path: int | None = None
    wrs_row: int | None = None
    parameter: str | None = None
    resolution_m: float | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    ingestion_time: datetime | None = None


Match = re.Match[str]
_TILE = r"(?P<tile>\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])"
_POLARISATIONS = {
    "SH": ("HH",),
    "SV": ("VV",),
    "DH": ("HH", "HV"),
    "DV": ("VV", "VH"),
    "HH": ("HH",),
    "HV": ("HV",),
    "VV": ("VV",),
    "VH": ("VH",),
}
_FIRST_ORBIT = {"a": 73, "b": 27}  # absolute orbit whose track number is 1, cycle of 175


def parse_product_id(text: str) -> ProductId | None:
    """Reads an identifier; folders before it and the endings .SAFE, .SEN3, .tif, .nc, .zip, .hdf are ignored.

    Returns:
        What it says, or None where no naming rule fits (also for impossible dates).
    """
    if len(text) > _MAX_ID:
        return None
    name = re.split(r"[/\\]", text.strip())[-1]
    name = re.sub(r"\.(SAFE|SEN3|tiff?|jp2|nc4?|hdf|h5|zip|json|xml)$", "", name, flags=re.IGNORECASE)
    for pattern, build in _RULES:
        found = pattern.match(name)
        if found:
            try:
                return build(found)
            except ValueError:  # a date that does not exist
                return None
    return None


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    digits = re.sub(r"\D", "", text)
    size = min(len(digits), 14)
    if size in (8, 14):  # by hand: ten times as fast as strptime, which counts with millions of scenes
        month, day, *clock = (int(digits[at : at + 2]) for at in range(4, size, 2))
        hour, minute, second = clock or (0, 0, 0)
        return datetime(int(digits[:4]), month, day, hour, minute, second, tzinfo=UTC)
    form = {7: "%Y%j", 13: "%Y%j%H%M%S"}.get(size)
    if form is None:
        raise ValueError(text)
    return datetime.strptime(digits[:14], form).replace(tzinfo=UTC)


def _day(text: str | None) -> tuple[datetime | None, datetime | None]:
    """First and last second of a day, for identifiers that name no hour."""
    start = _time(text)
    return start, start + timedelta(days=1, seconds=-1) if start else None


def _tile(found: Match) -> str:
    return found["tile"].rjust(5, "0").upper()


def _sentinel1(found: Match) -> ProductId:
    unit = found["unit"].lower()
    orbit = int(found["orbit"])
    first = _FIRST_ORBIT.get(unit)
    kind = found["type"].rstrip("_")
    return ProductId(
        collection=f"sentinel-1-{kind.lower()}",
        mission="sentinel-1",
        platform=f"sentinel-1{unit}",
        instrument=("c-sar",),
        product_type=kind,
        processing_level=f"L{found['level']}",
        sensor_mode="SM" if found["mode"][0] == "S" else found["mode"],
        polarisation=_POLARISATIONS.get(found["pol"], ()),
        absolute_orbit=orbit,
        relative_orbit=(orbit - first) % 175 + 1 if first is not None else None,
        start_time=_time(found["start"]),
        end_time=_time(found["end"]),
    )


def _sentinel1_burst(found: Match) -> ProductId:
    return ProductId(
        collection="sentinel-1-burst",
        mission="sentinel-1",
        instrument=("c-sar",),
        product_type="SLC",
        processing_level="L1",
        sensor_mode=found["mode"],
        polarisation=_POLARISATIONS.get(found["pol"], ()),
        start_time=_time(found["start"]),
        end_time=_time(found["start"]),
    )


def _opera_sar(found: Match) -> ProductId:
    unit = found["unit"].lower()
    resolution = found["res"]
    return ProductId(
        collection=f"opera-{found['type'].lower()}-s1",
        mission="sentinel-1",
        platform=f"sentinel-1{unit}",
        instrument=("c-sar",),
        product_type=f"{found['type']}-S1",
        processing_level=f"L{found['level']}",
        sensor_mode=found["mode"],
        relative_orbit=int(found["track"]),
        resolution_m=float(resolution) if resolution and resolution.isdigit() else None,
        polarisation=_POLARISATIONS.get(resolution or "", ()),
        start_time=_time(found["start"]),
        end_time=_time(found["start"]),
        ingestion_time=_time(found["made"]),
    )


def _opera_hls(found: Match) -> ProductId:
    landsat, unit = found["sat"][0] == "L", found["sat"][1:].lower()
    return ProductId(
        collection=f"opera-{found['type'].lower()}",
        mission="landsat" if landsat else "sentinel-2",
        platform=f"landsat-{unit}" if landsat else f"sentinel-{unit}",
        product_type=found["type"],
        processing_level=f"L{found['level']}",
        tile_id=_tile(found),
        resolution_m=float(found["res"]),
        start_time=_time(found["start"]),
        end_time=_time(found["start"]),
        ingestion_time=_time(found["made"]),
    )


def _sentinel2(found: Match) -> ProductId:
    parts = found.groupdict()
    level = (parts.get("level") or "").upper().lstrip("L")
    unit = (parts.get("unit") or "").lower()
    orbit = parts.get("orbit")
    if len(parts["start"]) == 8:
        start, end = _day(parts["start"])
    else:
        start = end = _time(parts["start"])
    return ProductId(
        collection=f"sentinel-2-l{level.lower()}" if level else "sentinel-2",
        mission="sentinel-2",
        platform=f"sentinel-2{unit}" if unit else None,
        instrument=("msi",),
        product_type=f"S2MSI{level}" if level else None,
        processing_level=f"L{level}" if level else None,
        relative_orbit=int(orbit) if orbit else None,
        tile_id=_tile(found),
        resolution_m=10.0,
        start_time=start,
        end_time=end,
        ingestion_time=_time(parts.get("made")),
    )


_S3_INSTRUMENTS = {
    "OL": ("olci",),
    "SL": ("slstr",),
    "SR": ("sral",),
    "SY": ("olci", "slstr"),
    "MW": ("mwr",),
    "DO": ("doris",),
    "GN": ("gnss",),
    "TM": (),
}
_S3_TIMELINESS = {"NR": "NRT", "ST": "STC", "NT": "NTC"}


def _sentinel3(found: Match) -> ProductId:
    unit = found["unit"].lower()
    kind = f"{found['inst']}_{found['level']}_{found['type'].rstrip('_')}"
    return ProductId(
        collection=f"sentinel-3-{kind.lower().replace('_', '-')}",
        mission="sentinel-3",
        platform=f"sentinel-3{unit}" if unit in "abcd" else None,
        instrument=_S3_INSTRUMENTS.get(found["inst"], ()),
        product_type=kind,
        processing_level=f"L{found['level']}",
        timeliness=_S3_TIMELINESS.get(found["time"] or ""),
        relative_orbit=int(found["orbit"]) if found["orbit"] else None,
        start_time=_time(found["start"]),
        end_time=_time(found["end"]),
        ingestion_time=_time(found["made"]),
    )


def _sentinel5p(found: Match) -> ProductId:
    kind = found["type"].strip("_")
    level = "L" + found["level"].strip("_")[1:]
    return ProductId(
        collection=f"sentinel-5p-{level.lower()}-{kind.lower().replace('_', '-')}",
        mission="sentinel-5p",
        platform="sentinel-5p",
        instrument=("tropomi",),
        product_type=f"{found['level']}_{found['type']}".strip("_"),
        processing_level=level,
        timeliness=found["stream"],
        parameter=kind if level.startswith("L2") else None,
        absolute_orbit=int(found["orbit"]),
        start_time=_time(found["start"]),
        end_time=_time(found["end"]),
        ingestion_time=_time(found["made"]),
    )


def _landsat_instruments(letter: str, number: int) -> tuple[str, ...]:
    if number >= 8:
        suffix = "-2" if number == 9 else ""
        return {"C": (f"oli{suffix}", f"tirs{suffix}"), "O": (f"oli{suffix}",), "T": (f"tirs{suffix}",)}.get(letter, ())
    return {"E": ("etm-plus",), "T": ("tm",), "M": ("mss",)}.get(letter, ())


def _landsat(found: Match) -> ProductId:
    parts = found.groupdict()
    number = int(parts["number"])
    level = parts.get("level")
    version = parts.get("version")
    start, end = _day(parts["date"])
    return ProductId(
        collection=f"landsat-c{int(version)}" + (f"-{level.lower()[:2]}" if level else "") if version else "landsat",
        mission="landsat",
        platform=f"landsat-{number}",
        instrument=_landsat_instruments(parts["letter"], number),
        product_type=level,
        processing_level=level,
        wrs_path=int(parts["path"]),
        wrs_row=int(parts["row"]),
        start_time=start,
        end_time=end,
        ingestion_time=_time(parts.get("made")),
    )


def _hls(found: Match) -> ProductId:
    sentinel = found["type"] == "S30"
    return ProductId(
        collection=f"hls-{found['type'].lower()}",
        mission="sentinel-2" if sentinel else "landsat",
        instrument=("msi",) if sentinel else (),
        product_type=f"HLS{found['type']}",
        tile_id=_tile(found),
        resolution_m=30.0,
        start_time=_time(found["start"]),
        end_time=_time(found["start"]),
    )


_LAND = {
    "MOD": ("terra", ("modis",)),
    "MYD": ("aqua", ("modis",)),
    "MCD": (None, ("modis",)),
    "VNP": ("suomi-npp", ("viirs",)),
    "VJ1": ("noaa-20", ("viirs",)),
    "VJ2": ("noaa-21", ("viirs",)),
}


def _land_tile(found: Match) -> ProductId:
    platform, instruments = _LAND[found["family"]]
    start, end = _day(found["date"])
    return ProductId(
        collection=f"{found['family']}{found['type']}".lower() + (f"-{found['version']}" if found["version"] else ""),
        mission=platform if platform in ("terra", "aqua", "suomi-npp") else None,
        platform=platform,
        instrument=instruments,
        product_type=f"{found['family']}{found['type']}",
        tile_id=found["tile"],
        start_time=start,
        end_time=end,
        ingestion_time=_time(found["made"][:13]) if found["made"] else None,
    )


def _aster(found: Match) -> ProductId:
    stamp = found["start"]
    start = datetime.strptime(stamp, "%m%d%Y%H%M%S").replace(tzinfo=UTC)
    return ProductId(
        "aster-l1t",
        "terra",
        "terra",
        ("aster",),
        f"AST_{found['level']}",
        found["level"],
        start_time=start,
        end_time=start,
    )


_STAMP = r"\d{8}T\d{6}"
_RULES: tuple[tuple[re.Pattern[str], Callable[[Match], ProductId]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (
            rf"S1(?P<unit>[A-D])_(?P<mode>IW|EW|WV|S[1-6]|EN|N[1-6])_(?P<type>GRD|SLC|OCN|RAW|ETA)[FHM_]?_?"
            rf"_?(?P<level>[0-2])[SA](?P<pol>SH|SV|DH|DV|HH|VV|HV|VH)_(?P<start>{_STAMP})_(?P<end>{_STAMP})"
            rf"_(?P<orbit>\d{{6}})",
            _sentinel1,
        ),
        (rf"S1_\d{{6}}_(?P<mode>IW|EW)\d_(?P<start>{_STAMP})_(?P<pol>VV|VH|HH|HV)_", _sentinel1_burst),
        (
            rf"OPERA_L(?P<level>\d)_(?P<type>RTC|CSLC)-S1_T(?P<track>\d{{3}})-\d{{6}}-(?P<mode>IW|EW)\d_"
            rf"(?P<start>{_STAMP}Z)_(?P<made>{_STAMP}Z)_S1(?P<unit>[A-D])_(?P<res>\d+|VV|VH|HH|HV)_v",
            _opera_sar,
        ),
        (
            rf"OPERA_L(?P<level>\d)_(?P<type>DSWx-HLS|DIST-ALERT-HLS|DIST-ANN-HLS)_T{_TILE}_(?P<start>{_STAMP}Z)_"
            rf"(?P<made>{_STAMP}Z)_(?P<sat>L[89]|S2[ABC])_(?P<res>\d+)_v",
            _opera_hls,
        ),
        (
            rf"S2(?P<unit>[A-D])_MSI(?P<level>L1B|L1C|L2A)_(?P<start>{_STAMP})(?:_N\d{{4}})?_R(?P<orbit>\d{{3}})_T{_TILE}"
            rf"(?:_(?P<made>{_STAMP}))?",
            _sentinel2,
        ),
        (
            rf"S2(?P<unit>[A-D])_\w{{4}}_(?:MSI|PRD_MSI)_?(?P<level>L1C|L2A)_.*_(?P<start>{_STAMP})_A\d{{6}}_T{_TILE}",
            _sentinel2,
        ),
        (rf"(?P<level>L1C|L2A)_T{_TILE}_A\d{{6}}_(?P<start>{_STAMP})", _sentinel2),
        (rf"(?P<start>{_STAMP})_{_STAMP}_T{_TILE}$", _sentinel2),
        (rf"S2(?P<unit>[A-D])_T?{_TILE}_(?P<start>{_STAMP}|\d{{8}})(?:_\d+)?_(?P<level>L1C|L2A)$", _sentinel2),
        (
            rf"S3(?P<unit>[A-D_])_(?P<inst>[A-Z]{{2}})_(?P<level>[0-3])_(?P<type>[A-Z0-9_]{{6}})_(?P<start>{_STAMP})_"
            rf"(?P<end>{_STAMP})_(?P<made>{_STAMP})(?:_\d{{4}}_\d{{3}}_(?P<orbit>\d{{3}})_[\d_]{{4}}_\w{{3}}_\w_"
            rf"(?P<time>NR|ST|NT))?",
            _sentinel3,
        ),
        (
            rf"S5P_(?P<stream>NRTI|OFFL|RPRO|OPER|TEST)_(?P<level>L\d[ABC_]_?)_?(?P<type>[A-Z0-9_]+?)_+(?P<start>{_STAMP})_"
            rf"(?P<end>{_STAMP})_(?P<orbit>\d{{5}})_\d\d_\d{{6}}_(?P<made>{_STAMP})",
            _sentinel5p,
        ),
        (
            r"L(?P<letter>[COTEM])(?P<number>0[1-9])_(?P<level>L[12][A-Z0-9]{2})_(?P<path>\d{3})(?P<row>\d{3})_"
            r"(?P<date>\d{8})(?:_(?P<made>\d{8}))?_(?P<version>\d\d)(?:_(?:T1|T2|RT|A1|A2))?",
            _landsat,
        ),
        (r"L(?P<letter>[COTEM])(?P<number>0[1-9])_(?P<path>\d{3})(?P<row>\d{3})_(?P<date>\d{8})$", _landsat),
        (
            r"L(?P<letter>[COTEM])(?P<number>[1-9])(?P<path>\d{3})(?P<row>\d{3})(?P<date>\d{7})[A-Z]{3}\d\d",
            _landsat,
        ),
        (rf"HLS\.(?P<type>S30|L30)\.T{_TILE}\.(?P<start>\d{{7}}T\d{{6}})\.v", _hls),
        (
            r"(?P<family>MOD|MYD|MCD|VNP|VJ1|VJ2)(?P<type>\w{2,6})\.A(?P<date>\d{7})\.(?P<tile>h\d\dv\d\d)"
            r"(?:\.(?P<version>\d{3}))?(?:\.(?P<made>\d{13}))?",
            _land_tile,
        ),
        (r"AST_(?P<level>L1[ABT])_\d{3}(?P<start>\d{14})", _aster),
    )
)
