"""The server's client in a worker, which has no network: its parent sends the requests, over the pipe that joins them.

So a worker can reach nothing but the one store, in questions that the parent sends, and never learns user or password.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import BinaryIO, cast

from kg.remote.client import Client, Reply
from kg.remote.dialect import Dialect
from kg.remote.settings import RemoteSettings
from kg.remote.store import RemoteStore
from kg.wire import receive, send
from ontology import errors as error_module
from ontology.errors import EarthdexError, QueryTooLarge, StoreReadOnly


class PipeClient(Client):
    """Asks the parent.

    Args:
        settings: the server, without user and password.
        questions: what the parent says.
        answers: what it is told.
    """

    def __init__(self, settings: RemoteSettings, questions: BinaryIO, answers: BinaryIO) -> None:
        super().__init__(settings)
        self._questions, self._answers = questions, answers
        self._turn = threading.Lock()

    def query(
        self,
        sparql: str,
        accept: str,
        parameters: Mapping[str, str] | None = None,
        timeout: float | None = None,
        *,
        may_cut: bool = False,
    ) -> Reply:
        """As `Client.query`."""
        with self._turn:
            send(self._answers, ("store", (sparql, accept, dict(parameters or {}), timeout, may_cut)))
            kind, value = receive(self._questions)
        if kind == "error":
            name, text, remedy = cast(tuple[str, str, str], value)
            raise cast(EarthdexError, getattr(error_module, name)(text, remedy))
        return cast(Reply, value)

    def update(self, sparql: str, url: str, timeout: float | None = None, *, again: bool = False) -> None:
        """Raises StoreReadOnly: a worker changes nothing."""
        raise StoreReadOnly("A worker only reads.", "Use `earthdex store push`.")


def piped(told: tuple[RemoteSettings, Dialect, str], questions: BinaryIO, answers: BinaryIO) -> RemoteStore:
    """The store of a worker, from what its parent told it of its own (`RemoteStore.for_worker`)."""
    settings, dialect, revision = told
    client = PipeClient(settings, questions, answers)
    return RemoteStore(settings, dialect=dialect, client=client, revision=revision)


def answered(client: Client, message: object, end: float) -> tuple[str, object]:
    """The parent's side: what to send back.

    Args:
        client: the parent's own client.
        message: what the worker asked.
        end: when the worker's time is over, by `time.monotonic`.
    """
    sparql, accept, parameters, timeout, may_cut = cast(tuple[str, str, dict[str, str], float | None, bool], message)
    left = end - time.monotonic()
    try:
        if left <= 0:
            raise QueryTooLarge("No time is left to ask the server.", "Give the query more time.")
        seconds = min(left, timeout or left)
        return "store", client.query(sparql, accept, parameters, seconds, may_cut=may_cut)
    except EarthdexError as error:
        return "error", (type(error).__name__, error.message, error.remedy)
