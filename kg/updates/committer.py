"""Changes from many at once: gathered into groups, carried out by one killable process, acknowledged once durable.

While a group is worked on, further changes gather and make the next one: a version costs the same for one change and
for many. A change is acknowledged when the version that holds it is published and on disk. A process that dies takes
nothing with it: the change that it was at fails, the others of its group are tried again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, cast

from kg.layout import Layout
from kg.limits import DEFAULT_LIMITS
from kg.updates.work import Change
from kg.wire import receive, send
from ontology import errors as error_module
from ontology.errors import EarthdexError, QueryOutOfMemory, QueryTimeout, StoreLocked, TooBusy, WorkerLost

_GROUP = 64
_GROUP_BYTES = 8_000_000
_TRIES = 3
_START_SECONDS = 60.0
_PUBLISH_SECONDS = 600.0
_LATE = ("late",)


@dataclass(frozen=True, slots=True)
class Done:
    """A change that is durable.

    Attributes:
        added, removed: numbers of quads.
        created: whether it made the graph that it is about.
        before, version: the versions before it and with it; equal where nothing changed.
    """

    added: int
    removed: int
    created: bool
    before: str
    version: str


@dataclass(slots=True)
class _Waiting:
    change: Change
    future: Future[Done] = field(default_factory=Future)
    tries: int = 0

    @property
    def size(self) -> int:
        return len(self.change.text) + sum(len(data) for data, _ in self.change.parts)


class Committer:
    """The one way in for changes of a catalogue's graph. Safe for threads.

    Args:
        root: the catalogue's folder.
        seconds: time that one change may take.
        most: changes that may wait.
        lock_seconds: how long the lock of another writer is waited for.
    """

    def __init__(self, root: Path, seconds: float = 60.0, most: int = 256, lock_seconds: float = 20.0) -> None:
        self._root, self._seconds, self._most, self._lock_seconds = root, seconds, most, lock_seconds
        self._waiting: deque[_Waiting] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._process: list[_Process] = []
        self._end = weakref.finalize(self, _kill, self._process)

    def submit(self, change: Change) -> Future[Done]:
        """Queues a change; the future ends when it is durable, or with the error that says why it is not.

        Raises:
            TooBusy: too many are waiting.
        """
        one = _Waiting(change)
        with self._wake:
            if self._closed or len(self._waiting) >= self._most:
                raise TooBusy("Too many changes are waiting.", "Try again in a moment.")
            self._waiting.append(one)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="earthdex-commit", daemon=True)
                self._thread.start()
            self._wake.notify()
        return one.future

    def close(self, seconds: float = 10.0) -> None:
        """Lets what waits be done, for so long, then ends the process."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(seconds)
        self._end()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closed:
                    self._wake.wait()
                if not self._waiting:
                    return
                group = self._next()
            try:
                self._work(group)
            except EarthdexError as error:
                _fail(group, error)
            except Exception as error:  # a thread that dies would leave all others waiting
                _fail(group, WorkerLost(f"The change failed: {type(error).__name__}.", "Try again."))

    def _next(self) -> list[_Waiting]:
        """What waits, as far as it makes one group; a change that was tried before goes alone."""
        group = [self._waiting.popleft()]
        size = group[0].size
        while self._waiting and len(group) < _GROUP and not group[0].tries:
            size += self._waiting[0].size
            if size > _GROUP_BYTES or self._waiting[0].tries:
                break
            group.append(self._waiting.popleft())
        return group

    def _work(self, group: list[_Waiting]) -> None:
        end = time.monotonic() + self._lock_seconds
        while True:
            try:
                self._once(group)
                return
            except StoreLocked:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _once(self, group: list[_Waiting]) -> None:
        if not self._process:
            self._process.append(_Process(self._root))
        process = self._process[0]
        changes = [one.change for one in group]
        at, limit, counts, segment = -1, self._seconds + _START_SECONDS, dict[int, Any](), ""
        process.tell((changes, self._seconds))
        while True:
            found = process.hear(limit)
            if found is None or found == _LATE:
                late = found == _LATE
                _kill(self._process)
                self._lost(group, at, segment, counts, late=late)
                return
            kind, *told = found
            limit = _PUBLISH_SECONDS
            if kind == "begun":
                at, limit = told[0], self._seconds
            elif kind == "failed":
                at = -1
                _fail([group[told[0]]], _error(told[1]))
            elif kind == "made":
                at = -1
                counts[told[0]] = told[1]
            elif kind == "publishing":
                segment = told[0]
            elif kind == "error":
                raise _error(told[0])
            elif kind == "published":
                _acknowledge(group, counts, *told)
                return

    def _lost(self, group: list[_Waiting], at: int, segment: str, counts: dict[int, Any], *, late: bool) -> None:
        """The process is gone: what was published is acknowledged, what it was at fails, the rest waits again."""
        current = Layout(self._root).current()
        if segment and current is not None and segment in current.changes:
            _acknowledge(group, counts, f"{int(current.version) - 1:06d}", current.version)
            return
        if at >= 0 and late:
            text = f"The change took longer than {self._seconds:g} s and was stopped."
            _fail([group[at]], QueryTimeout(text, "Send it in parts."))
        again = [one for one in group if not one.future.done()]
        for one in again:
            one.tries += 1
        culprit = group[at] if at >= 0 else None
        if culprit is not None and culprit.tries >= _TRIES:
            _fail([culprit], QueryOutOfMemory("The change ended the process that made it.", "Send it in parts."))
        _fail([one for one in again if one.tries > _TRIES], WorkerLost("The process that writes was ended.", "Retry."))
        with self._wake:
            self._waiting.extendleft(reversed([one for one in again if not one.future.done()]))


class _Process:
    """The other end: `kg.updates.process`."""

    def __init__(self, root: Path) -> None:
        paths = [os.path.abspath(one) for one in sys.path]
        code = f"import sys; sys.path[:] = {paths!r}; from {__package__}.process import serve; serve()"
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("EARTHDEX_STORE")},
        )
        self._heard: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=_listen, args=(self._process.stdout, self._heard), daemon=True).start()
        self.tell((str(root), DEFAULT_LIMITS.memory_mb))

    def tell(self, message: object) -> None:
        """Sends a message; that nobody hears it is found out by listening."""
        with suppress(OSError, ValueError):
            send(cast(BinaryIO, self._process.stdin), message)

    def hear(self, seconds: float) -> Any:  # noqa: ANN401 - what was sent
        """The next message; `_LATE` where none comes in time, None where none comes ever."""
        try:
            return self._heard.get(timeout=seconds)
        except Empty:
            return _LATE

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _listen(pipe: BinaryIO, heard: SimpleQueue[Any]) -> None:
    with suppress(EOFError, OSError, ValueError):
        while True:
            heard.put(receive(pipe))
    heard.put(None)


def _kill(processes: list[_Process]) -> None:
    while processes:
        processes.pop().kill()


def _error(told: tuple[str, str, str]) -> EarthdexError:
    name, text, remedy = told
    return cast(EarthdexError, getattr(error_module, name)(text, remedy))


def _fail(group: list[_Waiting], error: EarthdexError) -> None:
    for one in group:
        if not one.future.done():
            one.future.set_exception(error)


def _acknowledge(group: list[_Waiting], counts: dict[int, Any], before: str, after: str) -> None:
    for number, one in enumerate(group):
        if number in counts and not one.future.done():
            added, removed, created, changed = counts[number]
            one.future.set_result(Done(added, removed, created, before, after if changed else before))
