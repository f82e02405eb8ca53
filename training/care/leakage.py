"""What two sets of samples share: area, scenes, days, pixels. What is shared leaks from training into testing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError
from training.care.duplicates import Fingerprints, find_duplicates
from training.care.nearness import is_near
from training.care.overlap import candidates, distinct_footprints, overlapping_pairs, plane_shapes
from training.care.units import NO_DAY, Floats, Ints, Unit, Units, units_of

Answer = Literal["yes", "no", "unknown"]
_UNION = 50_000  # pieces whose union is still taken; beyond, their sum is told as an upper bound
_EXAMPLES = 5
_TITLES = {
    "space": "share an area",
    "near": "lie near",
    "scene": "come from a scene of the other",
    "date": "share an area on the same days",
    "duplicate": "show the same pixels",
    "lookalike": "look nearly the same",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing that two sets share, or not.

    Attributes:
        kind: space, near, scene, date, duplicate or lookalike.
        answer: yes; no, only where everything could be checked; else unknown.
        left, right: how many units of each side are touched.
        unchecked: units of both sides that could not be checked.
        examples: pairs of keys, and what they share.
        note: what a reader must know.
    """

    kind: str
    answer: Answer
    left: int = 0
    right: int = 0
    unchecked: int = 0
    examples: tuple[tuple[str, str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets and what they share.

    Attributes:
        left, right: names.
        left_units, right_units: how many units each has.
        findings: by kind.
        area_km2: area that both cover, on the ellipsoid.
        area_is_bound: whether that is an upper bound only.
    """

    left: str
    right: str
    left_units: int
    right_units: int
    findings: dict[str, Finding]
    area_km2: float = 0.0
    area_is_bound: bool = False

    @property
    def answer(self) -> Answer:
        """Yes where anything is shared, no where nothing is and everything was checked."""
        answers = [one.answer for one in self.findings.values()]
        return "yes" if "yes" in answers else "unknown" if "unknown" in answers else "no"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "left": self.left,
            "right": self.right,
            "left_units": self.left_units,
            "right_units": self.right_units,
            "answer": self.answer,
            "area_km2": round(self.area_km2, 6),
            "area_is_bound": self.area_is_bound,
            "findings": {
                kind: {
                    "answer": one.answer,
                    "left": one.left,
                    "right": one.right,
                    "unchecked": one.unchecked,
                    "examples": [list(example) for example in one.examples],
                    "note": one.note or None,
                }
                for kind, one in self.findings.items()
            },
        }

    def text(self) -> str:
        """The comparison in words."""
        lines = [f"{self.left} ({self.left_units:,}) and {self.right} ({self.right_units:,}): {self.answer}"]
        for kind, one in self.findings.items():
            share = f"{one.right / self.right_units:.1%}" if self.right_units else "0 %"
            said = f"{one.right:,} of {self.right} ({share}) {_TITLES[kind]}" if one.right else f"none {_TITLES[kind]}"
            if kind == "space" and one.right:
                said += f": {'at most ' if self.area_is_bound else ''}{self.area_km2:,.2f} km²"
            if one.unchecked:
                said += f"; {one.unchecked:,} could not be checked"
            lines.append(f"  {one.answer:7} {said}{f' ({one.note})' if one.note else ''}")
            lines += [f"            {a} | {b} | {detail}" for a, b, detail in one.examples[:2]]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Leakage:
    """All comparisons: one for each pair of folds, or one of two sets."""

    comparisons: tuple[Comparison, ...] = field(default=())

    @property
    def answer(self) -> Answer:
        """Yes where any comparison says so, no where all do."""
        answers = [one.answer for one in self.comparisons]
        return "yes" if "yes" in answers else "unknown" if "unknown" in answers or not answers else "no"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `earthdex leakage --json` prints."""
        return {"answer": self.answer, "comparisons": [one.to_dict() for one in self.comparisons]}

    def text(self) -> str:
        """The report in words."""
        return "\n".join(one.text() for one in self.comparisons) or "There is nothing to compare."


def leakage(
    a: Sequence[Unit] | Units,
    b: Sequence[Unit] | Units | Mapping[str, npt.ArrayLike] | None = None,
    *,
    names: tuple[str, str] = ("A", "B"),
    near_m: float = 0.0,
    near_days: int = 0,
    prints: Fingerprints | tuple[Fingerprints, Fingerprints] | None = None,
    turned: bool = False,
) -> Leakage:
    """What the folds of a split share, or what two data sets do.

    Args:
        a: items, or (item, chip) pairs.
        b: a split of `a` (fold -> positions); other items or chips; None: the publisher's folds of `a`.
        names: of the two sets.
        near_m: also tell what lies nearer than this many metres (0: only what shares an area).
        near_days: days that count as the same day.
        prints: fingerprints of the chips of `a` (and of `b`), whose index are positions here; pixels are compared only
            where they are given.
        turned: look for turned and mirrored pixels too.

    Raises:
        EarthdexError: `a` names no folds and nothing to compare it with is given.
    """
    left = units_of(a)
    if b is None:
        folds = sorted(set(left.folds) - {""})
        if len(folds) < 2:
            raise EarthdexError(
                "There is nothing to compare: the publisher names no folds.", "Give a split or another data set."
            )
        b = {name: [number for number, fold in enumerate(left.folds) if fold == name] for name in folds}
    if isinstance(b, Mapping):
        mine = prints if isinstance(prints, Fingerprints) or prints is None else prints[0]
        parts = {name: np.asarray(numbers, dtype=np.int64) for name, numbers in b.items()}
        return Leakage(
            tuple(
                _compare(
                    (one, other),
                    (left.take(parts[one]), left.take(parts[other])),
                    None if mine is None else (_part(mine, parts[one]), _part(mine, parts[other])),
                    near_m=near_m,
                    near_days=near_days,
                    turned=turned,
                )
                for one, other in combinations(parts, 2)
            )
        )
    if isinstance(prints, Fingerprints):
        raise EarthdexError("Two data sets have two sets of fingerprints.", "Give a pair.")
    return Leakage((_compare(names, (left, units_of(b)), prints, near_m=near_m, near_days=near_days, turned=turned),))


def _part(prints: Fingerprints, numbers: Ints) -> Fingerprints:
    """The fingerprints of these chips, whose index becomes the place of the chip among them."""
    order = np.argsort(numbers, kind="stable")
    place = np.searchsorted(numbers[order], prints.index)
    place = np.minimum(place, max(0, len(numbers) - 1))
    kept = np.flatnonzero(numbers[order][place] == prints.index) if len(numbers) else np.zeros(0, dtype=np.int64)
    return Fingerprints(prints.exact[kept], prints.bits[kept], prints.small[kept], order[place[kept]])


def _compare(
    names: tuple[str, str],
    sets: tuple[Units, Units],
    prints: tuple[Fingerprints, Fingerprints] | None,
    *,
    near_m: float,
    near_days: int,
    turned: bool,
) -> Comparison:
    a, b = sets
    space, date, area, bound = _space(a, b, near_days)
    findings = {"space": space, "date": date, "scene": _scene(a, b)}
    if near_m > 0:
        findings["near"] = _near(a, b, near_m)
    if prints is not None:
        findings |= _pixels(a, b, prints, turned)
    return Comparison(*names, len(a), len(b), findings, area, bound)


def _finding(
    kind: str,
    left: npt.NDArray[np.bool_],
    right: npt.NDArray[np.bool_],
    unchecked: int,
    examples: Sequence[tuple[str, str, str]] = (),
    note: str = "",
) -> Finding:
    found = bool(right.any() or left.any())
    # nothing can be shared with nothing, whatever is unknown
    empty = not len(left) or not len(right)
    answer: Answer = "yes" if found else "unknown" if unchecked and not empty else "no"
    return Finding(kind, answer, int(left.sum()), int(right.sum()), unchecked, tuple(examples), note)


def _space(a: Units, b: Units, near_days: int) -> tuple[Finding, Finding, float, bool]:
    """What shares an area, what does so on the same days, and the area."""
    corners_a, boxes_a, back_a = distinct_footprints(a)
    corners_b, boxes_b, back_b = distinct_footprints(b)
    likely_a, likely_b = candidates(boxes_a, boxes_b)
    shapes_a, shapes_b = plane_shapes(corners_a, likely_a), plane_shapes(corners_b, likely_b)
    hit_a, hit_b = np.zeros(len(boxes_a) + 1, dtype=bool), np.zeros(len(boxes_b) + 1, dtype=bool)
    days_a, days_b = _Days(a, back_a, near_days), _Days(b, back_b, near_days)
    same_a, same_b = np.zeros(len(a), dtype=bool), np.zeros(len(b), dtype=bool)
    kept: list[tuple[float, int, int]] = []
    pairs = 0
    for left, right, shared in overlapping_pairs(shapes_a, shapes_b):
        hit_a[left], hit_b[right] = True, True
        pairs += len(left)
        top = np.lexsort((right, left, -shared))[:_EXAMPLES]
        kept += [(float(shared[one]), int(left[one]), int(right[one])) for one in top]
        days_a.mark(same_a, left, days_b, right)
        days_b.mark(same_b, right, days_a, left)
    best = sorted(kept, key=lambda one: (-one[0], one[1], one[2]))[:_EXAMPLES]
    examples = [(_first_key(a, back_a, x), _first_key(b, back_b, y), f"{km2:.4g} km²") for km2, x, y in best]
    area, bound = _shared_area(shapes_a, shapes_b, pairs)
    lost = int((back_a < 0).sum() + (back_b < 0).sum())
    space = _finding("space", hit_a[back_a], hit_b[back_b], lost, examples)
    undated = int(((a.days == NO_DAY) & hit_a[back_a]).sum() + ((b.days == NO_DAY) & hit_b[back_b]).sum())
    note = f"within {near_days} days" if near_days else ""
    return space, _finding("date", same_a, same_b, lost + undated, (), note), area, bound


def _first_key(units: Units, back: Ints, footprint: int) -> str:
    return min(units.keys[one] for one in np.flatnonzero(back == footprint).tolist())


class _Days:
    """The days of the units at each distinct footprint."""

    def __init__(self, units: Units, back: Ints, near: int) -> None:
        self.near = near
        known = np.flatnonzero((back >= 0) & (units.days != NO_DAY))
        order = known[np.lexsort((units.days[known], back[known]))]
        self.units, self.place, self.days = order, back[order], units.days[order]
        self._keys: Ints | None = None
        self._first, self._span = 0, 1

    def keys(self, first: int, span: int) -> Ints:
        """Sorted (place, day) pairs as numbers place * span + day - first."""
        if self._keys is None or (self._first, self._span) != (first, span):
            self._keys, self._first, self._span = np.unique(self.place * span + (self.days - first)), first, span
        return self._keys

    def mark(self, hits: npt.NDArray[np.bool_], mine: Ints, other: _Days, theirs: Ints) -> None:
        """Marks the units at footprints `mine` that have a day within reach of one at the footprints `theirs`."""
        if not len(self.units) or not len(other.units):
            return
        low = int(min(self.days.min(), other.days.min())) - self.near - 1
        span = int(max(self.days.max(), other.days.max())) + self.near + 2 - low
        keys = other.keys(low, span)
        firsts, ends = np.searchsorted(self.place, mine), np.searchsorted(self.place, mine, side="right")
        for part in _chunks(ends - firsts):
            times = (ends - firsts)[part]
            rows = np.repeat(firsts[part], times) + _counting(times)
            wanted = np.repeat(theirs[part], times) * span + (self.days[rows] - low)
            start = np.searchsorted(keys, wanted - self.near)
            stop = np.searchsorted(keys, wanted + self.near, side="right")
            hits[self.units[rows[stop > start]]] = True


def _counting(times: Ints) -> Ints:
    """0, 1, ... anew for each entry, as often as it says."""
    total = np.arange(int(times.sum()), dtype=np.int64)
    counted: Ints = total - np.repeat(np.cumsum(times) - times, times)
    return counted


def _chunks(times: Ints, most: int = 4_000_000) -> Iterator[slice]:
    ends = np.cumsum(times)
    start = 0
    while start < len(times):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield slice(start, stop)
        start = stop


def _shared_area(a: tuple[Any, Ints], b: tuple[Any, Ints], pairs: int) -> tuple[float, bool]:
    """Area that both cover, km2; an upper bound where it is in too many pieces."""
    import shapely

    if not pairs:
        return 0.0, False
    if pairs > _UNION:
        total: Floats = np.zeros(len(b[0]))
        for _, right, shared in overlapping_pairs((a[0], np.arange(len(a[0]))), (b[0], np.arange(len(b[0])))):
            np.add.at(total, right, shared)
        return float(np.minimum(total, shapely.area(b[0])).sum()), True
    pieces = [
        shapely.intersection(a[0][left], b[0][right])
        for left, right, _ in overlapping_pairs((a[0], np.arange(len(a[0]))), (b[0], np.arange(len(b[0]))))
    ]
    return float(shapely.area(shapely.union_all(np.concatenate(pieces)))), False


def _scene(a: Units, b: Units) -> Finding:
    shared = (set(a.scenes) & set(b.scenes)) - {""}
    left = np.array([one in shared for one in a.scenes], dtype=bool)
    right = np.array([one in shared for one in b.scenes], dtype=bool)
    unchecked = sum(not one for one in a.scenes) + sum(not one for one in b.scenes)
    examples = []
    for scene in sorted(shared)[:_EXAMPLES]:
        examples.append((a.keys[a.scenes.index(scene)], b.keys[b.scenes.index(scene)], scene))
    return _finding("scene", left, right, unchecked, examples)


def _near(a: Units, b: Units, metres: float) -> Finding:
    left, right = np.zeros(len(a), dtype=bool), np.zeros(len(b), dtype=bool)
    right[b.placed] = is_near(a.boxes[a.placed], b.boxes[b.placed], metres)
    left[a.placed] = is_near(b.boxes[b.placed], a.boxes[a.placed], metres)
    unchecked = int((~a.placed).sum() + (~b.placed).sum())
    return _finding("near", left, right, unchecked, (), f"nearer than {metres:,.10g} m")


def _pixels(a: Units, b: Units, prints: tuple[Fingerprints, Fingerprints], turned: bool) -> dict[str, Finding]:
    one, other = prints
    found = find_duplicates(one, other, turned=turned)
    unread = len(a) - len(one) + len(b) - len(other)
    made = {}
    for kind, pairs, incomplete in (
        ("duplicate", found.exact, 0),
        ("lookalike", found.near, 0 if found.complete else 1),
    ):
        left, right = np.zeros(len(a), dtype=bool), np.zeros(len(b), dtype=bool)
        left[one.index[pairs[:, 0]]] = True
        right[other.index[pairs[:, 1]]] = True
        examples = [
            (a.keys[one.index[x]], b.keys[other.index[y]], "same pixels" if kind == "duplicate" else "alike")
            for x, y in pairs[:_EXAMPLES].tolist()
        ]
        note = "too many chips look alike to compare all" if incomplete else ""
        made[kind] = _finding(kind, left, right, unread + incomplete, examples, note)
    return made
