"""Requests to a SPARQL 1.1 server (SPARQL 1.1 Protocol, W3C 2013): the only module that knows SPARQLWrapper.

SPARQLWrapper writes the requests; they are sent here, so that nothing a server does can hurt: an answer has a bound of
time and size from its first byte to its last, no redirect is followed, and user and password go to no other host.
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import Request

from SPARQLWrapper import POST, URLENCODED, SPARQLWrapper

from kg.remote.digest import answer_challenge
from kg.remote.faults import refused, unreachable
from kg.remote.settings import RemoteSettings, shown
from ontology.errors import EarthdexError, QueryTooLarge, StoreError

MOST_BYTES = 64 * 2**20
"""Largest answer that is read."""

_TRIES = 3
_LONGEST_WAIT = 20.0
_BUSY = frozenset({429, 502, 503, 504})
_IDLE = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: status, headers by name in lower case, body, and whether that was cut for its size."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


class _Writer(SPARQLWrapper):
    """SPARQLWrapper as a writer of requests."""

    def written(self) -> Request:
        request: Request = self._createRequest()
        return request


class Client:
    """Sends queries and updates. Safe for threads.

    Args:
        settings: the server.
        most_bytes: largest answer that is read.
    """

    def __init__(self, settings: RemoteSettings, most_bytes: int = MOST_BYTES) -> None:
        self.settings, self.most_bytes = settings, most_bytes
        self._idle: dict[str, list[http.client.HTTPConnection]] = {}
        self._lock = threading.Lock()
        self._scheme: dict[str, str] = {}  # by origin: how it wants to be told user and password
        # whoever forgets to close a store leaves no connections behind
        self._end = weakref.finalize(self, _close_all, self._idle)

    def query(
        self,
        sparql: str,
        accept: str,
        parameters: Mapping[str, str] | None = None,
        timeout: float | None = None,
        *,
        may_cut: bool = False,
    ) -> Reply:
        """Sends a query.

        Args:
            sparql: its text.
            accept: media types that are understood; an answer of another type is an error.
            parameters: further parameters of the request.
            timeout: seconds, at most those of the settings.
            may_cut: an answer above the size is no error, but told by `Reply.cut`.

        Raises:
            QuerySyntaxError, QueryError: the server refuses the query.
            QueryTooLarge: over the time or size.
            StoreReadOnly: it asks for a user and password, or refuses them.
            StoreError: it cannot be reached, or answers what is no answer.
        """
        reply = self._send(self.settings.endpoint, self._request(sparql, False, accept, parameters), timeout, True)
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if kind not in accept.replace(" ", "").casefold().split(","):
            raise StoreError(
                f"{shown(self.settings.endpoint)} answered a query with {kind[:80] or 'no media type'}.",
                "Check that the address is that of its SPARQL service.",
            )
        if reply.cut and not may_cut:
            raise QueryTooLarge(
                f"The answer of {shown(self.settings.endpoint)} is larger than {self.most_bytes // 2**20} MB.",
                "Add conditions or a LIMIT.",
            )
        return reply

    def update(self, sparql: str, url: str, timeout: float | None = None, *, again: bool = False) -> None:
        """Sends an update to a URL.

        Args:
            sparql: its text.
            url: the update service.
            timeout: seconds, at most those of the settings.
            again: whether doing it twice does no harm, so that it is tried again where the server is busy.

        Raises:
            EarthdexError: as `query`.
        """
        self._send(url, self._request(sparql, True, "*/*", None, url), timeout, again)

    def load(self, lines: bytes, url: str, timeout: float | None = None) -> None:
        """Adds N-Triples by the Graph Store HTTP Protocol; tried again where the server is busy.

        Args:
            lines: N-Triples without blank nodes, so that twice is as once.
            url: of the graph in the graph store.
            timeout: seconds, at most those of the settings.

        Raises:
            EarthdexError: as `query`.
        """
        headers = {"Content-type": "application/n-triples", "User-agent": "earthdex", "Accept": "*/*"}
        self._send(url, Request(url, lines, headers), timeout, True)

    def _request(
        self, sparql: str, update: bool, accept: str, parameters: Mapping[str, str] | None, url: str | None = None
    ) -> Request:
        target = url or self.settings.endpoint
        writer = _Writer(target, updateEndpoint=target)
        writer.setMethod(POST)
        writer.setRequestMethod(URLENCODED)
        writer.setOnlyConneg(True)
        writer.queryType, writer.queryString = ("INSERT" if update else "SELECT"), sparql
        for name, value in (parameters or {}).items():
            writer.addParameter(name, value)
        request = writer.written()
        request.add_header("Accept", accept)
        request.add_header("Accept-encoding", "identity")  # a small zipped answer may be an endless one
        request.add_header("User-agent", "earthdex")
        return request

    def _send(self, url: str, request: Request, timeout: float | None, again: bool) -> Reply:
        seconds = min(timeout or self.settings.timeout, self.settings.timeout)
        end = time.monotonic() + seconds
        tries = _TRIES if again else 1
        while True:
            tries -= 1
            reply = self._authorised(url, request, end, seconds)
            if reply.status < 300:
                return reply
            wait = _wait(reply.headers.get("retry-after"))
            if reply.status not in _BUSY or not tries or time.monotonic() + wait > end:
                raise refused(shown(url), reply.status, reply.headers, self._without_secrets(reply.body), url)
            time.sleep(wait)

    def _authorised(self, url: str, request: Request, end: float, seconds: float) -> Reply:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        reply = self._exchange(url, request, self._authorisation(origin, url), end, seconds)
        challenge = reply.headers.get("www-authenticate", "")
        if reply.status == 401 and self.settings.user and challenge and self._is_own(origin):
            self._scheme[origin] = challenge
            reply = self._exchange(url, request, self._authorisation(origin, url), end, seconds)
        return reply

    def _is_own(self, origin: str) -> bool:
        """Whether user and password are meant for a server: only for those of the settings."""
        mine = (self.settings.endpoint, self.settings.update, self.settings.data)
        hosts = {urlsplit(one).hostname for one in mine if one}
        return urlsplit(origin).hostname in hosts

    def _authorisation(self, origin: str, url: str) -> str | None:
        challenge = self._scheme.get(origin)
        if challenge is None:
            return None
        user, password = self.settings.user, self.settings.password
        if challenge.strip().casefold().startswith("digest"):
            return answer_challenge(challenge, user, password, "POST", urlsplit(url))
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def _without_secrets(self, body: bytes) -> bytes:
        """What a server said, which may repeat what it was told."""
        user, password = self.settings.user, self.settings.password
        basic = base64.b64encode(f"{user}:{password}".encode())
        for secret in (basic, password.encode()):
            body = body.replace(secret, b"...") if password else body
        return body

    def _exchange(self, url: str, request: Request, authorisation: str | None, end: float, seconds: float) -> Reply:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = dict(request.header_items())
        if authorisation:
            headers["Authorization"] = authorisation
        data = request.data
        while True:
            connection, fresh = self._connection(url, end)
            guard = _Guard(connection, end)
            try:
                if connection.sock is None:
                    connection.connect()
                connection.request("POST", path, body=data, headers=headers)
                reply, kept = self._read(connection.getresponse(), url, guard)
            except (OSError, http.client.HTTPException, ValueError) as error:
                connection.close()
                if guard.fired or isinstance(error, TimeoutError):
                    raise _late(url, seconds) from error
                if not fresh and isinstance(error, (ConnectionError, http.client.BadStatusLine)):
                    continue  # the server had closed a connection that was kept
                raise unreachable(shown(url), error) from error
            finally:
                guard.done()
            if guard.fired:
                connection.close()
                raise _late(url, seconds)
            self._keep(url, connection, kept)
            return reply

    def _read(self, response: http.client.HTTPResponse, url: str, guard: _Guard) -> tuple[Reply, bool]:
        """Reads an answer up to its bound: what says no is cut after a few lines."""
        good = response.status < 300
        most = self.most_bytes if good else 4_096
        headers = {name.lower(): value for name, value in response.getheaders()}
        parts, size = [], 0
        while not guard.fired and size <= most and (part := response.read1(1 << 16)):
            size += len(part)
            parts.append(part)
        body, cut = b"".join(parts), size > most
        declared = headers.get("content-length", "")
        if good and declared.isdigit() and len(body) < int(declared) and not guard.fired and not cut:
            raise http.client.IncompleteRead(b"", int(declared) - len(body))
        return Reply(response.status, headers, body, cut), response.isclosed() and not response.will_close

    def _connection(self, url: str, end: float) -> tuple[http.client.HTTPConnection, bool]:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            idle = self._idle.get(origin)
            if idle:
                found = idle.pop()
                if found.sock is not None:
                    found.sock.settimeout(max(0.05, end - time.monotonic()))
                return found, False
        left = max(0.05, end - time.monotonic())
        host = parts.hostname or ""
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, parts.port, timeout=left, context=_tls()), True
        return http.client.HTTPConnection(host, parts.port, timeout=left), True

    def _keep(self, url: str, connection: http.client.HTTPConnection, kept: bool) -> None:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        with self._lock:
            idle = self._idle.setdefault(origin, [])
            if kept and len(idle) < _IDLE:
                idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Closes connections that are kept; a second call does nothing."""
        with self._lock:
            _close_all(self._idle)


def _close_all(idle: dict[str, list[http.client.HTTPConnection]]) -> None:
    for kept in idle.values():
        while kept:
            kept.pop().close()


class _Guard:
    """Ends a connection when its time is over, also where a server sends a byte now and then."""

    def __init__(self, connection: http.client.HTTPConnection, end: float) -> None:
        self.fired = False
        self._connection = connection
        self._timer = threading.Timer(max(0.0, end - time.monotonic()), self._fire)
        self._timer.daemon = True
        self._timer.start()

    def _fire(self) -> None:
        self.fired = True
        held = self._connection.sock
        if held is not None:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    def done(self) -> None:
        self._timer.cancel()


def _late(url: str, seconds: float) -> EarthdexError:
    return QueryTooLarge(f"{shown(url)} did not answer within {seconds:g} s.", "Add conditions or a LIMIT.")


def _wait(header: str | None) -> float:
    """Seconds that a server asks to wait; a date or nothing counts as half a second."""
    try:
        return min(max(float(header or "0.5"), 0.05), _LONGEST_WAIT * 100)
    except ValueError:
        return 0.5


_CONTEXT: list[ssl.SSLContext] = []


def _tls() -> ssl.SSLContext:
    if not _CONTEXT:
        _CONTEXT.append(ssl.create_default_context())
    return _CONTEXT[0]
