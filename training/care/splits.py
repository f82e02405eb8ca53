"""Splits that hold what they promise: by block, scene, tile, region, time, class, the publisher's or at random.

Every unit (item or chip) ends in one fold at most; what is left out is named with the reason. The outcome depends on
the units, the options and the seed, never on the order of the units.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ontology.errors import EarthdexError
from training.care.assign import checked_fractions
from training.care.folding import METHODS, Folding
from training.care.nearness import is_near
from training.care.overlap import overlaps
from training.care.units import NO_DAY, Floats, Ints, Unit, Units, units_of

Method = Literal["blocks", "scene", "tile", "region", "time", "stratified", "publisher", "random"]
SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}
# what a buffer is taken from last: the folds that a result is judged by
_KEPT_FIRST = {"test": 0, "validation": 1, "train": 3}


@dataclass(frozen=True, slots=True)
class Dropped:
    """Units that no fold holds: their positions and why."""

    reason: str
    numbers: Ints


class Split(dict[str, Ints]):
    """Fold name -> sorted positions of its units, with what was left out and how it was made.

    Attributes:
        method, seed, options: as asked for.
        dropped: what no fold holds, and why.
        count: units in all.
    """

    def __init__(
        self,
        folds: Mapping[str, Ints],
        dropped: Sequence[Dropped],
        *,
        method: str,
        seed: int,
        options: Mapping[str, Any],
        count: int,
    ) -> None:
        super().__init__(folds)
        self.dropped = tuple(dropped)
        self.method = method
        self.seed = seed
        self.options = dict(options)
        self.count = count

    def to_dict(self) -> dict[str, Any]:
        """Method, options, counts and reasons; not the positions themselves."""
        return {
            "method": self.method,
            "seed": self.seed,
            "options": {key: _plain(value) for key, value in sorted(self.options.items())},
            "units": self.count,
            "folds": {name: len(numbers) for name, numbers in self.items()},
            "dropped": [{"reason": one.reason, "units": len(one.numbers)} for one in self.dropped],
        }

    def text(self) -> str:
        """The same in words."""
        lines = [f"{self.count:,} units split by {self.method} (seed {self.seed})"]
        for name, numbers in self.items():
            share = len(numbers) / self.count if self.count else 0.0
            lines.append(f"  {name}: {len(numbers):,} ({share:.1%})")
        lines += [f"  left out: {len(one.numbers):,}, {one.reason}" for one in self.dropped]
        return "\n".join(lines)


def _plain(value: Any) -> Any:  # noqa: ANN401 - options of any kind
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return getattr(value, "wkt", None) or str(value)


def split_items(
    units: Sequence[Unit] | Units,
    method: Method = "blocks",
    *,
    fractions: Mapping[str, float] | None = None,
    seed: int = 0,
    scenes: Literal["together", "free"] = "together",
    buffer_m: float | None = None,
    gap_days: int = 0,
    labels: Ints | Floats | None = None,
    **options: Any,  # noqa: ANN401 - of the method
) -> Split:
    """Splits items or chips into folds.

    Args:
        units: items, or (item, chip) pairs; a number in the result is a position here.
        method: `blocks` (option `block_m`), `scene`, `tile`, `region` (`folds`, `rest`), `time` (`cuts`, `folds`),
            `stratified`, `publisher` or `random`; see `training.care.folding`.
        fractions: share of each fold; 0.7 train, 0.15 validation and 0.15 test by default. Before anything is left
            out, a fold is above its share by at most its heaviest group (block, scene, country, day).
        seed: of what is left to chance.
        scenes: `together`: units of one scene are never in two folds; `free`: they may be.
        buffer_m: least distance in metres on the ellipsoid between units of different folds; 0: they only may not
            overlap; None: any, but for `blocks`, where it is 1,000. What is too near is left out of the training
            fold first, of the test fold last. Distances are between boxes of longitude and latitude and are never
            taken for longer than they are, so up to about 1 % more than asked for is left out.
        gap_days: least days between units of different folds.
        labels: class of each unit, or (units, classes) amounts such as pixel counts, for `stratified`; the items'
            own class values by default.
        **options: of the method.

    Raises:
        EarthdexError: an unknown method or option, shares that do not sum to 1, or units that cannot be split so.
    """
    columns = units_of(units)
    if not len(columns):
        raise EarthdexError("There is nothing to split.", "Select at least one item.")
    make = METHODS.get(method)
    if make is None:
        raise EarthdexError(f"There is no split by {method!r}.", f"Choose one of {', '.join(METHODS)}.")
    _check_options(method, make, options)
    if buffer_m is None and method == "blocks":
        buffer_m = 1_000.0
    if buffer_m is not None and not 0 <= buffer_m <= 5_000_000:
        raise EarthdexError(f"A buffer of {buffer_m} m is none.", "Give buffer_m between 0 and 5,000,000 metres.")
    if gap_days < 0:
        raise EarthdexError(f"A gap of {gap_days} days is none.", "Give gap_days of 0 or more.")
    shares = checked_fractions(fractions if fractions is not None else SHARES)
    folding = Folding(columns, shares, int(seed), scenes == "together", labels)
    make(folding, **options)
    if scenes == "together" and method != "publisher":
        folding.unite_scenes()
    _buffer(folding, buffer_m)
    _gap(folding, gap_days)
    asked: dict[str, Any] = {"fractions": shares, "scenes": scenes, **options}
    if buffer_m is not None:
        asked["buffer_m"] = buffer_m
    if gap_days:
        asked["gap_days"] = gap_days
    folds = {name: np.flatnonzero(folding.fold == number) for number, name in enumerate(folding.names)}
    dropped = [Dropped(reason, np.sort(np.concatenate(found))) for reason, found in folding.dropped.items()]
    return Split(folds, dropped, method=method, seed=int(seed), options=asked, count=len(columns))


def _check_options(method: str, make: Callable[..., None], options: Mapping[str, Any]) -> None:
    known = [name for name in inspect.signature(make).parameters if name != "folding"]
    unknown = [name for name in options if name not in known]
    if unknown:
        raise EarthdexError(
            f"A split by {method} has no option {unknown[0]!r}.",
            f"It has {', '.join(known)}." if known else "It has no options of its own.",
        )


def _ranked(folding: Folding) -> list[int]:
    """Folds in the order in which their units are kept."""
    rank = {name: (_KEPT_FIRST.get(name, 2), name) for name in folding.names}
    return sorted(range(len(folding.names)), key=lambda number: rank[folding.names[number]])


def _buffer(folding: Folding, metres: float | None) -> None:
    """Leaves out what is nearer than the buffer to a unit of a fold that is kept first."""
    if metres is None:
        return
    folding.drop(~folding.units.placed, "its place is not known, so no buffer can be kept")
    kept: Ints = np.zeros(0, dtype=np.int64)
    for number in _ranked(folding):
        mine = np.flatnonzero(folding.fold == number)
        if len(kept) and len(mine):
            others, own = folding.units.take(kept), folding.units.take(mine)
            near = is_near(others.boxes, own.boxes, metres) if metres > 0 else overlaps(others, own)
            reason = f"nearer than {metres:,.10g} m to another fold" if metres > 0 else "overlaps with another fold"
            folding.drop_numbers(mine[near], reason)
            mine = mine[~near]
        kept = np.concatenate([kept, mine])


def _gap(folding: Folding, days: int) -> None:
    if not days:
        return
    folding.drop(folding.units.days == NO_DAY, "its time is not known, so no gap can be kept")
    kept: Ints = np.zeros(0, dtype=np.int64)
    for number in _ranked(folding):
        mine = np.flatnonzero(folding.fold == number)
        if len(kept) and len(mine):
            others = np.unique(folding.units.days[kept])
            own = folding.units.days[mine]
            after = others[np.minimum(np.searchsorted(others, own), len(others) - 1)]
            before = others[np.maximum(np.searchsorted(others, own, side="right") - 1, 0)]
            near = np.minimum(np.abs(after - own), np.abs(own - before)) < days
            folding.drop_numbers(mine[near], f"within {days} days of another fold")
            mine = mine[~near]
        kept = np.concatenate([kept, mine])
