"""The live tier over STAC APIs: all sources at once, each within its time, and what became of each."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ingest.live.cache import Cache, Kept
from ingest.live.http import Api
from ingest.live.search import SLACK, Page, Search, pages, search_of
from ingest.live.sources import Registry, Source, live_folder
from ingest.stac_item import Context, scene_of
from kg.live import LiveReply, LiveReport, LiveRequest
from kg.scenes import Plan, SceneTable
from kg.scenes.terms import Column
from ontology.errors import EarthdexError, FetchError, QueryTooLarge, RecordError, StoreError
from ontology.records import Scene

_FOREVER = 10 * 365 * 86_400.0
_YOUNG = 5.0  # seconds in which the same question is not asked twice, whatever the expiry


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of the live tier.

    Attributes:
        seconds: that each source may take.
        expiry: seconds after which an answer is asked for anew.
        scenes: most scenes of one source for one query.
        cache_mb: size of what is kept.
    """

    seconds: float = 30.0
    expiry: float = 3_600.0
    scenes: int = 10_000
    cache_mb: int = 500

    @classmethod
    def of_settings(cls) -> Bounds:
        """As the environment says.

        Raises:
            StoreError: a setting is no number.
        """
        return cls(
            _setting("EARTHDEX_LIVE_SECONDS", 30.0, 0.1, 600.0),
            _setting("EARTHDEX_LIVE_EXPIRY", 3_600.0, 0.0, _FOREVER),
            int(_setting("EARTHDEX_LIVE_SCENES", 10_000, 1, 100_000)),
            int(_setting("EARTHDEX_LIVE_CACHE_MB", 500, 1, 1_000_000)),
        )


def _setting(name: str, default: float, least: float, most: float) -> float:
    text = os.environ.get(name, "").strip()
    try:
        value = float(text) if text else default
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise StoreError(f"{name} is {text[:40]!r}.", f"Give a number from {least:g} to {most:g}.")
    return value


class StacTier:
    """Fetches scenes from the sources that are switched on. Safe for threads.

    Args:
        root: the catalogue's folder.
        sources: those to ask.
        bounds: of time and size; None: as the settings say.
    """

    def __init__(self, root: Path, sources: Iterable[Source], bounds: Bounds | None = None) -> None:
        self.sources = _apart(sources)
        self._bounds = bounds or Bounds.of_settings()
        self._cache = Cache(live_folder(root) / "parts", self._bounds.cache_mb * 1_000_000)

    def fetch(self, request: LiveRequest) -> LiveReply:
        """The scenes that a request can need; see `kg.live.LiveTier`.

        Raises:
            QueryTooLarge: a source has more of them than can be fetched.
        """
        jobs = [_Job(one, search) for one in self.sources if (search := search_of(request, one)) is not None]
        threads = [threading.Thread(target=self._run, args=(job, request), daemon=True) for job in jobs]
        for one in threads:
            one.start()
        # a source keeps its own time; what hangs beyond that (a name that does not resolve) is left behind
        ends = time.monotonic() + self._bounds.seconds + 2.0
        for one in threads:
            one.join(max(0.0, ends - time.monotonic()))
        for job in jobs:
            if job.error is not None:
                raise job.error
            if job.counted and not _alone(job, jobs, request):
                raise self._too_many(job.source, job.counted)
        late = f"it did not answer within {self._bounds.seconds:g} s."
        ready = {id(job) for job in jobs if job.report is not None}
        reports = (
            job.report if id(job) in ready and job.report else LiveReport(job.source.called, "failed", text=late)
            for job in jobs
        )
        done = [job for job in jobs if id(job) in ready]
        parts = tuple(job.part for job in done if job.part is not None)
        return LiveReply(parts, tuple(reports), sum(job.counted for job in done))

    def _run(self, job: _Job, request: LiveRequest) -> None:
        try:
            self._answer(job, request)
        except QueryTooLarge as error:
            job.error = error
        except (EarthdexError, OSError) as error:
            text = error.message if isinstance(error, EarthdexError) else f"its answer cannot be kept: {error}."
            job.report = LiveReport(job.source.called, "failed", text=_begun(text))
        except Exception as error:
            # whatever an answer sets off that nobody foresaw stays with its source
            text = f"its answer cannot be read ({type(error).__name__})."
            job.report = LiveReport(job.source.called, "failed", text=text)

    def _answer(self, job: _Job, request: LiveRequest) -> None:
        source, search = job.source, job.search
        whole = f"{source.name}-{search.key(source)}"
        key = whole if request.limit is None else f"{whole}-{request.limit}-{_mark(request)}"
        for name in dict.fromkeys((whole, key)):  # all of an answer holds its first rows
            kept = self._cache.get(name, max(self._bounds.expiry, _YOUNG))
            if kept is not None:
                job.done(self._cache, kept, "cached")
                return
        try:
            found = self._ask(source, search, request)
        except FetchError as error:
            kept = self._cache.get(key, _FOREVER) or self._cache.get(whole, _FOREVER)
            if kept is None:
                raise
            job.done(self._cache, kept, "stale", f"{_begun(error.message)} What it said {_ago(kept.asked)} is used")
            return
        if found.counted:
            text = f"it counts {found.counted:,} itself"
            job.counted, job.report = found.counted, LiveReport(source.called, "answered", 0, text, search.told())
            return
        kept = Kept(source.name, time.time(), 0, found.matched, found.skipped)
        if found.broken:
            key = f"{key}-part"  # serves this query only: the next one asks again
        kept = self._cache.put(key, found.scenes, kept)
        job.done(self._cache, kept, "partial" if found.broken else "answered", found.broken)

    def _ask(self, source: Source, search: Search, request: LiveRequest) -> _Found:
        """Asks for page after page, until all is there that the request can need.

        Raises:
            QueryTooLarge: it has too many.
            FetchError: no page came.
        """
        counts = request.counts and search.exact
        if source.huge and not search.bounded and request.limit is None and not counts:
            raise self._too_many(source, None)
        found = _Found(source, search)
        size = None if request.limit is None else max(50, 2 * request.limit)
        with Api(source, self._bounds.seconds) as api:
            try:
                for page in pages(api, source, search, size):
                    found.take(page)
                    if request.limit is not None and self._is_enough(found, request):
                        return found
                    if request.limit is None and (page.matched or 0) > self._bounds.scenes:
                        if not counts:
                            raise self._too_many(source, page.matched)
                        found.counted = page.matched or 0
                        return found
                    if len(found.scenes) > self._bounds.scenes:
                        raise self._too_many(source, page.matched)
            except FetchError as error:
                if not found.scenes:
                    raise
                of = f" of {found.matched:,}" if found.matched else ""
                found.broken = f"only the first {len(found.scenes):,}{of} came: {_begun(error.message)}".rstrip(".")
        return found

    def _is_enough(self, found: _Found, request: LiveRequest) -> bool:
        """Whether no later page can hold a scene that is among the first ones asked for."""
        wanted = request.limit or 0
        if request.order and not found.search.in_time:
            return False
        if len(found.scenes) < wanted:
            return False
        moments = sorted(found.moments(self._cache.folder, request), reverse=found.search.in_time < 0)
        if len(moments) < wanted:
            return False
        if not request.order:
            return True
        if wanted == 0:
            return True
        reached = found.reached
        return reached is not None and (reached - moments[wanted - 1]) * found.search.in_time > 2 * SLACK

    def _too_many(self, source: Source, matched: int | None) -> QueryTooLarge:
        many = f"{matched:,}" if matched else f"more than {self._bounds.scenes:,}"
        return QueryTooLarge(
            f"{source.called} has {many} scenes that the query can need; at most {self._bounds.scenes:,} are fetched.",
            "Add conditions on time, place or mission, or an ORDER BY on time with LIMIT; "
            f"`earthdex sources disable {source.name}` leaves it out.",
        )


def _apart(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Sources of which each is called otherwise."""
    listed = tuple(sources)
    titles = [one.called for one in listed]
    return tuple(
        replace(one, title=f"{one.called} ({one.name})" if titles.count(one.called) > 1 else one.called)
        for one in listed
    )


def _alone(job: _Job, jobs: Sequence[_Job], request: LiveRequest) -> bool:
    """Whether nobody else holds scenes of the same name, so that a count of its own adds up."""
    mine = job.search.collections
    others = [one.search.collections for one in jobs if one is not job]
    if mine is None:
        return not others and not request.held
    return mine.isdisjoint(request.held) and all(one is not None and mine.isdisjoint(one) for one in others)


@dataclass(slots=True)
class _Job:
    """One source on its way."""

    source: Source
    search: Search
    report: LiveReport | None = None
    part: Path | None = None
    error: QueryTooLarge | None = None
    counted: int = 0

    def done(self, cache: Cache, kept: Kept, state: Any, text: str = "") -> None:  # noqa: ANN401
        self.part = cache.part(kept)
        if kept.skipped:
            text = f"{text}; " * bool(text) + f"{kept.skipped:,} records could not be used"
        self.report = LiveReport(self.source.called, state, kept.scenes, text, self.search.told())


class _Found:
    """What has come of one source."""

    def __init__(self, source: Source, search: Search) -> None:
        self.source, self.search = source, search
        self.scenes: list[Scene] = []
        self.matched: int | None = None
        self.skipped = 0
        self.broken = ""
        self.counted = 0
        self.reached: float | None = None
        self._asked = frozenset(search.body.get("collections", ()))

    def take(self, page: Page) -> None:
        """Takes the items of a page as scenes."""
        self.matched = page.matched if page.matched is not None else self.matched
        self.skipped += page.odd
        for item in page.items:
            scene = self._scene(item)
            if scene is None or (self._asked and scene.collection not in self._asked):
                self.skipped += 1
                continue
            self.scenes.append(scene)
        last = self.scenes[-1].start_time if page.items and self.scenes else None
        if last is not None:
            self.reached = last.timestamp() * 1e6

    def _scene(self, item: Mapping[str, Any]) -> Scene | None:
        at = (
            f"{self.source.url}/collections/{quote(str(item.get('collection')), safe='')}"
            f"/items/{quote(str(item.get('id')), safe='')}"
        )
        try:
            # the record itself stays where it is: its address says where
            return replace(scene_of(item, Context(source=at, base=at))[0], original="")
        except RecordError:
            return None

    def moments(self, folder: Path, request: LiveRequest) -> list[int]:
        """Begin of each scene so far that meets all conditions, in microseconds since 1970."""
        from kg.liveparts import write_part

        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}.parquet"
        table = SceneTable([path])
        try:
            write_part(self.scenes, path)
            rows = table.run(Plan((Column("start_time"),), request.where, request.spatial))
            return [int(row[0]) for row in rows if row[0] is not None or not request.order]
        finally:
            table.close()
            path.unlink(missing_ok=True)


def _mark(request: LiveRequest) -> str:
    """Conditions that the search does not hold decide how far an answer goes."""
    import hashlib

    text = repr(
        (request.where, [(one.relation, one.geometry.wkb, one.metres) for one in request.spatial], request.order)
    )
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _begun(text: str) -> str:
    return text[:1].lower() + text[1:]


def _ago(asked: float) -> str:
    seconds = max(0.0, time.time() - asked)
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {name}{'s' * (number > 1)} ago"
    return "just now"


def open_live(root: Path) -> StacTier | None:
    """The live tier of a catalogue folder; None where no source is switched on.

    Raises:
        StoreCorrupt: the list of sources is damaged.
        StoreError: a setting is no number.
    """
    if not (live_folder(root) / "sources.json").exists():
        return None
    enabled = Registry.open(root).enabled
    return StacTier(root, enabled) if enabled else None


__all__ = ["Bounds", "StacTier", "open_live"]
