"""Text -> Answer: the reader and the answerer joined."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.home import Home
    from nlq.answer import Answer
    from nlq.engine import Engine

_MOST_ENGINES = 4
_engines: dict[tuple[str, str], Engine] = {}


def engine_of(home: Home) -> Engine:
    """The engine of an open catalogue, made once for each version of it."""
    from nlq.engine import Engine

    key = (str(home.path), home.version)
    found = _engines.get(key)
    if found is None:
        found = Engine.open(home)
        while len(_engines) >= _MOST_ENGINES:
            _engines.pop(next(iter(_engines)))
        _engines[key] = found
    return found


def ask(
    home: Home,
    text: str,
    *,
    context: Sequence[str] = (),
    reference_date: str | None = None,
    limit: int = 200,
    without: Sequence[str] = (),
    also: Sequence[str] = (),
) -> Answer:
    """Answers a question in plain English.

    Args:
        home: an open catalogue.
        text: the question.
        context: earlier questions of the same conversation, oldest first.
        reference_date: the day that `yesterday` counts from, YYYY-MM-DD; today by default.
        limit: rows of a list at most; `found` counts all.
        without: keys of conditions to leave out (`conditions` of the answer names them).
        also: conditions to add, such as `sensor=Sentinel-2` (see `nlq.edits.edited`).

    Raises:
        QueryError: an added condition cannot be read.
        EarthdexError: the catalogue cannot be read. What cannot be answered is an answer of kind `refusal`.
    """
    from nlq.answer import answer
    from nlq.edits import all_conditions, edited

    started = time.perf_counter()
    question = engine_of(home).read(text, context=tuple(context), reference_date=reference_date)
    known = all_conditions(question, without, also, home)
    found = answer(home, edited(question, without, also, home), limit=limit)
    return replace(found, conditions=known, ms=round((time.perf_counter() - started) * 1000, 2))
