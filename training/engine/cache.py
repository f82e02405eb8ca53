"""Decoded chips on disk, for the second epoch: records of one size, read straight into the arrays of batches."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.engine.fill import Slot
from training.engine.report import Kind
from training.windows import Ints

_PAGE = 4096
_VERSION = 1


class ChipCache:
    """Chips of one lock.

    `chips.raw` holds a record for each chip (image, valid, mask, to the next page), `chips.map` a byte for each: 1
    once its record is written. A record is written before its byte, so a process may be killed at any time. After a
    restart of the machine, whose memory may not have reached the disk, records count only if all had been written
    and synchronised. Several processes may fill and read one cache.

    Args:
        folder: where caches lie; each lock has a folder of its own, named by its digest.
        digest: of the lock.
        kind: of its chips.
        mask_dtype: of masks.
        count: chips of the lock.
    """

    def __init__(self, folder: Path, digest: str, kind: Kind, mask_dtype: np.dtype[np.generic], count: int) -> None:
        area = kind.height * kind.width
        self._image = kind.channels * area * kind.dtype.itemsize
        self._record = -(-(self._image + area * (1 + (mask_dtype.itemsize if kind.masked else 0))) // _PAGE) * _PAGE
        self._count = count
        self._lock = threading.Lock()
        self.full = ""
        self._folder = folder / digest.rpartition(":")[2][:32]
        self._raw = self._map_file = -1
        self._map: mmap.mmap | None = None
        layout = {"version": _VERSION, "digest": digest, "record": self._record, "count": count, "kind": str(kind)}
        try:
            self._open(layout)
        except OSError as error:
            self._stop(error)

    def _open(self, layout: dict[str, object]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        about = self._folder / "about.json"
        self._trusted({**layout, "boot": _boot()}, about)
        self._raw = os.open(self._folder / "chips.raw", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._map_file = os.open(self._folder / "chips.map", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._map_file, self._count)
        self._map = mmap.mmap(self._map_file, self._count)
        missing = self._record * (self._count - self._map[:].count(1))
        free = shutil.disk_usage(self._folder).free
        if missing > free:
            self.full = f"the cache needs {missing:,} bytes more, {free:,} are free"

    def _trusted(self, layout: dict[str, object], about: Path) -> None:
        """Empties a cache of another layout, or one that was not complete when the machine was restarted."""
        try:
            known = json.loads(about.read_text())
        except (OSError, ValueError):
            known = {}
        same = {key: value for key, value in known.items() if key != "boot"} == {
            key: value for key, value in layout.items() if key != "boot"
        }
        complete = (self._folder / "complete").exists()
        if known and (not same or (known.get("boot") != layout["boot"] and not complete)):
            for name in ("complete", "chips.map", "chips.raw"):
                (self._folder / name).unlink(missing_ok=True)
        if known != layout:
            part = about.with_name(f"about.{os.getpid()}.part")
            part.write_text(json.dumps(layout))
            part.replace(about)

    def _stop(self, error: OSError) -> None:
        """No more is written; what is there stays usable."""
        self.full = f"the cache cannot be written: {error.strerror}"

    def has(self, chips: Ints) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """(n,) whether chips are there."""
        if self._map is None:
            return np.zeros(len(chips), dtype=bool)
        known = np.frombuffer(self._map[:], dtype=np.uint8)
        return np.asarray(known[chips] == 1)

    def read(self, slots: Sequence[Slot]) -> None:
        """Fills slots with their chips. Raises OSError where a record is too short."""
        for slot in slots:
            views = _views(slot)
            wanted = sum(len(one) for one in views)
            start = int(slot.batch.chips[slot.at]) * self._record
            got = os.preadv(self._raw, views, start)
            if got != wanted:
                raise OSError(0, f"a record of {wanted:,} bytes has {got:,}")

    def write(self, slots: Sequence[Slot]) -> None:
        """Keeps the chips of slots that are not there yet."""
        if self.full or self._map is None:
            return
        for slot in slots:
            chip = int(slot.batch.chips[slot.at])
            if self._map[chip]:
                continue
            views = _views(slot)
            try:
                written = os.pwritev(self._raw, views, chip * self._record)
            except OSError as error:
                self._stop(error)
                return
            if written == sum(len(one) for one in views):
                self._map[chip] = 1

    def finish(self) -> None:
        """Once all chips are there: synchronises in the background, so that they outlive a restart of the machine."""
        if self._map is None or self._map[:].count(1) != self._count or (self._folder / "complete").exists():
            return
        threading.Thread(target=self._synchronise, daemon=True).start()

    def _synchronise(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            os.fdatasync(self._raw)
            os.fdatasync(self._map_file)
            (self._folder / "complete").touch()

    def close(self) -> None:
        """Closes the files."""
        for file in (self._raw, self._map_file):
            if file >= 0:
                os.close(file)
        self._raw = self._map_file = -1
        self._map = None

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            self.close()


def _views(slot: Slot) -> list[memoryview]:
    batch = slot.batch
    found = [batch.image[slot.at].data.cast("B"), batch.valid[slot.at].data.cast("B")]
    if batch.mask is not None:
        found.append(batch.mask[slot.at].data.cast("B"))
    return found


def _boot() -> str:
    """What changes when the machine is started anew; empty where it cannot be told."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
