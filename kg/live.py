"""The live tier: scenes of archives that nobody copies, asked for when a query needs them.

A statement over the scenes (`Plan`) says which scenes it can need at all; a `LiveTier` fetches those from its sources
as small parts of the same form as the table's, and the statement runs over local and live parts together. So counts,
order, joins and exact geometry hold as if all were local. Where a tier asks is its own matter (`ingest.live`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol
from typing import Literal as OneOf

from kg.scenes import Plan, SceneTable, Spatial, box_test
from kg.scenes.terms import Boxes, Column, Figure, Order, SceneIn, Test
from kg.trace import step

State = OneOf["answered", "cached", "stale", "partial", "failed"]
_MOST_TABLES = 8
_KEYS = 2_000
_FEW = 1_000


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """Which scenes a statement can need.

    Attributes:
        where: tests that must all be true.
        spatial: conditions on the footprint that must all be true.
        order: how rows are ordered, where only the first `limit` are needed.
        limit: as many scenes that meet all conditions are enough; None: all are needed.
        counts: whether only their number is needed, should they be too many to fetch.
        held: collections that are held here as well, where that matters to a number.
    """

    where: tuple[Test, ...] = ()
    spatial: tuple[Spatial, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    counts: bool = False
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveReport:
    """What became of asking one source.

    Attributes:
        source: its name.
        state: answered, cached (asked a short while ago), stale (unreachable, and taken from an older answer), partial
            (some of its scenes are missing), failed (none of its scenes take part).
        scenes: how many came.
        text: what a reader must know.
        asked: the conditions that the source was told, for explanations.
    """

    source: str
    state: State
    scenes: int = 0
    text: str = ""
    asked: tuple[str, ...] = ()

    def note(self) -> str:
        """One sentence."""
        if self.state == "failed":
            return f"{self.source} is missing: {self.text}"
        how = {"answered": "live", "cached": "asked a short while ago", "stale": "offline", "partial": "incomplete"}
        many = f"{self.scenes:,} scene{'' if self.scenes == 1 else 's'}"
        return f"{self.source} ({how[self.state]}): {many}{f'; {self.text}' if self.text else ''}."


@dataclass(frozen=True, slots=True)
class LiveReply:
    """What came of a request.

    Attributes:
        parts: hold all scenes of the sources that the request can need, but for those counted.
        reports: what became of each source.
        counted: scenes that a source counted itself, since they were too many to fetch.
    """

    parts: tuple[Path, ...] = ()
    reports: tuple[LiveReport, ...] = ()
    counted: int = 0


class LiveTier(Protocol):
    """Fetches scenes. Safe for threads."""

    def fetch(self, request: LiveRequest) -> LiveReply:
        """The scenes that a request can need.

        Raises:
            QueryTooLarge: a source has more of them than can be fetched.
        """
        ...


class LiveScenes(SceneTable):
    """The scenes of one version together with those of a live tier. Safe for threads.

    Args:
        local: the table of the version; of a scene that both hold, its record is the one that counts.
        tier: where the others come from.
    """

    def __init__(self, local: SceneTable, tier: LiveTier) -> None:
        super().__init__(local.parts)
        self._local, self._tier = local, tier
        self._heard = threading.local()
        self._tables: dict[tuple[Path, ...], SceneTable] = {}
        self._lock = threading.Lock()

    @property
    def is_empty(self) -> bool:
        """Never: nobody knows before asking."""
        return False

    def close(self) -> None:
        """Ends the engines."""
        with self._lock:
            for one in self._tables.values():
                one.close()
            self._tables.clear()
        super().close()

    def run(self, plan: Plan) -> list[tuple[Any, ...]]:
        """Rows of a plan over local and live scenes."""
        request = _request(plan)
        if request.counts and self._local.parts:
            request = replace(request, held=tuple(map(str, self._local.distinct("collection"))))
        table, counted = self._fetched(request)
        rows = table.run(plan)
        return [(rows[0][0] + counted,)] if counted else rows

    def of_areas(self, where: Sequence[Test], areas: Iterable[Spatial]) -> SceneTable:
        """The scenes near any of the areas, fetched at once rather than area by area."""
        each = list(map(box_test, areas))
        boxes = [one for one in each if isinstance(one, Boxes)]
        around = (Boxes(tuple(box for one in boxes for box in one.boxes)),) if len(boxes) == len(each) else ()
        return self._fetched(LiveRequest((*where, *around)))[0]

    def _fetched(self, request: LiveRequest) -> tuple[SceneTable, int]:
        """The table of a request, and how many scenes its sources counted besides."""
        with step("live", "asking sources") as done:
            reply = self._tier.fetch(request)
            done.rows_out = sum(one.scenes for one in reply.reports)
            done.pushed = tuple(dict.fromkeys(told for one in reply.reports for told in one.asked))
            done.what = "; ".join(one.note() for one in reply.reports) or "no source holds such scenes"
        self._reports().update({one.source: one for one in reply.reports})
        return self._with(reply.parts) if reply.parts else self._local, reply.counted

    def few(self, column: str, most: int) -> tuple[Any, ...] | None:
        """None: the values of an archive are not known before it is asked."""
        return None

    def listen(self) -> None:
        """Forgets what was reported to this thread."""
        self._heard.reports = {}

    def heard(self) -> tuple[LiveReport, ...]:
        """What was reported to this thread since `listen`, the last word of each source."""
        return tuple(self._reports().values())

    def _reports(self) -> dict[str, LiveReport]:
        found: dict[str, LiveReport] | None = getattr(self._heard, "reports", None)
        if found is None:
            found = self._heard.reports = {}
        return found

    def _with(self, parts: tuple[Path, ...]) -> SceneTable:
        """The local parts and live ones, each scene once."""
        with self._lock:
            found = self._tables.get(parts)
            if found is None or not all(one.exists() for one in found.parts):
                found = SceneTable([*self._local.parts, *self._once(parts)])
                while len(self._tables) >= _MOST_TABLES:
                    self._tables.pop(next(iter(self._tables))).close()
                self._tables[parts] = found
            return found

    def _once(self, parts: Sequence[Path]) -> list[Path]:
        """The parts without scenes that an earlier one, or the local table, holds."""
        kept: list[Path] = []
        for part in parts:
            earlier = [*self._local.parts, *kept]
            known, is_all = _known(SceneTable([part]), SceneTable(earlier)) if earlier else ([], False)
            if known and not is_all:
                from kg.liveparts import without

                part = without(part, known)
            if not is_all:
                kept.append(part)
        return kept


def _known(part: SceneTable, others: SceneTable) -> tuple[list[tuple[str, str]], bool]:
    """Keys of the scenes of a part that others hold as well, and whether those are all its scenes."""
    columns = (Column("collection"), Column("id"))
    try:
        mine = part.run(Plan(columns))
        held = {one[0] for one in others.run(Plan((Column("collection"),), distinct=True))}
        keys = [(str(a), str(b)) for a, b in mine if a in held]
        found: list[tuple[str, str]] = []
        for start in range(0, len(keys), _KEYS):
            asked = SceneIn(tuple(keys[start : start + _KEYS]))
            found += [(str(a), str(b)) for a, b in others.run(Plan(columns, (asked,)))]
        return found, len(found) == len(mine)
    finally:
        part.close()
        others.close()


def _request(plan: Plan) -> LiveRequest:
    """What a plan can need: all scenes that meet its conditions, or the first of them."""
    if plan.aggregate and plan.select == (Figure("count"),) and not plan.group and not plan.offset:
        return LiveRequest(plan.where, plan.spatial, counts=True)
    first = plan.limit is not None and not plan.aggregate and not plan.distinct
    if not first or any(isinstance(one.value, Figure) for one in plan.order):
        return LiveRequest(plan.where, plan.spatial)
    wanted = (plan.limit or 0) + plan.offset
    if wanted > _FEW:
        return LiveRequest(plan.where, plan.spatial)
    return LiveRequest(plan.where, plan.spatial, plan.order, wanted)


__all__ = ["LiveReply", "LiveReport", "LiveRequest", "LiveScenes", "LiveTier", "State"]
