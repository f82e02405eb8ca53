"""What a STAC API says about itself: what it offers, and what its collections hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.live.http import Api
from ingest.live.sources import Abilities, Holding, Source
from ingest.stac_sensors import sensors
from ingest.stac_values import mapping_of, mappings_of, text_of, texts_of
from ontology.errors import FetchError, RecordError

SECONDS = 20.0
_MOST = 2_000
_PAGES = 50
_LISTED = 64  # spellings of one summary


def described(source: Source, seconds: float = SECONDS) -> Source:
    """The source with what its API says: abilities, and the holdings of the collections that are asked.

    Raises:
        FetchError: it cannot be read.
        RecordError: it is no STAC API, or has none of the collections.
    """
    with Api(source, seconds) as api:
        landing = api.get(source.url)
        abilities = _abilities(landing)
        found = {one.id: one for one in _holdings(api)}
    missing = [one for one in source.collections if one not in found]
    if source.builtin:  # what earthdex knows about them stays; what the API no longer holds is not asked for
        known = {one.id: one for one in source.holdings}
        names = tuple(name for name in source.collections if name in found) or source.collections
        kept = tuple(_merged(known[name], found.get(name)) for name in names)
        return replace(source, collections=names, abilities=abilities, holdings=kept)
    if missing:
        near = ", ".join(sorted(found)[:20])
        raise RecordError(f"{source.called} has no collection {missing[0]!r}.", f"It has {near or 'none'}.")
    wanted = source.collections or tuple(found)
    title = source.title or text_of(landing.get("title"), 60) or ""
    return replace(source, title=title, abilities=abilities, holdings=tuple(found[name] for name in wanted))


def _merged(known: Holding, said: Holding | None) -> Holding:
    if said is None:
        return known
    return replace(said, missions=known.missions or said.missions)


def _abilities(landing: Mapping[str, Any]) -> Abilities:
    classes = [one.rstrip("/") for one in texts_of(landing.get("conformsTo"))]
    links = [one for one in mappings_of(landing.get("links")) if one.get("rel") == "search"]
    if not any(one.endswith("/item-search") for one in classes) and not links:
        raise RecordError("It is no STAC API with item search.", "Give the address of its landing page.")
    methods = {str(one.get("method") or "GET").upper() for one in links}
    return Abilities(
        post="POST" in methods or not links,
        filter=any("item-search#filter" in one for one in classes) and any("cql2-json" in one for one in classes),
        sort=any("item-search#sort" in one for one in classes),
    )


def _holdings(api: Api) -> Iterator[Holding]:
    """The collections of an API, page by page."""
    address: str | None = f"{api.url}/collections"
    seen: set[str] = set()
    number = 0
    while address is not None and address not in seen and len(seen) < _PAGES:
        seen.add(address)
        page = api.get(address)
        listed = page.get("collections")
        if not isinstance(listed, list):
            raise FetchError("It lists no collections.", "Give the address of its landing page.")
        for one in listed:
            name = text_of(mapping_of(one).get("id"), 200)
            if name is not None and number < _MOST:
                number += 1
                yield holding_of(name, mapping_of(mapping_of(one).get("summaries")))
        address = next(
            (
                api.address(str(link.get("href")), address)
                for link in mappings_of(page.get("links"))
                if link.get("rel") == "next"
            ),
            None,
        )


def holding_of(name: str, summaries: Mapping[str, Any]) -> Holding:
    """What a collection's summaries, else its identifier, say about its items.

    A summary lists all values (STAC collection specification), so what it does not list is not there.
    """
    platforms = texts_of(summaries.get("platform"))[:_LISTED]
    named = platforms or texts_of(summaries.get("constellation"))[:_LISTED]
    missions = [sensors().mission(one) for one in named]
    if not named:
        missions = [sensors().read((), (), None, (name,)).mission]
    aboard = tuple(slug for one in texts_of(summaries.get("instruments")) for slug in sensors().instrument(one))
    return Holding(
        name,
        tuple(dict.fromkeys(one for one in missions if one)) if all(missions) else None,
        aboard or None,
        platforms or None,
    )
