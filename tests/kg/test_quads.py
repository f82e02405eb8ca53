"""What arithmetic says of quadrilaterals is what shapely says, wherever it says anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.scenes.index.cells import IN, OUT
from kg.scenes.index.nearby import circles, near
from kg.scenes.index.quads import Holding, Meeting, bounds_of
from kg.scenes.spatial import Spatial

GRID = st.integers(0, 12).map(lambda one: one / 4)
CORNER = st.tuples(GRID, GRID)
QUADS = st.lists(st.tuples(CORNER, CORNER, CORNER, CORNER), min_size=1, max_size=20).map(
    lambda one: one * (100 // len(one))
)
AREAS = (
    st.lists(CORNER, min_size=3, max_size=7)
    .map(lambda one: shapely.Polygon(one).buffer(0))
    .filter(lambda one: not one.is_empty)
)
BOXES = (
    st.tuples(GRID, GRID, GRID, GRID)
    .filter(lambda one: one[0] < one[2] and one[1] < one[3])
    .map(lambda one: shapely.box(*one))
)


def turned_corners(corners: Any) -> Any:
    """(n, 4, 2) as (8, n)."""
    return np.ascontiguousarray(corners.reshape(-1, 8).T)


def made(quads: Any) -> tuple[Any, Any]:
    """Corners and shapes of those that are valid."""
    corners = np.array(quads, float)
    shapes = shapely.polygons(np.concatenate([corners, corners[:, :1]], axis=1))
    valid = shapely.is_valid(shapes)
    return corners[valid], shapes[valid]


@settings(max_examples=300, deadline=None)
@given(QUADS, AREAS | BOXES)
def test_what_meets_an_area(quads: Any, area: Any) -> None:
    corners, shapes = made(quads)
    said = Meeting(area, area).said(turned_corners(corners))
    truth = shapely.intersects(area, shapes)
    assert truth[said == IN].all()
    assert not truth[said == OUT].any()


@settings(max_examples=300, deadline=None)
@given(QUADS, AREAS | BOXES)
def test_what_lies_in_an_area(quads: Any, area: Any) -> None:
    corners, shapes = made(quads)
    said = Holding(area).said(turned_corners(corners))
    truth = shapely.contains(area, shapes)
    assert truth[said == IN].all()
    assert not truth[said == OUT].any()


def test_quads_near_a_point_and_how_many_stay_open() -> None:
    rng = np.random.default_rng(5)
    one = Spatial("distance", shapely.Point(14.995, 37.748), 50_000.0)
    rings = circles(one)
    assert rings is not None
    centres = rng.uniform((13.5, 36.5), (16.5, 39.0), (3000, 2))[:, None]
    turned = rng.uniform(0, 2 * np.pi, (3000, 1)) + np.array([0, 1.5, 3.1, 4.7])
    corners = centres + np.stack([np.cos(turned), np.sin(turned)], axis=2) * rng.uniform(0.05, 0.8, (3000, 1, 1))
    shapes = shapely.polygons(np.concatenate([corners, corners[:, :1]], axis=1))
    said = Meeting(*rings).said(turned_corners(corners))
    truth = near(one, shapes)
    assert truth[said == IN].all()
    assert not truth[said == OUT].any()
    assert ((said != IN) & (said != OUT)).mean() < 0.02
    box = shapely.box(14.0, 37.0, 15.3, 38.1)
    said, truth = Meeting(box, box).said(turned_corners(corners)), shapely.intersects(box, shapes)
    assert truth[said == IN].all()
    assert not truth[said == OUT].any()
    assert ((said != IN) & (said != OUT)).mean() < 0.1


def test_bounds_of_whole_numbers_and_degrees() -> None:
    corners = np.array([[[0, 5], [7, 1], [3, 9], [-2, 4]]], np.int32)
    assert bounds_of(corners).tolist() == [[-2, 1, 7, 9]]
    assert bounds_of(corners / 2).tolist() == [[-1.0, 0.5, 3.5, 4.5]]
