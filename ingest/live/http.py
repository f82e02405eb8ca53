"""Asking a STAC API over HTTP with a bound on everything: time, bytes, redirects, repetitions, and whom it may name.

Links and redirects are followed only within the origin of the source, so that no answer can make earthdex call a
private service; the key is sent nowhere else, and stands in no message.
"""

from __future__ import annotations

import ipaddress
import json
import os
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from ingest.live.sources import Source
from ingest.stac_json import parse
from ontology.errors import FetchError

MOST_BYTES = 48_000_000
"""Most bytes of one answer, unpacked."""

_MOST_IN_ALL = 400_000_000
_TRIES = 4
_REDIRECTS = 3
_QUIET = 30.0  # seconds without a byte
_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class Refused(FetchError):
    """The API does not take this request (a status of 400, 405, 415, 422 or 501)."""


class Api:
    """One source, asked within one budget of seconds. Use as a context manager."""

    def __init__(self, source: Source, seconds: float) -> None:
        self._source = source
        self._ends = time.monotonic() + seconds
        self._seconds = seconds
        self._read = 0
        headers = {"Accept": "application/geo+json, application/json", "Accept-Encoding": "gzip"}
        self._client = httpx.Client(follow_redirects=False, headers=headers | _key(source))
        self.url = source.url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def left(self) -> float:
        """Seconds of the budget that are left."""
        return self._ends - time.monotonic()

    def get(self, address: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at an address of this source; see `_ask`."""
        return self._ask("GET", address, parameters, None)

    def post(self, address: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object that answers a JSON body; see `_ask`."""
        return self._ask("POST", address, None, json.dumps(body).encode())

    def address(self, link: str, base: str) -> str:
        """The address of a link, if it belongs to this source.

        Servers behind a proxy often name themselves by `http`: such a link is taken as one by `https`.

        Raises:
            FetchError: it leads elsewhere.
        """
        try:
            found = urlsplit(urljoin(base, link))
            own = urlsplit(self.url)
            if found.scheme == "http" and own.scheme == "https" and found.hostname == own.hostname:
                found = found._replace(scheme="https", netloc=own.netloc)
            same = (found.scheme, found.hostname, found.port or _port(found.scheme)) == (
                own.scheme, own.hostname, own.port or _port(own.scheme),
            )  # fmt: skip
        except ValueError:
            same = False
        if not same:
            raise FetchError("It leads to another host, which is not followed.", "Tell its provider.")
        return urlunsplit(found)

    def _ask(
        self, method: str, address: str, parameters: Mapping[str, str] | None, body: bytes | None
    ) -> dict[str, Any]:
        """Asks, and asks again where the answer says so or breaks off.

        Raises:
            Refused: the API does not take this request.
            FetchError: it cannot be reached, answers too slowly or too much, or with something else than JSON.
        """
        for number in range(_TRIES):
            last = number == _TRIES - 1
            try:
                return self._once(method, address, parameters, body)
            except _Later as error:
                wait = error.seconds if error.seconds is not None else 0.3 * 2**number
                if last or wait >= self.left:
                    raise FetchError(error.text, "Try again later.") from error
                time.sleep(wait)
        raise FetchError("It did not answer.", "Try again later.")

    def _once(
        self, method: str, address: str, parameters: Mapping[str, str] | None, body: bytes | None
    ) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        for _ in range(_REDIRECTS + 1):
            if self.left <= 0:
                raise FetchError(f"It did not answer within {self._seconds:g} s.", "Try again, or give it more time.")
            with self._errors():
                timeout = httpx.Timeout(max(0.1, min(_QUIET, self.left)))
                with self._client.stream(
                    method, address, params=parameters, content=body, headers=headers, timeout=timeout
                ) as answer:
                    if answer.is_redirect:
                        address = self.address(answer.headers.get("location", ""), address)
                        parameters = None
                        continue
                    self._check(answer)
                    data = self._body(answer)
            return _object(data)
        raise FetchError(f"It redirects more than {_REDIRECTS} times.", "Check its address.")

    def _check(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status in _AGAIN:
            raise _Later(_told(status), _retry_after(answer.headers.get("retry-after")))
        if status in (401, 403):
            needs = f"Check the key in {self._source.key_env}." if self._source.key_env else "Give --key-env."
            raise FetchError(f"It answered with status {status}: a key is needed or wrong.", needs)
        if status in (400, 405, 415, 422, 501):
            raise Refused(f"It does not take the search (status {status}).", "Tell its provider.")
        if status >= 300:
            raise FetchError(_told(status), "Check its address.")

    def _body(self, answer: httpx.Response) -> bytes:
        """The body, unpacked by hand: a small one may expand without end."""
        packing = answer.headers.get("content-encoding", "identity").strip().lower()
        if packing not in ("identity", "", "gzip", "x-gzip"):
            raise FetchError(
                f"Its answer is packed as {packing[:40]!r}, which was not asked for.", "Tell its provider."
            )
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if packing.endswith("gzip") else None
        data = bytearray()
        for piece in answer.iter_raw(1 << 16):
            try:
                data += piece if unpack is None else unpack.decompress(piece, MOST_BYTES + 1 - len(data))
            except zlib.error as error:
                raise _Later("Its answer is damaged.") from error
            if len(data) > MOST_BYTES or self._read + len(data) > _MOST_IN_ALL:
                raise FetchError(f"Its answer is larger than {MOST_BYTES >> 20} MB.", "Add conditions or a LIMIT.")
            if self.left <= 0:
                raise FetchError(f"It did not finish within {self._seconds:g} s.", "Try again, or give it more time.")
        self._read += len(data)
        return bytes(data)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise FetchError(
                f"It did not answer within {min(_QUIET, self._seconds):g} s.", "Try again, or give it more time."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError) as error:
            if isinstance(error, httpx.ConnectError):
                raise FetchError("It cannot be reached.", "Check its address and the network.") from error
            raise _Later(f"The connection broke off ({type(error).__name__}).") from error


class _Later(Exception):
    """What may go better in a moment."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.text, self.seconds = text, seconds


def _object(data: bytes) -> dict[str, Any]:
    if data.lstrip()[:1] == b"[":
        raise FetchError("Its answer is a JSON list, no object.", "Tell its provider.")
    read = parse(data)
    if read.value is None:
        if read.reason == "not JSON":
            raise _Later("Its answer is no JSON, or was cut off.")
        raise FetchError(f"Its answer is {read.reason}.", "Tell its provider.")
    return read.value


def _told(status: int) -> str:
    kinds = {429: "it is asked too often", 404: "there is nothing at that address"}
    return f"It answered with status {status}" + (f": {kinds[status]}." if status in kinds else ".")


def _retry_after(text: str | None) -> float | None:
    """Seconds to wait, from a header that holds seconds or a date (RFC 9110, 10.2.3)."""
    if text is None:
        return None
    try:
        return max(0.0, float(text)) if text.strip().isdigit() else _until(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError):
        return None


def _until(moment: datetime) -> float:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _port(scheme: str) -> int:
    return {"http": 80, "https": 443}.get(scheme, 0)


def _key(source: Source) -> dict[str, str]:
    """The header with the key, if the source has one. A key goes out in the clear only to this machine.

    Raises:
        FetchError: the variable is not set, or the connection would show the key to others.
    """
    if not source.key_env:
        return {}
    key = os.environ.get(source.key_env, "").strip()
    if not key:
        raise FetchError(f"The environment variable {source.key_env} holds no key.", "Set it to the key.")
    if not key.isascii() or not key.isprintable():
        raise FetchError(f"What {source.key_env} holds is no key.", "Keys are printable ASCII.")
    parts = urlsplit(source.url)
    if parts.scheme != "https" and not _is_here(parts.hostname or ""):
        raise FetchError("A key is sent by https only.", "Add the source by its https:// address.")
    return {source.key_header: f"Bearer {key}" if source.key_header.lower() == "authorization" else key}


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
