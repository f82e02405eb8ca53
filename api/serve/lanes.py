"""Worker processes in two lanes, so that small requests stay quick while large ones burn.

A request begins in the quick lane. Once it has worked for longer than a short grace, its process steps back in priority
and moves to the slow lane, and another takes its place. The slow lane holds few; where it is full, a request has a few
graces more, then its process ends and it waits for its turn there. What is known to be slow goes there at once.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from api.serve.process import Process
from api.serve.turns import Turns
from ontology.errors import EarthdexError, QueryTimeout

_NICE = 15
_KNOWN = 4_096
_MOST_SERVED = 20_000  # a process is replaced in time, whatever it has gathered
_RETRY_SECONDS = 2.0
_NONE = object()
_HARD = 0.4  # of the grace, while the slow lane is full
_SLOW = 4  # graces of work after which a request is known to be slow
_LOOK_SECONDS = 0.1
_PATIENCE = 8  # wall time that counts as the grace, in graces

Work: TypeAlias = Callable[[Process, float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many processes and requests.

    Attributes:
        quick: processes of the quick lane.
        slow: processes of the slow lane.
        spare: warm processes that wait to take a place.
        grace: seconds after which a request leaves the quick lane.
        waiting: requests that may wait in each lane.
        share: of them, those of one client.
    """

    quick: int = 2
    slow: int = 2
    spare: int = 1
    grace: float = 0.25
    waiting: int = 64
    share: int = 16


class _Clock:
    """How long a request may still go on in the quick lane.

    Its process's own time counts: on a machine that is busy with other things, nothing is slow for that alone. What
    waits rather than works has a longer time by the clock on the wall.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        self._wall, self._cpu = time.monotonic(), process.cpu()

    def left(self, grace: float) -> float:
        """Seconds after which to look again; 0 or less once the grace is over."""
        wall = time.monotonic() - self._wall
        if self._cpu is None or (now := self._process.cpu()) is None:
            return grace - wall
        used = now - self._cpu
        if used >= grace:
            return 0.0
        return min(max(grace - used, 0.02), _PATIENCE * grace - wall)


class _Trial:
    """Leave to use a process for what nobody knows yet; given back once."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes: Lanes | None = lanes

    def end(self) -> None:
        """Gives it back; a second call does nothing."""
        if self._lanes is not None:
            self._lanes.owe()
            self._lanes = None


class Lanes:
    """Processes that are made by `make`, kept at their number, and renewed on demand. For one event loop."""

    def __init__(self, make: Callable[[], Awaitable[Process]], bounds: Bounds) -> None:
        self.bounds = bounds
        self.deaths = self.demoted = 0
        self._make = make
        self._quick: Turns[Process] = Turns(bounds.waiting, bounds.share)
        self._slow: Turns[Process] = Turns(bounds.waiting, bounds.share)
        self._spares: list[Process] = []
        self._slow_ones: set[Process] = set()
        self._trials: Turns[bool] = Turns(bounds.waiting, bounds.share)
        self._owed = 0
        for _ in range(max(1, bounds.quick - 1)):
            self._trials.put(True)
        self._age: dict[Process, int] = {}
        self._era = 0
        self._known: OrderedDict[object, bool] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._maker: asyncio.Task[None] | None = None
        self._closed = False
        self.ready = asyncio.Event()

    # --- requests ----------------------------------------------------------------------------------------------------

    async def run(self, client: str, work: Work, key: object, seconds: float) -> tuple[object, Process]:
        """(what a worker answers, the process that gave it).

        Args:
            client: who asks.
            work: asks the process that it is given, within so many seconds.
            key: what is alike in requests that take equally long.
            seconds: for waiting and working together; half of them at most are for waiting.

        Raises:
            TooBusy: no process came free in time, or too many wait.
            QueryTimeout: it took too long.
            EarthdexError: whatever the worker says.
        """
        end = time.monotonic() + seconds
        latest = end - seconds / 2
        try:
            if not self._known.get(key, False):
                process, answer = await self._try(client, work, key, end, latest)
                if process is not None and answer is not _NONE:
                    return answer, process
            return await self._slowly(client, work, key, end, latest)
        except QueryTimeout as error:
            raise QueryTimeout(f"It took longer than {seconds:g} s and was stopped.", error.remedy) from None

    async def _try(
        self, client: str, work: Work, key: object, end: float, latest: float
    ) -> tuple[Process | None, object]:
        """(process, answer) of the quick lane; one of its processes is for what is known to be quick, in hard times."""
        trial = None
        try:
            while True:
                if trial is None and key not in self._known and self._full:
                    await self._trials.take(client, max(0.0, latest - time.monotonic()))
                    trial = _Trial(self)
                process = await self._quick.take(client, max(0.0, latest - time.monotonic()))
                if self._known.get(key, False):  # another one like it has been tried meanwhile
                    self._quick.put(process)
                    return None, _NONE
                if trial is not None or key in self._known or not self._full:
                    return process, await self._quickly(process, work, key, end, trial)
                self._quick.put(process)  # times have become hard while it waited
        finally:
            if trial is not None:
                trial.end()

    async def _quickly(self, process: Process, work: Work, key: object, end: float, trial: _Trial | None) -> object:
        """The answer of a process of the quick lane, or `_NONE`: it took too long for that."""
        clock = _Clock(process)
        task = asyncio.ensure_future(work(process, end - time.monotonic()))
        grace, slow = self.bounds.grace * (_HARD if trial else 1), False
        proven = self._known.get(key) is False  # it was quick before: an accident does not make it slow
        try:
            while not task.done() and (left := clock.left(grace)) > 0:
                await asyncio.wait({task}, timeout=left)
            if task.done():
                return await task
            # where the slow lane is full, what takes a little longer is let through
            if not self._demote(process):
                while not task.done() and (left := clock.left(_SLOW * grace)) > 0:
                    await asyncio.wait({task}, timeout=min(left, _LOOK_SECONDS))
                    if self._demote(process) or (not proven and (len(self._quick) or len(self._trials))):
                        break
                slow = not task.done()
                if slow and process not in self._slow_ones:
                    return _NONE
            if trial is not None:
                trial.end()
            slow = True
            answer = await task
            slow = clock.left(_SLOW * self.bounds.grace) <= 0
            return answer
        finally:
            self._remember(key, slow)
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError, EarthdexError):
                    await task
            self._back(process)

    async def _slowly(self, client: str, work: Work, key: object, end: float, latest: float) -> tuple[object, Process]:
        waits = asyncio.ensure_future(self._slow.take(client, max(0.0, latest - time.monotonic())))
        await asyncio.sleep(0)  # it stands in line now, so that `_mend` knows that somebody waits
        self._mend()
        process = await waits
        clock = _Clock(process)
        slow = True
        try:
            answer = await work(process, end - time.monotonic())
            slow = clock.left(_SLOW * self.bounds.grace) <= 0
            return answer, process
        finally:
            self._remember(key, slow)
            self._back(process)

    def pay(self) -> None:
        """Gives leave for as many trials as ended, once the quick lane has all its processes."""
        while self._owed and self._wanted() is not self._quick:
            self._owed -= 1
            self._trials.put(True)

    def owe(self) -> None:
        """A trial has ended."""
        self._owed += 1
        self.pay()

    @property
    def _full(self) -> bool:
        """Whether the slow lane can take no more."""
        return len(self._slow_ones) >= self.bounds.slow or len(self._slow) > 0

    def _remember(self, key: object, slow: bool) -> None:
        self._known[key] = slow
        self._known.move_to_end(key)
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    def _demote(self, process: Process) -> bool:
        """Moves a process to the slow lane, where there is room for one; another takes its place."""
        if self._full:
            return False
        self.demoted += 1
        process.step_back(_NICE)
        self._slow_ones.add(process)
        self._mend()
        return True

    def _back(self, process: Process) -> None:
        """Where a process goes when its request is done."""
        if process.alive and self._age.get(process) == self._era and process.served < _MOST_SERVED:
            (self._slow if process in self._slow_ones else self._quick).put(process)
            return
        self.deaths += not process.alive
        self._drop(process)
        self._mend()

    # --- processes ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins to make all processes; `ready` is set when the quick lane has its own."""
        self._mend()

    async def renew(self) -> None:
        """Puts new processes in the place of all, such as for a newer version; the old ones finish what they do."""
        fresh: list[Process] = []
        try:
            for _ in range(self.bounds.quick + self.bounds.spare):
                fresh.append(await self._make())
        except EarthdexError:
            for one in fresh:
                await one.kill()
            raise
        self._era += 1
        old = [*self._quick.free, *self._slow.free, *self._spares]
        self._quick.free.clear()
        self._slow.free.clear()
        self._spares.clear()
        for one in fresh:
            self._place(one, self._wanted())
        for one in old:
            self._drop(one)

    async def close(self) -> None:
        """Ends all processes."""
        self._closed = True
        if self._maker is not None:
            self._maker.cancel()
            with suppress(asyncio.CancelledError):
                await self._maker
        for one in list(self._age):
            await one.kill()
        for task in list(self._tasks):
            await task

    def state(self) -> dict[str, int]:
        """Numbers of processes and of waiting requests."""
        return {
            "processes": len(self._age),
            "quick_free": len(self._quick.free),
            "slow": len(self._slow_ones),
            "waiting": len(self._quick) + len(self._slow) + len(self._trials),
            "demoted": self.demoted,
            "deaths": self.deaths,
        }

    def processes(self) -> list[Process]:
        """All that live."""
        return [one for one in self._age if one.alive]

    def _mend(self) -> None:
        """Fills places in the lanes with spare processes, and begins to make those that are missing."""
        self._spares = [one for one in self._spares if one.alive]
        while self._spares and (lane := self._wanted()) is not None:
            self._place(self._spares.pop(), lane)
        if not self._closed and self._lacks() and (self._maker is None or self._maker.done()):
            self._maker = asyncio.ensure_future(self._fill())

    def _wanted(self) -> Turns[Process] | None:
        """The lane that needs another process now."""
        current = sum(age == self._era for age in self._age.values())
        slow = sum(self._age.get(one) == self._era for one in self._slow_ones)
        if current - slow - len(self._spares) < self.bounds.quick:
            return self._quick
        if len(self._slow) and len(self._slow_ones) < self.bounds.slow:
            return self._slow
        return None

    def _lacks(self) -> bool:
        return self._wanted() is not None or len(self._spares) < self.bounds.spare

    def _place(self, process: Process, lane: Turns[Process] | None) -> None:
        """Puts a process into a lane; without one it is a spare one."""
        self._age[process] = self._era
        if lane is None:
            self._spares.append(process)
            return
        if lane is self._slow:
            process.step_back(_NICE)
            self._slow_ones.add(process)
        lane.put(process)
        self.pay()
        if self._wanted() is not self._quick:
            self.ready.set()

    async def _fill(self) -> None:
        # one after the other: several at once would take the processors from those who answer
        while not self._closed and self._lacks():
            era = self._era
            try:
                process = await self._make()
            except EarthdexError:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if era == self._era:
                self._place(process, self._wanted())
            else:  # `renew` has made them all
                self._drop(process)

    def _drop(self, process: Process) -> None:
        self._slow_ones.discard(process)
        self._age.pop(process, None)
        task = asyncio.ensure_future(process.kill())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
