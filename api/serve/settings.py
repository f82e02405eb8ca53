"""Settings of the service: bounds of one request, of one client and of all."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Any, cast

from ontology.errors import EarthdexError

_PREFIX = "EARTHDEX_SERVE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Bounds and switches of the service, each from `EARTHDEX_SERVE_<NAME>` where that is set.

    Attributes:
        query_seconds: wall time of a query from outside.
        ask_seconds: wall time of a question.
        body_bytes: largest body of a request that asks; longer ones are refused while they are read.
        body_seconds: time in which a body must have come.
        at_once: questions, and queries, that are answered at once.
        public_url: address that links in answers begin with; "" takes that of the request.
    """

    query_seconds: float = 30.0
    ask_seconds: float = 30.0
    body_bytes: int = 1_000_000
    body_seconds: float = 30.0
    at_once: int = 12
    public_url: str = ""

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings of this process.

        Raises:
            EarthdexError: one is no number, or below zero.
        """
        found: dict[str, Any] = {}
        for field in fields(cls):
            name = f"{_PREFIX}{field.name.upper()}"
            text = os.environ.get(name, "").strip()
            if text:
                found[field.name] = _value(name, text, cast(type, type(field.default)))
        return cls(**found)


def _value(name: str, text: str, kind: type) -> float | int | str:
    if kind is str:
        return text
    try:
        value = kind(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise EarthdexError(f"{name} is {text[:40]!r}.", f"Set it to a number ({kind.__name__}) of at least 0.")
    return cast(float, value)
