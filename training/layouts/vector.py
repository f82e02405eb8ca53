"""Vector labels on a chip's pixels: polygons burnt into a window, boxes in its coordinates."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
import shapely.affinity
from rasterio.features import rasterize
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

from ontology.errors import RasterError
from training.distributions import LabelClass
from training.layouts.coco import CocoFile
from training.layouts.features import MOST_BYTES, Scheme, Shape, Shapes, geojson_shapes, parse_json, summary
from training.types import Bytes, Grid

Boxes = npt.NDArray[np.float32]

_LONGEST = 0.05  # degrees: longer edges get points between, so that they bend as the other CRS has it
_KEPT = 256  # images
_KEPT_FILES = 16


class VectorLabels:
    """The labels of one image.

    Args:
        shapes: as read from a file.
        source: grid of the image that pixel coordinates (COCO) are of; not needed for GeoJSON.
        background: class value of the scheme for what no shape covers; None where that is not labelled.
    """

    def __init__(self, shapes: Shapes, source: Grid | None = None, background: int | None = None) -> None:
        self._shapes, self._source, self._background = shapes, source, background
        self._lock = threading.Lock()
        self._placed: OrderedDict[str, tuple[list[Shape], shapely.STRtree]] = OrderedDict()

    @property
    def unknown(self) -> Counter[str]:
        """Labels that the scheme does not have, and how many shapes have them."""
        return self._shapes.unknown

    @property
    def problems(self) -> list[str]:
        """What was mended, left out or is not labelled, in sentences."""
        return [*self._shapes.problems, *summary(self._shapes.unknown)]

    def mask(
        self,
        grid: Grid,
        row: int,
        column: int,
        height: int,
        width: int,
        *,
        ignore: int = 255,
        all_touched: bool = False,
        dtype: npt.DTypeLike = np.uint8,
    ) -> npt.NDArray[Any]:
        """Class values of a window.

        A pixel belongs to a shape when its centre does, or with `all_touched` when any part of it does. Later shapes
        lie on top. Where a shape's class is missing or not in the scheme, or many things are told as one, it is
        `ignore`; outside all shapes it is the scheme's class "background", or else `ignore`.

        Args:
            grid: that rows and columns are of.
            row: of the window.
            column: of the window.
            height: of the window in pixels.
            width: of the window in pixels.
            ignore: value where nothing is labelled.
            all_touched: whether edges count.
            dtype: of the result.

        Raises:
            RasterError: the CRS of the labels and of the grid do not go together.
        """
        outside = ignore if self._background is None else self._background
        out = np.full((height, width), outside, dtype)
        found = self._within(grid, row, column, height, width)
        burnt = [
            (one.geometry, ignore if one.value is None or one.crowd else one.value)
            for one in found
            if not one.geometry.is_empty
        ]
        if burnt:
            rasterize(burnt, out=out, transform=_window_transform(grid, row, column), all_touched=all_touched)
        return out

    def boxes(self, grid: Grid, row: int, column: int, height: int, width: int, *, visible: float = 0.1) -> Boxes:
        """Boxes of a window: (k, 5) left, top, right, bottom in its pixels, class value.

        Boxes are cut at the window's edge; those of which less than `visible` is left, and those without a class of
        the scheme, are left out.

        Args:
            grid: that rows and columns are of.
            row: of the window.
            column: of the window.
            height: of the window in pixels.
            width: of the window in pixels.
            visible: least share of a box's area.

        Raises:
            RasterError: the CRS of the labels and of the grid do not go together.
        """
        back = ~_window_transform(grid, row, column)
        found = []
        for one in self._within(grid, row, column, height, width):
            if one.value is None or one.crowd:
                continue
            x, y = back @ shapely.get_coordinates(one.geometry).T
            left, top, right, bottom = x.min(), y.min(), x.max(), y.max()
            cut = (max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height)))
            area, whole = (cut[2] - cut[0]) * (cut[3] - cut[1]), (right - left) * (bottom - top)
            if cut[2] > cut[0] and cut[3] > cut[1] and area >= visible * whole:
                found.append((*cut, float(one.value)))
        return np.asarray(found, np.float32).reshape(-1, 5)

    def _within(self, grid: Grid, row: int, column: int, height: int, width: int) -> list[Shape]:
        """The shapes that touch a window, in the order of the file, in the grid's CRS."""
        shapes, tree = self._in(grid)
        corners = [(column, row), (column + width, row), (column + width, row + height), (column, row + height)]
        transform = Affine(*grid.transform)
        window = shapely.Polygon([transform @ one for one in corners])
        return [shapes[number] for number in sorted(tree.query(window, predicate="intersects").tolist())]

    def _in(self, grid: Grid) -> tuple[list[Shape], shapely.STRtree]:
        with self._lock:
            key = grid.crs if self._shapes.crs or self._source else repr(grid)
            found = self._placed.get(key)
            if found is None:
                shapes = self._moved(grid)
                found = self._placed[key] = shapes, shapely.STRtree([one.geometry for one in shapes])
                while len(self._placed) > _KEPT:
                    self._placed.popitem(last=False)
            return found

    def _moved(self, grid: Grid) -> list[Shape]:
        """All shapes in the CRS of a grid."""
        shapes, crs = self._shapes.shapes, self._shapes.crs
        geometries = [one.geometry for one in shapes]
        if not crs:
            source = self._source or grid
            a, b, c, d, e, f = source.transform
            geometries = [shapely.affinity.affine_transform(one, [a, b, d, e, c, f]) for one in geometries]
            crs = source.crs
        if crs and grid.crs and crs != grid.crs:
            geometries = _reprojected(geometries, crs, grid.crs)
        return [Shape(one, old.value, old.crowd) for one, old in zip(geometries, shapes, strict=True)]


def _window_transform(grid: Grid, row: int, column: int) -> Affine:
    return Affine(*grid.transform) @ Affine.translation(column, row)


def _reprojected(geometries: Sequence[BaseGeometry], crs: str, other: str) -> list[BaseGeometry]:
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    try:
        known = CRS.from_user_input(crs)
        move = Transformer.from_crs(known, CRS.from_user_input(other), always_xy=True)
    except ProjError as error:
        raise RasterError(f"Labels in {crs[:60]} cannot be laid on {other[:60]}.", "Check both CRS.") from error

    def moved(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(move.transform(points[:, 0], points[:, 1]))

    out = []
    for one in geometries:
        dense = shapely.segmentize(one, _LONGEST) if known.is_geographic else one
        there = shapely.transform(dense, moved)
        # what lies beyond the reach of the projection has no place on the grid
        good = bool(np.isfinite(shapely.get_coordinates(there)).all())
        out.append(shapely.make_valid(there) if good else shapely.GeometryCollection())
    return out


class LabelFiles:
    """Labels of many images; a file that holds those of several is parsed once. May be shared by threads and pickled.

    Args:
        data: where bytes come from.
        classes: the scheme; whole numbers stand for themselves where it is empty.
        attribute: property of GeoJSON that tells the class; found when empty.
    """

    def __init__(self, data: Bytes, classes: Sequence[LabelClass], *, attribute: str = "") -> None:
        self._data, self._classes, self._attribute = data, tuple(classes), attribute
        self._scheme = Scheme(classes)
        self._lock = threading.Lock()
        self._files: OrderedDict[str, CocoFile | Shapes] = OrderedDict()
        self._labels: OrderedDict[tuple[str, str, Grid | None], VectorLabels] = OrderedDict()

    def __reduce__(self) -> tuple[Any, ...]:
        return _label_files, (self._data, self._classes, self._attribute)

    def of(self, href: str, *, image: str = "", source: Grid | None = None) -> VectorLabels:
        """The labels of one image.

        Args:
            href: of the GeoJSON or COCO file.
            image: href of the image, by which COCO finds its entry.
            source: grid of the image, which the pixels of COCO are of.

        Raises:
            FetchError: the file cannot be had.
            RasterError: it is neither, too large, or does not name the image.
        """
        key = (href, image, source)
        with self._lock:
            found = self._labels.get(key)
            if found is not None:
                self._labels.move_to_end(key)
                return found
            file = self._files.get(href)
            if file is None:
                file = self._files[href] = self._parsed(href)
                while len(self._files) > _KEPT_FILES:
                    self._files.popitem(last=False)
            shapes = file.shapes(image, self._scheme) if isinstance(file, CocoFile) else file
            made = self._labels[key] = VectorLabels(shapes, source, self._scheme.background)
            while len(self._labels) > _KEPT:
                self._labels.popitem(last=False)
            return made

    def _parsed(self, href: str) -> CocoFile | Shapes:
        size = self._data.size(href)
        if size > MOST_BYTES:
            raise RasterError(f"{href[-200:]} has {size:,} bytes of labels.", "Cut it into one file for each image.")
        found = parse_json(bytes(self._data.read(href)), href[-200:])
        if "annotations" in found and "images" in found:
            return CocoFile(found, href[-200:])
        return geojson_shapes(found, href[-200:], self._scheme, self._attribute)


def _label_files(data: Bytes, classes: Sequence[LabelClass], attribute: str) -> LabelFiles:
    return LabelFiles(data, classes, attribute=attribute)
