"""Answers questions in a process of its own: the other end of `api.serve.process`."""

from __future__ import annotations

import gc
import json
import os
import sys
from contextlib import suppress
from typing import Any

from kg.home import Home
from kg.wire import receive, send
from kg.worker import limit_cpu, limit_memory, open_here
from nlq.ask import ask
from ontology.errors import EarthdexError, QueryError, QueryOutOfMemory, QueryTooLarge

# each touches other parts of the reader, so that the first question of a user finds all of them ready
_WARMING = (
    "crop type datasets with Sentinel-2 time series in Austria",
    "How many models were trained on BigEarthNet?",
    "What licence has EuroSAT?",
    "Compare EuroSAT and BigEarthNet",
)
_WARMING_SCENES = ("Find Sentinel-1 products that show Etna in March 2018",)


def serve() -> None:
    """Opens a version, warms up, then answers questions until the other end closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between the answers
    questions = sys.stdin.buffer
    with suppress(EOFError, BrokenPipeError):
        root, version, memory_mb, live, store, most = receive(questions)
        try:
            home = open_here(root, version, live=live, store=store, questions=questions, answers=answers)
            for text in _WARMING if live else (*_WARMING, *_WARMING_SCENES):
                ask(home, text)
            gc.collect()
            gc.freeze()  # what is known now stays: no need to look at it again and again
            limit_memory(memory_mb)
            send(answers, ("ready", home.version))
        except EarthdexError as error:
            send(answers, ("error", (type(error).__name__, error.message, error.remedy)))
            return
        while True:
            text, options, seconds = receive(questions)
            limit_cpu(seconds)
            send(answers, _answer(home, text, options, most))


def _answer(home: Home, text: str, options: dict[str, Any], most: int) -> tuple[str, object]:
    try:
        found = ask(home, text, **options).to_dict()
        body = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
        if len(body) <= most:
            return "result", body
        error: EarthdexError = QueryTooLarge(f"The answer has {len(body) / 1e6:,.0f} MB.", "Ask for fewer rows.")
    except MemoryError:
        error = QueryOutOfMemory("The question needs too much memory.", "Ask for less.")
    except RecursionError:
        error = QueryTooLarge("The question nests too deeply.", "Ask in shorter sentences.")
    except EarthdexError as found_wrong:
        error = found_wrong
    except Exception as unforeseen:  # the other end must be told, and the next question is answered
        error = QueryError(f"The question cannot be answered: {type(unforeseen).__name__}.", "Ask in other words.")
    return "error", (type(error).__name__, error.message, error.remedy)
