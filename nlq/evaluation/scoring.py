"""Scores of a set of questions: each is read and answered, then compared with what is expected."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlq.answer import answer
from nlq.evaluation.gold import Gold, compare, run_gold
from nlq.evaluation.lines import Line
from nlq.evaluation.verdict import judge
from nlq.question import Question
from ontology.errors import EarthdexError

if TYPE_CHECKING:
    from kg.home import Home
    from nlq.engine import Engine

_ROWS = 20
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Score:
    """How one question was understood and answered.

    Attributes:
        id, question, style, phenomena, perturbation: of the line, the last empty for the question as it was written.
        kind: its class.
        understood: whether the interpretation is right.
        slots: the slots that differ.
        answered: whether the executed answer is that of the gold query; None where there is none.
        rows: what differs between the answers.
        expected, found: the interpretations, where they differ.
        due, refused: whether a refusal is expected, and made.
        read_ms, ms: milliseconds for reading, and for the whole answer (0 where it was not run).
    """

    id: str
    question: str
    kind: str
    style: str
    phenomena: tuple[str, ...]
    perturbation: str
    understood: bool
    slots: tuple[str, ...]
    answered: bool | None
    rows: tuple[str, ...]
    expected: Mapping[str, Any] | None
    found: Mapping[str, Any] | None
    due: bool
    refused: bool
    read_ms: float
    ms: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


class Scorer:
    """Scores questions over one home; results of gold queries are kept, so that copies of a question cost little.

    Args:
        home: the frozen version.
        engine: its reader.
    """

    def __init__(self, home: Home, engine: Engine) -> None:
        self._home = home
        self._engine = engine
        self._gold: dict[str, Gold | str] = {}

    @classmethod
    def open(cls, path: Path) -> Scorer:
        """The scorer of a frozen version.

        Args:
            path: its folder.

        Raises:
            StoreError: the folder holds no catalogue.
        """
        from kg.home import open_home
        from nlq.engine import Engine

        home = open_home(path)
        return cls(home, Engine.open(home))

    def score(self, line: Line, *, answers: bool = True) -> Score:
        """Scores one question.

        Args:
            line: a question line; `perturbation` names what was done to the question, where anything was.
            answers: whether the answer is executed and compared too.
        """
        started = time.perf_counter()
        question = self._engine.read(
            line["question"], context=tuple(line.get("context") or ()), reference_date=line.get("ref_date")
        )
        read_ms = (time.perf_counter() - started) * 1000
        found = question.to_dict()
        verdict = judge(line, found, answerable=question.answerable, clarify=question.clarify)
        gold = line.get("gold") if line["answerable"] and answers else None
        told: tuple[str, ...] | None = None
        whole = 0.0
        if answers:
            told, whole = self._answered(question, gold)
            whole += read_ms
        return Score(
            id=line["id"],
            question=line["question"],
            kind=line["class"],
            style=line["style"],
            phenomena=tuple(line["phenomena"]),
            perturbation=line.get("perturbation", ""),
            understood=verdict.right,
            slots=verdict.slots,
            answered=None if told is None else not told,
            rows=told or (),
            expected=None if verdict.right else line["expect"],
            found=None if verdict.right else found,
            due=not line["answerable"],
            refused=not question.answerable,
            read_ms=round(read_ms, 3),
            ms=round(whole, 3),
        )

    def _answered(self, question: Question, gold: str | None) -> tuple[tuple[str, ...] | None, float]:
        """What differs from the gold answer (None without one), and milliseconds."""
        started = time.perf_counter()
        try:
            found = answer(self._home, question, limit=_ROWS).to_dict()
        except EarthdexError as error:
            return (f"failed: {error}",), (time.perf_counter() - started) * 1000
        spent = (time.perf_counter() - started) * 1000
        if gold is None:
            return None, spent
        wanted = self._gold_of(gold)
        if isinstance(wanted, str):
            return (f"the gold query fails: {wanted}",), spent
        if found["kind"] in ("list", "groups") and len(found["rows"]) >= _ROWS:
            found = answer(self._home, question, limit=_MOST_ROWS).to_dict()
        return compare(found, wanted, found["interpretation"]), spent

    def _gold_of(self, query: str) -> Gold | str:
        """The gold answer, or why there is none."""
        if query not in self._gold:
            try:
                self._gold[query] = run_gold(self._home, query)
            except EarthdexError as error:
                self._gold[query] = str(error)
        return self._gold[query]
