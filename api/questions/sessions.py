"""Talks over several requests without memory: the client holds what was asked before, signed and with an end.

A session is a text that holds the earlier questions. Each answer brings the next one. It is signed with a secret of the
catalogue's folder, so that every process of a service, also after a restart, reads those of the others; nobody can
make one up or prolong it. Nothing is kept here, so there is nothing to exhaust.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ontology.errors import QueryError

SECONDS = 24 * 3600
MOST_QUESTIONS = 12
MOST_CHARACTERS = 3_000
_SIGNATURE = 16
_BYTES = 32


class Sessions:
    """Makes and reads sessions.

    Args:
        folder: where the secret lies; it is made there on first use. Where that cannot be written, sessions hold for
            this process alone.
        seconds: how long a session holds after its last question.
    """

    def __init__(self, folder: Path, seconds: int = SECONDS) -> None:
        self._secret = _secret(folder)
        self.seconds = seconds

    def make(self, questions: Sequence[str] = ()) -> str:
        """A session after these questions; only the last ones are kept, as many as fit."""
        kept: list[str] = []
        for one in reversed(questions[-MOST_QUESTIONS:]):
            if sum(map(len, kept)) + len(one) > MOST_CHARACTERS:
                break
            kept.insert(0, one)
        until = int(time.time()) + self.seconds
        body = zlib.compress(json.dumps([until, kept], ensure_ascii=False).encode("utf-8", "replace"))
        return base64.urlsafe_b64encode(self._sign(body) + body).decode().rstrip("=")

    def read(self, session: str) -> list[str]:
        """The questions of a session, oldest first.

        Raises:
            QueryError: it was not made here, was changed, or is over.
        """
        over = QueryError("This session is over, or was not made here.", "POST /sessions begins one.")
        try:
            raw = base64.urlsafe_b64decode(session + "=" * (-len(session) % 4))
        except (binascii.Error, ValueError):
            raise over from None
        signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(body)):
            raise over
        until, questions = json.loads(zlib.decompress(body))  # signed: ours, and bounded when it was made
        if until < time.time():
            raise over
        return [str(one) for one in questions]

    def _sign(self, body: bytes) -> bytes:
        return hmac.new(self._secret, body, hashlib.sha256).digest()[:_SIGNATURE]


def _secret(folder: Path) -> bytes:
    path = folder / "sessions.key"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".sessions-{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(secrets.token_bytes(_BYTES))
            with suppress(FileExistsError):
                os.link(fresh, path)  # whole or not at all, and never over that of another process
        finally:
            fresh.unlink(missing_ok=True)
        found = path.read_bytes()
        if len(found) == _BYTES:
            return found
    return secrets.token_bytes(_BYTES)
