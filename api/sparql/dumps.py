"""Whole graphs as RDF text: written to files beside the service, one at a time, the last few kept."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

from kg.home import Home
from ontology.errors import NotFound, QueryNotAllowed, TooBusy
from ontology.terms import IRI

_KEPT = 6
_KEPT_BYTES = 1_000_000_000
_WAITING = 8
_CHUNK = 1 << 18

Dump: TypeAlias = tuple[str, IRI | None, str]
"""Version, graph and media type."""


class Dumps:
    """The dumps of a service. Used on the event loop; the work is done in threads."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._kept: OrderedDict[Dump, Path] = OrderedDict()
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def open(self, home: Home, graph: IRI | None, media_type: str) -> tuple[int, AsyncIterator[bytes]]:
        """(bytes, their stream) of the triples of a graph that there is.

        Raises:
            TooBusy: too many graphs are asked for at once.
            StoreError: it cannot be read, or written to a file.
        """
        if self._waiting >= _WAITING:
            raise TooBusy("Too many graphs are being read.", "Try again in a moment.")
        self._waiting += 1
        try:
            async with self._lock:
                file = await asyncio.to_thread(self._made, home, (home.version, graph, media_type))
        finally:
            self._waiting -= 1
        return os.fstat(file.fileno()).st_size, _chunks(file)

    def _made(self, home: Home, key: Dump) -> BinaryIO:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="earthdex-", ignore_cleanup_errors=True)
        path = self._kept.pop(key, None)
        if path is None or not path.exists():
            handle, name = tempfile.mkstemp(dir=self._folder.name)
            os.close(handle)
            path = Path(name)
            home.graph.dump_graph(key[1], key[2], path)
        self._kept[key] = path
        file = path.open("rb")  # it can be read to its end, also where its name is gone
        while len(self._kept) > 1 and (len(self._kept) > _KEPT or self._size() > _KEPT_BYTES):
            self._kept.popitem(last=False)[1].unlink(missing_ok=True)
        return file

    def _size(self) -> int:
        return sum(one.stat().st_size for one in self._kept.values() if one.exists())


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while data := await asyncio.to_thread(file.read, _CHUNK):
            yield data


def check_graph(home: Home, graph: IRI | None) -> None:
    """Raises NotFound where there is no such graph, QueryNotAllowed where it is not kept here."""
    if home.remote is not None:
        raise QueryNotAllowed("The graph is on another server.", "Ask for it there.")
    if graph is not None and not home.graph.has_graph(graph):
        raise NotFound(f"There is no graph {graph}.", "`SELECT DISTINCT ?g { GRAPH ?g {} }` lists the graphs.")
