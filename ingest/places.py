"""Importers that make the gazetteer finer: files of Natural Earth and GeoNames.

What they tell goes into a second file in the catalogue's folder, laid over the packaged gazetteer: outlines replace
simplified ones, names are added, unknown places become known. Importing a file again changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ingest.place_draft import Draft, find, join, own_ref, row_of, tidy
from ingest.place_files import is_geonames_file, is_table, rows_of
from ingest.report import AddReport
from kg.gazetteer import imported_file, open_gazetteer
from kg.gazetteer.distil_names import FOREIGN
from kg.gazetteer.place import Place
from kg.gazetteer.writer import PlaceRow, PlaceWriter
from ontology.errors import NotFound

if TYPE_CHECKING:
    from shapely import STRtree
    from shapely.geometry.base import BaseGeometry

    from kg.gazetteer.engine import Gazetteer

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
_STEP = 2_000
# Names are few a place, but the table holds 16 million: they are collected for places that are known.
_MOST_NAMES = 4_000_000
_QUIET = ("a kind of place that is not kept", "a code, a link or a name of the past")


def is_place_file(path: Path) -> bool:
    """Whether `import_places` reads a file: a table of Natural Earth, a shapefile or GeoPackage, a dump of GeoNames."""
    return is_geonames_file(path) or is_table(path)


def import_places(
    path: Path, home_path: Path | None = None, progress: Progress | None = None, report: AddReport | None = None
) -> AddReport:
    """Adds the places of a file to the gazetteer.

    Args:
        path: a file for which `is_place_file` holds.
        home_path: the catalogue's folder; `EARTHDEX_HOME` or the user's data folder by default.
        progress: called with (stage, done, total); a total of 0 is unknown.
        report: where to count; a new one by default.

    Returns:
        Counts, and every row that was left out with its reason. A bad row never stops the rest.

    Raises:
        NotFound: there is no such file.
        RecordError: the file as a whole cannot be read; nothing is added then.
        StoreError: the folder cannot be written, or another process is importing.
    """
    begun = time.monotonic()
    if not path.is_file():
        raise NotFound(f"There is no file {str(path)[:300]}.", "Check the path; nothing was added.")
    report = report if report is not None else AddReport(sources=[str(path)])
    run = _Run(path, open_gazetteer(home_path), report, progress)
    with PlaceWriter(imported_file(home_path)) as writer:
        if not is_geonames_file(path):
            run.natural_earth(writer)
        else:
            run.geonames(writer)
    report.seconds += time.monotonic() - begun
    return report


class _Run:
    """One file."""

    def __init__(self, path: Path, gazetteer: Gazetteer, report: AddReport, progress: Progress | None) -> None:
        self._path = path
        self._gazetteer = gazetteer
        # Matches are sought in the packaged places alone: what was imported before must not change them.
        self._base = gazetteer.packaged()
        self._report = report
        self._progress = progress
        self._countries: tuple[STRtree, list[str]] | None = None
        self._states: dict[str, tuple[STRtree, list[str]]] = {}
        self._seen: set[str] = set()

    def natural_earth(self, writer: PlaceWriter) -> None:
        from ingest.place_naturalearth import CREDIT, Skip, drafts

        found: dict[str, tuple[int, Draft, Place | None]] = {}
        inner: dict[str, list[BaseGeometry]] = {}
        for line, draft in self._counted(drafts(rows_of(self._path))):
            if isinstance(draft, Skip):
                self._skip(line, str(draft))
                continue
            known = self._known(draft)
            second = draft.kind == "county" and (known is None or known.kind != "state")
            if second and draft.shape is not None and (area := self._state_of(draft)) is not None:
                inner.setdefault(area, []).append(draft.shape)
            ref = known.ref if known else own_ref(draft)
            if ref in found:
                join(found[ref][1], draft)
                self._report.duplicates += 1
            else:
                found[ref] = (line, draft, known)
        for line, draft, known in found.values():
            self._put(writer, line, draft, known)
        for ref, shapes in inner.items():
            if ref not in found:
                self._outline(writer, ref, shapes)
        writer.credit(CREDIT)

    def _known(self, draft: Draft) -> Place | None:
        for code in draft.codes:
            found = self._base.coded(code)
            if found is not None:
                return found
        if draft.kind == "county":
            states = self._base.lookup(draft.name, 3, {"state"}, draft.country or None)
            near = [one.place for one in states if one.role == "name" and _in_box(one.place, draft)]
            return near[0] if near else None
        return find(self._base, draft)

    def _state_of(self, draft: Draft) -> str | None:
        """The first-level area that a second-level one lies in."""
        import shapely

        if draft.country not in self._states:
            areas = [one for one in self._base.of_kind("state", draft.country) if one.approximate]
            refs = [one.ref for one in areas]
            self._states[draft.country] = shapely.STRtree([self._base.geometry(ref) for ref in refs]), refs
        tree, refs = self._states[draft.country]
        found = tree.query(shapely.Point(draft.lon, draft.lat), predicate="intersects")
        return refs[int(found[0])] if len(found) else None

    def _outline(self, writer: PlaceWriter, ref: str, shapes: list[BaseGeometry]) -> None:
        """The outline of a first-level area, joined from those of the second level."""
        import shapely

        known, rough = self._base.get(ref), self._base.geometry(ref)
        if known is None or rough is None:
            return
        whole = tidy(shapely.union_all(shapes))
        if whole.intersection(rough).area < 0.6 * max(whole.area, rough.area):
            return  # some parts are missing, or belong elsewhere
        self._put(writer, 0, Draft(known.name, known.kind, known.lon, known.lat, shape=whole, ref=ref), known)

    def geonames(self, writer: PlaceWriter) -> None:
        from ingest import place_geonames as geonames

        kind = geonames.table_kind(self._path)
        named: dict[str, list[str]] = {}
        with geonames.open_text(self._path) as file:
            for number, text in self._counted(enumerate(file, 1)):
                if text.startswith("#") or not text.strip():
                    continue
                try:
                    if kind == "places":
                        draft = geonames.place(text)
                        self._put(writer, number, draft, self._known_geoname(draft))
                    elif kind == "admin1":
                        ref, names = geonames.admin1_names(text)
                        self._names(writer, number, ref, names)
                    else:
                        code, name, _ = geonames.alternate_name(text)
                        if len(named) < _MOST_NAMES:
                            named.setdefault(code, []).append(name)
                except geonames.Unkept as reason:
                    self._skip(number, str(reason))
        for code, names in named.items():
            place = self._gazetteer.coded(f"gn:{code}")
            if place is not None:
                self._names(writer, 0, place.ref, names)
        writer.credit(geonames.CREDIT)

    def _known_geoname(self, draft: Draft) -> Place | None:
        if draft.ref:
            return self._base.get(draft.ref)
        return self._base.coded(draft.codes[0]) or find(self._base, draft)

    def _names(self, writer: PlaceWriter, line: int, ref: str, names: list[str]) -> None:
        """Adds names to a place that is known."""
        known = self._gazetteer.get(ref)
        if known is None:
            self._skip(line, "an area without a position")
            return
        self._put(writer, line, Draft(known.name, known.kind, known.lon, known.lat, foreign=names), known)

    def _put(self, writer: PlaceWriter, line: int, draft: Draft, known: Place | None) -> None:
        if known is None and draft.kind in ("continent", "country"):
            self._skip(line, "a country or continent that is not known")
            return
        holders = () if known is not None or draft.country else self._holders(draft)
        if known is None and draft.country and self._gazetteer.get(f"country/{draft.country}") is None:
            draft.country = ""
        row = row_of(draft, known, holders)
        self._keep_older(row)
        if row.ref in self._seen:
            self._report.duplicates += 1
            return
        self._seen.add(row.ref)
        outcome = writer.put(row)
        if outcome == "new" and known is None:
            self._report.places += 1
        elif outcome == "unchanged":
            self._report.unchanged += 1
        else:
            self._report.updated += 1

    def _keep_older(self, row: PlaceRow) -> None:
        """Names and outline that an earlier import gave stay where this file tells nothing better."""
        before = self._gazetteer.get(row.ref)
        if before is None:
            return
        said = {text for text, _ in row.names}
        row.names += [(text, FOREIGN) for text in self._gazetteer.alternates(before.iri) if text not in said]
        if row.shape is None:
            row.shape = self._gazetteer.outline(before.iri)
            row.bbox = before.bbox if row.shape is not None else row.bbox

    def _holders(self, draft: Draft) -> tuple[str, ...]:
        """Countries that a new place lies in."""
        import shapely

        if self._countries is None:
            refs = [one.ref for one in self._gazetteer.of_kind("country")]
            self._countries = shapely.STRtree([self._gazetteer.geometry(ref) for ref in refs]), refs
        tree, refs = self._countries
        shape = draft.shape if draft.shape is not None else shapely.Point(draft.lon, draft.lat)
        return tuple(sorted(refs[at] for at in tree.query(shape, predicate="intersects")))

    def _counted(self, rows: Iterator[tuple[int, T]]) -> Iterator[tuple[int, T]]:
        for number, (line, one) in enumerate(rows, 1):
            self._report.read += 1
            if self._progress and number % _STEP == 0:
                self._progress(f"Reading {self._path.name}", number, 0)
            yield line, one
        if self._progress:
            self._progress(f"Reading {self._path.name}", 1, 1)

    def _skip(self, line: int, reason: str) -> None:
        if reason in _QUIET:
            self._report.skipped[reason] += 1
        else:
            self._report.skip(str(self._path), reason, line=line)


def _in_box(place: Place, draft: Draft) -> bool:
    west, south, east, north = place.bbox
    return south <= draft.lat <= north and (west > east or west <= draft.lon <= east)
