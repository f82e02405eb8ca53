"""A request for scenes as a STAC search (STAC API 1.0, item search), and the pages that answer it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.live.bounds import area, identifiers, is_exact, may_hold, period
from ingest.live.filters import cql2
from ingest.live.http import Api, Refused
from ingest.live.sources import Abilities, Holding, Source
from ingest.stac_values import mapping_of, mappings_of
from kg.live import LiveRequest
from kg.scenes.terms import All, Column
from ontology.errors import FetchError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A scene's moment may be its middle or its end while ours is its start; composites say their first day.
SLACK = 3_600_000_000.0
_MOST_IDS = 500
_PAGE = 250
_TOLD = 200
_MOST_PAGES = 400


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of one source.

    Attributes:
        body: the search as posted, without `limit`.
        in_time: +1 where answers are asked for in order of time, -1 latest first, 0 in no order.
        bounded: whether place, time or identifiers bound it.
        exact: whether it finds no scene that does not meet the request.
        collections: those that it is about; None: all that there are.
    """

    body: dict[str, Any]
    in_time: int = 0
    bounded: bool = False
    exact: bool = False
    collections: frozenset[str] | None = None

    def key(self, source: Source) -> str:
        """The same for equal searches of the same API, with the same key; their order plays no part."""
        body = {name: value for name, value in self.body.items() if name != "sortby"}
        text = json.dumps([source.url, source.key_env, source.key_header, body], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def told(self) -> tuple[str, ...]:
        """The members of the search, for explanations."""
        texts = ((name, json.dumps(value)) for name, value in self.body.items() if name != "filter-lang")
        return tuple(f"{name} {text if len(text) <= _TOLD else text[:_TOLD] + '...'}" for name, text in texts)


def search_of(request: LiveRequest, source: Source) -> Search | None:
    """The search that finds at least all scenes of a source that a request can need; None where it has none."""
    test = All(request.where)
    holdings = _asked(source)
    able = [one for one in holdings if may_hold(test, one)]
    names = identifiers(test)
    first, last = period(test)
    if not able or names == frozenset() or first > last:
        return None
    body: dict[str, Any] = {}
    # without a list an API searches all its collections
    if source.collections or len(able) < len(holdings):
        body["collections"] = [one.id for one in able]
    if names is not None and len(names) <= _MOST_IDS:
        body["ids"] = sorted(names)
    when = _datetime(first, last)
    if when:
        body["datetime"] = when
    where = area(test, request.spatial)
    if where is not None:
        if where.is_empty:
            return None
        body["intersects"] = _geojson(where)
    abilities = source.abilities or Abilities()
    wanted = cql2(request.where, able) if abilities.filter else None
    if wanted is not None:
        body |= {"filter-lang": "cql2-json", "filter": wanted}
    way = _order(request) if abilities.sort and request.limit is not None else 0
    if way:
        body["sortby"] = [{"field": "properties.datetime", "direction": "asc" if way > 0 else "desc"}]
    about = frozenset(one.id for one in able) if "collections" in body else None
    bounded = bool({"ids", "datetime", "intersects"} & body.keys())
    return Search(body, way, bounded, is_exact(request, able), about)


def _asked(source: Source) -> tuple[Holding, ...]:
    if not source.collections:
        return source.holdings or (Holding(""),)
    known = {one.id: one for one in source.holdings}
    return tuple(known.get(name, Holding(name)) for name in source.collections)


def _order(request: LiveRequest) -> int:
    first = request.order[0] if request.order else None
    if first is None or first.value != Column("start_time"):
        return 0
    return -1 if first.descending else 1


def _datetime(first: float, last: float) -> str:
    if math.isinf(first) and math.isinf(last):
        return ""
    text = f"{_moment(first - SLACK)}/{_moment(last + SLACK)}"
    return "" if text == "../.." else text


def _moment(micros: float) -> str:
    if math.isinf(micros):
        return ".."
    try:
        return (_EPOCH + timedelta(microseconds=micros)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except OverflowError:
        return ".."


def _geojson(shape: Any) -> dict[str, Any]:  # noqa: ANN401 - a shapely geometry
    import shapely

    found: dict[str, Any] = json.loads(shapely.to_geojson(shapely.force_2d(shape)))
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer.

    Attributes:
        items: those that no earlier page held.
        matched: how many there are in all, where the source says so.
        odd: members that are no items at all.
    """

    items: tuple[Mapping[str, Any], ...]
    matched: int | None = None
    odd: int = 0


def pages(api: Api, source: Source, search: Search, size: int | None = None) -> Iterator[Page]:
    """The pages that answer a search, each only when it is asked for.

    A filter or an order that the API announced but does not take is left out: the search then finds more.

    Raises:
        FetchError: it cannot be read, or its pages go round in a circle.
    """
    body = {**search.body, "limit": min(size or _PAGE, _PAGE)}
    try:
        answer, method, address = _first(api, source, body)
    except Refused:
        plain = {name: value for name, value in body.items() if name not in ("filter", "filter-lang", "sortby")}
        if plain == body:
            raise
        body = plain
        answer, method, address = _first(api, source, body)
    asked = {_mark(method, address, body)}
    seen: set[tuple[str, str]] = set()
    for number in range(_MOST_PAGES):
        items, odd = _items(answer)
        fresh = tuple(one for one in items if _identity(one) not in seen)
        seen |= {_identity(one) for one in fresh}
        yield Page(fresh, _matched(answer), odd)
        follow = _next(api, answer, address, body) if items else None
        if follow is None:
            return
        method, address, body = follow
        mark = _mark(method, address, body)
        if mark in asked or not fresh:
            raise FetchError("Its pages repeat themselves.", "Tell its provider.")
        asked.add(mark)
        if number < _MOST_PAGES - 1:
            answer = api.post(address, body) if method == "POST" else api.get(address)
    raise FetchError(f"It has more than {_MOST_PAGES} pages.", "Add conditions or a LIMIT.")


def _first(api: Api, source: Source, body: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    address = f"{source.url}/search"
    if source.abilities is None or source.abilities.post:
        try:
            return api.post(address, body), "POST", address
        except Refused:
            if source.abilities is not None and "filter" in body:
                raise
    return api.get(address, as_parameters(body)), "GET", address


def as_parameters(body: Mapping[str, Any]) -> dict[str, str]:
    """A search as the parameters of a GET."""
    made: dict[str, str] = {}
    for name, value in body.items():
        if name in ("collections", "ids"):
            made[name] = ",".join(value)
        elif name == "sortby":
            made[name] = ",".join(f"{'-' * (one['direction'] == 'desc')}{one['field']}" for one in value)
        elif name in ("intersects", "filter"):
            made[name] = json.dumps(value, separators=(",", ":"))
        else:
            made[name] = str(value)
    return made


def _items(answer: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], int]:
    features = answer.get("features")
    if not isinstance(features, list):
        raise FetchError("Its answer lists no items.", "Tell its provider.")
    items = [one for one in features if isinstance(one, Mapping)]
    return items, len(features) - len(items)


def _identity(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item.get("collection")), str(item.get("id"))


def _matched(answer: Mapping[str, Any]) -> int | None:
    for value in (answer.get("numberMatched"), mapping_of(answer.get("context")).get("matched")):
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


def _next(
    api: Api, answer: Mapping[str, Any], address: str, body: dict[str, Any]
) -> tuple[str, str, dict[str, Any]] | None:
    """(method, address, body) of the page after this one."""
    link = next((one for one in mappings_of(answer.get("links")) if one.get("rel") == "next"), None)
    if link is None or not isinstance(link.get("href"), str):
        return None
    follow = api.address(link["href"], address)
    if str(link.get("method") or "GET").upper() != "POST":
        return "GET", follow, {}
    said = dict(mapping_of(link.get("body")))
    return "POST", follow, {**body, **said} if link.get("merge") is True or not said else said


def _mark(method: str, address: str, body: Mapping[str, Any]) -> bytes:
    text = json.dumps([method, address, body], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
