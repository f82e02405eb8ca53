"""Bodies of requests: bounded in size and in time while they are read."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from api.serve.settings import Settings
from ontology.errors import QueryError, QueryTooLarge

_WRITING = ("/update", "/store")


def _too_large(most: int) -> QueryTooLarge:
    return QueryTooLarge(f"The request is larger than {most / 1e6:g} MB.", "Send a shorter one.")


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
                    raise _too_large(most)
    except TimeoutError:
        raise QueryError("The request came too slowly.", "Send it again.") from None
    except ClientDisconnect:
        raise QueryError("The request ended before its end.", "Send it again.") from None
    return bytes(read)


def bounded(scope: Scope, receive: Receive, settings: Settings) -> Receive:
    """The way in which a request's body is read, with bounds that hold for every route.

    Raises:
        QueryTooLarge: more bytes than a request there may have, declared or read.
        QueryError: the body does not come to an end in time.
    """
    most = settings.write_bytes if scope["path"].startswith(_WRITING) else settings.body_bytes
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    read = 0
    end: float | None = None

    async def receiving() -> Message:
        nonlocal read, end
        loop = asyncio.get_running_loop()
        if end is None:
            end = loop.time() + settings.body_seconds
        done = read < 0
        try:
            # once all of it has come, this waits for the client to go away: for as long as it likes
            async with asyncio.timeout_at(None if done else end):
                message = await receive()
        except TimeoutError:
            raise QueryError("The request came too slowly.", "Send it again.") from None
        if message["type"] == "http.request" and not done:
            read += len(message.get("body", b""))
            if read > most:
                raise _too_large(most)
            if not message.get("more_body", False):
                read = -1
        return message

    return receiving
