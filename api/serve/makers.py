"""How workers are started, warmed and brought to the published version, and what makes requests alike."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.serve import worker as questions
from api.serve.catalogue import Catalogue, local_version
from api.serve.process import Process
from api.serve.settings import Settings
from kg import worker as queries
from kg.limits import DEFAULT_LIMITS
from kg.rendered import Forms

# each touches other parts of planner and store, so that the first query of a user finds all of them ready
_WARMING = (
    "SELECT * { ?s a <https://w3id.org/earthdex/ns#TrainingDataset> } LIMIT 1",
    "PREFIX sosa: <http://www.w3.org/ns/sosa/> SELECT ?s ?t { ?s a <https://w3id.org/earthdex/ns#Scene> ; "
    "sosa:resultTime ?t } ORDER BY DESC(?t) LIMIT 1",
    "PREFIX sosa: <http://www.w3.org/ns/sosa/> SELECT (COUNT(?s) AS ?n) { ?s a <https://w3id.org/earthdex/ns#Scene> ; "
    "sosa:resultTime ?t FILTER(?t < '2000-01-01T00:00:00Z'^^<http://www.w3.org/2001/XMLSchema#dateTime>) }",
    "ASK { ?a <http://www.opengis.net/ont/geosparql#sfWithin> <https://w3id.org/earthdex/place/country/AT> }",
)
_WORN = 1_000  # requests that opening a newer version counts as: a process that opened many is replaced
_LITERALS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\b\d+(?:\.\d+)?\b|(?:^|\s)#[^\n]*|\s+")

_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)
_LONGEST_KEPT = 20_000


class Makers:
    """Makes worker processes over the published version, or over RDF files.

    Args:
        catalogue: the catalogue.
        settings: bounds of memory.
        files: RDF files that queries are answered from instead.
    """

    def __init__(self, catalogue: Catalogue, settings: Settings, files: tuple[Path, ...] = ()) -> None:
        self._catalogue, self._settings, self._files = catalogue, settings, files
        self._limits = replace(DEFAULT_LIMITS, memory_mb=int(settings.query_memory_mb), rows=int(settings.result_rows))
        self.answers_version = ""

    @property
    def only_files(self) -> bool:
        """Whether there are files in place of the catalogue."""
        return bool(self._files)

    async def version(self) -> str:
        """The published version; "files" where there are files in place of the catalogue."""
        return "files" if self._files else (await self._catalogue.current()).version

    async def answerer(self) -> Process:
        """A warm process that answers questions; raises what opening the catalogue does."""
        home = await self._catalogue.current()
        process = Process(questions.serve, home.version, home.live, home.remote)
        told = home.remote.for_worker() if home.remote is not None else None
        memory, most = int(self._settings.ask_memory_mb), int(self._settings.result_bytes)
        await process.start((home.path, local_version(home), memory, home.live is not None, told, most))
        self.answers_version = home.version
        return process

    async def querier(self) -> Process:
        """A warm process that runs queries; raises what opening the catalogue or the files does."""
        if self._files:
            process = Process(queries.serve)
            await process.start((self._files, "", self._limits.memory_mb, False, None))
            return process
        home = await self._catalogue.current()
        process = Process(queries.serve, home.version, home.live, home.remote)
        told = home.remote.for_worker() if home.remote is not None else None
        await process.start((home.path, local_version(home), self._limits.memory_mb, home.live is not None, told))
        for text in _WARMING if home.live is None and home.remote is None else ():
            await process.ask(self.query_message(text, 60.0, Forms()), 60.0)
        return process

    def query_message(self, sparql: str, seconds: float, forms: Forms | None) -> object:
        """What a process is told to run a query."""
        return sparql, self._limits.rows, seconds, True, False, forms

    async def bring_up(self, process: Process, seconds: float) -> None:
        """Lets a process open the published version, if that is another than it has open."""
        if self._files:
            return
        home = await self._catalogue.current()
        if process.version != home.version:
            await process.ask(local_version(home), seconds)
            process.version = home.version
            process.served += _WORN


def question_key(text: str, options: dict[str, Any]) -> bytes:
    """The same for questions that have the same answer in the same version."""
    return hashlib.blake2b(repr((text, sorted(options.items()))).encode("utf-8", "replace"), digest_size=16).digest()


def query_key(sparql: str) -> bytes:
    """The same for queries that differ in spaces, comments, numbers and texts only: those take about equally long."""
    return hashlib.blake2b(_LITERALS.sub(" ", sparql).encode("utf-8", "replace"), digest_size=16).digest()


def result_key(sparql: str) -> bytes:
    """The same for the same text."""
    return hashlib.blake2b(sparql.encode("utf-8", "replace"), digest_size=16).digest()


def repeatable(sparql: str) -> bool:
    """Whether a query gives the same each time; in doubt it does not."""
    return len(sparql) < _LONGEST_KEPT and "\\u" not in sparql.lower() and not _CHANGING.search(sparql)
