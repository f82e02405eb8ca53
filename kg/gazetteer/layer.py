"""One gazetteer file, open for reading: the packaged one, or the one that importers wrote."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.gazetteer.packed import NameIndex, PackedNames, TableNames, unpack_names
from kg.gazetteer.place import STEM, Place, canonical_kind, circle_bbox, city_radius_km
from kg.gazetteer.schema import COLUMNS, FORMAT
from ontology.errors import StoreError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# Areas of the first and second level have many local words for their kind.
_LEVELS = {"admin1": "state", "admin2": "county"}
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM place"


class Layer:
    """A file. Places are known by `ref`, the last part of their IRI (`country/AT`, `city/2761369`).

    Args:
        path: the SQLite file.

    Raises:
        StoreError: it is missing, damaged or of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._words: list[str] | None = None
        if not path.is_file():
            raise StoreError(f"The gazetteer {path.name} is missing.", "Install earthdex again: pip install earthdex.")
        try:
            self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            self.meta: dict[str, Any] = dict(
                self._db.execute("SELECT name, value FROM meta WHERE name IN ('format', 'attribution')")
            )
            if self.meta.get("format") != FORMAT:
                raise StoreError(
                    f"The gazetteer {path.name} has format {self.meta.get('format')}, this earthdex reads {FORMAT}.",
                    "Install earthdex again, or delete the imported file and add its sources again.",
                )
            packed = self._db.execute("SELECT 1 FROM meta WHERE name = 'firsts'").fetchone()
            self.names: NameIndex = PackedNames(self._db) if packed else TableNames(self._db)
        except (sqlite3.Error, zlib.error) as error:
            raise StoreError(
                f"The gazetteer {path.name} is damaged: {error}.",
                "Install earthdex again, or delete the imported file and add its sources again.",
            ) from error

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def place(self, number: int) -> Place | None:
        """The place of a row."""
        row = self._db.execute(f"{_SELECT} WHERE id = ?", (number,)).fetchone()
        return _made(row) if row else None

    def number(self, ref: str) -> int | None:
        """The row of a reference."""
        ref = ref.encode("utf-8", "replace").decode()
        row = self._db.execute("SELECT id FROM place WHERE ref = ?", (ref,)).fetchone()
        if row is None and ref.startswith("city/") and ref[5:].isdecimal() and len(ref) < 20:
            row = self._db.execute("SELECT id FROM place WHERE id = ? AND ref IS NULL", (int(ref[5:]),)).fetchone()
        return int(row[0]) if row else None

    def geometry(self, number: int) -> BaseGeometry | None:
        """The stored outline; None where there is only a point or a circle."""
        blob = self._outline(number)
        if blob is None:
            return None
        from kg.gazetteer.codec import decode

        return decode(blob)

    def wkt(self, number: int) -> str | None:
        """The stored outline as WKT with four decimals."""
        blob = self._outline(number)
        if blob is None:
            return None
        from kg.gazetteer.codec import decode_wkt

        return decode_wkt(blob)

    def _outline(self, number: int) -> bytes | None:
        row = self._db.execute("SELECT data FROM geometry WHERE place = ?", (number,)).fetchone()
        return row[0] if row else None

    def alternates(self, number: int) -> list[str]:
        """Other names as they are written."""
        row = self._db.execute("SELECT names FROM alternate WHERE place = ?", (number,)).fetchone()
        return unpack_names(row[0]) if row else []

    def parents(self, number: int) -> list[str]:
        """References of the places that hold it."""
        sql = """SELECT place.ref FROM parent JOIN place ON place.id = parent.parent WHERE child = ?
                 UNION SELECT ref FROM holder WHERE child = ?"""
        return [row[0] for row in self._db.execute(sql, (number, number)) if row[0]]

    def neighbours(self, number: int) -> list[str]:
        """References of the areas that touch it."""
        sql = "SELECT place.ref FROM neighbour JOIN place ON place.id = other WHERE place = ? AND ref IS NOT NULL"
        return [row[0] for row in self._db.execute(sql.replace("WHERE place", "WHERE neighbour.place"), (number,))]

    def coded(self, code: str) -> int | None:
        """The row of an outside identifier: `gn:2770542` (GeoNames) or `iso:AT-3` (ISO 3166-2)."""
        row = self._db.execute("SELECT place FROM code WHERE code = ?", (code,)).fetchone()
        return int(row[0]) if row else None

    def fuzzy_keys(self, first: str, size: int) -> list[str]:
        """Keys of names with this first letter and length that misspelt names are compared with."""
        row = self._db.execute("SELECT keys FROM fuzzy WHERE first = ? AND size = ?", (first, size)).fetchone()
        return zlib.decompress(row[0]).decode().split("\n") if row else []

    def words(self) -> list[str]:
        """What the tables call the kinds."""
        if self._words is None:
            self._words = [row[0] for row in self._db.execute("SELECT DISTINCT kind FROM place")]
        return self._words

    def of_words(self, words: list[str], country: str | None = None) -> Iterator[Place]:
        """Places whose kind has one of these words, the most important first."""
        if not words:
            return
        marks = ",".join("?" * len(words))
        where, values = f"kind IN ({marks})", [*words]
        if country is not None:
            where, values = where + " AND country = ?", [*words, country]
        rows = self._db.execute(f"{_SELECT} WHERE {where} ORDER BY importance DESC, id", values).fetchall()
        yield from map(_made, rows)

    def refs(self, with_cities: bool, large: int | None = None) -> Iterator[str]:
        """All references; without other cities still capitals and those of `large` inhabitants, where it is given."""
        sql = "SELECT ref, id FROM place"
        if not with_cities:
            sql += " WHERE (ref IS NOT NULL AND kind != 'city')"
            sql += "" if large is None else f" OR (kind = 'city' AND (capital OR population >= {large:d}))"
        for ref, number in self._db.execute(sql).fetchall():
            yield ref or f"city/{number}"

    def meeting(self, west: float, south: float, east: float, north: float, large: int) -> Iterator[Place]:
        """Places whose box meets a box in degrees (west <= east); of cities only capitals and those of `large` people.

        A circle that stands for a city is taken as half a degree wide at most; boxes across the antimeridian always
        meet.
        """
        left, low, right, high = (round(one * 1e5) for one in (west, south, east, north))
        sql = (
            f"{_SELECT} WHERE ((ref IS NOT NULL AND kind != 'city') OR (kind = 'city' AND (capital OR population >= "
            "?)))"
            " AND ((west IS NULL AND lat BETWEEN ? AND ? AND lon BETWEEN ? AND ?)"
            " OR (west > east AND south <= ? AND north >= ?)"
            " OR (west <= ? AND east >= ? AND south <= ? AND north >= ?))"
        )
        wide = 100_000
        around = (low - wide, high + wide, left - wide, right + wide)
        values = (large, *around, high, low, right, left, high, low)
        yield from map(_made, self._db.execute(sql, values).fetchall())


def _made(row: tuple[Any, ...]) -> Place:
    (number, ref, name, kind, lon, lat, west, south, east, north, country, admin1, population, area, elevation, length,
     depth, radius, importance, capital, approximate) = row  # fmt: skip
    lon, lat = lon / 1e5, lat / 1e5
    if kind == "city" and radius is None:
        radius = city_radius_km(population)
    bbox = circle_bbox(lon, lat, radius or 1.0) if west is None else (west / 1e5, south / 1e5, east / 1e5, north / 1e5)
    level = _LEVELS.get((ref or "").partition("/")[0]) or canonical_kind(kind)
    return Place(
        STEM + (ref or f"city/{number}"), name, level, kind, lon, lat, bbox, country or None,
        f"{country}.{admin1}" if country and admin1 else None, population, area, elevation, length, depth, radius,
        importance, bool(capital), bool(approximate),
    )  # fmt: skip
