"""Functions and aggregates in the form that a store calls: with its own terms, and errors noted, not raised."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kg.geosparql.notes import FunctionErrors
from kg.geosparql.registry import AGGREGATES, GEOF, TAKES, apply
from ontology.errors import EarthdexError
from ontology.terms import Term

Read = Callable[[Any], Term]
Write = Callable[[Term], Any]


def custom_functions(errors: FunctionErrors, read: Read, write: Write) -> dict[str, Callable[..., Any]]:
    """All functions by IRI: of terms of the store, None where they fail.

    Args:
        errors: takes what failed.
        read: a term of the store as earthdex's.
        write: a term of earthdex as the store's.
    """

    def adapt(name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:  # noqa: ANN401
            try:
                return write(apply(name, tuple(map(read, args))))
            except EarthdexError as error:
                errors.add(name, error.message)
            return None

        return call

    return {GEOF + name: adapt(name) for name in TAKES}


def custom_aggregates(
    errors: FunctionErrors, sparql: str, read: Read, write: Write
) -> dict[str, Callable[[], Gatherer]]:
    """The aggregates that a query names, by IRI; arguments as for `custom_functions`."""
    return {GEOF + name: partial(Gatherer, name, errors, read, write) for name in AGGREGATES if name in sparql}


class Gatherer:
    """One group of an aggregate, as pyoxigraph wants it."""

    def __init__(self, name: str, errors: FunctionErrors, read: Read, write: Write) -> None:
        from kg.geosparql.aggregates import Gathered

        self._name, self._errors, self._read, self._write = name, errors, read, write
        self._gathered = Gathered(name)

    def accumulate(self, term: Any) -> None:  # noqa: ANN401
        """Takes one term of the store."""
        try:
            self._gathered.add(self._read(term))
        except EarthdexError as error:
            self._errors.add(self._name, error.message)

    def finish(self) -> Any:  # noqa: ANN401
        """The result of the group; None for none."""
        try:
            found = self._gathered.result()
        except EarthdexError as error:
            self._errors.add(self._name, error.message)
            return None
        return None if found is None else self._write(found)
