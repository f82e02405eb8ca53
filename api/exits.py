"""Exit codes of the command line and status codes of the service, by class of error."""

from __future__ import annotations

from ontology.errors import (
    EarthdexError,
    KeyNeeded,
    KeyTooNarrow,
    MediaTypeRefused,
    NotAnswerable,
    NotFound,
    NotOffered,
    QueryError,
    QueryNotAllowed,
    QueryOutOfMemory,
    QueryTimeout,
    QueryTooLarge,
    RecordError,
    StoreError,
    TooBusy,
    TooManyRequests,
)

ANSWERED, FAILED, USAGE, NOTHING_FOUND, NOT_ANSWERABLE = 0, 1, 2, 3, 4

# the first class that fits counts, so narrower ones stand first
_EXITS: tuple[tuple[type[EarthdexError], int], ...] = (
    (NotAnswerable, NOT_ANSWERABLE),
    (NotFound, NOTHING_FOUND),
    (EarthdexError, FAILED),
)
_STATUSES: tuple[tuple[type[EarthdexError], int], ...] = (
    (NotAnswerable, 422),
    (NotFound, 404),
    (QueryNotAllowed, 403),
    (QueryTimeout, 504),
    (QueryOutOfMemory, 507),
    (QueryTooLarge, 413),
    (TooManyRequests, 429),
    (TooBusy, 503),
    (NotOffered, 406),
    (MediaTypeRefused, 415),
    (KeyNeeded, 401),
    (KeyTooNarrow, 403),
    (QueryError, 400),
    (RecordError, 400),
    (StoreError, 503),
    (EarthdexError, 500),
)


def exit_code(error: EarthdexError) -> int:
    """The exit code that tells a script what kind of failure this is."""
    return next(code for kind, code in _EXITS if isinstance(error, kind))


def http_status(error: EarthdexError) -> int:
    """The HTTP status of an error."""
    return next(code for kind, code in _STATUSES if isinstance(error, kind))


def answer_exit(kind: str, found: int) -> int:
    """The exit code of an answer: refusals and questions back are 4, empty answers 3."""
    if kind in ("refusal", "clarify"):
        return NOT_ANSWERABLE
    return ANSWERED if found else NOTHING_FOUND
