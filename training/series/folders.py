"""Series as one small CSV each, in a folder for each class: TimeSen2Crop's form (tile/class/number.csv, dates.csv)."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ontology.errors import EarthdexError, NotFound, SeriesError
from training.distributions import LabelClass
from training.series.header import Columns, iso_day, read_header
from training.series.table import SUFFIX, Bools, Floats, SeriesWriter
from training.types import Bytes, Skipped

Progress = Callable[[str, int, int], None]

MOST_BYTES = 16 << 20
"""Most bytes of the CSV of one series."""

_AT_ONCE = 512
_LONGEST = 32  # characters of a number
_DATES = re.compile(r"(^|/)dates?\.(csv|txt)$", re.I)


@dataclass(slots=True)
class Converted:
    """What a conversion made.

    Attributes:
        tables: paths of the tables, in the order of their groups.
        groups: what each table stands for: the tile, or empty.
        read: series.
        skipped: files that were left out, and why.
    """

    tables: list[Path] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    read: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def convert_folder(
    files: Mapping[str, str],
    out: Path,
    *,
    data: Bytes,
    classes: Sequence[LabelClass],
    clear: Sequence[int] = (0,),
    strict: bool = False,
    progress: Progress | None = None,
) -> Converted:
    """Converts a folder of CSVs into a table for each tile.

    The folder of a file is its class, by name or value; what lies above is its tile. A `dates.csv` beside the class
    folders tells the days of the steps.

    Args:
        files: path below the dataset's folder -> href, for all files.
        out: folder of the tables.
        data: where bytes come from.
        classes: the scheme.
        clear: values of a column `Flag` that mean that a step is good.
        strict: raise at the first bad file instead of leaving it out.
        progress: called with (`series`, done, in all).

    Raises:
        NotFound: no CSV lies in a folder of a class.
        SeriesError, FetchError: in strict mode, a bad file.
        DiskFull: no space left.
    """
    values = {_plain(one.name): one.value for one in classes} | {str(one.value): one.value for one in classes}
    groups: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    dates: dict[str, str] = {}
    strange = set()
    for path, href in sorted(files.items(), key=lambda one: _natural(one[0])):
        parts = path.split("/")
        if _DATES.search(path):
            dates["/".join(parts[:-1])] = href
        elif path.lower().endswith(".csv") and len(parts) > 1 and not parts[-1].startswith((".", "_")):
            value = values.get(_plain(parts[-2]), values.get(_number(parts[-2])))
            if value is None:
                strange.add(parts[-2])
            else:
                groups["/".join(parts[:-2])].append((path, href, value))
    if not groups:
        named = ", ".join(sorted(strange)[:5]) or "none"
        raise NotFound(f"No folder of CSVs is named after a class (folders: {named}).", "Check folder and classes.")
    done, total = Converted(), sum(map(len, groups.values()))
    for name in sorted(strange)[:20]:
        done.skipped.append(Skipped("", name, "no class of the dataset"))
    for group, members in groups.items():
        days = _days(data, dates.get(group, dates.get("", "")))
        table = out / f"{re.sub(r'[^A-Za-z0-9.-]', '_', group) or 'series'}{SUFFIX}"
        reader = _Group(data, clear, strict, done)
        begun = sum(len(groups[one]) for one in done.groups)

        def told(number: int, begun: int = begun) -> None:
            if progress is not None:
                progress("series", begun + number, total)

        try:
            made = reader.convert(members, table, days, told)
        except _Nothing:
            made = False
        if made:
            done.tables.append(table)
            done.groups.append(group)
    if not done.tables:
        first = next((one.reason for one in done.skipped if one.reason), "")
        raise NotFound(f"No series can be read: {first}", "Check the folder.")
    return done


class _Nothing(Exception):
    """All files of a group were left out."""


class _Group:
    """The files of one tile, which share their columns."""

    def __init__(self, data: Bytes, clear: Sequence[int], strict: bool, done: Converted) -> None:
        self._data, self._clear, self._strict, self._done = data, clear, strict, done
        self._columns: Columns | None = None

    def convert(
        self, members: Sequence[tuple[str, str, int]], table: Path, days: Sequence[str], told: Callable[[int], object]
    ) -> bool:
        """Writes the table of a group; False where no file of it can be read."""
        first = self._first(members)
        if first is None:
            return False
        with SeriesWriter(table, first.bands, days) as writer:
            for start in range(0, len(members), _AT_ONCE):
                part = members[start : start + _AT_ONCE]
                found = self._data.read_many([(href, 0, MOST_BYTES + 1) for _, href, _ in part])
                for (path, href, value), got in zip(part, found, strict=True):
                    self._one(writer, path, href, value, got)
                told(start + len(part))
            if not len(writer):
                raise _Nothing
        return True

    def _first(self, members: Sequence[tuple[str, str, int]]) -> Columns | None:
        """The columns of the first file that has a header; the others must have the same."""
        for path, href, _ in members:
            try:
                head = bytes(self._data.read(href, 0, 1 << 16)).split(b"\n", 1)[0]
                self._columns = read_header(next(csv.reader([_text(head)]), []), path)
                return self._columns
            except EarthdexError as error:
                self._leave_out(path, href, error)
        return None

    def _one(self, writer: SeriesWriter, path: str, href: str, value: int, got: memoryview | EarthdexError) -> None:
        try:
            if isinstance(got, EarthdexError):
                raise got
            columns, values, valid = read_series(bytes(got), path, self._clear)
            if columns.bands != writer.channels:
                raise SeriesError(f"{path} has bands {', '.join(columns.bands)[:200]}, the others not.", "Mend it.")
            stem, count = path[:-4], len(values)
            names = [stem] if count == 1 else [f"{stem}#{row}" for row in range(count)]
            writer.add_many(values, valid, [value] * count, names)
            self._done.read += count
        except EarthdexError as error:
            self._leave_out(path, href, error)

    def _leave_out(self, path: str, href: str, error: EarthdexError) -> None:
        if self._strict:
            raise error
        if all(one.href != href for one in self._done.skipped[-1:]):
            self._done.skipped.append(Skipped(path, href, error.message))


def read_series(content: bytes, where: str, clear: Iterable[int] = (0,)) -> tuple[Columns, Floats, Bools]:
    """The series of a small CSV: one whose rows are its steps, or one in each row.

    Args:
        content: of the file.
        where: named in errors.
        clear: values of a flag column that mean that a step is good.

    Returns:
        (columns, values (n, bands, steps) with NaN where a cell is empty, valid (n, steps)).

    Raises:
        SeriesError: too large, no header, ragged rows, or a cell that is no number.
    """
    if len(content) > MOST_BYTES:
        raise SeriesError(f"{where} has over {MOST_BYTES:,} bytes.", "Convert it as one table.")
    head, _, body = content.partition(b"\n")
    names = next(csv.reader([_text(head).strip("\r\ufeff")]), [])
    columns = read_header([name.strip() for name in names], where)
    if columns.kind == "long":
        raise SeriesError(f"{where} holds many series.", "Convert it as one table.")
    order = [name.strip() for name in names]
    table = _numbers(body, len(order), where, columns, order)
    if not len(table):
        raise SeriesError(f"{where} has no rows.", "Leave it out.")
    cells = table[:, [order.index(name) for band in columns.cells for name in band]].astype(np.float32)
    if columns.kind == "wide":
        values = cells.reshape(len(table), len(columns.bands), len(columns.steps))
        return columns, values, np.ones((len(table), len(columns.steps)), bool)
    valid = np.isin(table[:, order.index(columns.flag)], list(clear)) if columns.flag else np.ones(len(table), bool)
    return columns, cells.T[np.newaxis], valid[np.newaxis]


def _numbers(
    body: bytes, width: int, where: str, columns: Columns, names: Sequence[str]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(rows, columns); text in columns that are no bands is NaN."""
    lines = body.replace(b"\r", b"").strip(b"\n").split(b"\n")
    if lines == [b""]:
        return np.zeros((0, width))
    try:  # numbers alone, as nearly all are: many times faster than cell by cell
        rows = [line.count(b",") + 1 == width for line in lines]
        cells = b",".join(lines).split(b",")
        if all(rows) and max(map(len, cells)) <= _LONGEST:
            return np.array(cells).astype(np.float64).reshape(len(lines), width)
    except ValueError:
        pass
    bands = {name for band in columns.cells for name in band}
    text = {number for number, name in enumerate(names) if name not in bands and name != columns.flag}
    table = np.full((len(lines), width), np.nan)
    for row, found in enumerate(csv.reader(map(_text, lines))):
        if len(found) != width:
            raise SeriesError(f"{where} has {len(found)} cells in row {row + 2}, its header {width}.", "Mend the row.")
        for column, cell in enumerate(found):
            try:
                table[row, column] = float(cell) if cell.strip() else np.nan
            except ValueError:
                if column not in text and cell.strip().lower() not in ("na", "null", "none", "-", "--"):
                    told = f"{where} has {cell[:40]!r} in row {row + 2}, column {names[column][:40]}."
                    raise SeriesError(told, "Bands are numbers.") from None
    return table


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\0", "")


def _days(data: Bytes, href: str) -> list[str]:
    """The days in a `dates.csv`, in order; none where there is no such file or it tells no days."""
    if not href:
        return []
    try:
        text = _text(bytes(data.read(href, 0, MOST_BYTES)))
    except EarthdexError:
        return []
    return [day for cell in re.split(r"[\s,;]+", text) if (day := iso_day(cell.strip("\"'")))]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _number(name: str) -> str:
    """`3` of `3`, `03` or `class_3`: what stands for a class value."""
    found = re.fullmatch(r"(?:class|label|c)?[_\- ]?0*(\d+)", name.strip().lower())
    return found[1] if found else ""


def _natural(path: str) -> list[tuple[int, str]]:
    """`2.csv` before `10.csv`."""
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.split(r"(\d+)", path)]
