"""Bodies of requests: bounded in size and in time while they are read."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.serve.settings import Settings
from ontology.errors import QueryError, QueryTooLarge


async def read_body(request: Request, settings: Settings) -> bytes:
    """The request body.

    Raises:
        QueryTooLarge: it exceeds the bound; reading stops there.
        QueryError: it does not come to an end in time.
    """
    read = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for piece in request.stream():
                read += piece
                if len(read) > settings.body_bytes:
                    most = settings.body_bytes / 1e6
                    raise QueryTooLarge(f"The request is larger than {most:g} MB.", "Send a shorter one.")
    except TimeoutError:
        raise QueryError("The request came too slowly.", "Send it again.") from None
    except ClientDisconnect:
        raise QueryError("The request ended before its end.", "Send it again.") from None
    return bytes(read)
