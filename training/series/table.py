"""Pixel series in their fast form: one Arrow IPC file whose rows have one size, mapped into memory and gathered.

Parquet has no 16-bit integers and CSV must be parsed, so other forms are converted once. The file is plain Arrow: one
record batch with `pixels` and `valid` (fixed-size binary), `label` (int64, null where not labelled) and `name`; the
schema's metadata tell the shape.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ontology.errors import DiskFull, SeriesError

FORMAT = "earthdex.series/1"
SUFFIX = ".series.arrow"
_KEY = b"earthdex"
_CHUNK = 16_384
_FULL = (28, 27, 122)  # ENOSPC, EFBIG, EDQUOT
_MOST_STEPS = 100_000

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """What all series of a table have in common.

    Attributes:
        channels: names of the bands, in order.
        steps: points in time; shorter series end in steps that are not valid.
        dates: ISO days of the steps; empty where they differ from series to series or are unknown.
        dtype: of the values.
    """

    channels: tuple[str, ...]
    steps: int
    dates: tuple[str, ...]
    dtype: np.dtype[np.generic]

    @property
    def width(self) -> int:
        """Bytes of one series."""
        return len(self.channels) * self.steps * self.dtype.itemsize


class SeriesTable:
    """Series of one shape, mapped from an Arrow file. May be shared by threads and pickled.

    Args:
        path: as `SeriesWriter` makes it.

    Raises:
        SeriesError: it is none, cut or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._map()

    def _map(self) -> None:
        import pyarrow as pa

        try:
            source = pa.memory_map(str(self.path))
            opened = pa.ipc.open_file(source)
            told = json.loads((opened.schema.metadata or {})[_KEY])
            if told["format"] != FORMAT or opened.num_record_batches != 1:
                raise ValueError("another format")
            self.shape = Shape(
                tuple(map(str, told["channels"])), int(told["steps"]), tuple(told["dates"]), np.dtype(told["dtype"])
            )
            batch = opened.get_batch(0)
            batch.validate()
            self._count = int(batch.num_rows)
            self._pixels = _rows(batch.column("pixels"), self.shape.width, self._count)
            self._valid = _rows(batch.column("valid"), self.shape.steps, self._count)
            self._labels = batch.column("label")
            self._names = batch.column("name")
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise SeriesError(
                f"{self.path.name} is no table of pixel series: {error}.", "Convert its source again."
            ) from error

    def __reduce__(self) -> tuple[type[SeriesTable], tuple[Path]]:
        return SeriesTable, (self.path,)

    def __len__(self) -> int:
        return self._count

    def labels(self, ignore: int) -> Ints:
        """(n,) class values; `ignore` where not labelled."""
        import pyarrow.compute as pc

        return np.asarray(pc.fill_null(self._labels, ignore).to_numpy(zero_copy_only=False), np.int64)

    def name(self, row: int) -> str:
        """What a series is called in its source."""
        return str(self._names[row].as_py())

    def take(self, rows: Ints, pixels: npt.NDArray[np.generic], valid: Bools) -> None:
        """Gathers series.

        Args:
            rows: (n,) which.
            pixels: (n, channels, steps or more) of `shape.dtype`, C order, written to; what is beyond stays.
            valid: (n, steps or more), written to; what is beyond stays.

        Raises:
            SeriesError: there is no such row.
        """
        if len(rows) and not (int(rows.min()) >= 0 and int(rows.max()) < self._count):
            raise SeriesError(f"{self.path.name} has {self._count:,} series.", "Lock it anew.")
        shape = (len(rows), len(self.shape.channels), self.shape.steps)
        if pixels.shape == shape and pixels.flags.c_contiguous and valid.flags.c_contiguous:
            # rows as opaque bytes are copied by memcpy, in one pass
            np.take(self._pixels, rows, out=pixels.reshape(-1).view(f"V{self.shape.width}"), mode="clip")
            np.take(self._valid, rows, out=valid.reshape(-1).view(f"V{self.shape.steps}"), mode="clip")
            return
        steps = self.shape.steps
        pixels[:, :, :steps] = self._pixels[rows].view(self.shape.dtype).reshape(shape)
        valid[:, :steps] = self._valid[rows].view(np.bool_).reshape(len(rows), steps)


def _rows(column: Any, width: int, count: int) -> npt.NDArray[np.void]:  # noqa: ANN401 - an Arrow array
    if column.type.byte_width != width or column.null_count or column.offset:
        raise ValueError("its columns do not fit its shape")
    data = np.frombuffer(column.buffers()[1], np.uint8)
    if len(data) < width * count:
        raise ValueError("it is cut")
    return data[: width * count].view(f"V{width}")


class SeriesWriter:
    """Writes a `SeriesTable`: series come one by one or many at a time, of any length; memory stays bounded.

    Whole numbers that fit are kept as int16 or uint16, everything else as float32. Use as a context manager: the table
    appears when all went well, and nothing is left otherwise.

    Args:
        path: of the table.
        channels: names of the bands.
        dates: ISO days of the steps, where all series share them.

    Raises:
        DiskFull: no space left.
        SeriesError: it cannot be written.
    """

    def __init__(self, path: Path, channels: Sequence[str], dates: Sequence[str] = ()) -> None:
        self.path, self.channels, self.dates = path, tuple(channels), tuple(dates)
        self._temporary = [path.with_name(f"{path.name}.{os.getpid()}.{kind}") for kind in ("values", "flags", "part")]
        self._lengths: list[int] = []
        self._labels: list[int | None] = []
        self._names: list[str] = []
        self._whole, self._low, self._high = True, np.inf, -np.inf

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._values, self._flags = (one.open("wb") for one in self._temporary[:2])
        except OSError as error:
            raise self._told(error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            self._values.close()
            self._flags.close()
            if kind is None:
                self._finish()
        except OSError as problem:
            raise self._told(problem) from problem
        finally:
            for one in self._temporary:
                one.unlink(missing_ok=True)

    def _told(self, error: OSError) -> DiskFull | SeriesError:
        if error.errno in _FULL:
            return DiskFull(f"No space left while converting to {self.path}.", "Free some space and try again.")
        return SeriesError(f"Cannot write {self.path}: {error.strerror}.", "Choose another folder.")

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, values: Floats, valid: Bools, label: int | None, name: str) -> None:
        """Adds one series: values (channels, steps), valid (steps)."""
        self.add_many(values[np.newaxis], valid[np.newaxis], [label], [name])

    def add_many(self, values: Floats, valid: Bools, labels: Sequence[int | None], names: Sequence[str]) -> None:
        """Adds series of one length: values (n, channels, steps), NaN where missing; valid (n, steps).

        Raises:
            SeriesError: other channels than the table's, or too many steps.
        """
        count, channels, steps = values.shape
        if channels != len(self.channels) or steps > _MOST_STEPS:
            raise SeriesError(f"{channels} channels x {steps} steps do not fit {self.path.name}.", "Check the source.")
        missing = ~np.isfinite(values)
        valid = valid & ~missing.any(axis=1)
        values = np.where(missing, np.float32(0), values).astype(np.float32, copy=False)
        if values.size:
            self._low, self._high = min(self._low, float(values.min())), max(self._high, float(values.max()))
            self._whole = self._whole and bool((np.rint(values) == values).all())
        try:
            self._values.write(np.ascontiguousarray(values).data)
            self._flags.write(np.ascontiguousarray(valid).data)
        except OSError as error:
            raise self._told(error) from error
        self._lengths += [steps] * count
        self._labels += labels
        self._names += names

    def _dtype(self) -> np.dtype[np.generic]:
        if self._whole and self._low >= 0 and self._high <= 65_535:
            return np.dtype(np.uint16 if self._high > 32_767 else np.int16)
        if self._whole and self._low >= -32_768 and self._high <= 32_767:
            return np.dtype(np.int16)
        return np.dtype(np.float32)

    def _finish(self) -> None:
        import pyarrow as pa

        if not self._lengths:
            raise SeriesError(f"There is no series for {self.path.name}.", "Check the folder or table.")
        steps = max(max(self._lengths), len(self.dates), 1)
        dates = self.dates if len(self.dates) == steps else ()
        shape = Shape(self.channels, steps, dates, self._dtype())
        self._pad(shape)
        count = len(self._lengths)
        pixels, valid = (np.memmap(one, np.uint8, "r") for one in self._temporary[:2])
        told = {
            "format": FORMAT,
            "channels": list(shape.channels),
            "steps": steps,
            "dates": list(dates),
            "dtype": shape.dtype.name,
        }
        columns = {
            "pixels": pa.Array.from_buffers(pa.binary(shape.width), count, [None, pa.py_buffer(pixels)]),
            "valid": pa.Array.from_buffers(pa.binary(steps), count, [None, pa.py_buffer(valid)]),
            "label": pa.array(self._labels, pa.int64()),
            "name": pa.array(self._names, pa.large_string()),
        }
        batch = pa.record_batch(list(columns.values()), names=list(columns))
        schema = batch.schema.with_metadata({_KEY: json.dumps(told, separators=(",", ":"))})
        with self._temporary[2].open("wb") as out, pa.ipc.new_file(out, schema) as writer:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))
        os.replace(self._temporary[2], self.path)

    def _pad(self, shape: Shape) -> None:
        """Rewrites both temporary files with all series of one length and the final type."""
        channels, steps, lengths = len(shape.channels), shape.steps, np.asarray(self._lengths)
        values = _mapped(self._temporary[0], np.float32)
        flags = _mapped(self._temporary[1], np.bool_)
        done = [one.with_name(one.name + ".padded") for one in self._temporary[:2]]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        try:
            with done[0].open("wb") as pixels_out, done[1].open("wb") as valid_out:
                for start in range(0, len(lengths), _CHUNK):
                    part = lengths[start : start + _CHUNK]
                    pixels, valid = (
                        np.zeros((len(part), channels, steps), shape.dtype),
                        np.zeros((len(part), steps), bool),
                    )
                    at = int(ends[start])
                    # runs of one length are cut as one block
                    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(part)]
                    for first, last in pairwise(cuts):
                        length = int(part[first])
                        end = at + (last - first) * length
                        run = values[at * channels : end * channels].reshape(last - first, channels, length)
                        pixels[first:last, :, :length] = run
                        valid[first:last, :length] = flags[at:end].reshape(last - first, length)
                        at = end
                    pixels_out.write(pixels.data)
                    valid_out.write(valid.data)
            del values, flags
            for one, other in zip(done, self._temporary[:2], strict=True):
                os.replace(one, other)
        finally:
            for one in done:
                one.unlink(missing_ok=True)


def _mapped(path: Path, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """A file as an array; an empty one cannot be mapped."""
    return np.memmap(path, dtype, "r") if path.stat().st_size else np.zeros(0, dtype)
