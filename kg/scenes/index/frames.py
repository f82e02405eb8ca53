"""What expressions are evaluated over: rows of a part, or the different values of one of its columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from kg.scenes.index.file import Array
from kg.scenes.index.part import Part, size_of
from kg.scenes.index.texts import Texts
from kg.scenes.index.vectors import Coded, NotHere, Vector
from kg.scenes.terms import (
    All,
    AnyOf,
    Apply,
    Boxes,
    Column,
    Compare,
    Const,
    Either,
    Figure,
    If,
    Known,
    Member,
    Not,
    NotNull,
    NotTrue,
    SceneIn,
    TextTest,
)
from ontology.namespaces import scene_stem

_MOST_TEXTS = 500_000  # rows of a part whose identifiers are written out


class Rows:
    """Rows of a part.

    Args:
        part: the index.
        rows: their numbers, or a slice with both ends.
    """

    def __init__(self, part: Part, rows: Any) -> None:  # noqa: ANN401
        self.part, self.rows = part, rows
        self.count = size_of(rows)

    def column(self, name: str) -> Vector:
        """The values of a column.

        Raises:
            NotHere: the index does not hold it, or it would have to write out too many texts.
        """
        if name == "geometry":
            return self._footprints()
        column = self.part.column(name)
        if isinstance(column, Coded):
            codes = column.take(self.rows, self.count)
            known = None if not column.counts[0] else codes > 0
            return Vector(column.kind, column.vector.data[codes], known)
        if isinstance(column, Texts):
            if self.count > _MOST_TEXTS:
                raise NotHere(name)
            data = np.empty(self.count, object)
            texts = column.take(self.rows)
            known = np.array([one is not None for one in texts], bool)
            data[:] = ["" if one is None else one for one in texts]
            return Vector("text", data, None if known.all() else known)
        return column.take(self.rows)

    def iris(self) -> Vector:
        """The IRIs of the scenes."""
        collections, ids = self.part.column("collection"), self.part.column("id")
        if self.count > _MOST_TEXTS or not isinstance(collections, Coded) or not isinstance(ids, Texts):
            raise NotHere("scene iri")
        stems = self.part.kept("stems", lambda: ["", *map(scene_stem, collections.vector.data[1:].tolist())])
        return Vector("text", *ids.iris(self.rows, collections.take(self.rows, self.count), stems))

    def _footprints(self) -> Vector:
        if self.count > _MOST_TEXTS:
            raise NotHere("geometry")
        data = np.empty(self.count, object)
        data[:] = self.part.footprints.wkb(self.rows)
        return Vector("footprint", data, self.part.footprints.known(self.rows))

    def known(self, name: str) -> Array:
        """Which rows have a value in a column."""
        if name == "geometry":
            return self.part.footprints.known(self.rows)
        column = self.part.column(name)
        if isinstance(column, Coded):
            return column.take(self.rows, self.count) > 0
        vector = self.column(name)
        return np.ones(self.count, bool) if vector.known is None else vector.known


class Values:
    """The different values of a coded column, by code: what a test says of each can be looked up for all rows."""

    def __init__(self, name: str, column: Coded) -> None:
        self._name, self._vector = name, column.vector
        self.count = len(self._vector.data)

    def column(self, name: str) -> Vector:
        """The values of the column itself."""
        if name != self._name:
            raise NotHere(name)
        return self._vector

    def known(self, name: str) -> Array:
        """Which values are known."""
        if name != self._name or self._vector.known is None:
            raise NotHere(name)
        return self._vector.known


Frame = Rows | Values


def columns_of(one: Any) -> frozenset[str]:  # noqa: ANN401 - any term
    """The columns that a term reads; the footprint's boxes as `bbox`, the scene's name as `scene`."""
    match one:
        case Column(name) | AnyOf(name, _) | Known(name) | Member(name):
            return frozenset((name,))
        case Const() | None:
            return frozenset()
        case Apply(name, args):
            return frozenset(("collection", "id")) if name == "scene iri" else _all(args)
        case If(test, first, other):
            return _all((test, first, other))
        case Compare(_, left, right) | TextTest(_, left, right):
            return _all((left, right))
        case SceneIn():
            return frozenset(("scene",))
        case NotNull(value) | Figure(_, value, _):
            return columns_of(value)
        case Boxes():
            return frozenset(("bbox",))
        case All(parts) | Either(parts):
            return _all(parts)
        case Not(part) | NotTrue(part):
            return columns_of(part)
    raise NotHere(type(one).__name__)


def _all(parts: Any) -> frozenset[str]:  # noqa: ANN401
    return frozenset().union(*map(columns_of, parts))
