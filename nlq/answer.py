"""Question -> Answer: the query is compiled and run, and the answer says how it came about.

An answer is true to the catalogue: what is unknown is neither yes nor no, several values of one fact stand side by
side with their sources, and an empty answer names the condition that emptied it.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from nlq.answers.explain import understood
from nlq.answers.forms import MOST_ROWS, Draft, draft
from nlq.answers.parts import Part, parts
from nlq.answers.relax import Relaxed, advice, relax, to_blame
from nlq.answers.rows import Row
from nlq.answers.running import Askable, Runner
from nlq.answers.unknowns import unknown_reference
from nlq.edits import Condition, conditions_of
from nlq.question import Question
from ontology.errors import NotAnswerable

_ANYTHING = (
    "Ask for datasets, models or satellite scenes, for example: "
    "“crop type datasets with Sentinel-2 time series in Austria”."
)

_ADVICE_SECONDS = 0.15


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question; its JSON form is documented in the reference.

    Attributes:
        question: the question as asked.
        kind: list, value, count, yesno, groups, refusal (cannot be answered) or clarify (asks back).
        target: what was looked for: dataset, model, product, place, any; None in refusals.
        interpretation: the question as understood, in the published form.
        understood: the same as a sentence.
        value: the figure of a count or a calculation, the single value of a lookup, True, False or None (unknown) of a
            yes-no question; None otherwise.
        unit: unit of `value`.
        columns: keys of the rows to show, in that order, besides the name.
        rows: what was found; at most `limit` of it.
        found: how many things were found in all.
        sparql: the query that was run, in standard GeoSPARQL.
        assumptions: what was assumed.
        sources: live sources of scenes that took part, or should have: a sentence each.
        unused: words of the question that played no part.
        parts: the whole question, piece by piece, with what each became.
        conditions: its conditions, each with a key to leave it out by.
        suggestions: what to try next.
        relaxed: of an empty answer, what is found without one condition.
        reason: why the answer is empty, unknown or a refusal, or what is asked back.
        version: the version of the catalogue that answered.
        ms: milliseconds from question to answer.
    """

    question: str
    kind: str
    target: str | None = None
    interpretation: dict[str, Any] = field(default_factory=dict)
    understood: str = ""
    value: Any = None
    unit: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    found: int = 0
    sparql: str = ""
    assumptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    conditions: tuple[Condition, ...] = ()
    suggestions: tuple[str, ...] = ()
    relaxed: tuple[Relaxed, ...] = ()
    reason: str = ""
    version: str = ""
    ms: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `earthdex ask --json` and `GET /ask`."""
        return {
            "question": self.question,
            "kind": self.kind,
            "target": self.target,
            "understood": self.understood,
            "interpretation": self.interpretation,
            "value": self.value,
            "unit": self.unit or None,
            "found": self.found,
            "columns": list(self.columns),
            "rows": [dict(row) for row in self.rows],
            "sparql": self.sparql,
            "assumptions": list(self.assumptions),
            "sources": list(self.sources),
            "unused": list(self.unused),
            "parts": [one.to_dict() for one in self.parts],
            "conditions": [one.to_dict() for one in self.conditions],
            "suggestions": list(self.suggestions),
            "relaxed": [asdict(one) for one in self.relaxed],
            "reason": self.reason,
            "version": self.version,
            "ms": self.ms,
        }


def answer(home: Askable, question: Question, *, limit: int = MOST_ROWS) -> Answer:
    """Answers an understood question.

    Args:
        home: an open catalogue.
        question: what was understood.
        limit: rows of a list at most; `found` counts all.

    Raises:
        EarthdexError: the catalogue cannot be read or the query not be run. What cannot be answered is no error but
            an answer of kind `refusal`.
    """
    started = time.perf_counter()
    base = Answer(
        question.text,
        "clarify" if question.clarify else "refusal",
        interpretation=question.to_dict(),
        assumptions=question.assumptions,
        unused=question.unused,
        parts=parts(question),
        conditions=conditions_of(question) if question.answerable and not question.clarify else (),
        version=home.version,
    )
    if question.clarify or not question.answerable:
        done = replace(base, reason=question.reason or "The question cannot be answered.", suggestions=_try(question))
        return _timed(done, started)
    runner = Runner(home)
    try:
        found = draft(runner, question, limit)
    except NotAnswerable as error:
        return _timed(replace(base, reason=error.message, suggestions=(error.remedy or _ANYTHING,)), started)
    done = replace(
        base,
        kind=found.kind,
        target=found.target,
        understood=understood(question),
        value=found.value,
        unit=found.unit,
        columns=tuple(found.columns),
        rows=tuple(found.rows),
        found=found.found,
        sparql=found.sparql,
        assumptions=tuple(dict.fromkeys([*question.assumptions, *found.notes, *runner.notes])),
        suggestions=tuple(dict.fromkeys(found.suggestions)),
        reason=found.reason,
    )
    if not found.found and found.kind in ("list", "count", "yesno", "groups"):
        done = _why_empty(runner, question, found, done)
    return _timed(replace(done, sources=tuple(runner.sources.values())), started)


def _timed(done: Answer, started: float) -> Answer:
    return replace(done, ms=round((time.perf_counter() - started) * 1000, 2))


def _try(question: Question) -> tuple[str, ...]:
    return () if question.clarify else (_ANYTHING,)


def _why_empty(runner: Runner, question: Question, found: Draft, done: Answer) -> Answer:
    """Adds the reason of an empty answer and what would be found otherwise."""
    if found.missing:
        near = [f"Did you mean {name}?" for text in found.missing for name in runner.names.near_records(text)[:1]]
        names = ", ".join(f"“{name}”" for name in found.missing)
        return replace(
            done, reason=f"The catalogue holds nothing called {names}.", suggestions=(*near, *done.suggestions)
        )
    if found.decided or found.target == "place":
        return done
    if done.target == "product" and not runner.has_scenes():
        text = "No satellite scenes have been added to the catalogue yet."
        return replace(done, reason=text, suggestions=("earthdex add PATH reads STAC items, catalogues and tables.",))
    unknown = unknown_reference(runner, question)
    if unknown:
        return replace(done, reason=unknown)
    runner.hurry(_ADVICE_SECONDS)
    relaxed = relax(runner, question)
    reason, tries = advice(question, relaxed, () if relaxed else to_blame(runner, question))
    return replace(done, relaxed=relaxed, reason=done.reason or reason, suggestions=(*tries, *done.suggestions))


__all__ = ["Answer", "answer"]
