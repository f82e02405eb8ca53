"""Made-up scenes with all that is awkward: both sides of the antimeridian, no footprint, no time, odd identifiers."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import shapely

from kg.geometry import normalise
from ontology.records import Scene

_KINDS = (
    ("sentinel-2-l2a", "sentinel-2", ("sentinel-2a", "sentinel-2b"), ("msi",)),
    ("sentinel-1-grd", "sentinel-1", ("sentinel-1a",), ("c-sar",)),
    ("LANDSAT/C02 L2", "landsat", ("landsat-8", "landsat-9"), ("oli", "tirs")),
)
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def made_scenes(count: int = 400, seed: int = 7) -> list[Scene]:
    """Scenes of three collections; the same for the same seed."""
    rng = random.Random(seed)
    return [_scene(rng, number) for number in range(count)]


def _scene(rng: random.Random, number: int) -> Scene:
    collection, mission, platforms, instruments = rng.choice(_KINDS)
    optical = mission != "sentinel-1"
    start = _FIRST + timedelta(hours=rng.randrange(24 * 60)) if rng.random() > 0.02 else None
    end = start + timedelta(seconds=rng.choice((0, 0, 25, 86_400))) if start else None
    west, south = rng.choice((rng.uniform(-180, 178), 178.5, 10.0)), rng.uniform(-80, 78)
    shape = normalise([west, south, west + 3 if west + 3 <= 180 else west + 3 - 360, south + 2])
    return Scene(
        id=f"{rng.choice(('S2', 'x/y', 'ä b', 'S1'))}_{number:04d}",
        collection=collection,
        mission=mission,
        platform=rng.choice(platforms),
        instrument=instruments,
        product_type=rng.choice(("S2MSI2A", "GRD", None)),
        polarisation=() if optical else rng.choice((("VV",), ("VV", "VH"))),
        orbit_direction=rng.choice(("ascending", "descending", None)),
        relative_orbit=rng.choice((None, rng.randrange(1, 144))),
        tile_id=rng.choice(("33UXP", "01CCV")) if mission == "sentinel-2" else None,
        wrs_path=rng.randrange(1, 234) if mission == "landsat" else None,
        cloud_cover=float(rng.randrange(101)) if optical and rng.random() > 0.1 else None,
        sun_elevation=rng.choice((None, round(rng.uniform(-10, 80), 3))),
        resolution_m=rng.choice((10.0, 20.0, 30.0)),
        start_time=start,
        end_time=end,
        ingestion_time=rng.choice((None, _FIRST + timedelta(days=100))),
        geometry=shapely.to_wkb(shape.geometry) if rng.random() > 0.03 else None,
        assets=json.dumps(
            {
                "B02": {"href": f"https://example.org/{number}/B02.tif", "type": "image/tiff", "roles": ["data"]},
                "local": {"href": "/data/secret.tif"},
            }
        ),
        source="https://example.org/items",
    )
