"""The flow of an epoch: cells are decoded by threads ahead of the batch that is wanted, in the order of first need."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass

import numpy as np

from ontology.errors import EarthdexError
from training.engine.ahead import Ahead
from training.engine.cache import ChipCache
from training.engine.fill import Failures, Slot
from training.engine.ring import Open, Ring
from training.types import Item, Skipped
from training.windows import Ints

# chips of small items that one job reads
_TOGETHER = 8
# seconds that a flow which is given up waits for what is being read
_PATIENCE = 2.0

Work = Callable[[int, Sequence[Slot]], Failures]


@dataclass(frozen=True, slots=True)
class Plan:
    """The chips of some batches, by batch and by cell.

    Attributes:
        numbers: of the batches.
        batches: (n,) chip numbers of each.
        rows: (chips, 5) item, row, column, height, width, batch after batch.
        batch: (chips,) which batch each belongs to, as index of `batches`.
        slot: (chips,) its place there.
        cell: (chips,) its cell, numbered from 0.
        order: chips by cell, as indices of `rows`.
        ends: (cells + 1,) where each cell begins in `order`, and its end.
    """

    numbers: Sequence[int]
    batches: Sequence[Ints]
    rows: Ints
    batch: Ints
    slot: Ints
    cell: Ints
    order: Ints
    ends: Ints

    def members(self, cell: int) -> Ints:
        """The chips of a cell, as indices of `rows`."""
        return self.order[self.ends[cell] : self.ends[cell + 1]]


def plan(numbers: Sequence[int], batches: Sequence[Ints], rows: Ints, cells: Ints) -> Plan:
    """Groups chips by cell.

    Args:
        numbers: of the batches.
        batches: chip numbers of each.
        rows: (chips, 5) item, row, column, height, width, batch after batch.
        cells: (chips,) the cell of each.
    """
    lengths = np.asarray([len(one) for one in batches], dtype=np.int64)
    batch = np.repeat(np.arange(len(batches), dtype=np.int64), lengths)
    slot = np.arange(len(batch), dtype=np.int64) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    _, cell = np.unique(cells, return_inverse=True)
    order = np.argsort(cell, kind="stable").astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(np.bincount(cell))]).astype(np.int64)
    return Plan(numbers, batches, rows, batch, slot, cell.astype(np.int64), order, ends)


class Flow:
    """Runs a plan.

    Args:
        plan: what to read.
        ring: where batches are put together.
        items: of the lock, by number.
        work: fills slots of an item; called in threads.
        pool: the threads.
        ahead: batches that are begun before they are wanted.
        cache: decoded chips, or None.
        files: reads small files together, or None.
    """

    def __init__(
        self,
        plan: Plan,
        ring: Ring,
        items: Callable[[int], Item],
        work: Work,
        pool: Executor,
        ahead: int,
        cache: ChipCache | None = None,
        files: Ahead | None = None,
    ) -> None:
        self._plan, self._ring, self._items, self._work, self._pool = plan, ring, items, work, pool
        self._ahead, self._cache, self._files = ahead, cache, files
        chips = np.concatenate([*plan.batches, np.zeros(0, dtype=np.int64)])
        self._there = np.zeros(len(chips), dtype=bool) if cache is None else cache.has(chips)
        self._open: dict[int, Open] = {}
        self._begun = np.zeros(len(plan.ends), dtype=bool)
        self._scheduled = 0
        self._ready = threading.Condition()
        self._broken: BaseException | None = None
        self._stopped = False
        self._jobs: deque[tuple[list[list[tuple[int, Slot]]], bool]] = deque()
        self._running: set[Future[None]] = set()
        self._process = os.getpid()
        self._starts = np.cumsum([0, *[len(one) for one in plan.batches]])

    def __iter__(self) -> Iterator[Open]:
        try:
            for at in range(len(self._plan.batches)):
                self._begin(min(at + self._ahead, len(self._plan.batches) - 1))
                yield self._wait(at)
        finally:
            self._stop()

    def _stop(self) -> None:
        """Lets the arrays of batches that nobody will get go, before another flow takes new ones."""
        self._stopped = True
        self._jobs.clear()
        self._open.clear()
        if self._process == os.getpid():
            wait(self._running, _PATIENCE)

    def _wait(self, at: int) -> Open:
        batch = self._open[at]
        with self._ready:
            while batch.pending and self._broken is None:
                self._ready.wait(1.0)
            if self._broken is not None:
                raise self._broken
        return self._open.pop(at)

    def _begin(self, until: int) -> None:
        """Begins the cells of all batches up to `until` that have not been."""
        together: list[Ints] = []
        while self._scheduled <= until:
            start, end = self._starts[self._scheduled], self._starts[self._scheduled + 1]
            self._opened(self._scheduled)
            self._remembered(start, end)
            for cell in self._plan.cell[start:end][~self._there[start:end]].tolist():
                if self._begun[cell]:
                    continue
                self._begun[cell] = True
                members = self._plan.members(cell)
                together.append(members[~self._there[members]])
                if sum(map(len, together)) >= _TOGETHER:
                    self._submit(together)
                    together = []
            self._scheduled += 1
        if together:
            self._submit(together)

    def _remembered(self, start: int, end: int) -> None:
        """Submits reading of the chips of a batch that the cache has."""
        found = start + np.flatnonzero(self._there[start:end])
        for first in range(0, len(found), _TOGETHER):
            self._later([self._job(found[first : first + _TOGETHER])], cached=True)

    def _opened(self, at: int) -> Open:
        if at not in self._open:
            self._open[at] = self._ring.open(self._plan.numbers[at], self._plan.batches[at])
        return self._open[at]

    def _submit(self, cells: Sequence[Ints]) -> None:
        self._later([self._job(members) for members in cells])

    def _later(self, jobs: list[list[tuple[int, Slot]]], cached: bool = False) -> None:
        """Leaves jobs to the threads."""
        self._jobs.append((jobs, cached))
        done = self._pool.submit(self._next)
        self._running.add(done)
        done.add_done_callback(self._running.discard)

    def _next(self) -> None:
        try:
            jobs, cached = self._jobs.popleft()
        except IndexError:
            return
        self._run(jobs, cached)

    def _job(self, members: Ints) -> list[tuple[int, Slot]]:
        """Chips as (item, slot)."""
        return [
            (row[0], Slot(self._opened(batch), slot, *row[1:]))
            for batch, slot, row in zip(
                self._plan.batch[members].tolist(),
                self._plan.slot[members].tolist(),
                self._plan.rows[members].tolist(),
                strict=True,
            )
        ]

    def _run(self, jobs: Sequence[list[tuple[int, Slot]]], cached: bool) -> None:
        try:
            if self._files is not None and not cached and not self._stopped:
                self._files.load([self._items(item) for item in {item: None for job in jobs for item, _ in job}])
            for job in jobs:
                if self._stopped:
                    return
                if cached and self._recalled([slot for _, slot in job]):
                    self._done(job, Failures())
                    continue
                # one cell is of one item; what the cache lost may be of several
                for item in {item: None for item, _ in job}:
                    mine = [each for each in job if each[0] == item]
                    slots = [slot for _, slot in mine]
                    failures = self._filled(item, slots)
                    if self._cache is not None:
                        self._cache.write([slot for slot in slots if id(slot) not in failures.of])
                    self._done(mine, failures)
        except BaseException as error:
            # whatever it is, the one who waits must hear of it
            with self._ready:
                self._broken = error
                self._ready.notify_all()
        finally:
            if self._files is not None:
                self._files.drop()

    def _recalled(self, slots: Sequence[Slot]) -> bool:
        try:
            if self._cache is None:
                return False
            self._cache.read(slots)
        except OSError:
            # a damaged cache costs time, no chips
            for slot in slots:
                slot.batch.valid[slot.at] = True
            return False
        return True

    def _filled(self, item: int, slots: Sequence[Slot]) -> Failures:
        try:
            return self._work(item, slots)
        except EarthdexError as error:
            failures = Failures()
            parts = self._items(item).parts
            for slot in slots:
                failures.add(slot, parts[0].href if parts else "", error)
            return failures

    def _done(self, job: Sequence[tuple[int, Slot]], failures: Failures) -> None:
        with self._ready:
            for item, slot in job:
                failed = failures.of.get(id(slot))
                if failed is not None:
                    slot.batch.failed[slot.at] = Skipped(self._items(item).iri, failed[0], failed[1].message)
                    slot.batch.errors[slot.at] = failed[1]
                slot.batch.pending -= 1
                if not slot.batch.pending:
                    self._ready.notify_all()
