"""`/ask`: questions in plain English."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api.serve.service import Service


def routes(service: Service) -> APIRouter:
    """The routes of questions."""
    router = APIRouter()

    @router.get("/ask")
    async def ask(
        request: Request,
        q: Annotated[str, Query(max_length=20_000, description="The question in plain English.")],
        limit: Annotated[int, Query(ge=1, le=1000)] = 20,
        reference_date: Annotated[date | None, Query()] = None,
        after: Annotated[list[str] | None, Query(description="Earlier questions, oldest first.")] = None,
        without: Annotated[list[str] | None, Query(description="Keys of conditions to leave out.")] = None,
        also: Annotated[list[str] | None, Query(description="Conditions to add: sensor=Sentinel-2.")] = None,
    ) -> dict[str, Any]:
        """The answer of `earthdex ask --json`."""
        day = reference_date.isoformat() if reference_date else None
        return await service.ask(
            request, q, limit=limit, after=after or (), reference_date=day, without=without or (), also=also or ()
        )

    return router
