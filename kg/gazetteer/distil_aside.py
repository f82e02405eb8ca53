"""A second process for the parts of the distilling that nothing else waits for.

What cannot be done aside - one core only, a platform without semaphores, a process that dies - is done in place when
its result is asked for, so that the outcome never depends on it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pickle import PicklingError
from types import TracebackType
from typing import Any, TypeVar

from shapely.geometry.base import BaseGeometry

from kg.gazetteer.codec import decode, encode
from kg.gazetteer.distil_shapes import areas_from_towns, snap

A = TypeVar("A")
B = TypeVar("B")


class Aside:
    """One helping process; use it with `with`."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        if (os.cpu_count() or 1) < 2:
            return
        # Forking is quick and needs no import of the caller's main module; elsewhere than on Linux it is not safe.
        way = "fork" if sys.platform == "linux" else "spawn"
        try:
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context(way))
        except (ImportError, OSError, NotImplementedError, ValueError):
            self._pool = None

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def start(self, function: Callable[[A], B], items: Sequence[A]) -> Callable[[], list[B]]:
        """Begins to apply a function to each item; call what it returns for the results, in order.

        Args:
            function: of a module that can be imported, for it is sent by name.
            items: the arguments, one each.
        """
        future: Future[list[B]] | None = None
        if self._pool is not None:
            try:
                future = self._pool.submit(each, function, items)
            except (OSError, RuntimeError):
                self._pool = None

        def results() -> list[B]:
            if future is not None:
                try:
                    return future.result()
                except (BrokenProcessPool, PicklingError, OSError):
                    self._pool = None
            return each(function, items)

        return results


def each(function: Callable[[A], B], items: Sequence[A]) -> list[B]:
    """The function's results."""
    return [function(one) for one in items]


def provinces(task: tuple[BaseGeometry, dict[str, list[tuple[float, float]]], float]) -> dict[str, BaseGeometry]:
    """`areas_from_towns` of (country, towns by province, tolerance).

    The caller puts them on the grid of the file: on the way between processes a geometry loses its precision model.
    """
    return areas_from_towns(*task)


def stored(shape: Any) -> bytes:  # noqa: ANN401 - a geometry
    """The blob of a shape that is still valid on the grid of the file."""
    blob = encode(shape)
    return blob if not shape.area or decode(blob).is_valid else encode(snap(shape))
