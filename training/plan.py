"""`earthdex plan`: what training with a selection would take, told before a pixel is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kg.home import Home
from ontology.errors import EarthdexError
from training.distributions import LabelClass
from training.freeze import verdict_on
from training.prepare import Prepared, prepare
from training.select.area import Area
from training.select.facts import facts_of
from training.select.selection import Selection
from training.types import Bytes, Item, Recipe

Progress = Callable[[str, int, int], None]
MOST_HEADERS = 2_000
MOST_MASKS = 64


@dataclass(frozen=True, slots=True)
class Share:
    """How often something occurs: `unit` is items, chips or pixels; None where it would take pixels to know."""

    name: str
    count: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What training with a selection would take.

    Attributes:
        query: what was asked.
        sources: name, identifier and IRI of each, with its items, and how many samples the catalogue knows of.
        items: that can be had, in the area; estimated where `estimated`.
        chips: that the recipe cuts from them.
        stored_bytes: of all their files; None where no size is known.
        raw_bytes: of their pixels when decoded.
        size: (channels, height, width) of a chip, where all are alike.
        classes: how often each class occurs; counts are None where it would take pixels to know.
        balance: how classes were counted: `labels of items`, `pixels of 64 masks`, `unknown`.
        countries: items of each.
        years: items of each.
        first, last: days.
        folds: items of each of the publisher's splits.
        uncovered: share of pixels that lie in no window of the grid.
        licences: the verdict, as `training.care` tells it.
        unreachable: what cannot be had, with the reason.
        problems: what was left out or guessed.
        area: name of the area, if any; outside: items that lie outside.
        looked: items whose headers were read; the rest is extrapolated from them.
        estimated: whether figures are extrapolated.
    """

    query: str
    sources: tuple[dict[str, Any], ...]
    items: int
    chips: int
    stored_bytes: int | None
    raw_bytes: int
    size: tuple[int, int, int] | None
    classes: tuple[Share, ...]
    balance: str
    countries: tuple[Share, ...]
    years: tuple[Share, ...]
    first: str
    last: str
    folds: tuple[Share, ...]
    uncovered: float
    licences: Mapping[str, Any]
    unreachable: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    area: str = ""
    outside: int = 0
    looked: int = 0
    estimated: bool = False
    recipe: Recipe = field(default_factory=Recipe)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `earthdex plan --json`."""
        return {
            "query": self.query,
            "sources": list(self.sources),
            "items": self.items,
            "chips": self.chips,
            "stored_bytes": self.stored_bytes,
            "raw_bytes": self.raw_bytes,
            "chip_size": list(self.size) if self.size else None,
            "classes": _shares(self.classes),
            "class_balance": self.balance,
            "countries": _shares(self.countries),
            "years": _shares(self.years),
            "first": self.first or None,
            "last": self.last or None,
            "folds": _shares(self.folds),
            "uncovered": self.uncovered,
            "licences": dict(self.licences),
            "unreachable": [{"iri": iri, "reason": reason} for iri, reason in self.unreachable],
            "problems": list(self.problems),
            "area": self.area or None,
            "outside": self.outside,
            "looked": self.looked,
            "estimated": self.estimated,
            "recipe": {
                "sampling": self.recipe.sampling,
                "size": self.recipe.size,
                "stride": self.recipe.stride or self.recipe.size,
            },
        }


def _shares(rows: Iterable[Share]) -> list[dict[str, Any]]:
    return [{"name": one.name, "count": one.count, "share": one.share} for one in rows]


def plan(
    home: Home,
    selection: Selection,
    recipe: Recipe,
    data: Bytes,
    *,
    area: Area | None = None,
    most: int = MOST_HEADERS,
    look: bool = False,
    progress: Progress | None = None,
) -> Plan:
    """Plans a training.

    Args:
        home: the catalogue.
        selection: what to train with.
        recipe: how chips are cut.
        data: where bytes come from: headers are read, no pixels unless `look`.
        area: chips outside are left out.
        most: headers to read at most, evenly spread; figures for the rest are extrapolated. 0: all.
        look: whether some masks are read for the balance of classes.
        progress: called with (stage, done, total).
    """
    ready = prepare(home, selection, recipe, data, area=area, most=most, progress=progress)
    asked = len(selection.items)
    estimated = ready.looked < asked
    factor = asked / ready.looked if ready.looked else 0.0
    known = ready.selection.items
    sizes = [sum(part.size for part in one.parts if part.size > 0) for one in known]
    # every item tells its class, fold and time without its header, unless an area needs its place
    told: Sequence[Item] = selection.items if estimated and area is None else known
    per_item = np.diff(ready.table.offsets)
    classes, balance = _classes(selection.classes, told, per_item if told is known else None)
    if look and balance == "unknown":
        classes, balance = _look(ready, selection.classes, data, progress)
    problems = list(selection.problems)
    if not known and not ready.unreachable and not problems:
        problems.append("There is nothing to train with.")
    small = int((per_item == 0).sum())
    if small:
        problems.append(f"{small:,} items are smaller than a chip of {recipe.size} pixels: they give none.")
    days = sorted(one.time[:10] for one in told if one.time)
    return Plan(
        query=selection.query,
        sources=_sources(home, selection, told),
        items=round(len(known) * factor),
        chips=round(ready.table.count * factor),
        stored_bytes=round(sum(sizes) * factor) if any(sizes) else None,
        raw_bytes=round(sum(ready.raw_bytes) * factor),
        size=_size(ready),
        classes=classes,
        balance=balance,
        countries=_counted(Counter(one.country or "unknown" for one in known)) if known else (),
        years=_counted(Counter(one.time[:4] for one in told if one.time), by_name=True),
        first=days[0] if days else "",
        last=days[-1] if days else "",
        folds=_counted(Counter(one.fold for one in told if one.fold)),
        uncovered=_uncovered(ready),
        licences=verdict_on(home, selection).to_dict(),
        unreachable=ready.unreachable,
        problems=tuple(problems),
        area=area.name if area is not None else "",
        outside=round(ready.outside * factor),
        looked=ready.looked,
        estimated=estimated,
        recipe=recipe,
    )


def _sources(home: Home, selection: Selection, items: Sequence[Item]) -> tuple[dict[str, Any], ...]:
    counts = Counter(one.dataset for one in items)
    rows = []
    for one in selection.sources:
        try:
            samples = facts_of(home, one.iri).samples
        except EarthdexError:
            samples = None  # a collection of scenes without a record
        row = {"name": one.name, "id": one.id, "iri": one.iri, "licences": list(one.licences)}
        rows.append({**row, "items": counts[one.iri], "samples": samples})
    return tuple(rows)


def _counted(counts: Mapping[str, int], *, by_name: bool = False) -> tuple[Share, ...]:
    total = sum(counts.values())
    rows = sorted(counts.items(), key=lambda one: one[0] if by_name else (-one[1], one[0]))
    return tuple(Share(name, count, count / total) for name, count in rows)


def _classes(
    classes: Sequence[LabelClass],
    items: Sequence[Item],
    per_item: Any,  # noqa: ANN401
) -> tuple[tuple[Share, ...], str]:
    """How often classes occur, from the labels of items; without figures where pixels are labelled."""
    counts: Counter[int] = Counter()
    for at, one in enumerate(items):
        if one.label is not None:
            counts[one.label] += int(per_item[at]) if per_item is not None else 1
    if not counts:
        return tuple(Share(one.name, None, None) for one in classes), "unknown" if classes else "no classes"
    total = sum(counts.values())
    names = {one.value: one.name for one in classes}
    values = sorted({*counts, *names})
    rows = [Share(names.get(value, str(value)), counts[value], counts[value] / total) for value in values]
    return tuple(rows), "labels of items"


def _look(
    ready: Prepared, classes: Sequence[LabelClass], data: Bytes, progress: Progress | None
) -> tuple[tuple[Share, ...], str]:
    """Counts the pixels of some masks, evenly spread over the items."""
    from training.tiff.header import header
    from training.tiff.read import read_window

    labelled = [one for one in ready.selection.items if any(part.role == "label" for part in one.parts)]
    places = np.unique(np.linspace(0, max(len(labelled) - 1, 0), MOST_MASKS).round())
    picked = [labelled[int(at)] for at in places] if labelled else []
    counts: Counter[int] = Counter()
    read = 0
    for number, item in enumerate(picked):
        part = next(part for part in item.parts if part.role == "label")
        try:
            one = header(data, part.href)
            height, width = min(one.height, 4096), min(one.width, 4096)
            values, valid = read_window(data, one, [part.bands[0] if part.bands else 1], 0, 0, height, width)
        except EarthdexError:
            continue
        shown = values[0][valid] if valid is not None else values[0].ravel()
        for value, count in zip(*np.unique(shown, return_counts=True), strict=True):
            if np.isfinite(value):
                counts[int(value)] += int(count)
        read += 1
        if progress is not None:
            progress("masks", number + 1, len(picked))
    if not counts:
        return tuple(Share(one.name, None, None) for one in classes), "unknown"
    total = sum(counts.values())
    names = {one.value: one.name for one in classes}
    rows = [
        Share(names.get(value, f"{value} (not in the scheme)"), counts[value], counts[value] / total)
        for value in sorted({*counts, *names})
    ]
    return tuple(rows), f"pixels of {read} masks"


def _size(ready: Prepared) -> tuple[int, int, int] | None:
    """Shape of a chip where all are alike."""
    recipe = ready.recipe
    if not ready.channels:
        return None
    channels = {len(recipe.bands)} if recipe.bands else set(ready.channels)
    if recipe.sampling != "whole" and recipe.size:
        shapes = {(recipe.size, recipe.size)}
    else:
        shapes = {(one.height, one.width) for one in ready.grids if one is not None}
    if len(channels) != 1 or len(shapes) != 1:
        return None
    height, width = shapes.pop()
    return channels.pop(), height, width


def _uncovered(ready: Prepared) -> float:
    """Share of pixels in no window: right and lower edges, items that are too small."""
    recipe = ready.recipe
    if recipe.sampling != "grid" or not recipe.size or ready.windows is not None or not len(ready.table.heights):
        return 0.0
    stride = recipe.stride or recipe.size

    def reach(lengths: Any) -> Any:  # noqa: ANN401
        steps = np.maximum((lengths - recipe.size) // stride + 1, 0)
        seen = (steps - 1) * min(stride, recipe.size) + recipe.size
        return np.where(steps > 0, seen, 0)

    tall, wide = ready.table.heights, ready.table.widths
    total = float((tall * wide).sum())
    return round(1.0 - float((reach(tall) * reach(wide)).sum()) / total, 4) if total else 0.0
