"""`earthdex lock`: from a selection to a lock, with split, statistics, class weights and the verdict on licences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kg.home import Home
from ontology.errors import EarthdexError, RecordError
from training.care.licences import Licensed, Verdict, combine_licences
from training.care.splits import split_items
from training.prepare import Prepared, prepare
from training.select.area import Area
from training.select.lock import Lock
from training.select.selection import Selection
from training.select.split import Split
from training.types import Bytes, Chip, Item, Recipe

Progress = Callable[[str, int, int], None]


def verdict_on(home: Home, selection: Selection) -> Verdict:
    """What the licences of all sources and models together allow."""
    from training.select.facts import facts_of

    things = [Licensed(one.name, one.licences, one.iri, "data") for one in selection.sources]
    for iri in selection.models:
        facts = facts_of(home, iri)
        things.append(Licensed(facts.name, facts.licences, iri, "weights"))
    return combine_licences(things)


def freeze(
    home: Home,
    selection: Selection,
    recipe: Recipe,
    data: Bytes,
    *,
    area: Area | None = None,
    split: str = "",
    split_options: Mapping[str, Any] | None = None,
    checksums: bool = True,
    statistics: bool = False,
    weights: str = "",
    threads: int = 2,
    progress: Progress | None = None,
) -> Lock:
    """Freezes a selection.

    Args:
        home: the catalogue.
        selection: what to freeze.
        recipe: how chips are cut.
        data: where bytes come from.
        area: chips outside are left out.
        split: method of `training.care.splits`; the publisher's folds, if any, by default.
        split_options: of the method.
        checksums: whether local files are hashed, so that the lock can be verified elsewhere.
        statistics: whether all pixels of the training fold are read for statistics of the bands.
        weights: kind of class weights (`inverse`, `effective`, `median`); needs statistics where pixels are labelled.
        threads: that decode, for statistics.
        progress: called with (stage, done, total).

    Raises:
        RecordError: no item can be had, or there are no chips.
        EarthdexError: the split is not possible.
    """
    ready = prepare(home, selection, recipe, data, area=area, checksums=checksums, progress=progress)
    problems = [*selection.problems, *_lost(ready, area)]
    if not ready.selection.items:
        raise RecordError(
            f"Nothing of the selection can be read. {' '.join(problems)[:2000]}", "`earthdex plan` tells more."
        )
    chosen = replace(ready.selection, problems=tuple(problems))
    made = _split(ready, split, dict(split_options or {})) if split else None
    grids = {item.iri: grid for item, grid in zip(chosen.items, ready.grids, strict=True)}

    def size(item: Item) -> tuple[int, int]:
        grid = grids[item.iri]
        return (grid.height, grid.width) if grid is not None else (0, 0)

    options: dict[str, Any] = {
        "split": made,
        "verdict": verdict_on(home, selection).to_dict(),
        "windows": ready.windows,
        "sizes": size,
    }
    lock = Lock.freeze(chosen, recipe, **options)
    if not statistics and not weights:
        return lock
    found, of_classes = _statistics(lock, data, weights, pixels=statistics, threads=threads, progress=progress)
    return Lock.freeze(chosen, recipe, statistics=found, weights=of_classes, **options)


def _lost(ready: Prepared, area: Area | None) -> list[str]:
    """What could not be had, in a few lines."""
    told = []
    if ready.unreachable:
        shown = "; ".join(f"{iri}: {reason}" for iri, reason in ready.unreachable[:5])
        more = f" and {len(ready.unreachable) - 5:,} more" if len(ready.unreachable) > 5 else ""
        told.append(f"{len(ready.unreachable):,} items cannot be read: {shown}{more}")
    if ready.outside and area is not None:
        told.append(f"{ready.outside:,} items lie outside {area.name}: left out.")
    return told


def _split(ready: Prepared, method: str, options: dict[str, Any]) -> Split:
    """Folds of items, or of chips where several are cut from one item and the method can tell them apart."""
    items = ready.selection.items
    by_chip = ready.table.count > len(items) and method in ("blocks", "stratified", "random", "region")
    together = options.get("scenes", "together") == "together"
    if method == "publisher" or not by_chip or (together and method != "blocks"):
        found = split_items(list(items), method, **options)  # type: ignore[arg-type]  # checked there
        return _frozen(found, "items")
    if ready.recipe.sampling == "random":
        raise EarthdexError("Random crops move, so blocks cannot hold them.", "Split by scene, or take a grid.")
    options.setdefault("scenes", "free")
    pairs = _pairs(items, ready)
    return _frozen(split_items(pairs, method, **options), "chips")  # type: ignore[arg-type]  # checked there


def _pairs(items: Sequence[Item], ready: Prepared) -> list[tuple[Item, Chip]]:
    rows = ready.table.chips(range(ready.table.count)).tolist()
    gridded = [replace(item, grid=grid) for item, grid in zip(items, ready.grids, strict=True)]
    return [(gridded[at], Chip(number, at, *window)) for number, (at, *window) in enumerate(rows)]


def _frozen(found: Any, of: Any) -> Split:  # noqa: ANN401
    told = found.to_dict()
    options = {"seed": told["seed"], **told["options"], "dropped": told["dropped"]}
    return Split.of_numbers(dict(found), found.count, of=of, method=found.method, options=options)


def _statistics(
    lock: Lock, data: Bytes, weights: str, *, pixels: bool, threads: int, progress: Progress | None
) -> tuple[dict[str, Any] | None, dict[str, float] | None]:
    from training.care.statistics import statistics
    from training.care.weights import class_weights

    fold = "train" if lock.split is not None and "train" in lock.split.folds else ""
    labels = [lock.items.label[int(at)] for at in lock.table.items_of(lock.numbers(fold))]
    counts = {one.value: labels.count(one.value) for one in lock.classes}
    found: dict[str, Any] | None = None
    if pixels or not any(counts.values()):
        from training.engine.reader import Reader

        made = statistics(Reader(lock, data, split=fold, threads=threads), ignore=lock.recipe.ignore, progress=progress)
        found = {**made.to_dict(), "fold": fold}
        counts = made.classes if made.classes else counts
    if not weights:
        return found, None
    made_weights = class_weights(counts, weights)  # type: ignore[arg-type]  # checked there
    return found, {str(value): float(weight) for value, weight in sorted(made_weights.items())}
