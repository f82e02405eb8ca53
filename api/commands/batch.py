"""`earthdex ask --batch`: many questions from a file of JSON lines, one JSON line each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from api.commands.guard import plain_text
from kg.home import Home
from nlq.answer import answer
from nlq.engine import Engine
from ontology.errors import EarthdexError, NotFound

_MAX_LINE = 200_000


def _lines(path: Path) -> list[dict[str, Any]]:
    """The question objects of a file.

    Raises:
        NotFound: no such file.
        EarthdexError: a line is not a JSON object with a question, or its context or ref_date is none.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Give a file of JSON lines with the keys id and question.")
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line[:_MAX_LINE])
        except ValueError as error:
            raise EarthdexError(f"{path}:{number} is not JSON: {error}.", "Write one JSON object a line.") from error
        if not isinstance(value, dict) or not isinstance(value.get("question"), str):
            raise EarthdexError(f"{path}:{number} has no question.", 'Write {"id": ..., "question": "..."}.')
        context = value.get("context") or []
        if not isinstance(context, list) or not all(isinstance(one, str) for one in context):
            raise EarthdexError(f"{path}:{number}: context is no list of questions.", 'Write ["an earlier question"].')
        day = value.get("ref_date")
        try:
            day = date.fromisoformat(day).isoformat() if day else None
        except (TypeError, ValueError):
            raise EarthdexError(f"{path}:{number}: ref_date is no day.", "Write YYYY-MM-DD.") from None
        clean = {"question": plain_text(value["question"]), "context": [plain_text(one) for one in context]}
        found.append({"id": str(number), **value, **clean, "ref_date": day})
    return found


def run_batch(
    home: Home,
    path: Path,
    out: TextIO,
    *,
    limit: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Answers every line of `path` and writes one JSON line for each, in order.

    A line holds id, interpretation, answerable, clarify, reason, sparql, results, found, notes and ms.
    """
    questions = _lines(path)
    engine = Engine.open(home)
    for number, one in enumerate(questions, 1):
        started = time.perf_counter()
        question = engine.read(
            one["question"], context=tuple(one.get("context") or ()), reference_date=one.get("ref_date")
        )
        read_ms = (time.perf_counter() - started) * 1000
        line: dict[str, Any] = {
            "id": one["id"],
            "interpretation": question.to_dict(),
            "answerable": question.answerable,
        }
        if question.clarify:
            line["clarify"] = True
        if question.reason:
            line["reason"] = question.reason
        try:
            found = answer(home, question, limit=limit).to_dict()
            line |= {"sparql": found["sparql"], "results": found["rows"][:limit], "found": found["found"]}
            line["notes"] = [*found["assumptions"], *found["sources"]]
        except EarthdexError as error:
            line |= {"sparql": "", "results": [], "found": 0, "notes": [str(error)]}
        line["read_ms"] = round(read_ms, 2)
        line["ms"] = round((time.perf_counter() - started) * 1000, 2)
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
        if progress is not None:
            progress("answering", number, len(questions))
