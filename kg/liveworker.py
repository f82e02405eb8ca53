"""The live tier of a worker, which has no network: its parent asks, both over the pipe that joins them."""

from __future__ import annotations

from typing import BinaryIO, cast

from kg.live import LiveReply, LiveRequest, LiveTier
from kg.wire import receive, send
from ontology import errors as error_module
from ontology.errors import EarthdexError


class PipeTier:
    """Asks the parent; for the one thread of a worker.

    Args:
        questions: what the parent says.
        answers: what it is told.
    """

    def __init__(self, questions: BinaryIO, answers: BinaryIO) -> None:
        self._questions, self._answers = questions, answers

    def fetch(self, request: LiveRequest) -> LiveReply:
        """The scenes that a request can need; see `kg.live.LiveTier`.

        Raises:
            QueryTooLarge: a source has more of them than can be fetched.
        """
        send(self._answers, ("live", request))
        kind, value = receive(self._questions)
        if kind == "error":
            name, text, remedy = cast(tuple[str, str, str], value)
            raise cast(EarthdexError, getattr(error_module, name)(text, remedy))
        return cast(LiveReply, value)


def fetched(tier: LiveTier, request: LiveRequest) -> tuple[str, object]:
    """The parent's side: what to send back."""
    try:
        return "live", tier.fetch(request)
    except EarthdexError as error:
        return "error", (type(error).__name__, error.message, error.remedy)
