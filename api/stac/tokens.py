"""Tokens of pages: where the next page begins. They hold all that is needed; the service keeps nothing.

A token names the last row of its page by the values that rows are ordered by. So pages neither repeat nor skip rows,
also when scenes are added meanwhile, and the last page costs as little as the first. A token belongs to its search: a
digest of it is in there. It grants nothing, and so needs no signature: whoever writes one by hand gets the page they
describe.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from ontology.errors import QueryError

Key = tuple[str | float | int | None, ...]
_LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Token:
    """A place between two pages.

    Attributes:
        key: values of the last row, in the order of the sort keys.
        version: of the catalogue that `matched` was counted in.
        matched: how many rows the whole search has; None: unknown.
    """

    key: Key
    version: str = ""
    matched: int | None = None


def digest_of(search: str) -> str:
    """A short digest of what a search asks for."""
    return hashlib.blake2b(search.encode(), digest_size=9).hexdigest()


def write_token(token: Token, digest: str) -> str:
    """A token as text that may stand in an address."""
    data = json.dumps([digest, list(token.key), token.version, token.matched], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_token(text: str, digest: str, width: int) -> Token:
    """The token of a text.

    Args:
        text: as a client gives it.
        digest: of the search that it comes with.
        width: how many values its key must have.

    Raises:
        QueryError: it is none, or of another search.
    """
    try:
        if len(text) > _LONGEST or not text.isascii():
            raise ValueError
        own, key, version, matched = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(key, list) or len(key) != width or not all(map(_plain, key)) or not isinstance(version, str):
            raise ValueError
        if matched is not None and (not isinstance(matched, int) or isinstance(matched, bool) or matched < 0):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise QueryError("The token cannot be read.", "Follow the `next` link as it is given.") from None
    if own != digest:
        raise QueryError("The token belongs to another search.", "Follow the `next` link as it is given.")
    return Token(tuple(key), version, matched)


def _plain(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, float):
        return value - value == 0  # finite
    return value is None or (isinstance(value, (str, int)) and not isinstance(value, bool) and _small(value))


def _small(value: str | int) -> bool:
    return len(value) < _LONGEST if isinstance(value, str) else abs(value) < 2**62
