"""Results made into bytes where they were found, so that whoever asked need not build them again from their parts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal as OneOf

from kg.solutions import Result, Triples
from ontology.errors import NotOffered, QueryTooLarge


@dataclass(frozen=True, slots=True)
class Rendered:
    """A result in one of the formats of `kg.results.render`.

    Attributes:
        kind: what the query gave.
        form: name of the format.
        body: the whole text, UTF-8.
        rows: rows, triples, or 1 for yes and no.
        notes, sources: as in `kg.solutions.Solutions`.
        etag: names these bytes.
    """

    kind: OneOf["solutions", "boolean", "triples"]
    form: str
    body: bytes
    rows: int
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    etag: str = ""


def etag_of(body: bytes) -> str:
    """A name for bytes, as HTTP writes it (RFC 9110, 8.8.3)."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Forms:
    """How a result is wanted, before it is known what the query gives.

    Attributes:
        solutions: format of SELECT and ASK; "" where none is taken.
        triples: format of CONSTRUCT and DESCRIBE; "" where none is taken.
        most: bytes of the text at most.
    """

    solutions: str = "json"
    triples: str = "turtle"
    most: int = 50_000_000

    def render(self, result: Result) -> Rendered:
        """The result as bytes.

        Raises:
            NotOffered: no format is taken for what the query gives.
            QueryTooLarge: the text has more bytes than are given.
            QueryError: the format cannot hold it.
        """
        from kg.results import render

        graph = isinstance(result, Triples)
        form = self.triples if graph else self.solutions
        if not form:
            given = "triples" if graph else "solutions"
            raise NotOffered(f"None of the asked formats can hold {given}.", "Ask for another one in `Accept`.")
        body = render(result, form).encode("utf-8", "replace")
        if len(body) > self.most:
            raise QueryTooLarge(
                f"The result has {len(body) / 1e6:,.0f} MB; at most {self.most / 1e6:,g} are given.",
                "Add a LIMIT, or ask for shorter texts.",
            )
        tag = etag_of(body)
        if isinstance(result, bool):
            return Rendered("boolean", form, body, 1, etag=tag)
        kind: OneOf["solutions", "triples"] = "triples" if graph else "solutions"
        return Rendered(kind, form, body, len(result), result.notes, result.sources, tag)
