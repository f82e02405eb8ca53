"""Adding, switching on and trying out live sources: what `earthdex sources` does."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.live.cache import Cache
from ingest.live.describe import SECONDS, described
from ingest.live.http import Api
from ingest.live.search import Search, pages
from ingest.live.sources import Registry, Source, live_folder, new_source
from ontology.errors import EarthdexError, FetchError, RecordError


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying a source.

    Attributes:
        source: as its API describes itself now; as it was known where that failed.
        works: whether a search was answered.
        ms: milliseconds that took, with the descriptions.
        matched: how many scenes it says it has, if it says so.
        text: what is wrong.
    """

    source: Source
    works: bool
    ms: float
    matched: int | None = None
    text: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `earthdex sources test --json`."""
        return {
            **self.source.to_dict(),
            "works": self.works,
            "ms": round(self.ms, 1),
            "matched": self.matched,
            "collections_held": len(self.source.holdings),
            "problem": self.text or None,
        }


def add_source(
    root: Path,
    url: str,
    *,
    name: str = "",
    collections: tuple[str, ...] = (),
    key_env: str = "",
    key_header: str = "Authorization",
) -> Source:
    """Adds a STAC API, switched on, after reading what it says about itself.

    Raises:
        RecordError: the address or name is none, it is taken, or there is no STAC API with these collections.
        FetchError: it cannot be reached.
    """
    registry = Registry.open(root)
    source = new_source(url, name=name, collections=collections, key_env=key_env, key_header=key_header)
    if source.name in registry.sources:
        raise RecordError(
            f"There is a source {source.name!r} already.", f"Give another --name, or remove {source.name} first."
        )
    try:
        source = described(source)
    except FetchError as error:
        raise FetchError(f"{source.url}: {error.message}", error.remedy) from error
    registry.put(source)
    return source


def switch(root: Path, name: str, on: bool) -> tuple[Source, str]:
    """Switches a source on or off.

    Returns:
        The source, and what to know: where it cannot be reached now, it is switched on all the same.

    Raises:
        NotFound: there is none of that name.
    """
    registry = Registry.open(root)
    source, told = replace(registry.get(name), enabled=on), ""
    if on:
        try:
            source = described(source)
        except EarthdexError as error:
            told = f"{source.called} cannot be asked now: {error.message}"
    registry.put(source)
    return source, told


def remove_source(root: Path, name: str) -> None:
    """Forgets a source and what it answered; a built-in one is switched off.

    Raises:
        NotFound: there is none of that name.
    """
    Registry.open(root).remove(name)
    Cache(live_folder(root) / "parts", 0).clear(name)


def try_source(root: Path, name: str) -> Trial:
    """Asks a source to describe itself and for one scene; keeps what it said if it is switched on.

    Raises:
        NotFound: there is none of that name.
    """
    registry = Registry.open(root)
    source = registry.get(name)
    started = time.perf_counter()
    try:
        source = described(source)
        wanted = {"collections": list(source.collections)} if source.collections else {}
        with Api(source, SECONDS) as api:
            page = next(pages(api, source, Search(wanted), 1))
    except EarthdexError as error:
        return Trial(source, False, (time.perf_counter() - started) * 1000, text=str(error))
    if source.enabled:
        registry.put(source)
    return Trial(source, True, (time.perf_counter() - started) * 1000, page.matched)
