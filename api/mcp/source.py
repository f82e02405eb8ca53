"""What the tools read from: the user's own catalogue, or that of the service for one of its clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from fastapi import Request

from api.serve.catalogue import Catalogue
from api.serve.service import Service
from kg.home import Home
from kg.solutions import Result

T = TypeVar("T")
_QUERY_SECONDS = 60.0


class Source(Protocol):
    """The three ways to read that tools need; errors are those of `ontology.errors`."""

    async def ask(self, text: str, *, limit: int, after: Sequence[str], reference_date: str | None) -> dict[str, Any]:
        """The answer JSON of a question."""
        ...

    async def query(self, sparql: str) -> Result:
        """The result of a query that was written by others: in a killable process, within bounds."""
        ...

    async def read(self, task: Callable[[Home], T]) -> T:
        """What a short read of our own making gives."""
        ...


class OwnCatalogue:
    """The catalogue of the person whose assistant runs this process."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def ask(self, text: str, *, limit: int, after: Sequence[str], reference_date: str | None) -> dict[str, Any]:
        """See `Source`."""
        from nlq.ask import ask as run

        home = self._catalogue.home()
        answer = await asyncio.to_thread(
            run, home, text, context=tuple(after), reference_date=reference_date, limit=limit
        )
        return answer.to_dict()

    async def query(self, sparql: str) -> Result:
        """See `Source`."""
        return await asyncio.to_thread(self._catalogue.home().query, sparql, _QUERY_SECONDS)

    async def read(self, task: Callable[[Home], T]) -> T:
        """See `Source`."""
        return await asyncio.to_thread(task, self._catalogue.home())


class Served:
    """The catalogue of the service, within the bounds that hold for the client of one request."""

    def __init__(self, service: Service, request: Request) -> None:
        self._service = service
        self._request = request

    async def ask(self, text: str, *, limit: int, after: Sequence[str], reference_date: str | None) -> dict[str, Any]:
        """See `Source`."""
        return await self._service.ask(self._request, text, limit=limit, after=after, reference_date=reference_date)

    async def query(self, sparql: str) -> Result:
        """See `Source`."""
        return await self._service.query(self._request, sparql)

    async def read(self, task: Callable[[Home], T]) -> T:
        """See `Source`."""
        return await self._service.read(self._request, task)
