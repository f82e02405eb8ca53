"""Shapes with their classes out of GeoJSON and COCO, mended where they can be."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ontology.errors import RasterError
from training.distributions import LabelClass

MOST_BYTES = 1 << 30
_MOST_TOLD = 20
_ATTRIBUTES = (
    "class", "label", "classname", "classvalue", "classid", "category", "categoryname", "categoryid", "crop",
    "croptype", "landcover", "lulc", "type", "kind", "code", "value", "name",
)  # fmt: skip
_BACKGROUND = {"background", "other", "others", "nothing", "none", "nolabel", "no"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A labelled shape.

    Attributes:
        geometry: in the CRS of its file, or in pixels of its image (COCO).
        value: class value; None where it is missing or not in the scheme.
        crowd: whether it stands for many things at once, which count as not labelled.
    """

    geometry: BaseGeometry
    value: int | None
    crowd: bool = False


@dataclass(slots=True)
class Shapes:
    """What a file of labels holds.

    Attributes:
        shapes: in the order of the file; later ones lie on top.
        crs: of the coordinates, `EPSG:4326` with longitude first for GeoJSON; empty for pixels.
        unknown: labels that the scheme does not have, and how often they occur.
        problems: what was mended or left out, in sentences.
    """

    shapes: list[Shape]
    crs: str
    unknown: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def plain(text: object) -> str:
    """A name without case, spaces and marks."""
    return re.sub(r"[^\w]|_", "", str(text)).casefold()


class Scheme:
    """Labels of any spelling as class values.

    Args:
        classes: the scheme; whole numbers stand for themselves where it is empty.
    """

    def __init__(self, classes: Sequence[LabelClass]) -> None:
        self._names = {plain(one.name): one.value for one in classes}
        self._names |= {plain(one.iri.rsplit("/", 1)[-1]): one.value for one in classes if one.iri}
        self.values = {one.value for one in classes}
        self.background = next((one.value for one in classes if plain(one.name) in _BACKGROUND), None)

    def value(self, label: object) -> int | None:
        """The class value of a name or number; None where there is none, or the scheme does not have it."""
        if label is None or isinstance(label, (bool, dict, list)):
            return None
        named = self._names.get(plain(label)) if plain(label) else None
        if named is not None:
            return named
        try:
            number = float(str(label))
        except ValueError:
            return None
        if not math.isfinite(number) or number != int(number) or abs(number) > 32_767:
            return None
        return int(number) if not self.values or int(number) in self.values else None


def parse_json(content: bytes, where: str) -> dict[str, Any]:
    """A JSON object from outside.

    Raises:
        RasterError: it is none, or nested without end.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RasterError(f"{where} is not JSON: {str(error)[:200]}.", "Labels are GeoJSON or COCO.") from error
    if not isinstance(found, dict):
        raise RasterError(f"{where} holds no JSON object.", "Labels are GeoJSON or COCO.")
    return found


def geojson_shapes(found: Mapping[str, Any], where: str, scheme: Scheme, attribute: str = "") -> Shapes:
    """The features of a GeoJSON (RFC 7946, and the `crs` of its 2008 form).

    Args:
        found: the parsed file.
        where: named in errors.
        scheme: of classes.
        attribute: property that tells the class; found by its name and values when empty.

    Raises:
        RasterError: it is no GeoJSON, or no feature has that property.
    """
    kind = found.get("type")
    features = found.get("features") if kind == "FeatureCollection" else [found] if kind == "Feature" else None
    if features is None and "coordinates" in found:
        features = [{"type": "Feature", "properties": {}, "geometry": found}]
    if not isinstance(features, list):
        raise RasterError(f"{where} is no GeoJSON.", "Give a FeatureCollection.")
    features = [one for one in features if isinstance(one, dict)]
    properties = [one["properties"] if isinstance(one.get("properties"), dict) else {} for one in features]
    attribute = _attribute(properties, scheme, attribute, where)
    out = Shapes([], _crs(found.get("crs")))
    for number, (feature, known) in enumerate(zip(features, properties, strict=True)):
        label = known.get(attribute) if attribute else None
        geometry = _geometry(feature.get("geometry"), number, out)
        if geometry is not None:
            _take(out, scheme, label, geometry, alone=not attribute)
    return out


def _take(out: Shapes, scheme: Scheme, label: object, geometry: BaseGeometry, *, alone: bool) -> None:
    value = scheme.value(label)
    if value is None and alone and len(scheme.values - {scheme.background}) == 1:
        # shapes without attributes of a scheme of one class can only mean that class
        (value,) = scheme.values - {scheme.background}
    if value is None:
        out.unknown[str(label)[:80]] += 1
    out.shapes.append(Shape(geometry, value))


def _attribute(properties: Sequence[Mapping[str, Any]], scheme: Scheme, wanted: str, where: str) -> str:
    """The property whose values are classes."""
    names = Counter(str(name) for one in properties for name in one)
    if wanted:
        if wanted not in names and properties:
            raise RasterError(
                f"No feature of {where} has a property {wanted[:80]!r}.", f"They have: {', '.join(list(names)[:12])}."
            )
        return wanted

    def fits(name: str) -> tuple[int, int]:
        known = sum(scheme.value(one.get(name)) is not None for one in properties)
        place = _ATTRIBUTES.index(plain(name)) if plain(name) in _ATTRIBUTES else len(_ATTRIBUTES)
        # numbers of any meaning fit an open scheme: there the name alone decides
        return (known if scheme.values or place < len(_ATTRIBUTES) else 0), -place

    best = max(names, key=fits, default="")
    return best if best and fits(best)[0] else next((one for one in names if plain(one) in _ATTRIBUTES), "")


def _crs(told: object) -> str:
    """The CRS of a GeoJSON: longitude and latitude unless the old member `crs` says otherwise."""
    name = told.get("properties", {}).get("name", "") if isinstance(told, dict) else ""
    found = re.search(r"EPSG:{1,2}(?:[\d.]*:)?(\d{4,6})$", str(name), re.I)
    return f"EPSG:{found[1]}" if found else "EPSG:4326"


def _geometry(found: object, number: int, out: Shapes) -> BaseGeometry | None:
    """A geometry, mended; None where there is nothing of it."""
    if found is None:
        return None
    try:
        text = json.dumps(_closed(found))
        geometry = shapely.from_geojson(text)
    except (shapely.errors.ShapelyError, ValueError, TypeError, RecursionError) as error:
        _tell(out, f"Feature {number} has no usable geometry: {str(error)[:100]}.")
        return None
    return mended(geometry, f"Feature {number}", out)


def mended(geometry: BaseGeometry | None, what: str, out: Shapes) -> BaseGeometry | None:
    """A valid geometry of the same kind; None where nothing is left."""
    if geometry is None or geometry.is_empty:
        _tell(out, f"{what} is empty.")
        return None
    if not all(map(math.isfinite, geometry.bounds)):
        _tell(out, f"{what} has coordinates that are no numbers.")
        return None
    if geometry.is_valid:
        return geometry
    flat = geometry.geom_type in ("Polygon", "MultiPolygon")
    whole = shapely.make_valid(geometry)
    if flat and whole.geom_type not in ("Polygon", "MultiPolygon"):
        parts = [one for one in shapely.get_parts(whole) if one.geom_type in ("Polygon", "MultiPolygon")]
        whole = shapely.union_all(parts) if parts else shapely.Polygon()
    if whole.is_empty:
        _tell(out, f"{what} has no area.")
        return None
    _tell(out, f"{what} crossed itself and was mended.")
    return whole


def _closed(found: Any) -> Any:  # noqa: ANN401 - JSON
    """Rings that end where they began; those of fewer than three points are left out."""
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    kind, places = found.get("type"), found.get("coordinates")
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": [_closed(one) for one in found.get("geometries", [])]}
    if kind == "Polygon":
        places = _rings(places)
    elif kind == "MultiPolygon":
        places = [rings for one in places or [] if (rings := _rings(one))]
    return {"type": kind, "coordinates": places}


def _rings(found: Any) -> list[list[Any]]:  # noqa: ANN401 - JSON
    rings = []
    for number, ring in enumerate(found or []):
        places = [[float(one[0]), float(one[1])] for one in ring]
        if places and places[0] != places[-1]:
            places.append(places[0])
        if len(places) < 4:
            if number == 0:
                return []
            continue
        rings.append(places)
    return rings


def _tell(out: Shapes, problem: str) -> None:
    if len(out.problems) < _MOST_TOLD:
        out.problems.append(problem)


def summary(unknown: Mapping[str, int]) -> Iterable[str]:
    """Sentences on labels that the scheme does not have."""
    for label, count in sorted(unknown.items(), key=lambda one: -one[1])[:_MOST_TOLD]:
        yield f"{count:,} shapes have {'no class' if label == 'None' else f'the class {label!r}'}: not labelled."
