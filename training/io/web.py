"""Ranges over HTTP(S): connections kept, passing faults retried within one budget of time, redirects looked at."""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from ontology.errors import FetchError
from training.io.base import Stat, buffer, shown
from training.io.wire import Broken, Connection, Head

_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_HOPS = 5
_TRIES = 6
_IDLE = 15.0  # seconds after which servers may have closed a connection that lay idle
_MOST_WHOLE = 2 << 30
_KEPT_WHOLE = 64 << 20  # bytes of files kept in memory whose server knows no ranges
_SLOWEST = 1 << 20  # bytes a second for which long ranges get more time
_REMEMBERED = 60.0  # seconds for which a redirect is believed


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for.

    Attributes:
        quiet: seconds without a byte after which a connection is given up.
        seconds: most seconds for one range, all tries together.
    """

    quiet: float = 20.0
    seconds: float = 120.0


class _Later(Exception):
    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Web:
    """HTTP(S) servers.

    Args:
        allow_private: whether hosts with private addresses may be asked, or the names of those that may.
        patience: how long a server is waited for.
    """

    remote = True

    def __init__(self, *, allow_private: bool | Collection[str] = False, patience: Patience | None = None) -> None:
        self._allow_private = allow_private
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._idle: dict[tuple[str, str, int], list[Connection]] = {}
        self._moved: dict[str, tuple[str, float]] = {}
        self._whole: OrderedDict[str, tuple[Stat, memoryview]] = OrderedDict()

    def stat(self, address: str) -> Stat:
        """Size and validator, from the answer to a request for the first byte (HEAD is not signed for by all)."""
        return self.fetch(address, 0, 1)[0]

    def fetch(self, address: str, start: int, length: int) -> tuple[Stat, memoryview]:
        """A range of a file, as a slice would give it; to the end when `length` is -1."""
        ends = time.monotonic() + self._patience.seconds + max(length, 0) / _SLOWEST
        kept = self._whole.get(address)
        if kept is not None:
            return kept[0], _slice(kept[1], start, length)
        if not length:
            return self.fetch(address, start, 1)[0], memoryview(b"")
        got = _Got(start, length)
        reason = "it did not answer"
        for number in range(_TRIES):
            try:
                return self._once(address, got, ends)
            except Broken as error:
                reason, wait = str(error), None
                self._moved.pop(address, None)
            except _Later as error:
                reason, wait = str(error), error.wait
            # what servers ask for is waited for; else longer each time, with chance so that many do not come together
            pause = wait if wait is not None else 0.1 * 2.0**number * random.uniform(0.5, 1.0)
            if number == _TRIES - 1 or time.monotonic() + pause >= ends:
                break
            time.sleep(pause)
        raise FetchError(f"{shown(address)} cannot be read: {reason}.", "Try again later.")

    def _once(self, address: str, got: _Got, ends: float) -> tuple[Stat, memoryview]:
        moved = self._moved.get(address)
        if moved is not None and moved[1] < time.monotonic():
            moved = None
        target = moved[0] if moved else address
        for _ in range(_HOPS + 1):
            connection, head = self._asked(target, got, ends)
            done = False
            try:
                if head.status in _REDIRECTS:
                    target = _followed(target, head, address)
                    continue
                if head.status in (401, 403, 404, 410) and moved:
                    # a signed address that we were sent to may have expired: ask for it again
                    self._moved.pop(address, None)
                    raise _Later(f"the server answered {head.status}", 0.0)
                answer = self._body(address, connection, head, got, ends)
                done = not head.closes
                if target != address and (moved is None or moved[0] != target):
                    self._moved[address] = (target, time.monotonic() + _REMEMBERED)
                return answer
            finally:
                self._put_back(connection, done)
        raise FetchError(f"{shown(address)} redirects more than {_HOPS} times.", "Check the address.")

    def _asked(self, target: str, got: _Got, ends: float) -> tuple[Connection, Head]:
        parts = _checked(target)
        request = _request(parts, got.header())
        while True:
            connection = self._take(parts, ends)
            fresh = connection.used == 0
            try:
                return connection, connection.ask(request, ends)
            except Broken:
                connection.close()
                # one that lay idle may have been closed meanwhile: that is no fault of the server
                if fresh:
                    raise

    def _body(
        self, address: str, connection: Connection, head: Head, got: _Got, ends: float
    ) -> tuple[Stat, memoryview]:
        if head.status in _AGAIN:
            raise _Later(f"the server answered {head.status}", _retry_after(head))
        if head.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
            raise FetchError(f"{shown(address)} comes packed, against what was asked.", "Tell its provider.")
        validator = _validator(head)
        if head.status == 416:
            total = re.fullmatch(r"bytes \*/(\d{1,18})", head.headers.get("content-range", ""))
            if total is None or int(total[1]) > got.start:
                raise FetchError(f"{shown(address)}: the server refuses the range.", "Tell its provider.")
            head.closes = True
            return Stat(int(total[1]), validator), memoryview(b"")
        if head.status == 206:
            return self._partial(address, connection, head, got, ends)
        if head.status == 200:
            return self._all(address, connection, head, got, ends)
        remedy = "It may need a key." if head.status in (401, 403) else "The file may have moved."
        raise FetchError(f"{shown(address)}: the server answered {head.status}.", remedy)

    def _partial(
        self, address: str, connection: Connection, head: Head, got: _Got, ends: float
    ) -> tuple[Stat, memoryview]:
        told = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", head.headers.get("content-range", ""))
        if told is None or int(told[1]) != got.at:
            raise FetchError(f"{shown(address)}: the server sends another range.", "Tell its provider.")
        count = int(told[2]) + 1 - int(told[1])
        total = -1 if told[3] == "*" else int(told[3])
        known = Stat(total, _validator(head))
        got.agree(address, known)
        if count <= 0 or count > got.wanted(total, _MOST_WHOLE) or head.length not in (-1, count):
            raise FetchError(f"{shown(address)}: the server sends another range.", "Tell its provider.")
        if count < got.wanted(total, _MOST_WHOLE) and (total < 0 or got.at + count < total):
            raise Broken(f"it sent {count:,} bytes of {got.wanted(total, _MOST_WHOLE):,}")
        return known, got.fill(connection, count, ends)

    def _all(self, address: str, connection: Connection, head: Head, got: _Got, ends: float) -> tuple[Stat, memoryview]:
        """The whole file, where that was asked for or the server knows no ranges."""
        got.restart()
        known = Stat(head.length, _validator(head))
        plain = got.start == 0 and got.length < 0
        if head.length < 0:
            data = connection.read_unframed(head, _MOST_WHOLE, ends)
            known = Stat(len(data), known.validator)
        elif head.length > (_MOST_WHOLE if plain else _KEPT_WHOLE):
            head.closes = True
            hint = "Download it." if plain else "Its server knows no ranges: download it, or make a pack."
            raise FetchError(f"{shown(address)} holds {head.length:,} bytes: too many to read whole.", hint)
        else:
            data = buffer(head.length)
            connection.read_into(data, ends + head.length / _SLOWEST)
        if not plain:
            self._keep(address, known, data)
        return known, _slice(data, got.start, got.length)

    def _keep(self, address: str, known: Stat, data: memoryview) -> None:
        with self._lock:
            self._whole[address] = (known, data)
            while sum(len(one) for _, one in self._whole.values()) > _KEPT_WHOLE:
                self._whole.popitem(last=False)

    def _take(self, parts: SplitResult, ends: float) -> Connection:
        key = (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        now = time.monotonic()
        with self._lock:
            if self._owner != os.getpid():  # after a fork: the conversations are the parent's
                for one in (each for several in self._idle.values() for each in several):
                    one.close()
                self._owner, self._idle = os.getpid(), {}
            waiting = self._idle.setdefault(key, [])
            while waiting:
                found = waiting.pop()
                if now - found.idle_since < _IDLE:
                    return found
                found.close()
        allowed = self._allow_private
        allowed = allowed if isinstance(allowed, bool) else key[1] in allowed
        return Connection(*key, allow_private=allowed, quiet=self._patience.quiet, ends=ends)

    def _put_back(self, connection: Connection, usable: bool) -> None:
        if not usable:
            connection.close()
            return
        connection.idle_since = time.monotonic()
        with self._lock:
            self._idle.setdefault(connection.key, []).append(connection)

    def close(self) -> None:
        """Closes the idle connections."""
        with self._lock:
            for waiting in self._idle.values():
                for one in waiting:
                    one.close()
            self._idle.clear()


class _Got:
    """What has arrived of one range, over several tries."""

    def __init__(self, start: int, length: int) -> None:
        self.start, self.length = start, length
        self._have: list[memoryview] = []
        self._known: Stat | None = None

    @property
    def at(self) -> int:
        """Where the next byte lies in the file."""
        return self.start + sum(map(len, self._have))

    def header(self) -> str:
        """The Range header for what is missing; none for a whole file."""
        if self.length < 0:
            return f"Range: bytes={self.at}-\r\n" if self.at else ""
        return f"Range: bytes={self.at}-{self.start + self.length - 1}\r\n"

    def wanted(self, total: int, most: int) -> int:
        """Bytes that are missing, where the file has `total`."""
        if self.length >= 0:
            return self.start + self.length - self.at
        return most if total < 0 else total - self.at

    def restart(self) -> None:
        """Forgets what had arrived."""
        self._have = []

    def agree(self, address: str, known: Stat) -> None:
        """Whether a later piece belongs to the same version of the file."""
        if self._known is not None and self._known != known and self._have:
            raise FetchError(f"{shown(address)} changed while it was read.", "Read it again.")
        self._known = known

    def fill(self, connection: Connection, count: int, ends: float) -> memoryview:
        """Reads `count` bytes of body; keeps what came if it breaks off."""
        piece = buffer(count)
        try:
            connection.read_into(piece, ends)
        except Broken as error:
            # only a file that can be recognised may be continued
            if error.got and self._known is not None and self._known.validator:
                self._have.append(error.got)
            raise
        if not self._have:
            return piece
        return memoryview(b"".join([*self._have, piece]))


def _slice(data: memoryview, start: int, length: int) -> memoryview:
    return data[start:] if length < 0 else data[start : start + length]


def _checked(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise FetchError(f"{shown(address)!r} is no http(s) address.", "Check the record's URL.")
    if parts.username or parts.password:
        raise FetchError(f"{shown(address)} holds a name or password, which is not sent.", "Give a URL without it.")
    return parts


def _request(parts: SplitResult, ranged: str) -> bytes:
    path = quote(parts.path or "/", safe="/%:=&~+!$,;'@()*") + (
        "?" + quote(parts.query, safe="/%:=&?~+!$,;'@()*[]") if parts.query else ""
    )
    host = (parts.hostname or "").encode("idna").decode("ascii")
    name = (f"[{host}]" if ":" in host else host) + (f":{parts.port}" if parts.port else "")
    return (
        f"GET {path} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: earthdex\r\nAccept: */*\r\n"
        f"Accept-Encoding: identity\r\n{ranged}\r\n"
    ).encode("ascii")


def _followed(target: str, head: Head, address: str) -> str:
    place = urljoin(target, head.headers.get("location", ""))
    if target.startswith("https:") and not place.startswith("https:"):
        raise FetchError(f"{shown(address)} redirects to an address without encryption.", "It is not followed.")
    head.closes = True
    return place


def _validator(head: Head) -> str:
    tag = head.headers.get("etag", "")
    if tag:
        return f"etag:{tag}"
    changed = head.headers.get("last-modified", "")
    return f"mtime:{changed}" if changed else ""


def _retry_after(head: Head) -> float | None:
    text = head.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()) if text else None
    except (ValueError, TypeError):
        return None
