"""Bodies of requests: bounded in size and in time while they are read."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.serve.settings import Settings
from ontology.errors import QueryError, QueryTooLarge


async def read_body(request: Request, settings: Settings, most: int | None = None) -> bytes:
    """The request body.

    Args:
        request: whose body is read.
        settings: the bounds.
        most: bytes that it may have; by default those of a request that asks.

    Raises:
        QueryTooLarge: it exceeds the bound; reading stops there.
        QueryError: it does not come to an end in time.
    """
    read = bytearray()
    most = settings.body_bytes if most is None else most
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for piece in request.stream():
                read += piece
                if len(read) > most:
                    raise QueryTooLarge(f"The request is larger than {most / 1e6:g} MB.", "Send a shorter one.")
    except TimeoutError:
        raise QueryError("The request came too slowly.", "Send it again.") from None
    except ClientDisconnect:
        raise QueryError("The request ended before its end.", "Send it again.") from None
    return bytes(read)
