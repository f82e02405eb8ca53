"""Made-up products of real missions: identifiers by the rules of each mission, facts that such products have.

A maker draws the facts of one product from a seeded generator; facts that are given are kept, and the identifier is
written from all of them. Lives of spacecraft are those of the sensor scheme.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from shapely import to_wkb
from shapely.geometry import Polygon

from kg.geometry import normalise
from nlq.evaluation.grid import Ring, path_row, swath, tile_at
from ontology.records import Scene

_FAR = 175.0  # degrees of longitude within which a footprint needs no mending

FIRST, LAST = date(2015, 1, 1), date(2024, 12, 31)

Facts = dict[str, Any]

_LIVES: dict[str, tuple[date, date]] = {
    "sentinel-1a": (date(2014, 10, 3), LAST),
    "sentinel-1b": (date(2016, 9, 26), date(2021, 12, 22)),
    "sentinel-2a": (date(2015, 7, 1), LAST),
    "sentinel-2b": (date(2017, 6, 1), LAST),
    "sentinel-2c": (date(2024, 10, 1), LAST),
    "sentinel-3a": (date(2016, 4, 1), LAST),
    "sentinel-3b": (date(2018, 6, 1), LAST),
    "sentinel-5p": (date(2018, 5, 1), LAST),
    "landsat-1": (date(1972, 7, 26), date(1978, 1, 6)),
    "landsat-2": (date(1975, 1, 22), date(1982, 2, 25)),
    "landsat-3": (date(1978, 3, 5), date(1983, 3, 31)),
    "landsat-4": (date(1982, 7, 16), date(1993, 12, 14)),
    "landsat-5": (date(1984, 3, 16), date(2011, 11, 18)),
    "landsat-7": (date(1999, 7, 1), date(2022, 4, 6)),
    "landsat-8": (date(2013, 4, 11), LAST),
    "landsat-9": (date(2021, 11, 1), LAST),
    "terra": (date(2000, 2, 24), LAST),
    "aqua": (date(2002, 7, 4), LAST),
}


LANDSATS = tuple(one for one in _LIVES if one.startswith("landsat"))


@dataclass(frozen=True, slots=True)
class Site:
    """Where and when a product was taken: degrees (CRS84), the day in UTC."""

    lon: float
    lat: float
    day: date


def flying(platforms: tuple[str, ...], day: date) -> tuple[str, ...]:
    """Those of the spacecraft that flew on a day."""
    return tuple(one for one in platforms if _LIVES[one][0] <= day <= _LIVES[one][1])


def life(platform: str) -> tuple[date, date]:
    """First and last day of a spacecraft's products here."""
    return _LIVES.get(platform, (date.min, date.max))


def _moment(rng: Random, site: Site, clock: float) -> datetime:
    """The moment at which the sun's time at the site is `clock` hours, give or take minutes."""
    hours = (clock - site.lon / 15 + rng.uniform(-0.2, 0.2)) % 24
    return datetime.combine(site.day, time(), UTC) + timedelta(seconds=int(hours * 3600))


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S")


def _cloud(rng: Random, lat: float) -> float:
    tilt = min(max(abs(lat) / 90, 0.05), 0.95)
    return round(100 * rng.betavariate(0.4 + 0.4 * tilt, 0.7 - 0.25 * tilt), 2)


def _sun(site: Site) -> float:
    """Elevation of the sun in mid-morning, degrees."""
    tilt = -23.44 * math.cos(2 * math.pi * (site.day.timetuple().tm_yday + 10) / 365)
    return round(max(-5.0, 82 - abs(site.lat - tilt)) * 0.9, 1)


def _shares(rng: Random, site: Site) -> Facts:
    """Shares of ground in percent; they need not make 100, as clouds and shadows take the rest."""
    cuts = sorted(rng.uniform(0, 95) for _ in range(3))
    season = abs(site.lat) + (15 if (site.day.month in (12, 1, 2)) == (site.lat > 0) else -10)
    return {
        "vegetation_percentage": round(cuts[0], 2),
        "water_percentage": round(cuts[1] - cuts[0], 2),
        "bare_soil_percentage": round(cuts[2] - cuts[1], 2),
        "snow_cover": round(rng.uniform(0, 100 - cuts[2]) if season > 50 else rng.uniform(0, 0.5), 2),
        "nodata_percentage": round(rng.choice([0.0, 0.0, rng.uniform(0, 60)]), 2),
    }


def _sentinel2(rng: Random, site: Site, given: Facts) -> tuple[Facts, Ring]:
    tile, ring = tile_at(site.lon, site.lat)
    level = given.get("processing_level") or rng.choice(["L1C", "L2A"])
    facts: Facts = {
        "mission": "sentinel-2",
        "platform": rng.choice(flying(("sentinel-2a", "sentinel-2b", "sentinel-2c"), site.day) or ("sentinel-2a",)),
        "instrument": ("msi",),
        "processing_level": level,
        "product_type": f"S2MSI{level[1:]}",
        "collection": f"sentinel-2-{level.lower()}",
        "orbit_direction": "descending",
        "relative_orbit": int((site.lon + 180) / 360 * 143 + rng.randrange(2) * 50) % 143 + 1,
        "tile_id": tile,
        "cloud_cover": _cloud(rng, site.lat),
        "sun_elevation": _sun(site),
        "resolution_m": 10.0,
        "start_time": _moment(rng, site, 10.5),
        **(_shares(rng, site) if level == "L2A" else {}),
        **given,
    }
    made = facts["start_time"] + timedelta(hours=3)
    facts["id"] = (
        f"S2{facts['platform'][-1].upper()}_MSI{level}_{_stamp(facts['start_time'])}_N0510_"
        f"R{facts['relative_orbit']:03d}_T{facts['tile_id']}_{_stamp(made)}"
    )
    return facts, ring


def _sentinel1(rng: Random, site: Site, given: Facts) -> tuple[Facts, Ring]:
    kind = given.get("product_type") or rng.choice(["GRD", "GRD", "GRD", "SLC", "SLC", "OCN"])
    mode = given.get("sensor_mode") or rng.choice(["IW"] * 7 + ["EW", "SM"] + ["WV"] * (kind != "GRD"))
    polar = abs(site.lat) > 62
    rising = given.get("orbit_direction", rng.choice(["ascending", "descending"])) == "ascending"
    start = _moment(rng, site, 18.0 if rising else 6.0)
    facts: Facts = {
        "mission": "sentinel-1",
        "platform": rng.choice(flying(("sentinel-1a", "sentinel-1b"), site.day) or ("sentinel-1a",)),
        "instrument": ("c-sar",),
        "processing_level": "L2" if kind == "OCN" else "L1",
        "product_type": kind,
        "collection": f"sentinel-1-{kind.lower()}",
        "sensor_mode": mode,
        "polarisation": rng.choice([("HH", "HV"), ("HH",)] if polar else [("VV", "VH"), ("VV", "VH"), ("VV",)]),
        "timeliness": rng.choice(["NRT", "NTC", None]),
        "orbit_direction": "ascending" if rising else "descending",
        "relative_orbit": int((site.lon + 180) / 360 * 175 + rng.randrange(3) * 58) % 175 + 1,
        "incidence_angle": round(rng.uniform(30, 45), 1),
        "resolution_m": {"IW": 10.0, "EW": 40.0, "SM": 9.0, "WV": 5.0}.get(mode, 10.0),
        "start_time": start,
        **given,
    }
    first = 73 if facts["platform"].endswith("a") else 27
    facts.setdefault("absolute_orbit", (facts["relative_orbit"] - 1) + first + 175 * rng.randrange(30, 300))
    facts.setdefault("end_time", facts["start_time"] + timedelta(seconds=25))
    channels = {("VV", "VH"): "DV", ("HH", "HV"): "DH", ("VV",): "SV", ("HH",): "SH"}.get(facts["polarisation"], "DV")
    short = f"{kind}H" if kind == "GRD" else f"{kind}_"
    facts["id"] = (
        f"S1{facts['platform'][-1].upper()}_{'S3' if mode == 'SM' else mode}_{short}_{facts['processing_level'][1]}S"
        f"{channels}_{_stamp(facts['start_time'])}_{_stamp(facts['end_time'])}_{facts['absolute_orbit']:06d}_"
        f"{rng.randrange(1 << 24):06X}_{rng.randrange(1 << 16):04X}"
    )
    width, length = {"EW": (410.0, 400.0), "SM": (80.0, 80.0), "WV": (20.0, 20.0)}.get(mode, (250.0, 170.0))
    return facts, swath(site.lon, site.lat, width, length, rising=rising)


_LANDSAT_INSTRUMENTS = {
    "landsat-1": ("mss",),
    "landsat-2": ("mss",),
    "landsat-3": ("mss",),
    "landsat-4": ("tm",),
    "landsat-5": ("tm",),
    "landsat-7": ("etm-plus",),
    "landsat-8": ("oli", "tirs"),
    "landsat-9": ("oli-2", "tirs-2"),
}


def _landsat(rng: Random, site: Site, given: Facts) -> tuple[Facts, Ring]:
    path, row = path_row(site.lon, site.lat)
    craft = given.get("platform") or rng.choice(flying(LANDSATS, site.day) or ("landsat-8",))
    level = given.get("processing_level") or rng.choice(["L2SP", "L2SP", "L1TP"])
    facts: Facts = {
        "mission": "landsat",
        "platform": craft,
        "instrument": _LANDSAT_INSTRUMENTS.get(craft, ()),
        "processing_level": level,
        "product_type": level,
        "collection": f"landsat-c2-{level[:2].lower()}",
        "orbit_direction": "descending",
        "wrs_path": path,
        "wrs_row": row,
        "cloud_cover": _cloud(rng, site.lat),
        "sun_elevation": _sun(site),
        "resolution_m": 30.0,
        "start_time": _moment(rng, site, 10.1),
        **given,
    }
    facts.setdefault("end_time", facts["start_time"] + timedelta(seconds=28))
    number = craft[-1]
    letter = {"1": "M", "2": "M", "3": "M", "4": "T", "5": "T", "7": "E"}.get(number, "C")
    day, made = facts["start_time"], facts["start_time"] + timedelta(days=14)
    facts["id"] = (
        f"L{letter}0{number}_{level}_{facts['wrs_path']:03d}{facts['wrs_row']:03d}_{day:%Y%m%d}_{made:%Y%m%d}_02_T1"
    )
    return facts, swath(site.lon, site.lat, 185.0, 180.0)


_SENTINEL3: dict[str, Facts] = {
    "OL_1_EFR": {"instrument": ("olci",), "sensor_mode": "EFR", "resolution_m": 300.0},
    "OL_1_ERR": {"instrument": ("olci",), "sensor_mode": "ERR", "resolution_m": 1200.0},
    "OL_2_LFR": {"instrument": ("olci",), "resolution_m": 300.0},
    "OL_2_WFR": {"instrument": ("olci",), "resolution_m": 300.0, "parameter": "chlorophyll"},
    "SL_1_RBT": {"instrument": ("slstr",), "resolution_m": 500.0},
    "SL_2_LST": {"instrument": ("slstr",), "resolution_m": 1000.0, "parameter": "land surface temperature"},
    "SL_2_WST": {"instrument": ("slstr",), "resolution_m": 1000.0, "parameter": "sea surface temperature"},
    "SY_2_SYN": {"instrument": ("olci", "slstr"), "resolution_m": 300.0},
}


def _sentinel3(rng: Random, site: Site, given: Facts) -> tuple[Facts, Ring]:
    kind = given.get("product_type") or rng.choice(sorted(_SENTINEL3))
    facts: Facts = {
        "mission": "sentinel-3",
        "platform": rng.choice(flying(("sentinel-3a", "sentinel-3b"), site.day) or ("sentinel-3a",)),
        **_SENTINEL3.get(kind, {}),
        "processing_level": f"L{kind[3]}",
        "product_type": kind,
        "collection": f"sentinel-3-{kind.lower().replace('_', '-')}",
        "timeliness": rng.choice(["NRT", "NTC", "STC"] if kind.startswith("SR") else ["NRT", "NTC"]),
        "orbit_direction": "descending",
        "relative_orbit": int((site.lon + 180) / 360 * 385) % 385 + 1,
        "cloud_cover": round(_cloud(rng, site.lat)),
        "start_time": _moment(rng, site, 10.0),
        **given,
    }
    facts.setdefault("end_time", facts["start_time"] + timedelta(seconds=179))
    made = facts["start_time"] + timedelta(hours=25)
    stream = {"NRT": "NR", "STC": "ST"}.get(facts["timeliness"], "NT")
    facts["id"] = (
        f"S3{facts['platform'][-1].upper()}_{kind}____{_stamp(facts['start_time'])}_{_stamp(facts['end_time'])}_"
        f"{_stamp(made)}_0179_{rng.randrange(1, 114):03d}_{facts['relative_orbit']:03d}_"
        f"{rng.randrange(1, 14) * 360:04d}_PS1_O_{stream}_002"
    )
    return facts, swath(site.lon, site.lat, 1270.0, 1200.0)


_SENTINEL5P = {
    "L2__NO2___": "NO2", "L2__SO2___": "SO2", "L2__CO____": "CO", "L2__O3____": "O3", "L2__CH4___": "CH4",
    "L2__HCHO__": "HCHO", "L2__AER_AI": "aerosol index",
}  # fmt: skip


def _sentinel5p(rng: Random, site: Site, given: Facts) -> tuple[Facts, Ring]:
    kinds = {value: name for name, value in _SENTINEL5P.items()}
    kind = given.get("product_type") or kinds.get(given.get("parameter", "")) or rng.choice(sorted(_SENTINEL5P))
    facts: Facts = {
        "mission": "sentinel-5p",
        "platform": "sentinel-5p",
        "instrument": ("tropomi",),
        "processing_level": "L2",
        "product_type": kind,
        "collection": f"sentinel-5p-{kind.strip('_').lower().replace('__', '-').replace('_', '-')}",
        "timeliness": rng.choice(["NRT", "NTC"]),
        "orbit_direction": "ascending",
        "absolute_orbit": rng.randrange(3000, 37000),
        "parameter": _SENTINEL5P.get(kind),
        "resolution_m": 5500.0,
        "start_time": _moment(rng, site, 13.5),
        **given,
    }
    facts.setdefault("end_time", facts["start_time"] + timedelta(minutes=5))
    made = facts["start_time"] + timedelta(days=2)
    stream = "NRTI" if facts["timeliness"] == "NRT" else "OFFL"
    facts["id"] = (
        f"S5P_{stream}_{kind}_{_stamp(facts['start_time'])}_{_stamp(facts['end_time'])}_"
        f"{facts['absolute_orbit']:05d}_03_020400_{_stamp(made)}"
    )
    return facts, swath(site.lon, min(max(site.lat, -65.0), 65.0), 2600.0, 1800.0, rising=True)


_MODIS = {"09GA": 500.0, "11A1": 1000.0, "13Q1": 250.0, "14A1": 1000.0}
_MODIS_PARAMETERS = {"11A1": "land surface temperature", "13Q1": "NDVI", "09GA": "surface reflectance"}


def _modis(rng: Random, site: Site, given: Facts) -> tuple[Facts, Ring]:
    craft = given.get("platform") or rng.choice(["terra", "aqua"])
    family = "MOD" if craft == "terra" else "MYD"
    kind = rng.choice(sorted(_MODIS))
    v = min(int((90 - site.lat) // 10), 17)
    h = int((site.lon * math.cos(math.radians(site.lat)) + 180) // 10)
    facts: Facts = {
        "mission": craft,
        "platform": craft,
        "instrument": ("modis",),
        "processing_level": "L3" if kind != "09GA" else "L2",
        "product_type": f"{family}{kind}",
        "collection": f"{family}{kind}-061".lower(),
        "parameter": _MODIS_PARAMETERS.get(kind),
        "resolution_m": _MODIS[kind],
        "start_time": datetime.combine(site.day, time(), UTC),
        "end_time": datetime.combine(site.day, time(23, 59, 59), UTC),
        **given,
    }
    made = facts["start_time"] + timedelta(days=9)
    facts["id"] = (
        f"{family}{kind}.A{facts['start_time']:%Y%j}.h{h:02d}v{v:02d}.061.{made:%Y%j}{rng.randrange(24):02d}{rng.randrange(60):02d}00"
    )
    return facts, swath(site.lon, min(max(site.lat, -70.0), 70.0), 1110.0, 1110.0)


def _other(rng: Random, site: Site, given: Facts) -> tuple[Facts, Ring]:
    """A product of a mission without rules of its own: all it has is what is given."""
    craft = given.get("platform") or given.get("mission") or "unknown"
    facts: Facts = {"collection": f"{craft}-scenes", "start_time": _moment(rng, site, 10.5), **given}
    facts["id"] = f"{craft.upper()}_{_stamp(facts['start_time'])}_{rng.randrange(1 << 24):06X}"
    return facts, swath(site.lon, site.lat, 60.0, 60.0)


Maker = Callable[[Random, Site, Facts], tuple[Facts, Ring]]

MAKERS: dict[str, tuple[Maker, tuple[str, ...], int]] = {
    "sentinel-2": (_sentinel2, ("sentinel-2a", "sentinel-2b", "sentinel-2c"), 40),
    "sentinel-1": (_sentinel1, ("sentinel-1a", "sentinel-1b"), 24),
    "landsat": (_landsat, ("landsat-7", "landsat-8", "landsat-9"), 18),
    "sentinel-3": (_sentinel3, ("sentinel-3a", "sentinel-3b"), 8),
    "sentinel-5p": (_sentinel5p, ("sentinel-5p",), 5),
    "modis": (_modis, ("terra", "aqua"), 5),
}
"""By family: what makes a product, the spacecraft that fly in the years of the frozen version, parts in a hundred."""


def make(rng: Random, family: str, site: Site, given: Facts | None = None) -> Scene:
    """One product.

    Args:
        rng: decides whatever is not given.
        family: a key of `MAKERS`; any other name makes a product of which only the given facts are known.
        site: where and when; the footprint lies around it.
        given: facts by the names of `ontology.records.Scene`.
    """
    maker = MAKERS[family][0] if family in MAKERS else _other
    facts, ring = maker(rng, site, given or {})
    facts.setdefault("end_time", facts["start_time"])
    facts.setdefault("ingestion_time", facts["start_time"] + timedelta(hours=rng.randrange(3, 60)))
    return Scene(**facts, **_footprint(ring), source="evaluation")


def _footprint(ring: Ring) -> Facts:
    if all(abs(lon) < _FAR and abs(lat) < _FAR / 2 for lon, lat in ring):
        return {"geometry": to_wkb(Polygon(ring), byte_order=1), "is_global": False}
    whole = normalise({"type": "Polygon", "coordinates": [[list(one) for one in [*ring, ring[0]]]]})
    return {"geometry": whole.wkb, "is_global": whole.is_global}
