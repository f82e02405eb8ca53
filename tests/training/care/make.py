"""Items for tests of care: made up, but placed on the real Earth."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.types import Grid, Item

DATASET = "https://w3id.org/earthdex/dataset/made-up"


def item(number: int | str, **facts: Any) -> Item:
    """An item without parts."""
    return Item(f"{DATASET}/item/{number}", facts.pop("dataset", DATASET), facts.pop("parts", ()), **facts)


def box_item(number: int | str, lon: float, lat: float, size: float = 0.02, **facts: Any) -> Item:
    """A square item (degrees) whose lower left corner is given; it may cross the antimeridian."""
    east = lon + size
    box = ((lon + 180) % 360 - 180, lat, (east + 180) % 360 - 180, min(90.0, lat + size))
    return item(number, bbox=box, **facts)


def field(count: int, seed: int = 0, spread: float = 1.0, **facts: Any) -> list[Item]:
    """Items around Vienna, up to `spread` degrees away."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(-spread, spread, (count, 2)) + np.array([16.4, 48.2])
    return [box_item(number, float(x), float(y), **facts) for number, (x, y) in enumerate(places)]


def utm_item(number: int | str, x: float, y: float, size: int = 64, zone: str = "EPSG:32633", **facts: Any) -> Item:
    """A square item of `size` pixels of 10 m whose upper left corner is given in UTM metres."""
    return item(number, grid=Grid(zone, (10.0, 0.0, x, 0.0, -10.0, y), size, size), **facts)
