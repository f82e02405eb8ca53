"""Writes made-up scenes whose statistics are those of real ones, as GeoParquet of the scenes table's own schema.

    python -m benchmarks.scene_generator FOLDER --scenes 1000000

Sentinel-1, -2, -3 and Landsat in fixed shares; identifiers by the rules of each mission; times in the years in which a
spacecraft flew, most of them late; cloud cover with most of its mass at both ends; footprints as large and as slanted
as a swath leaves them, over land rather than sea, some on both sides of the antimeridian, some near a pole. A scene
makes 9.8 triples on average. The same seed gives the same rows; parts hold a million rows each, in order of time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import shapely
from numpy.random import Generator, default_rng

from benchmarks.scene_shapes import destination, heading, quads, tile_sites, wkb
from kg.columns import COLUMN_TYPES

PART = 1_000_000
SEED = 20_260_101
_DAY = 86_400

Array = np.ndarray[Any, np.dtype[Any]]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _Craft:
    """A spacecraft: its letter or number, and the days from which and to which it flew."""

    name: str
    first: date
    last: date = date(2024, 12, 15)


_SHARES = {"sentinel-2": 0.52, "sentinel-1": 0.20, "landsat": 0.22, "sentinel-3": 0.06}
_CRAFT: dict[str, tuple[_Craft, ...]] = {
    "sentinel-1": (_Craft("A", date(2015, 1, 1)), _Craft("B", date(2016, 4, 25), date(2021, 12, 23))),
    "sentinel-2": (
        _Craft("A", date(2015, 6, 23)),
        _Craft("B", date(2017, 3, 7)),
        _Craft("C", date(2024, 9, 5)),
    ),
    "sentinel-3": (_Craft("A", date(2016, 2, 16)), _Craft("B", date(2018, 4, 25))),
    "landsat": (
        _Craft("7", date(2015, 1, 1), date(2022, 4, 6)),
        _Craft("8", date(2015, 1, 1)),
        _Craft("9", date(2021, 10, 31)),
    ),
}

# west, south, east, north, weight: land, roughly, then what lies on the antimeridian, at the poles and at sea
_LAND = np.array(
    [
        (-10, 36, 40, 70, 15), (-16, 5, 45, 36, 14), (10, -34, 40, 5, 9), (40, 50, 178, 74, 14), (45, 20, 122, 50, 15),
        (70, -8, 125, 28, 8), (114, -38, 153, -12, 6), (-125, 28, -65, 58, 13), (-168, 58, -62, 72, 6),
        (-108, 8, -78, 28, 3), (-78, -40, -40, 8, 11), (-74, -54, -64, -38, 1), (-56, 60, -20, 82.5, 2),
        (166, 60, 194, 71, 1.2), (172, -48, 198, -12, 0.8), (-180, -81, 180, -66, 1.5), (-180, -58, 180, 74, 3),
    ]
)  # fmt: skip


def land(rng: Generator, count: int) -> tuple[Array, Array]:
    """(longitudes, latitudes) of places, more of them on land than at sea."""
    boxes = _LAND[rng.choice(len(_LAND), count, p=_LAND[:, 4] / _LAND[:, 4].sum())]
    lon = boxes[:, 0] + rng.random(count) * (boxes[:, 2] - boxes[:, 0])
    low, high = (np.sin(np.radians(boxes[:, side])) for side in (1, 3))
    lat = np.degrees(np.arcsin(low + rng.random(count) * (high - low)))
    return (lon + 180) % 360 - 180, lat


def _days(rng: Generator, mission: str, count: int) -> tuple[Array, Array]:
    """(days since 1970, index of the spacecraft): more of them in late years, each within its spacecraft's life."""
    craft = _CRAFT[mission]
    epoch = date(1970, 1, 1)
    first = np.array([(one.first - epoch).days for one in craft])
    last = np.array([(one.last - epoch).days for one in craft])
    start, end = first.min(), last.max()
    wanted = start + (end - start) * rng.random(count) ** 0.75
    which = rng.integers(0, len(craft), count)
    for _ in range(4):  # one that did not fly on that day gives way to another one
        idle = (wanted < first[which]) | (wanted > last[which])
        which[idle] = rng.integers(0, len(craft), int(idle.sum()))
    day = np.clip(wanted, first[which], last[which])
    return day.astype(np.int64), which


def _seconds(rng: Generator, day: Array, lon: Array, clock: float, spread: float) -> Array:
    """Seconds since 1970 at a local solar time of the day (hours)."""
    hours = (clock - lon / 15 + rng.normal(0, spread, len(day))) % 24
    return np.asarray(day * _DAY + (hours * 3600).astype(np.int64))


def _again(*keys: Array) -> Array:
    """How many rows before each have the same keys: what keeps identifiers apart."""
    order = np.lexsort(keys)
    same = np.ones(len(order), dtype=bool)
    for key in keys:
        ordered = key[order]
        same[1:] &= ordered[1:] == ordered[:-1]
    same[0] = False
    at = np.arange(len(order))
    first = np.maximum.accumulate(np.where(same, 0, at))
    counted = np.empty(len(order), dtype=np.int64)
    counted[order] = at - first
    return counted


def _cloud(rng: Generator, lat: Array) -> Array:
    """Percent, two decimals: a quarter all but clear, a sixth overcast, more clouds at high latitudes."""
    tilt = np.clip(np.abs(lat) / 90, 0.05, 0.95)
    return np.asarray(np.round(100 * rng.beta(0.35 + 0.4 * tilt, 0.65 - 0.25 * tilt), 2))


def _masked(count: int) -> Any:  # noqa: ANN401
    return np.ma.masked_array(np.zeros(count), mask=True)


def _sentinel2(rng: Generator, count: int, part: int) -> dict[str, Any]:
    sites = tile_sites(*land(default_rng(SEED), 20_000))
    site = rng.integers(0, len(sites.names), count)
    day, which = _days(rng, "sentinel-2", count)
    # two orbits see a tile, one of them only a part of it; each returns every ten days, every five with two spacecraft
    cut = rng.integers(0, 2, count)
    day += (site * 3 + cut * 2 - day) % 5
    start = _seconds(rng, day, sites.lon[site], 10.5, 0.0) + cut * 600 + which * 7
    level = rng.integers(0, 2, count)
    made = start + 10_800 + part * 7_200 + 61 * _again(start, site, level, which)
    corners = np.where((cut == 1)[:, None, None], sites.partial[site], sites.whole[site])
    return {
        "start": start,
        "end": start,
        "made": made,
        "craft": np.array([one.name for one in _CRAFT["sentinel-2"]], dtype=object)[which],
        "kind": np.array(["1C", "2A"], dtype=object)[level],
        "tile": sites.names[site],
        "n1": (np.floor((sites.lon[site] + 180) / 360 * 143).astype(np.int64) + cut * 50) % 143 + 1,
        "n2": np.zeros(count, dtype=np.int64),
        "cloud": _cloud(rng, sites.lat[site]),
        "corners": np.round(corners, 6),
    }


def _sentinel1(rng: Generator, count: int, part: int) -> dict[str, Any]:
    lons, lats = land(default_rng(SEED + 1), 9_000)
    site = rng.integers(0, len(lons), count)
    rising = site % 2
    lon, lat = destination(lons[site], np.clip(lats[site], -76, 80), rng.random(count) * 6.283, rng.random(count) * 6)
    day, which = _days(rng, "sentinel-1", count)
    day += (site - day) % 6
    start = _seconds(rng, day, lon, 6.0, 0.1) + rising * 43_200
    orbit = (start - 1_396_000_000) // 5_925
    slc = rng.integers(0, 3, count) == 0
    length = np.where(slc, 27, 25)
    along = np.where(slc, 190.0, 170.0) / 2
    return {
        "start": start,
        "end": start + length,
        "made": _again(start, which, slc) + part * 50,
        "craft": np.array(["A", "B"], dtype=object)[which],
        "kind": np.where(slc, "SLC_", "GRDH").astype(object),
        "tile": np.full(count, "", dtype=object),
        "n1": orbit,
        "n2": rng.integers(0, 65_536, count),
        "cloud": _masked(count),
        "corners": np.round(quads(lon, lat, heading(lat, rising == 1), 125.0, along), 6),
    }


def _landsat(rng: Generator, count: int, part: int) -> dict[str, Any]:
    lon, lat = land(rng, count)
    row = np.clip(
        np.round(60 - np.degrees(np.arcsin(np.clip(np.sin(np.radians(lat)) / 0.98978, -1, 1))) / 1.4516), 1, 122
    )
    u = np.radians((60 - row) * 1.4516)
    # the Earth turns below the orbit: a descending node at 64.6 W for path 1, each path 1.5451 degrees further west
    drift = np.degrees(np.arctan2(0.14263 * np.sin(u), np.cos(u))) + np.degrees(u) * 0.0689
    path = np.floor((-64.6 + drift - lon) / 1.54506 + 0.5) % 233
    centre = (-64.6 + drift - path * 1.54506 + rng.normal(0, 0.02, count) + 180) % 360 - 180
    middle = np.degrees(np.arcsin(0.98978 * np.sin(u))) + rng.normal(0, 0.004, count)
    day, which = _days(rng, "landsat", count)
    day += (path.astype(np.int64) * 7 + which * 8 - day) % 16
    start = _seconds(rng, day, centre, 10.1, 0.01)
    return {
        "start": start,
        "end": start + 28,
        "made": start + 10 * _DAY + (part * 40 + _again(day, path, row, which)) * _DAY,
        "craft": np.array([one.name for one in _CRAFT["landsat"]], dtype=object)[which],
        "kind": np.full(count, "L2SP", dtype=object),
        "tile": np.full(count, "", dtype=object),
        "n1": path.astype(np.int64) + 1,
        "n2": row.astype(np.int64),
        "cloud": _cloud(rng, lat),
        "corners": np.round(quads(centre, middle, heading(middle, np.zeros(count, dtype=bool)), 92.5, 90.0), 5),
    }


def _sentinel3(rng: Generator, count: int, part: int) -> dict[str, Any]:
    lon, lat = land(rng, count)
    lat = np.clip(lat, -78, 81)
    day, which = _days(rng, "sentinel-3", count)
    start = _seconds(rng, day, lon, 10.0, 0.1)
    return {
        "start": start,
        "end": start + 179,
        "made": start + 90_000 + part * 3_600 + 31 * _again(start, which),
        "craft": np.array(["A", "B"], dtype=object)[which],
        "kind": np.full(count, "OL_1_EFR", dtype=object),
        "tile": np.full(count, "", dtype=object),
        "n1": (start // 6_059) % 385 + 1,
        "n2": 360 * rng.integers(1, 14, count),
        "cloud": np.round(_cloud(rng, lat)),
        "corners": np.round(quads(lon, lat, heading(lat, np.zeros(count, dtype=bool)), 635.0, 605.0), 4),
    }


_MAKERS = {"sentinel-2": _sentinel2, "sentinel-1": _sentinel1, "landsat": _landsat, "sentinel-3": _sentinel3}

_STAMP = "strftime(make_timestamp({} * 1000000), '%Y%m%dT%H%M%S')"
_NAMES = {
    "sentinel-2": "format('S2{}_MSIL{}_{}_N0{}_R{:03d}_T{}_{}', craft, kind, {start}, "
    "if(made < 1642982400, '301', '510'), n1, tile, {made})",
    "sentinel-1": "format('S1{}_IW_{}_1SDV_{}_{}_{:06d}_{:06X}_{:04X}', craft, kind, {start}, {end}, "
    "n1, n1 * 53 + made, n2)",
    "landsat": "format('L{}0{}_L2SP_{:03d}{:03d}_{}_{}_02_T1', if(craft = '7', 'E', 'C'), craft, n1, n2, "
    "substr({start}, 1, 8), substr({made}, 1, 8))",
    "sentinel-3": "format('S3{}_OL_1_EFR____{}_{}_{}_0179_{:03d}_{:03d}_{:04d}_PS1_O_NT_002', craft, {start}, {end}, "
    "{made}, 1 + n1 % 113, n1, n2)",
}
_VALUES = {
    "sentinel-2": ("'sentinel-2-l' || lower(kind)", "'sentinel-2' || lower(craft)", "'S2MSI' || kind"),
    "sentinel-1": ("'sentinel-1-' || lower(left(kind, 3))", "'sentinel-1' || lower(craft)", "left(kind, 3)"),
    "landsat": ("'landsat-c2-l2'", "'landsat-' || craft", "kind"),
    "sentinel-3": ("'sentinel-3-ol-1-efr'", "'sentinel-3' || lower(craft)", "kind"),
}
_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {
        "geometry": {
            "encoding": "WKB",
            "geometry_types": ["Polygon", "MultiPolygon"],
            "covering": {"bbox": {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}},
        }
    },
}


def _select(mission: str) -> str:
    stamps = {name: _STAMP.format(name) for name in ("start", "end", "made")}
    stamps["end"] = _STAMP.format('"end"')
    name = _NAMES[mission]
    for key, text in stamps.items():
        name = name.replace("{" + key + "}", text)
    collection, platform, product = _VALUES[mission]
    known = {
        "id": name,
        "collection": collection,
        "mission": f"'{mission}'",
        "platform": platform,
        "product_type": product,
        "cloud_cover": "cloud",
        "start_time": "make_timestamp(start * 1000000)::TIMESTAMPTZ",
        "end_time": 'make_timestamp("end" * 1000000)::TIMESTAMPTZ',
        "geometry": "geometry",
        "is_global": "false",
        "assets": "'{}'",
        "source": "''",
        "original": "''",
    }
    empty = {"VARCHAR[]": "[]::VARCHAR[]"}
    columns = [f"{known.get(c, empty.get(kind, f'NULL::{kind}'))} AS {c}" for c, kind in COLUMN_TYPES.items()]
    box = "{'xmin': xmin, 'ymin': ymin, 'xmax': xmax, 'ymax': ymax} AS bbox"
    return f'SELECT {", ".join(columns)}, {box} FROM "made_{mission}"'


def write_part(path: Path, number: int, count: int) -> None:
    """Writes one part of `count` scenes; `number` makes it differ from other parts."""
    rng = default_rng([SEED, number])
    engine = duckdb.connect(config={"threads": 2})
    engine.execute("SET TimeZone = 'UTC'")
    counts = {mission: int(count * share) for mission, share in _SHARES.items()}
    counts["sentinel-2"] += count - sum(counts.values())
    for mission, each in counts.items():
        rows = _MAKERS[mission](rng, each, number)
        rows["geometry"], bounds = wkb(rows.pop("corners"))
        rows |= {side: bounds[:, at] for at, side in enumerate(("xmin", "ymin", "xmax", "ymax"))}
        engine.register(f"made_{mission}", rows)
    union = " UNION ALL ".join(_select(mission) for mission in counts)
    geo = json.dumps(_GEO)
    engine.execute(
        f"COPY (SELECT * FROM ({union}) ORDER BY start_time, id) TO '{path}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480, KV_METADATA {{geo: '{geo}'}})"
    )
    engine.close()


def generate(folder: Path, scenes: int, progress: Progress | None = None) -> list[Path]:
    """Writes scenes as parts of at most a million rows; parts that are there already are kept.

    Args:
        folder: made where it is absent.
        scenes: how many.
        progress: called with (stage, done, total).

    Returns:
        The parts, `scenes-<number>.parquet`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for number, first in enumerate(range(0, scenes, PART)):
        count = min(PART, scenes - first)
        path = folder / f"scenes-{number:04d}-{count}.parquet"
        if not path.exists():
            draft = path.with_suffix(".draft")
            write_part(draft, number, count)
            draft.rename(path)
        parts.append(path)
        if progress is not None:
            progress("scenes", first + count, scenes)
    return parts


def main() -> None:
    """Writes the parts and tells how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenes", type=int, default=1_000_000)
    options = parser.parse_args()
    started = time.perf_counter()

    def show(_: str, done: int, total: int) -> None:
        sys.stderr.write(f"\r{done:,} of {total:,} scenes, {time.perf_counter() - started:.0f} s")

    parts = generate(options.folder, options.scenes, show)
    size = sum(one.stat().st_size for one in parts) / 1e6
    print(f"\n{len(parts)} parts, {size:.0f} MB, {time.perf_counter() - started:.1f} s, shapely {shapely.__version__}")


if __name__ == "__main__":
    main()
