"""Limits for queries and data that come from outside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one query. Exceeding one raises `QueryTooLarge`.

    The parser recurses: about 4,600 open parentheses, 2,200 open braces or 6,500 UNIONs overflow its stack and end
    the process, so text is measured before it is parsed.

    Attributes:
        seconds: wall time, after which the worker process is killed.
        memory_mb: address space that the worker may take on top of what it holds once the store is open.
        rows: rows (or triples) of the result.
        result_mb: size of the result, as it leaves the worker.
        length: characters of the query text.
        depth: open parentheses, braces and brackets at once.
        unions: UNION keywords.
        tokens: tokens of the query text.
    """

    seconds: float = 30.0
    memory_mb: int = 2048
    rows: int = 100_000
    result_mb: int = 100
    length: int = 1_000_000
    depth: int = 100
    unions: int = 500
    tokens: int = 100_000


DEFAULT_LIMITS = Limits()

LOAD_BYTES = 256 * 2**20
"""Largest RDF text that is loaded at once; larger ones are to be split."""

LOAD_BYTES_NESTED = 16 * 2**20
"""Largest JSON-LD or RDF/XML text: both can expand far beyond their size."""

NESTING = 200
"""Deepest nesting of JSON-LD and RDF/XML."""
