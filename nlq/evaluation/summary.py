"""Scores summed up: by class, style, phenomenon and kind of copy, refusals, milliseconds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nlq.evaluation.scoring import Score


@dataclass(slots=True)
class Tally:
    """How many questions of a kind there are, and how many are right.

    Attributes:
        questions, understood: questions, and those that were understood.
        golds, answered: those with a gold query, and those of them that were answered rightly.
    """

    questions: int = 0
    understood: int = 0
    golds: int = 0
    answered: int = 0

    def add(self, score: Score) -> None:
        """Counts one more."""
        self.questions += 1
        self.understood += score.understood
        if score.answered is not None:
            self.golds += 1
            self.answered += score.answered

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, with shares in percent."""
        return {
            "questions": self.questions,
            "understood": self.understood,
            "understood_percent": percent(self.understood, self.questions),
            "golds": self.golds,
            "answered": self.answered,
            "answered_percent": percent(self.answered, self.golds),
        }


@dataclass(slots=True)
class Summary:
    """What a set of scores says.

    Attributes:
        total: over the questions as they were written.
        classes, styles, phenomena: the same by class, style and phenomenon.
        copies: over the perturbed copies, by kind.
        kept: by kind of copy, over the questions that have such a copy.
        refusals: how many are due, made, and both.
        times: milliseconds by what was measured.
    """

    total: Tally
    classes: dict[str, Tally]
    styles: dict[str, Tally]
    phenomena: dict[str, Tally]
    copies: dict[str, Tally]
    kept: dict[str, Tally]
    refusals: dict[str, int]
    times: dict[str, dict[str, float]] = field(default_factory=dict)

    def loss(self, kind: str) -> float | None:
        """Percentage points of understanding that a kind of copy loses."""
        copies, kept = self.copies[kind], self.kept[kind]
        after, before = percent(copies.understood, copies.questions), percent(kept.understood, kept.questions)
        return None if after is None or before is None else round(before - after, 2)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "total": self.total.to_dict(),
            "classes": {name: one.to_dict() for name, one in self.classes.items()},
            "styles": {name: one.to_dict() for name, one in self.styles.items()},
            "phenomena": {name: one.to_dict() for name, one in self.phenomena.items()},
            "copies": {name: one.to_dict() | {"loss": self.loss(name)} for name, one in self.copies.items()},
            "refusals": self.refusals,
            "ms": self.times,
        }


def percent(part: int, whole: int) -> float | None:
    """A share in percent; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def summed(scores: Sequence[Score]) -> Summary:
    """The summary of scores of questions and of their perturbed copies."""
    plain = [one for one in scores if not one.perturbation]
    copies = [one for one in scores if one.perturbation]
    base = {one.id: one for one in plain}
    kept = _by([one for one in copies if one.id in base], lambda one: (one.perturbation,), lambda one: base[one.id])
    right = [one for one in plain if one.due and one.refused]
    return Summary(
        total=_by(plain, lambda _: ("",)).get("", Tally()),
        classes=_by(plain, lambda one: (one.kind,)),
        styles=_by(plain, lambda one: (one.style,)),
        phenomena=dict(sorted(_by(plain, lambda one: one.phenomena).items())),
        copies=_by(copies, lambda one: (one.perturbation,)),
        kept=kept,
        refusals={
            "due": sum(one.due for one in plain),
            "made": sum(one.refused for one in plain),
            "right": len(right),
        },
        times={"read": _times(one.read_ms for one in plain), "answer": _times(one.ms for one in plain if one.ms)},
    )


def _by(
    scores: Iterable[Score],
    keys: Callable[[Score], Iterable[str]],
    counted: Callable[[Score], Score] = lambda one: one,
) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for one in scores:
        for key in keys(one):
            found.setdefault(key, Tally()).add(counted(one))
    return found


def _times(values: Iterable[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile, rounded to microseconds."""
    ordered = sorted(values)
    if not ordered:
        return {}

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3)

    return {"median": round(statistics.median(ordered), 3), "p95": at(0.95), "p99": at(0.99), "max": ordered[-1]}
