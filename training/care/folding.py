"""The ways to give units to folds.

A method sets the fold of each unit, by groups that stay together (blocks, scenes, tiles, countries, days); what it
cannot place it leaves out with a reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError
from training.care.assign import assign_groups, groups_of
from training.care.blocks import Blocks
from training.care.periods import days_of_period
from training.care.units import NO_DAY, Floats, Ints, Units

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# path and row of a Landsat scene (as `scene_key` or its publisher writes it), or an MGRS tile of 100 km
_TILES = (
    re.compile(r"LANDSAT/(\d{6})/"),
    re.compile(r"L[COTEM]0[1-9]_L\w{3}_(\d{6})_\d{8}"),
    re.compile(r"(?<![A-Z0-9])T?(\d{2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])(?![A-Z0-9])"),
)


@dataclass
class Folding:
    """Units on their way into folds.

    Attributes:
        units: what is split.
        fractions: share of each fold.
        seed: of what is left to chance.
        together: whether scenes stay in one fold.
        labels: as in `split_items`.
        names: of the folds; a method may name its own.
        fold: (n,) position in `names`, -1 where left out.
        dropped: reason -> positions.
    """

    units: Units
    fractions: dict[str, float]
    seed: int
    together: bool
    labels: Ints | Floats | None = None
    names: list[str] = field(default_factory=list)
    fold: Ints = field(init=False)
    dropped: dict[str, list[Ints]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = self.names or list(self.fractions)
        self.fold = np.zeros(len(self.units), dtype=np.int64)

    def drop(self, mask: npt.NDArray[np.bool_], reason: str) -> None:
        """Leaves out the units of a mask that are still in."""
        self.drop_numbers(np.flatnonzero(mask & (self.fold >= 0)), reason)

    def drop_numbers(self, numbers: Ints, reason: str) -> None:
        """Leaves out these units."""
        if len(numbers):
            self.fold[numbers] = -1
            self.dropped.setdefault(reason, []).append(numbers)

    def by_groups(self, groups: Sequence[str], weights: Floats | None = None, what: str = "groups") -> None:
        """Gives whole groups to folds by the fractions; units that are left out already stay so.

        Raises:
            EarthdexError: fewer groups than folds.
        """
        kept = np.flatnonzero(self.fold >= 0)
        if not len(kept):
            return
        names, number = groups_of([groups[one] for one in kept.tolist()])
        if len(names) < len(self.fractions):
            raise EarthdexError(
                f"There are {len(names)} {what} for {len(self.fractions)} folds.",
                "Ask for fewer folds, smaller blocks (block_m), another method, or scenes='free'.",
            )
        amounts = np.ones((len(kept), 1)) if weights is None else weights[kept]
        sums = np.zeros((len(names), amounts.shape[1]))
        np.add.at(sums, number, amounts)
        self.names = list(self.fractions)
        self.fold[kept] = assign_groups(names, sums, self.fractions, self.seed)[number]

    def unite_scenes(self) -> None:
        """Where a scene is in two folds, only its larger part stays."""
        names, number = groups_of([scene or f"\0{key}" for scene, key in zip(*self._identity(), strict=True)])
        inside = self.fold >= 0
        counts = np.zeros((len(names), len(self.names)), dtype=np.int64)
        np.add.at(counts, (number[inside], self.fold[inside]), 1)
        main = counts.argmax(axis=1)
        self.drop(inside & (self.fold != main[number]), "its scene is mostly in another fold")

    def scene_groups(self) -> list[str]:
        """The scene of each unit; itself where unknown or where scenes need not stay together."""
        if not self.together:
            return [f"unit {key}" for key in self.units.keys]
        return [f"scene {scene}" if scene else f"unit {key}" for scene, key in zip(*self._identity(), strict=True)]

    def with_scenes(self, groups: Sequence[str]) -> list[str]:
        """Groups where all units of a scene have the group that most of them are in; the first by name of equals."""
        if not self.together:
            return list(groups)
        votes: dict[str, Counter[str]] = {}
        for number, scene in enumerate(self.units.scenes):
            if scene and self.fold[number] >= 0:
                votes.setdefault(scene, Counter())[groups[number]] += 1
        main = {scene: min(count, key=lambda group, of=count: (-of[group], group)) for scene, count in votes.items()}  # type: ignore[misc]
        return [main.get(scene, group) for scene, group in zip(self.units.scenes, groups, strict=True)]

    def _identity(self) -> tuple[list[str], list[str]]:
        return self.units.scenes, self.units.keys

    def class_amounts(self) -> Floats:
        """(units, classes) amounts: one for the class of a unit; unknown classes are a class of their own."""
        given = self.units.labels if self.labels is None else np.asarray(self.labels)
        if len(given) != len(self.units):
            raise EarthdexError(
                f"There are {len(given)} labels for {len(self.units)} units.", "Give one label a unit, in their order."
            )
        if given.ndim == 2:
            return given.astype(np.float64)
        values, number = np.unique(given, return_inverse=True)
        amounts = np.zeros((len(given), len(values)))
        amounts[np.arange(len(given)), number] = 1.0
        return amounts


def blocks(folding: Folding, block_m: float = 20_000.0, balance_classes: bool = False) -> None:
    """By blocks of equal area, `block_m` metres a side; a scene counts to the block that holds most of it."""
    grid = Blocks(float(block_m))
    placed = folding.units.placed
    folding.drop(~placed, "its place is not known")
    numbers = np.full(len(folding.units), -1, dtype=np.int64)
    lon, lat = folding.units.centres()
    numbers[placed] = grid.of(lon[placed], lat[placed])
    names = folding.with_scenes([f"block {number}" for number in numbers.tolist()])
    folding.by_groups(names, folding.class_amounts() if balance_classes else None, "blocks")


def scene(folding: Folding, balance_classes: bool = False) -> None:
    """By scene: what one tile, product or parent raster was cut into stays together."""
    folding.by_groups(folding.scene_groups(), folding.class_amounts() if balance_classes else None, "scenes")


def tile(folding: Folding, balance_classes: bool = False) -> None:
    """By MGRS tile or Landsat path and row, as the scene's or item's name says; by scene where it says neither."""
    names = []
    for group, scene_name, key in zip(folding.scene_groups(), folding.units.scenes, folding.units.keys, strict=True):
        texts = (scene_name.upper(), key.upper())
        found = next((match for text in texts for one in _TILES if (match := one.search(text))), None)
        names.append(f"tile {found[1]}" if found else group)
    folding.by_groups(folding.with_scenes(names), folding.class_amounts() if balance_classes else None, "tiles")


def stratified(folding: Folding) -> None:
    """Every fold has its share of every class (proportional allocation); scenes stay together."""
    folding.by_groups(folding.scene_groups(), folding.class_amounts(), "scenes")


def random(folding: Folding) -> None:
    """At random, but for scenes, which stay together. Neighbours may be in different folds."""
    folding.by_groups(folding.scene_groups(), None, "scenes")


def publisher(folding: Folding) -> None:
    """As the publisher says; nothing is checked: `leakage` tells what these folds share."""
    named = sorted(set(folding.units.folds) - {""}, key=lambda one: ("train validation test".find(one) % 99, one))
    if not named:
        raise EarthdexError("The publisher names no folds.", "Choose another split, such as blocks.")
    folding.names = named
    folding.drop(np.array([not one for one in folding.units.folds]), "the publisher names no fold for it")
    where = {name: number for number, name in enumerate(named)}
    folding.fold = np.array([where.get(one, -1) for one in folding.units.folds], dtype=np.int64)


def time(
    folding: Folding,
    cuts: Sequence[str] = (),
    folds: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """By time: `cuts` (days at which the next fold begins), or `folds` (name -> years, months, days or `from/to`).

    With neither, the cuts lie where the fractions want them, between days. A unit whose time is not known is left out.
    """
    days = folding.units.days
    folding.drop(days == NO_DAY, "its time is not known")
    if folds:
        _named(folding, {name: _in_periods(days, periods) for name, periods in folds.items()}, None, "time")
        return
    if cuts:
        starts = [days_of_period(str(cut))[0] for cut in cuts]
        names = list(folding.fractions) if len(folding.fractions) == len(starts) + 1 else None
        names = names or (["train", "test"] if len(starts) == 1 else [f"fold {n}" for n in range(len(starts) + 1)])
        if sorted(set(starts)) != starts:
            raise EarthdexError("The cuts are not in order.", "Give each day once, the earliest first.")
    else:
        names = list(folding.fractions)
        starts = _fair_cuts(days[folding.fold >= 0], list(folding.fractions.values()))
    inside = folding.fold >= 0
    folding.names = names
    folding.fold = np.where(inside, np.searchsorted(np.array(starts), days, side="right"), -1)


def _fair_cuts(days: Ints, shares: Sequence[float]) -> list[int]:
    values, counts = np.unique(days, return_counts=True)
    if len(values) < len(shares):
        raise EarthdexError(
            f"There are {len(values)} days for {len(shares)} folds.", "Ask for fewer folds or another split."
        )
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])  # units before each day
    wanted = np.cumsum(shares)[:-1] * counts.sum()
    cuts: list[int] = []
    first = 1
    for number, goal in enumerate(wanted):
        last = len(values) - (len(wanted) - number) + 1
        at = first + int(np.argmin(np.abs(before[first:last] - goal)))
        cuts.append(int(values[at]))
        first = at + 1
    return cuts


def _in_periods(days: Ints, periods: Sequence[str]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(days), dtype=bool)
    for period in [periods] if isinstance(periods, (str, int)) else periods:
        start, end = days_of_period(str(period))
        inside |= (days >= start) & (days <= end)
    return inside


def region(
    folding: Folding,
    folds: Mapping[str, Sequence[str | BaseGeometry]] | None = None,
    rest: str | None = "train",
) -> None:
    """By country: `folds` (name -> ISO codes, shapes in CRS84 or GeoJSON geometries), all else to the fold `rest`.

    Without `folds`, whole countries are given out at random. A unit is in a shape when its middle is.
    """
    countries = [country.upper() for country in folding.units.countries]
    if folds is None:
        folding.drop(np.array([not one for one in countries]), "its country is not known")
        folding.by_groups(folding.with_scenes([f"country {one}" for one in countries]), None, "countries")
        return
    masks = {name: _in_regions(folding, countries, places) for name, places in folds.items()}
    codes = [one for places in folds.values() for one in _each(places) if isinstance(one, str)]
    unknown = np.array([not one for one in countries]) & ~np.logical_or.reduce(list(masks.values()))
    if codes:
        folding.drop(unknown, "its country is not known")
    _named(folding, masks, rest, "region")


def _each(places: Any) -> Sequence[Any]:  # noqa: ANN401 - one or several codes or shapes
    return places if isinstance(places, (list, tuple)) else [places]


def _in_regions(folding: Folding, countries: Sequence[str], places: Any) -> npt.NDArray[np.bool_]:  # noqa: ANN401
    inside = np.zeros(len(folding.units), dtype=bool)
    for place in _each(places):
        if isinstance(place, str):
            if not re.fullmatch(r"[A-Za-z]{2}", place):
                raise EarthdexError(f"{place!r} is no country code.", "Give ISO 3166-1 codes such as AT, or shapes.")
            inside |= np.array([one == place.upper() for one in countries])
            continue
        import shapely

        if isinstance(place, Mapping):
            place = _from_geojson(place)
        placed = np.flatnonzero(folding.units.placed)
        lon, lat = folding.units.centres()
        shapely.prepare(place)
        inside[placed] |= shapely.intersects_xy(place, lon[placed], lat[placed])
    return inside


def _from_geojson(geometry: Mapping[str, Any]) -> BaseGeometry:
    from kg.geometry import normalise

    return normalise(dict(geometry)).geometry


def _named(folding: Folding, masks: Mapping[str, npt.NDArray[np.bool_]], rest: str | None, what: str) -> None:
    """Folds named one by one; what is in two of them is left out, what is in none goes to `rest`."""
    twice = np.sum(list(masks.values()), axis=0) > 1
    folding.drop(twice, f"in the {what} of two folds")
    none = ~np.logical_or.reduce(list(masks.values()))
    folding.names = [*masks, *([rest] if rest is not None and rest not in masks else [])]
    if rest is None:
        folding.drop(none, f"in the {what} of no fold")
    inside = folding.fold >= 0
    where = {name: number for number, name in enumerate(folding.names)}
    fold = np.full(len(folding.units), where.get(rest or "", -1), dtype=np.int64)
    for name, mask in masks.items():
        fold[mask] = where[name]
    folding.fold = np.where(inside, fold, -1)


METHODS: dict[str, Callable[..., None]] = {
    "blocks": blocks,
    "scene": scene,
    "tile": tile,
    "region": region,
    "time": time,
    "stratified": stratified,
    "publisher": publisher,
    "random": random,
}
