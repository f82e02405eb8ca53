"""Whether one place lies inside another: by the country and the chain of parents first, then by the outline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kg.gazetteer.place import Place

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


class Inside:
    """A place that others may lie in.

    Args:
        place: the outer place.
        shape: gives the outline of a reference.
        parents: gives the references that hold a reference.
    """

    def __init__(
        self, place: Place, shape: Callable[[str], BaseGeometry | None], parents: Callable[[str], list[str]]
    ) -> None:
        self.place = place
        self._shape = shape
        self._parents = parents
        self._area: BaseGeometry | None = None

    @property
    def country(self) -> str | None:
        """The ISO code where the outer place is a country."""
        return self.place.country if self.place.kind == "country" else None

    def holds(self, one: Place) -> bool:
        """Whether a place lies inside: features that reach over a border lie inside both countries."""
        outer = self.place
        if one.iri == outer.iri:
            return False
        if outer.kind == "planet":
            return True
        if outer.kind == "country" and one.country:
            return one.country == outer.country
        if outer.ref.startswith("admin1/") and one.admin1:
            return one.admin1 == outer.admin1
        if outer.ref in self._above(one.ref):
            return True
        if outer.kind == "country" and one.kind in ("country", "continent", "city", "state"):
            return False
        west, south, east, north = outer.bbox
        if not south <= one.lat <= north or (west <= east and not west <= one.lon <= east):
            return False
        if self._area is None:
            import shapely

            self._area = self._shape(outer.ref)
            if self._area is not None:
                shapely.prepare(self._area)
        from shapely import Point

        return self._area is not None and bool(self._area.intersects(Point(one.lon, one.lat)))

    def _above(self, ref: str) -> set[str]:
        seen: set[str] = set()
        waiting = [ref]
        while waiting:
            for parent in self._parents(waiting.pop()):
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return seen
