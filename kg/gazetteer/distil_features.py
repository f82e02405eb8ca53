"""The tables of physical features and usual regions (`catalogue/places/*.yaml`): read strictly, turned into shapes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
import yaml
from shapely.geometry.base import BaseGeometry

from kg.gazetteer.circles import circle
from kg.gazetteer.distil_shapes import (
    Land,
    area_km2,
    as_area,
    ellipse,
    part_with,
    polygons_of,
    span_box,
    union,
    within_world,
)

WATER = frozenset({"sea", "ocean", "gulf", "bay", "strait", "channel", "fjord", "sound", "lagoon", "bight"})
ISLANDS = frozenset({"island", "islands", "archipelago", "atoll"})
REGIONS = frozenset({"region", "country group", "historical region", "cultural region"})
PARTS = ("north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest")
_NUMBERS = ("elevation_m", "area_km2", "length_km", "depth_m", "population", "radius_km", "discharge_m3s")
_KEYS = {"name", "alias", "kind", "lon", "lat", "bbox", "course", "outline", "country", "of", "part", "source", "clip",
         "importance", *_NUMBERS}  # fmt: skip


class TableError(ValueError):
    """A row of a place table is wrong; the message names file and row."""


@dataclass(frozen=True)
class Feature:
    """One row of a table, checked."""

    name: str
    kind: str
    where: str
    alias: tuple[str, ...] = ()
    point: tuple[float, float] | None = None
    bbox: tuple[float, float, float, float] | None = None
    course: tuple[tuple[float, float], ...] = ()
    outline: tuple[tuple[float, float], ...] = ()
    country: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    part: str | None = None
    clip: bool = True
    numbers: dict[str, float] = field(default_factory=dict)

    @property
    def is_circle(self) -> bool:
        """Whether a point and a radius are all that is known of its extent."""
        return self.point is not None and not (self.bbox or self.course or self.outline or self.of)


def read_tables(folder: Path, countries: frozenset[str]) -> list[Feature]:
    """All rows of all tables of a folder.

    Args:
        folder: holds `<kind>.yaml` files, each a list of mappings.
        countries: the ISO 3166 codes there are.

    Raises:
        TableError: a row is wrong; file, row and remedy are named.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[Feature] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            rows = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
        except yaml.YAMLError as error:
            raise TableError(f"{path.name}: not YAML: {error}") from error
        if not isinstance(rows, list):
            raise TableError(f"{path.name}: a table is a list of mappings, one place each")
        for number, row in enumerate(rows, 1):
            found.append(_read_row(row, f"{path.name} row {number}", countries))
    return found


def _read_row(row: object, where: str, countries: frozenset[str]) -> Feature:
    def fail(message: str) -> TableError:
        name = row.get("name", "") if isinstance(row, dict) else ""
        return TableError(f"{where} ({name}): {message}")

    if not isinstance(row, dict):
        raise fail("a row is a mapping with at least name and kind")
    if unknown := sorted(set(map(str, row)) - _KEYS):
        raise fail(f"unknown key {', '.join(unknown)}; allowed are {', '.join(sorted(_KEYS))}")

    fields: dict[Any, Any] = row

    def text(key: str) -> str:
        value = fields.get(key)
        if not isinstance(value, str) or not value.strip():
            raise fail(f"{key} must be text (quote words that YAML reads as something else, such as No)")
        return value.strip()

    def texts(key: str) -> tuple[str, ...]:
        value = fields.get(key) or []
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise fail(f"{key} must be a list of texts (quote NO)")
        return tuple(one.strip() for one in value)

    def number(value: object, low: float, high: float, what: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise fail(f"{what} must be a number from {low} to {high}, not {value!r}")
        return float(value)

    def line(key: str) -> tuple[tuple[float, float], ...]:
        value = fields.get(key) or []
        if not isinstance(value, list) or (value and len(value) < (3 if key == "outline" else 2)):
            raise fail(f"{key} must be a list of [lon, lat]")
        out = []
        for point in value:
            if not isinstance(point, list) or len(point) != 2:
                raise fail(f"{key} must be a list of [lon, lat], not {point!r}")
            out.append((number(point[0], -180, 360, "longitude"), number(point[1], -90, 90, "latitude")))
        return tuple(out)

    bbox = None
    if fields.get("bbox") is not None:
        raw = fields["bbox"]
        if not isinstance(raw, list) or len(raw) != 4:
            raise fail("bbox must be [west, south, east, north]")
        west, south, east, north = (
            number(v, *limits, "bbox") for v, limits in zip(raw, [(-180, 180), (-90, 90)] * 2, strict=True)
        )
        if south >= north or west == east:
            raise fail("bbox must be [west, south, east, north] with south < north")
        bbox = (west, south, east, north)
    point = None
    if "lon" in fields or "lat" in fields:
        point = (number(fields.get("lon"), -180, 180, "lon"), number(fields.get("lat"), -90, 90, "lat"))
    country = texts("country")
    if wrong := [code for code in country if code not in countries]:
        raise fail(f"country {', '.join(wrong)}: use ISO 3166 two-letter codes")
    part = fields.get("part")
    if part is not None and part not in PARTS:
        raise fail(f"part must be one of {', '.join(PARTS)}")
    of = texts("of")
    if not (bbox or point or fields.get("course") or fields.get("outline") or of):
        raise fail("where is it? Give lon and lat, bbox, course, outline or of")
    limits = {"elevation_m": (-11000.0, 9000.0), "depth_m": (0.0, 12000.0), "radius_km": (0.05, 5000.0)}
    numbers = {}
    for name in _NUMBERS:
        if fields.get(name) is not None:
            low, high = limits.get(name, (0.0, 2e10))
            numbers[name] = number(fields[name], low, high, name)
    return Feature(
        name=text("name"), kind=text("kind").lower().replace("_", " "), where=where, alias=texts("alias"), point=point,
        bbox=bbox, course=line("course"), outline=line("outline"), country=country, of=of, part=part,
        clip=bool(fields.get("clip", True)), numbers=numbers,
    )  # fmt: skip


def shape_of(
    feature: Feature,
    land: Land,
    countries: dict[str, BaseGeometry],
    place: Callable[[str, str], BaseGeometry],
) -> tuple[BaseGeometry, bool]:
    """The shape of a feature, and whether it is approximate.

    Islands take their coast from the land; seas and gulfs are the water of their box that is connected with their
    point; lakes and ranges with a box alone become the ellipse in it; parks and regions are cut to their countries.

    Args:
        feature: the row.
        land: all land, with islands as separate polygons.
        countries: shapes by ISO 3166 code.
        place: gives the shape of another place by the reference used in `of`; its second argument names the row.

    Raises:
        TableError: `of` names no place, or nothing is left of the shape.
    """
    if feature.of:
        whole = union([place(reference, feature.where) for reference in feature.of])
        shape = cut_part(whole, feature.part) if feature.part else whole
        return shape, feature.part is not None
    if feature.outline:
        shape = as_area(shapely.make_valid(within_world(shapely.Polygon(feature.outline).buffer(0))))
        if feature.kind in WATER:  # a rough outline may run over the coast: the sea ends there
            wet = land.outside(shape)
            shape = wet if wet.area > 0.4 * shape.area else shape  # the coast knows no lagoons
        return (shape if shape.area else span_box(*shapely.Polygon(feature.outline).bounds)), False
    if feature.course:
        return within_world(shapely.LineString(_continuous(feature.course))), False
    if feature.kind in ISLANDS:
        found = _coast(feature, land)
        if found is not None:
            return found, False
    if feature.bbox is None:
        if feature.point is None:
            raise TableError(f"{feature.where} ({feature.name}): no shape can be made of it")
        return circle(*feature.point, radius_of(feature)), True
    if feature.kind in WATER:
        return _water(feature, land), True
    if feature.kind in {"lake", "reservoir", "mountain range", "desert", "valley", "glacier", "ice cap", "plateau"}:
        return ellipse(*feature.bbox), True
    shape = span_box(*feature.bbox)
    if feature.country and feature.clip:
        inside = as_area(
            shapely.make_valid(shape.intersection(union([countries[c] for c in feature.country if c in countries])))
        )
        if not inside.is_empty:
            return inside, True
    return shape, True


def radius_of(feature: Feature) -> float:
    """The radius of the circle that stands for a feature without an outline, in kilometres."""
    radius = feature.numbers.get("radius_km")
    if radius is None:
        area = feature.numbers.get("area_km2")
        radius = math.sqrt(area / math.pi) if area else 5.0
    return round(radius, 3)


def _continuous(course: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    out = [course[0]]
    for lon, lat in course[1:]:
        turns = round((out[-1][0] - lon) / 360)
        out.append((lon + 360 * turns, lat))
    return out


def _coast(feature: Feature, land: Land) -> BaseGeometry | None:
    """The coast of an island or group, where the land has it in about the right size."""
    window = span_box(*feature.bbox) if feature.bbox else None
    if feature.kind == "island":
        if feature.point is None:
            return None
        found = land.at(*feature.point, reach=0.05)
        if found is None:
            return None
        size = area_km2(found)
        stated = feature.numbers.get("area_km2") or (area_km2(window) * 0.5 if window is not None else None)
        if stated is None:
            radius = feature.numbers.get("radius_km")
            stated = math.pi * radius**2 if radius else None
        if stated is not None and not stated / 5 <= size <= stated * 5:
            return None
        return found
    if window is None:
        if feature.point is None or "radius_km" not in feature.numbers:
            return None
        window = circle(*feature.point, feature.numbers["radius_km"])
    shapely.prepare(window)
    inside = [part for part in land.within(window) if window.contains(shapely.Point(part.representative_point()))
              and part.area < 1.5 * window.area]  # fmt: skip
    return union(inside) if inside else None


def _water(feature: Feature, land: Land) -> BaseGeometry:
    """The water of a box that is connected with the feature's point, or with its largest part."""
    window = span_box(*(feature.bbox or (-180.0, -90.0, 180.0, 90.0)))
    water = land.outside(window)
    if water.is_empty:
        return window
    if feature.point is not None and len(polygons_of(window)) == 1:
        part = part_with(polygons_of(water), *feature.point, reach=1.0)
        if part is not None and part.area > 0.1 * max(p.area for p in polygons_of(water)):
            return part
    return as_area(shapely.MultiPolygon([p for p in polygons_of(water) if p.area > 0.02 * water.area]))


def cut_part(shape: BaseGeometry, part: str) -> BaseGeometry:
    """The northern, eastern ... part of a shape: the half of its box, or the middle third for `central`."""
    largest = max(polygons_of(shape), key=lambda one: one.area)
    west, south, east, north = largest.bounds
    whole_west, whole_south, whole_east, whole_north = shape.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    if part == "central":
        third = (north - south) / 3
        window = shapely.box(whole_west, south + third, whole_east, north - third)
    else:
        window = shapely.box(
            middle_x if "east" in part else whole_west,
            middle_y if "north" in part else whole_south,
            middle_x if "west" in part else whole_east,
            middle_y if "south" in part else whole_north,
        )
    return as_area(shapely.make_valid(shape.intersection(window)))
