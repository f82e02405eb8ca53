"""The one face of all bytes: disks, web servers, S3-style stores, and what lies inside archives on any of them."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ontology.errors import EarthdexError, FetchError
from training.io.archive import Limits
from training.io.archives import Archives
from training.io.base import GAP, MOST, Request, Source, Stat, clipped, coalesced, shown
from training.io.cache import ByteCache
from training.io.files import Files
from training.io.members import Member, split_href, unpacked
from training.io.s3 import S3
from training.io.sidecar import Sidecar
from training.io.web import Patience, Web
from training.io.zips import body_at, span

_INFLATED = 64 << 20  # bytes of inflated members kept, for the next range of the same one

Got = memoryview | EarthdexError
Finish = Callable[[memoryview], memoryview]


@dataclass(slots=True)
class _Want:
    """A range of a plain file, and how it becomes what was asked for."""

    number: int
    address: str
    start: int
    length: int
    finish: Finish | None = None


class OpenBytes:
    """Bytes of files anywhere (see `types.Bytes`). May be shared by threads and pickled to other processes.

    Ranges are as slices: what lies beyond the end of a file is left out. A source that delivers less than it has is an
    error. Made by `open_bytes`.
    """

    def __init__(
        self,
        *,
        cache: Path | None = None,
        cache_bytes: int = 10 << 30,
        allow_private: bool | Collection[str] = False,
        root: Path | None = None,
        patience: Patience | None = None,
        requests: int = 16,
        limits: Limits | None = None,
    ) -> None:
        self._options: dict[str, Any] = {
            "cache": cache,
            "cache_bytes": cache_bytes,
            "allow_private": allow_private,
            "root": root,
            "patience": patience,
            "requests": requests,
            "limits": limits,
        }
        patience = patience or Patience()
        self._files = Files(root)
        self._web = Web(allow_private=allow_private, patience=patience)
        self._s3 = S3(seconds=patience.seconds)
        self._cache = ByteCache(cache, cache_bytes) if cache is not None else None
        self.sidecar = Sidecar(cache) if cache is not None else None
        """Where parsed headers may be kept between runs; None without a cache folder."""
        self._archives = Archives(self._plain, self._stat, limits or Limits(), self.sidecar)
        self._requests = requests
        self._pool: tuple[int, ThreadPoolExecutor] | None = None
        self._lock = threading.Lock()
        self._stats: dict[str, Stat] = {}
        self._bodies: dict[tuple[str, str], int] = {}
        self._inflated: OrderedDict[tuple[str, str, str], memoryview] = OrderedDict()

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], OpenBytes], tuple[dict[str, Any]]]:
        return _opened, (self._options,)

    def __enter__(self) -> OpenBytes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the threads and closes connections and files; what is asked for later opens them again."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None and pool[0] == os.getpid():
            pool[1].shutdown(wait=True, cancel_futures=True)
        self._web.close()
        for one in (self._cache, self.sidecar):
            if one is not None:
                one.close()

    # what the protocol asks for

    def size(self, href: str) -> int:
        """Bytes of a file, or of a member when unpacked.

        Raises:
            FetchError: it cannot be had, or its size is not told.
        """
        outer, name = split_href(href)
        known = self._stat(outer)
        if name:
            return self._archives.member(outer, name).size
        if known.size < 0:
            raise FetchError(f"The server does not tell the size of {shown(href)}.", "Download it first.")
        return known.size

    def validator(self, href: str) -> str:
        """`etag:...` or `mtime:...` that changes when the file (or archive) does; empty where unknown."""
        return self._stat(split_href(href)[0]).validator

    def read(self, href: str, start: int = 0, length: int = -1) -> memoryview:
        """Bytes from `start`; to the end when `length` is -1."""
        (got,) = self.read_many([(href, start, length)])
        if isinstance(got, EarthdexError):
            raise got
        return got

    def read_ranges(self, href: str, ranges: Sequence[tuple[int, int]]) -> list[memoryview]:
        """Several (start, length) ranges of a file."""
        if _plain_path(href) and all(start >= 0 and length >= -1 for start, length in ranges):
            return self._files.fetch_all(href, ranges)[1]
        found = []
        for got in self.read_many([(href, start, length) for start, length in ranges]):
            if isinstance(got, EarthdexError):
                raise got
            found.append(got)
        return found

    def read_many(self, wanted: Sequence[tuple[str, int, int]]) -> list[Got]:
        """Ranges (href, start, length) of many files at once; in place of each that cannot be had, its error.

        Neighbours in the same file, or of the same archive or pack, share a request; requests run side by side.
        """
        out: list[Got] = [memoryview(b"")] * len(wanted)
        wants: list[_Want] = []
        if self._cache is not None:
            self._stat_many({href for href, _, _ in wanted})
        for number, (href, start, length) in enumerate(wanted):
            try:
                if start >= 0 and length >= -1 and _plain_path(href):
                    out[number] = self._files.fetch(href, start, length)[1]
                    continue
                if start < 0 or length < -1:
                    raise FetchError(f"There is no range {start}, {length} in {shown(href)}.", "Count from 0.")
                plain = self._planned(number, href, start, length)
            except EarthdexError as error:
                out[number] = error
                continue
            if isinstance(plain, _Want):
                wants.append(plain)
            else:
                out[number] = plain
        self._gather(wants, out)
        return out

    # what else is useful

    def members(self, archive: str) -> list[str]:
        """The names of the files in a zip, tar or pack.

        Raises:
            FetchError: it cannot be had.
            ArchiveRefused: it is damaged or hostile.
        """
        return self._archives.index(archive).names()

    def where(self, href: str) -> tuple[str, int]:
        """(plain file, offset) of a file: members of one archive that lie close together are cheap to read together."""
        outer, name = split_href(href)
        return (outer, self._archives.member(outer, name).offset) if name else (outer, 0)

    # members

    def _planned(self, number: int, href: str, start: int, length: int) -> _Want | memoryview:
        outer, name = split_href(href)
        if not name:
            return _Want(number, outer, start, length)
        member = self._archives.member(outer, name)
        start, length = clipped(start, length, member.size)
        whole = start == 0 and length == member.size
        if member.method:
            return self._packed(number, outer, name, member, start, length)
        if not member.lead:  # tar and pack: the bytes lie where the index says
            finish = (lambda data: unpacked(member, data, name)) if whole else None
            return _Want(number, outer, member.offset + start, length, finish)
        body = self._bodies.get((outer, name))
        if body is None and not whole:
            head = self._plain(outer, member.offset, member.lead + 64)
            body = self._bodies[outer, name] = body_at(member, head, name)
        if body is not None and not whole:
            return _Want(number, outer, member.offset + body + start, length)
        begin, count = span(member)
        return _Want(number, outer, begin, count, lambda data: self._body(outer, name, member, data))

    def _packed(
        self, number: int, outer: str, name: str, member: Member, start: int, length: int
    ) -> _Want | memoryview:
        """A deflated member has no ranges of its own: it is inflated whole, and kept for the next of them."""
        key = (outer, self._stat(outer).validator, name)
        with self._lock:
            kept = self._inflated.get(key)
        if kept is not None:
            return kept[start : start + length]

        def finish(data: memoryview) -> memoryview:
            whole = self._body(outer, name, member, data)
            if length < member.size:
                with self._lock:
                    self._inflated[key] = whole
                    while sum(map(len, self._inflated.values())) > _INFLATED:
                        self._inflated.popitem(last=False)
            return whole[start : start + length]

        begin, count = span(member)
        return _Want(number, outer, begin, count, finish)

    def _body(self, outer: str, name: str, member: Member, data: memoryview) -> memoryview:
        """A member out of what begins with its local header."""
        begin = body_at(member, data, name)
        inside = data[begin : begin + member.packed]
        if len(inside) < member.packed:  # a header longer than the directory lets expect
            inside = self._plain(outer, member.offset + begin, member.packed)
        return unpacked(member, inside, name)

    # plain files

    def _plain(self, address: str, start: int, length: int) -> memoryview:
        out: list[Got] = [memoryview(b"")]
        self._gather([_Want(0, address, start, length)], out)
        if isinstance(out[0], EarthdexError):
            raise out[0]
        return out[0]

    def _source(self, address: str) -> Source:
        scheme = address.split("://", 1)[0].lower() if "://" in address else ""
        if scheme in ("http", "https"):
            return self._web
        if scheme == "s3":
            return self._s3
        if scheme or address.startswith(("file:", "data:", "<")):
            raise FetchError(f"{shown(address)!r} is not read.", "Only paths, http(s) and s3 addresses are.")
        return self._files

    def _stat(self, address: str) -> Stat:
        source = self._source(address)
        if not source.remote:
            return source.stat(address)
        known = self._stats.get(address)
        if known is None:
            known = self._stats[address] = source.stat(address)
        return known

    def _stat_many(self, hrefs: Iterable[str]) -> None:
        """Asks for the validators of remote files that are not known yet, side by side; errors come up later."""

        def ask(address: str) -> None:
            try:
                self._stat(address)
            except EarthdexError:
                return

        unknown = set()
        for href in hrefs:
            try:
                outer = split_href(href)[0]
                if outer not in self._stats and self._askable(outer) and self._source(outer).remote:
                    unknown.add(outer)
            except EarthdexError:
                continue
        if unknown:
            self._map(ask, sorted(unknown))

    def _gather(self, wants: list[_Want], out: list[Got]) -> None:
        """Reads ranges of plain files and puts what they become, or their errors, into `out`."""
        groups: dict[str, list[_Want]] = {}
        for one in wants:
            groups.setdefault(one.address, []).append(one)
        jobs: list[tuple[str, Source, Request, list[_Want]]] = []
        for address, group in groups.items():
            try:
                source = self._source(address)
                if isinstance(source, Files):
                    _, found = source.fetch_all(address, [(one.start, one.length) for one in group])
                    for one, data in zip(group, found, strict=True):
                        _put(out, one, data)
                    continue
                group = self._from_cache(address, group, out)
            except EarthdexError as error:
                _fail(out, group, error)
                continue
            for request in coalesced([(one.start, one.length) for one in group], gap=GAP, most=MOST):
                jobs.append((address, source, request, [group[number] for number in request.holds]))

        def run(job: tuple[str, Source, Request, list[_Want]]) -> None:
            address, source, request, held = job
            try:
                self._fetch(address, source, request, held, out)
            except EarthdexError as error:
                _fail(out, held, error)

        self._map(run, jobs)

    def _askable(self, address: str) -> bool:
        """Whether something of a remote file may be kept: what was never fetched is fetched without asking first."""
        return address in self._stats or (self._cache is not None and self._cache.seen(address))

    def _from_cache(self, address: str, group: list[_Want], out: list[Got]) -> list[_Want]:
        """Fills in what is kept; gives back what is not."""
        if self._cache is None or not self._askable(address):
            return group
        known = self._stat(address)
        missing = []
        for one in group:
            one.start, one.length = clipped(one.start, one.length, known.size)
            data = None
            if known.validator and one.length > 0:
                data = self._cache.get(self._cache.key(address, known.validator), one.start, one.length)
            if data is None and one.length:
                missing.append(one)
            else:
                _put(out, one, memoryview(b"") if data is None else data)
        return missing

    def _fetch(self, address: str, source: Source, request: Request, held: list[_Want], out: list[Got]) -> None:
        known, data = source.fetch(address, request.start, request.length)
        before = self._stats.setdefault(address, known)
        if before.validator and known.validator != before.validator:
            self._stats.pop(address, None)
            raise FetchError(f"{shown(address)} changed while it was read.", "Read it again, or lock it anew.")
        kept: list[tuple[int, memoryview]] = []
        for one in held:
            begin = one.start - request.start
            piece = data[begin:] if one.length < 0 else data[begin : begin + one.length]
            kept.append((one.start, piece))
            _put(out, one, piece)
        if self._cache is not None and known.validator:
            self._cache.put(address, known.validator, [one for one in kept if len(one[1])])

    def _map(self, work: Callable[[Any], None], jobs: Sequence[Any]) -> None:
        if len(jobs) < 2 or threading.current_thread().name.startswith(_THREADS):
            for job in jobs:
                work(job)
            return
        with self._lock:
            # threads do not cross a fork
            if self._pool is None or self._pool[0] != os.getpid():
                self._pool = (os.getpid(), ThreadPoolExecutor(self._requests, thread_name_prefix=_THREADS))
            pool = self._pool[1]
        for _ in pool.map(work, jobs):
            continue


_THREADS = "earthdex-bytes"


def _plain_path(href: str) -> bool:
    """Whether an href is plainly that of a local file, no member of an archive."""
    return ":" not in href and "!/" not in href and not href.startswith("<")


def _put(out: list[Got], want: _Want, data: memoryview) -> None:
    try:
        out[want.number] = data if want.finish is None else want.finish(data)
    except EarthdexError as error:
        out[want.number] = error


def _fail(out: list[Got], wants: Iterable[_Want], error: EarthdexError) -> None:
    for one in wants:
        out[one.number] = error


def _opened(options: dict[str, Any]) -> OpenBytes:
    return OpenBytes(**options)


def open_bytes(
    *,
    cache: Path | None = None,
    cache_bytes: int = 10 << 30,
    allow_private: bool | Collection[str] = False,
    root: Path | None = None,
    patience: Patience | None = None,
    requests: int = 16,
    limits: Limits | None = None,
) -> OpenBytes:
    """Opens the face of all bytes.

    Args:
        cache: folder that keeps remote bytes for the next epoch, process and run; nothing is kept when None.
        cache_bytes: most bytes in that folder.
        allow_private: whether addresses of private networks and of this machine may be asked; or the names of the
            hosts that may have one, such as the one that the user named.
        root: folder that local files must lie in; relative paths start there. Any path when None.
        patience: how long servers are waited for.
        requests: most requests at the same time.
        limits: what archives may hold.
    """
    return OpenBytes(
        cache=cache,
        cache_bytes=cache_bytes,
        allow_private=allow_private,
        root=root,
        patience=patience,
        requests=requests,
        limits=limits,
    )
