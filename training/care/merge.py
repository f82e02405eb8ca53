"""Labels of several data sets under one class scheme, by the SKOS links between their classes; what is lost is shown.

A class is carried along `exactMatch` and `closeMatch` (both ways), `broadMatch` and `broader` (upwards) to the nearest
class of the target. It never goes downwards: which part of a broad class a pixel belongs to cannot be known.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError
from training.distributions import LabelClass

# what a step costs, and what the whole way is called by its costliest step
COSTS = {"exact": 0, "close": 10, "broader": 21}
_SAME_SCHEME_TWICE = 2  # close matches in a row: likeness is not passed on for ever
_DEEPEST = 6
_NAMES = {0: "exact", 10: "close", 21: "broader"}


@dataclass(frozen=True, slots=True)
class Links:
    """The classes of schemes and what leads from one to another.

    Attributes:
        steps: IRI -> (kind of `COSTS`, IRI) that may be followed from it.
        broader: IRI -> broader IRIs of the same scheme.
        labels: IRI -> label.
        codes: IRI -> code; empty where it has none.
    """

    steps: Mapping[str, Sequence[tuple[str, str]]]
    broader: Mapping[str, Sequence[str]]
    labels: Mapping[str, str]
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MergedClass:
    """A class of the merged scheme: its value 0, 1, ..., and which classes of which data sets it is made of."""

    value: int
    label: str
    iri: str
    code: str
    made_of: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What became of one class of one data set.

    Attributes:
        dataset: name of the data set.
        label: of the class.
        value: that stands for it in the data set's labels.
        target: IRI of the merged class; empty where it has none.
        how: `same`, `exact`, `close`, `broader` or `name`; `ambiguous` or `unmapped` where it has none.
        candidates: labels of the classes it may be, where ambiguous.
    """

    dataset: str
    label: str
    value: int
    target: str
    how: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """Labels of several data sets under one scheme.

    Attributes:
        scheme: what they were brought to: a class scheme such as `class/worldcover`, or a data set.
        classes: of the merged scheme that occur, by value.
        sources: what became of each class.
        folded: (class, broader class) of the target that became one, since a data set knows only the broader.
        ignore: value of what has no class.
    """

    scheme: str
    classes: tuple[MergedClass, ...]
    sources: tuple[Source, ...]
    folded: tuple[tuple[str, str], ...]
    ignore: int = 255

    def table(self, dataset: str) -> dict[int, int]:
        """Value in the data set's labels -> merged value, `ignore` where it has none.

        Raises:
            EarthdexError: the data set is not among them.
        """
        values = {one.iri: one.value for one in self.classes}
        found = {one.value: values.get(one.target, self.ignore) for one in self.sources if one.dataset == dataset}
        if not found:
            known = ", ".join(sorted({one.dataset for one in self.sources}))
            raise EarthdexError(f"No classes of {dataset!r} were merged.", f"Merged are those of {known}.")
        return found

    def lookup(self, dataset: str, size: int = 256) -> npt.NDArray[np.int64]:
        """The table as an array: `merged = lookup[labels]` for labels from 0 to size - 1.

        Raises:
            EarthdexError: the data set is not among them, or has values that the array cannot hold.
        """
        table = self.table(dataset)
        if min(table) < 0 or max(table) >= size:
            raise EarthdexError(
                f"{dataset} has class values from {min(table)} to {max(table)}.", f"Ask for size={max(table) + 1}."
            )
        array = np.full(size, self.ignore, dtype=np.int64)
        array[list(table)] = list(table.values())
        return array

    def lost(self) -> dict[str, list[str]]:
        """What is lost, in words: classes made one, without a class, and ambiguous ones."""
        together = []
        for one in self.classes:
            for name in sorted({dataset for dataset, _ in one.made_of}):
                labels = [label for dataset, label in one.made_of if dataset == name]
                if len(labels) > 1:
                    together.append(f"{name}: {', '.join(labels)} are all {one.label}")
        return {
            "merged": together,
            "folded": [f"{fine} is counted as {broad}" for fine, broad in self.folded],
            "unmapped": [f"{one.dataset}: {one.label}" for one in self.sources if one.how == "unmapped"],
            "ambiguous": [
                f"{one.dataset}: {one.label} may be {' or '.join(one.candidates)}"
                for one in self.sources
                if one.how == "ambiguous"
            ],
            "by_name": [f"{one.dataset}: {one.label}" for one in self.sources if one.how == "name"],
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, as `earthdex classes --json` prints."""
        names = list(dict.fromkeys(one.dataset for one in self.sources))
        return {
            "scheme": self.scheme,
            "ignore": self.ignore,
            "classes": [
                {"value": one.value, "label": one.label, "iri": one.iri, "code": one.code or None,
                 "made_of": [{"dataset": name, "label": label} for name, label in one.made_of]}
                for one in self.classes
            ],
            "tables": {name: {str(key): value for key, value in sorted(self.table(name).items())} for name in names},
            "sources": [
                {"dataset": one.dataset, "label": one.label, "value": one.value, "target": one.target or None,
                 "how": one.how, "candidates": list(one.candidates)}
                for one in self.sources
            ],
            "lost": self.lost(),
        }  # fmt: skip

    def text(self) -> str:
        """The same in words."""
        lines = [f"{len(self.classes)} classes of {self.scheme}"]
        for one in self.classes:
            parts = "; ".join(f"{name}: {label}" for name, label in one.made_of)
            lines.append(f"  {one.value:3} {one.label}{f' ({one.code})' if one.code else ''}  <-  {parts}")
        titles = {
            "merged": "told apart before, not any more",
            "folded": "finer than what all know",
            "unmapped": f"without a class ({self.ignore})",
            "ambiguous": f"ambiguous ({self.ignore})",
            "by_name": "mapped by name only, without a link",
        }
        for kind, told in self.lost().items():
            if told:
                lines.append(f"{titles[kind]}:")
                lines += [f"  {one}" for one in told]
        return "\n".join(lines)


def merge(
    classes: Mapping[str, Sequence[LabelClass]],
    links: Links,
    targets: Sequence[str],
    scheme: str,
    *,
    named: Mapping[str, str] | None = None,
    ignore: int = 255,
) -> Merged:
    """Brings the classes of data sets to target classes.

    Args:
        classes: name of a data set -> its classes.
        links: what leads from class to class.
        targets: IRIs of the classes that may be reached, in the order of their scheme.
        scheme: their scheme's name, for the report.
        named: IRI of a class -> IRI of the target of the same name, for classes that no link leads anywhere.
        ignore: value of what has no class.

    Raises:
        EarthdexError: no class of any data set reaches a target, or there are too many for `ignore`.
    """
    wanted = set(targets)
    found: list[tuple[str, LabelClass, str, str, tuple[str, ...]]] = []
    for name, own in classes.items():
        for one in own:
            target, how, candidates = _reach(one.iri, links, wanted)
            if how == "unmapped" and not candidates and one.iri in (named or {}):
                target, how = (named or {})[one.iri], "name"
            found.append((name, one, target, how, tuple(links.labels.get(other, other) for other in candidates)))
    used = {target for _, _, target, _, _ in found if target}
    if not used:
        raise EarthdexError(
            f"No class of {', '.join(classes) or 'no data set'} has a counterpart in {scheme}.",
            "Choose another scheme; `earthdex show` tells the classes of a data set.",
        )
    folds = {one: top for one in sorted(used) if (top := _top(one, links, used)) != one}
    order = {iri: number for number, iri in enumerate(targets)}
    kept = sorted(used - folds.keys(), key=lambda iri: order[iri])
    if len(kept) > ignore >= 0:
        raise EarthdexError(f"{len(kept)} classes leave no room for {ignore}.", "Give a greater ignore value.")
    sources = tuple(
        Source(name, one.name, one.value, folds.get(target, target), how, candidates)
        for name, one, target, how, candidates in found
    )
    merged = tuple(
        MergedClass(
            value,
            links.labels.get(iri, iri),
            iri,
            links.codes.get(iri, ""),
            tuple((one.dataset, one.label) for one in sources if one.target == iri),
        )
        for value, iri in enumerate(kept)
    )
    labels = links.labels
    folded = tuple((labels.get(fine, fine), labels.get(broad, broad)) for fine, broad in sorted(folds.items()))
    return Merged(scheme, merged, sources, folded, ignore)


def _reach(start: str, links: Links, wanted: set[str]) -> tuple[str, str, tuple[str, ...]]:
    """(target, how, candidates) of a class: the nearest of the wanted classes."""
    number = count()
    heap: list[tuple[int, int, str, int, int, int]] = [(0, next(number), start, 0, 0, 0)]
    best: dict[tuple[str, int], int] = {}
    hits: dict[str, int] = {}
    limit: int | None = None
    worst = 0
    while heap:
        cost, _, iri, close, depth, way = heapq.heappop(heap)
        if limit is not None and cost > limit:
            break
        if best.get((iri, close), 1 << 30) <= cost and (iri, close) in best:
            continue
        best[iri, close] = cost
        if iri in wanted:
            hits[iri] = min(cost, hits.get(iri, cost))
            limit, worst = cost, way
            continue
        if depth < _DEEPEST:
            for kind, other in links.steps.get(iri, ()):
                chain = close + (kind == "close")
                if chain <= _SAME_SCHEME_TWICE:
                    step = COSTS[kind]
                    heapq.heappush(heap, (cost + step, next(number), other, chain, depth + 1, max(way, step)))
    if not hits:
        return "", "unmapped", ()
    if start in hits:
        return start, "same", ()
    nearest = sorted(hits)
    # of several classes that are equally near, one that holds all the others is right whichever is meant
    for one in nearest:
        if all(one == other or one in _ancestors(other, links) for other in nearest):
            return one, _NAMES[worst], ()
    return "", "ambiguous", tuple(nearest)


def _ancestors(iri: str, links: Links) -> set[str]:
    found: set[str] = set()
    waiting = list(links.broader.get(iri, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += links.broader.get(one, ())
    return found


def _top(iri: str, links: Links, used: set[str]) -> str:
    """The broadest used class above a class; itself where there is none."""
    above = _ancestors(iri, links) & used
    tops = sorted(one for one in above if not _ancestors(one, links) & used)
    return tops[0] if tops else iri
