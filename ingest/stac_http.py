"""Reading STAC over HTTP: one origin, bounded size and time, no way round to other hosts.

The address that the user names may be anywhere, also on loopback. What is reached from there (links, redirects) must
have the same scheme, host and port, so that no record can make earthdex call a private service.
"""

from __future__ import annotations

from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from ingest.stac_json import MAX_DOCUMENT
from ontology.errors import FetchError

_REDIRECTS = 5
_TIMEOUT = 30.0


class Origin:
    """Reads documents of the origin of one address. Use as a context manager."""

    def __init__(self, address: str) -> None:
        self._key = _key(address)
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, headers={"Accept": "application/json"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def holds(self, address: str) -> bool:
        """Whether an address belongs to this origin."""
        key = _key(address)
        return key is not None and key == self._key

    def read(self, address: str) -> bytes:
        """The body of a document.

        Raises:
            FetchError: it cannot be had, is too large, or leads to another origin.
        """
        for _ in range(_REDIRECTS + 1):
            if not self.holds(address):
                raise FetchError(f"{address} is on another origin.", "Add it by its own address.")
            try:
                with self._client.stream("GET", address) as answer:
                    if answer.is_redirect:
                        address = urljoin(address, answer.headers.get("location", ""))
                        continue
                    if answer.status_code >= 400:
                        raise FetchError(
                            f"{address} answered with status {answer.status_code}.", "Check the address, or try later."
                        )
                    return _body(answer, address)
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
                raise FetchError(
                    f"{address} cannot be read: {type(error).__name__} {error}".strip()[:300] + ".",
                    "Check the address and the network.",
                ) from error
        raise FetchError(f"{address} redirects more than {_REDIRECTS} times.", "Check the address.")


def _body(answer: httpx.Response, address: str) -> bytes:
    data = bytearray()
    for part in answer.iter_bytes(1 << 16):
        data += part
        if len(data) > MAX_DOCUMENT:
            raise FetchError(f"{address} is larger than {MAX_DOCUMENT >> 20} MB.", "Add it as lines (NDJSON).")
    return bytes(data)


def _key(address: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme.lower(), 0)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    return parts.scheme.lower(), parts.hostname.lower(), port
