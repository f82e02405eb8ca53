"""Shapes and boxes of one image out of COCO JSON: polygons, run lengths (plain or compressed), boxes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ontology.errors import RasterError
from training.layouts.features import Scheme, Shape, Shapes, mended

_MOST_PIXELS = 1 << 28


class CocoFile:
    """Annotations by image.

    Args:
        found: the parsed file.
        where: named in errors.

    Raises:
        RasterError: it is no COCO.
    """

    def __init__(self, found: Mapping[str, Any], where: str) -> None:
        images, annotations = found.get("images"), found.get("annotations")
        if not isinstance(images, list) or not isinstance(annotations, list):
            raise RasterError(f"{where} is no COCO: it has no images and annotations.", "Give GeoJSON or COCO.")
        self._where = where
        self._images: dict[str, list[Mapping[str, Any]]] = {}
        for one in images:
            if isinstance(one, dict) and "id" in one:
                self._images.setdefault(_stem(str(one.get("file_name", ""))), []).append(one)
        self._annotations: dict[str, list[Mapping[str, Any]]] = {}
        for one in annotations:
            if isinstance(one, dict):
                self._annotations.setdefault(str(one.get("image_id")), []).append(one)
        named = [one for one in found.get("categories") or [] if isinstance(one, dict)]
        self._categories = {str(one.get("id")): one.get("name") for one in named}

    def image(self, href: str) -> Mapping[str, Any] | None:
        """The entry of an image, by the end of its path; the only one, where there is only one."""
        found = self._images.get(_stem(href), [])
        if len(found) > 1:
            longest = [one for one in found if _without_suffix(href).endswith(_without_suffix(str(one["file_name"])))]
            found = longest or found
        if found:
            return found[0]
        every = [one for each in self._images.values() for one in each]
        return every[0] if len(every) == 1 else None

    def shapes(self, href: str, scheme: Scheme) -> Shapes:
        """The annotations of an image in its pixels.

        Raises:
            RasterError: the file does not name the image.
        """
        image = self.image(href)
        if image is None:
            raise RasterError(
                f"{self._where} does not name {href[-200:]}.", "Its `file_name` must end as the path does."
            )
        out = Shapes([], "")
        for number, one in enumerate(self._annotations.get(str(image["id"]), [])):
            what = f"Annotation {one.get('id', number)}"
            box = _box(one.get("bbox"))
            geometry = self._geometry(one.get("segmentation"), box, what, out)
            if geometry is None:
                continue
            category = one.get("category_id")
            name = self._categories.get(str(category))
            value = scheme.value(name) if name is not None else scheme.value(category)
            if value is None and name is not None and not scheme.values:
                value = scheme.value(category)
            if value is None:
                out.unknown[str(name if name is not None else category)[:80]] += 1
            out.shapes.append(Shape(geometry, value, bool(one.get("iscrowd"))))
        return out

    @staticmethod
    def _geometry(
        found: object, box: tuple[float, float, float, float] | None, what: str, out: Shapes
    ) -> BaseGeometry | None:
        try:
            if isinstance(found, list) and found:
                return mended(_polygons(found), what, out)
            if isinstance(found, dict) and found.get("counts"):
                return mended(_from_runs(found), what, out)
        except (ValueError, TypeError, KeyError, IndexError, shapely.errors.ShapelyError) as error:
            out.problems.append(f"{what} has no usable segmentation: {str(error)[:100]}.")
        if box is None:
            out.problems.append(f"{what} has neither segmentation nor box.")
            return None
        return shapely.box(*box)


def _stem(path: str) -> str:
    return _without_suffix(path.replace("\\", "/").rsplit("/", 1)[-1])


def _without_suffix(path: str) -> str:
    folder, _, name = path.replace("\\", "/").rpartition("/")
    return f"{folder}/{name.rpartition('.')[0] or name}"


def _box(found: object) -> tuple[float, float, float, float] | None:
    """(left, top, right, bottom) of x, y, width, height."""
    if not isinstance(found, list) or len(found) != 4:
        return None
    try:
        x, y, width, height = (float(one) for one in found)
    except (TypeError, ValueError):
        return None
    good = all(map(math.isfinite, (x, y, width, height))) and width > 0 and height > 0
    return (x, y, x + width, y + height) if good else None


def _polygons(found: Sequence[Any]) -> BaseGeometry:
    rings = [found] if not isinstance(found[0], list) else found
    parts = [shapely.Polygon([*zip(one[::2], one[1::2], strict=True)]) for one in rings if len(one) >= 6]
    # the pieces of one thing that something else hides in part
    return shapely.make_valid(shapely.union_all([shapely.make_valid(one) for one in parts]))


def _from_runs(found: Mapping[str, Any]) -> BaseGeometry:
    """The pixels of run lengths (columns first) as a shape made of a rectangle for each run."""
    height, width = (int(one) for one in found["size"])
    counts = found["counts"]
    runs = _unpacked(counts) if isinstance(counts, str) else [int(one) for one in counts]
    if height <= 0 or width <= 0 or height * width > _MOST_PIXELS or min(runs) < 0 or sum(runs) > height * width:
        raise ValueError("its runs do not fit its size")
    ends = np.cumsum(runs)
    boxes = []
    for start, end in zip(ends[0::2].tolist(), ends[1::2].tolist(), strict=False):
        while start < end:
            column, row = divmod(start, height)
            stop = min(end, (column + 1) * height)
            boxes.append((column, row, column + 1, row + stop - start))
            start = stop
    if not boxes:
        return shapely.Polygon()
    return shapely.union_all(shapely.box(*np.asarray(boxes, np.float64).T))


def _unpacked(text: str) -> list[int]:
    """Run lengths of COCO's compressed form: 5 bits a character; from the fourth on relative to the last but one."""
    runs: list[int] = []
    at = 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            piece = ord(text[at]) - 48
            if not 0 <= piece < 64 or shift > 60:
                raise ValueError("its runs are malformed")
            value |= (piece & 31) << shift
            more = bool(piece & 32)
            at, shift = at + 1, shift + 5
            if not more and piece & 16:
                value |= -1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    return runs
