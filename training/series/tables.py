"""Many series in one table: CSV, Parquet or Arrow IPC; a row a series, or a row a step with an id."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ontology.errors import DiskFull, SeriesError
from training.distributions import LabelClass
from training.series.folders import _plain
from training.series.header import Columns, iso_day, read_header
from training.series.table import Ints, SeriesWriter

Progress = Callable[[str, int, int], None]

SUFFIXES = (".csv", ".parquet", ".arrow", ".feather")
_BLOCK = 16 << 20  # bytes of a CSV that are parsed at a time; no line may be longer
_MOST_STEPS = 4096
_CHUNK = 16_384
_NULLS = ["", "NaN", "nan", "NA", "N/A", "na", "null", "NULL", "None", "-", "--"]


def convert_table(
    path: Path,
    out: Path,
    *,
    classes: Sequence[LabelClass] = (),
    clear: Sequence[int] = (0,),
    progress: Progress | None = None,
) -> int:
    """Converts a table of series into the fast form; returns how many series it holds.

    A wide table has a row for each series and columns such as `B2_20180105` or `B2_0`, or columns of lists; a long one
    has a row for each step, with a column `id` and mostly `date`, in any order. Memory stays bounded by the columns of
    ids and dates.

    Args:
        path: the table, by its suffix CSV, Parquet or Arrow IPC (Feather).
        out: the `SeriesTable` to make.
        classes: the scheme, for labels that are names.
        clear: values of a flag column that mean that a step is good.
        progress: called with (`series`, done, in all or 0).

    Raises:
        SeriesError: it cannot be read: ragged rows, a cell that is no number, an endless line, no known columns.
        DiskFull: no space left.
    """
    import pyarrow as pa

    try:
        names, lists = _names(path)
        if lists:
            return _Lists(path, out, classes).convert(names, lists, progress)
        columns = read_header(names, path.name)
        if columns.kind == "wide":
            return _wide(path, out, columns, classes, progress)
        if columns.kind == "single":
            raise SeriesError(f"{path.name} has no column that tells its series apart.", "Name one `id`.")
        return _long(path, out, columns, classes, clear, progress)
    except (pa.ArrowException, OSError, UnicodeDecodeError, MemoryError) as error:
        raise SeriesError(
            f"{path.name} cannot be read: {str(error)[:300]}", "Mend or export the table again."
        ) from error


def _names(path: Path) -> tuple[list[str], list[str]]:
    """(all columns, those that hold lists)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    suffix = path.suffix.lower()
    if suffix == ".csv":
        with path.open("rb") as source:
            head = source.readline(_BLOCK)
        if len(head) >= _BLOCK:
            raise SeriesError(f"The first line of {path.name} has no end.", "It is no table.")
        return next(csv.reader([head.decode("utf-8-sig", "replace").replace("\0", "")]), []), []
    if suffix not in SUFFIXES:
        raise SeriesError(f"{path.name} is no table of a known kind.", f"Known: {', '.join(SUFFIXES)}.")
    if suffix == ".parquet":
        schema = pq.ParquetFile(path).schema_arrow
    else:
        with pa.memory_map(str(path)) as source:
            schema = pa.ipc.open_file(source).schema
    lists = [
        one.name
        for one in schema
        if pa.types.is_list(one.type) or pa.types.is_large_list(one.type) or pa.types.is_fixed_size_list(one.type)
    ]
    return list(schema.names), lists


@contextmanager
def _batches(path: Path, names: Sequence[str], numbers: Sequence[str]) -> Iterator[Iterator[Any]]:
    """Record batches of some columns; those named in `numbers` as float32."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv as arrow_csv

    suffix = path.suffix.lower()
    if suffix == ".csv":
        types = {name: pa.float32() if name in numbers else pa.string() for name in names}
        options = arrow_csv.ConvertOptions(
            column_types=types, include_columns=list(names), null_values=_NULLS, strings_can_be_null=True
        )
        with arrow_csv.open_csv(
            str(path), read_options=arrow_csv.ReadOptions(block_size=_BLOCK), convert_options=options
        ) as reader:
            yield iter(reader)
    elif suffix == ".parquet":
        with pq.ParquetFile(path) as source:
            yield source.iter_batches(batch_size=65_536, columns=list(names))
    else:
        with pa.memory_map(str(path)) as mapped:
            opened = pa.ipc.open_file(mapped)
            yield (opened.get_batch(number).select(list(names)) for number in range(opened.num_record_batches))


def _floats(column: Any) -> np.ndarray[tuple[int], np.dtype[np.float32]]:  # noqa: ANN401 - an Arrow array
    """A column as float32, NaN where null.

    Raises:
        SeriesError: it holds no numbers.
    """
    import pyarrow as pa

    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        raise SeriesError(
            f"A band holds {column.type} instead of numbers.", "Cast it, or name it so that it is left out."
        )
    return np.asarray(column.cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False), np.float32)


class _Values:
    """Labels of any kind as class values."""

    def __init__(self, classes: Sequence[LabelClass], where: str) -> None:
        self._values = {_plain(one.name): one.value for one in classes}
        self._known = {one.value for one in classes}
        self._where = where

    def one(self, label: object) -> int | None:
        """The class value of a label; None where there is none, or the scheme does not know it."""
        if label is None or label == "":
            return None
        named = self._values.get(_plain(str(label)))
        if named is not None:
            return named
        try:
            number = float(str(label))
        except ValueError:
            if self._known:
                return None
            raise SeriesError(f"{self._where} has a label {str(label)[:40]!r}.", "Give its classes.") from None
        value = int(number) if number == number and abs(number) < 2**31 else None
        return None if value is None or value != number or (self._known and value not in self._known) else value

    def many(self, labels: Sequence[object]) -> list[int | None]:
        """Of a column; each kind of label is worked out once."""
        known = {label: self.one(label) for label in set(labels)}
        return [known[label] for label in labels]


def _wide(path: Path, out: Path, columns: Columns, classes: Sequence[LabelClass], progress: Progress | None) -> int:
    numbers = [name for cells in columns.cells for name in cells]
    aside = [name for name in (columns.series, columns.label) if name]
    days = [day for step in columns.steps if (day := iso_day(step))]
    values = _Values(classes, path.name)
    shape = (len(columns.bands), len(columns.steps))
    with (
        SeriesWriter(out, columns.bands, days if len(days) == len(columns.steps) else ()) as writer,
        _batches(path, [*numbers, *aside], numbers) as batches,
    ):
        for batch in batches:
            table = np.stack([_floats(batch.column(name)) for name in numbers], axis=1)
            found = table.reshape(len(table), *shape)
            labels = values.many(batch.column(columns.label).to_pylist()) if columns.label else [None] * len(table)
            begun = len(writer)
            names = (
                [str(one) for one in batch.column(columns.series).to_pylist()]
                if columns.series
                else [str(begun + number) for number in range(len(table))]
            )
            writer.add_many(found, np.ones((len(table), shape[1]), bool), labels, names)
            if progress is not None:
                progress("series", len(writer), 0)
        return len(writer)


class _Lists:
    """A row a series, each band a column of lists."""

    def __init__(self, path: Path, out: Path, classes: Sequence[LabelClass]) -> None:
        self._path, self._out, self._values = path, out, _Values(classes, path.name)

    def convert(self, names: Sequence[str], lists: Sequence[str], progress: Progress | None) -> int:
        """Writes the table."""
        columns = read_header([*lists, *(name for name in names if name not in lists)], self._path.name)
        bands = [name for name in lists if name in columns.bands]
        if not bands:
            raise SeriesError(f"{self._path.name} has no column of a band.", "Name bands in its schema.")
        dates = columns.date if columns.date in lists else ""
        aside = [name for name in (columns.series, columns.label, dates) if name]
        days = self._days(dates) if dates else []
        with SeriesWriter(self._out, bands, days) as writer, _batches(self._path, [*bands, *aside], ()) as batches:
            for batch in batches:
                self._batch(batch, bands, columns, writer)
                if progress is not None:
                    progress("series", len(writer), 0)
            return len(writer)

    def _days(self, column: str) -> list[str]:
        """The days of the first series, if they are days."""
        with _batches(self._path, [column], ()) as batches:
            for batch in batches:
                if len(batch):
                    days = [iso_day(str(one)) for one in batch.column(column)[0].as_py() or []]
                    return days if all(days) else []
        return []

    def _batch(self, batch: Any, bands: Sequence[str], columns: Columns, writer: SeriesWriter) -> None:  # noqa: ANN401
        flat = [batch.column(name) for name in bands]
        lengths = [
            np.asarray(one.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), np.int64) for one in flat
        ]
        if any((one != lengths[0]).any() for one in lengths):
            raise SeriesError(f"{self._path.name} has bands of unequal length in a row.", "Mend the row.")
        values = [_floats(one.flatten()) for one in flat]
        labels = self._values.many(batch.column(columns.label).to_pylist() if columns.label else [None] * len(batch))
        ids = (
            batch.column(columns.series).to_pylist() if columns.series else range(len(writer), len(writer) + len(batch))
        )
        names = [str(one) for one in ids]
        ends = np.concatenate([[0], np.cumsum(lengths[0])])
        cuts = [0, *(np.flatnonzero(np.diff(lengths[0])) + 1).tolist(), len(batch)]
        for first, last in pairwise(cuts):
            length = int(lengths[0][first]) if last > first else 0
            run = np.stack([one[ends[first] : ends[last]].reshape(last - first, length) for one in values], axis=1)
            writer.add_many(run, np.ones((last - first, length), bool), labels[first:last], names[first:last])


def _long(
    path: Path,
    out: Path,
    columns: Columns,
    classes: Sequence[LabelClass],
    clear: Sequence[int],
    progress: Progress | None,
) -> int:
    """Rows in any order: ids and dates are read first, then each cell goes to its place in a file on disk."""
    places = _places(path, columns, classes)
    count, bands = len(places.names), columns.bands
    scratch = out.with_name(out.name + ".cells")
    try:
        cells = _reserved(scratch, (count, places.steps, len(bands) + 1))
        cells[...] = np.nan
        at = 0
        aside = [columns.flag] if columns.flag else []
        with _batches(path, [*bands, *aside], [*bands, *aside]) as batches:
            for batch in batches:
                rows = np.empty((len(batch), len(bands) + 1), np.float32)
                rows[:, :-1] = np.stack([_floats(batch.column(name)) for name in bands], axis=1)
                rows[:, -1] = np.isin(_floats(batch.column(columns.flag)), list(clear)) if columns.flag else 1
                where = slice(at, at + len(batch))
                cells[places.series[where], places.step[where]] = rows
                at += len(batch)
                if progress is not None:
                    progress("rows", at, len(places.series))
        with SeriesWriter(out, bands, places.days) as writer:
            for start in range(0, count, _CHUNK):
                part = slice(start, start + _CHUNK)
                found = np.asarray(cells[part])
                values, valid = found[:, :, :-1].transpose(0, 2, 1), found[:, :, -1] == 1
                writer.add_many(values, valid, places.labels[part], places.names[part])
        del cells
        return count
    finally:
        scratch.unlink(missing_ok=True)


def _reserved(path: Path, shape: tuple[int, int, int]) -> np.memmap[Any, np.dtype[np.float32]]:
    """An array on disk whose space is there: a full disk would end the process when a mapped page is written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as made:
            size = 4 * shape[0] * shape[1] * shape[2]
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(made.fileno(), 0, size)
            else:
                made.truncate(size)
    except OSError as error:
        raise DiskFull(f"No space left while converting to {path.parent}.", "Free some space and try again.") from error
    return np.memmap(path, np.float32, "r+", shape=shape)


@dataclass(slots=True)
class _Places:
    """Of each row its series and step; how many steps and their days; of each series its label and name."""

    series: Ints
    step: Ints
    steps: int
    days: list[str]
    labels: list[int | None]
    names: list[str]


def _places(path: Path, columns: Columns, classes: Sequence[LabelClass]) -> _Places:
    import pyarrow as pa

    wanted = [one for one in (columns.series, columns.date, columns.label) if one]
    with _batches(path, wanted, ()) as batches:
        held = list(batches)
    if not held or not sum(map(len, held)):
        raise SeriesError(f"{path.name} has no rows.", "Export it again.")
    table = pa.Table.from_batches(held)
    ids = table.column(columns.series).combine_chunks().dictionary_encode()
    if ids.null_count:
        raise SeriesError(f"{path.name} has rows without {columns.series}.", "Give every row its id.")
    series = np.asarray(ids.indices.to_numpy(zero_copy_only=False), np.int64)
    names = [str(one) for one in ids.dictionary.to_pylist()]
    # the place of a row among those of its series, in the order of the file
    order = np.argsort(series, kind="stable")
    first = np.flatnonzero(np.diff(series[order], prepend=-1))
    step = np.empty(len(series), np.int64)
    step[order] = np.arange(len(series)) - np.repeat(first, np.diff(np.append(first, len(series))))
    days: list[str] = []
    if columns.date:
        found = table.column(columns.date).combine_chunks().cast(pa.string()).dictionary_encode()
        told = [iso_day(str(one)) or str(one) for one in found.dictionary.to_pylist()]
        ranked = sorted(set(told), key=lambda one: (float(one), "") if _is_number(one) else (0.0, one))
        # series that share few days would leave a table of holes: theirs are counted instead
        dense = len(ranked) * len(names) <= max(8 * len(series), 1_000_000)
        if len(ranked) <= _MOST_STEPS and dense and not found.null_count:
            at = {one: number for number, one in enumerate(ranked)}
            rank = np.array([at[one] for one in told], np.int64)
            step = rank[np.asarray(found.indices.to_numpy(zero_copy_only=False), np.int64)]
            days = ranked if all(iso_day(one) for one in ranked) else []
    steps = int(step.max()) + 1
    if steps > _MOST_STEPS:
        raise SeriesError(f"A series of {path.name} has {steps:,} steps.", f"At most {_MOST_STEPS:,} are read.")
    labels: list[int | None] = [None] * len(names)
    if columns.label:
        of_rows = np.array(table.column(columns.label).to_pylist(), dtype=object)[order[first]]
        labels = _Values(classes, path.name).many(list(of_rows))
    return _Places(series, step, steps, days, labels, names)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
