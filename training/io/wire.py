"""One HTTP/1.1 connection: a GET is sent, a head is read, a body arrives in a buffer of ours.

Written out because a general client costs three times the CPU time per range (benchmarks/stream_pack.py tells), and
because the connection must go to an address that was looked at before (see addresses).
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from dataclasses import dataclass

import certifi

from ontology.errors import FetchError
from training.io.addresses import resolve
from training.io.base import buffer

_MOST_HEAD = 64 << 10
_MOST_INTERIM = 5
_CONNECT = 10.0


class Broken(Exception):
    """The connection failed, stalled or said something that is not HTTP; another try may help.

    Attributes:
        got: bytes of the body that had arrived, from the start of what was asked for.
    """

    def __init__(self, reason: str, got: memoryview | None = None) -> None:
        super().__init__(reason)
        self.got = got


@dataclass(slots=True)
class Head:
    """Status and headers (lower-case names, last value wins) of an answer."""

    status: int
    headers: dict[str, str]
    closes: bool

    @property
    def length(self) -> int:
        """Content-Length, -1 where it is not told."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


class Connection:
    """A connection to one server. Not shared between threads at the same time.

    Args:
        scheme, host, port: of the server.
        allow_private: whether it may be a private address.
        quiet: seconds without a byte after which it is given up.

    Raises:
        FetchError: the host does not exist or may not be asked.
        Broken: it cannot be reached.
    """

    def __init__(self, scheme: str, host: str, port: int, *, allow_private: bool, quiet: float, ends: float) -> None:
        self.key = (scheme, host, port)
        self.used = 0
        self.idle_since = time.monotonic()
        self._quiet = quiet
        self._rest = b""
        self._socket = self._connect(scheme, host, port, allow_private, ends)

    @staticmethod
    def _connect(scheme: str, host: str, port: int, allow_private: bool, ends: float) -> socket.socket:
        problem: Exception = OSError("no address")
        for family, address in resolve(host, port, allow_private=allow_private):
            left = min(_CONNECT, ends - time.monotonic())
            if left <= 0:
                break
            plain = socket.socket(family, socket.SOCK_STREAM)
            try:
                plain.settimeout(left)
                plain.connect((address, port))
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return _context().wrap_socket(plain, server_hostname=host) if scheme == "https" else plain
            except ssl.SSLCertVerificationError as error:
                plain.close()
                told = f"The certificate of {host[:100]} is not trusted: {error.verify_message}."
                raise FetchError(
                    told, "If it is a server of your own, name its certificate in SSL_CERT_FILE."
                ) from error
            except OSError as error:
                plain.close()
                problem = error
        raise Broken(f"it cannot be reached: {problem}")

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()

    def _wait(self, ends: float) -> None:
        left = min(self._quiet, ends - time.monotonic())
        if left <= 0:
            raise Broken("it took too long")
        self._socket.settimeout(left)

    def ask(self, head: bytes, ends: float) -> Head:
        """Sends a request and reads the head of its answer."""
        self.used += 1
        try:
            self._wait(ends)
            self._socket.sendall(head)
        except TimeoutError as error:
            raise Broken(f"nothing was taken for {self._quiet:g} s") from error
        except OSError as error:
            raise Broken(f"the connection broke: {error}") from error
        for _ in range(_MOST_INTERIM):
            answer = self._head(ends)
            if answer.status not in (100, 102, 103):
                return answer
        raise Broken("its answer never comes")

    def _head(self, ends: float) -> Head:
        data = self._rest
        try:
            while (at := data.find(b"\r\n\r\n")) < 0:
                if len(data) > _MOST_HEAD:
                    raise Broken("the head of its answer has no end")
                self._wait(ends)
                block = self._socket.recv(1 << 16)
                if not block:
                    raise Broken("it closed the connection")
                data += block
        except TimeoutError as error:
            raise Broken(f"nothing came for {self._quiet:g} s") from error
        except OSError as error:
            raise Broken(f"the connection broke: {error}") from error
        self._rest = data[at + 4 :]
        return _parsed(data[:at])

    def read_into(self, into: memoryview, ends: float) -> None:
        """Fills a buffer from the body.

        Raises:
            Broken: it ended or stalled before; `got` holds what had come.
        """
        done = min(len(self._rest), len(into))
        into[:done] = self._rest[:done]
        self._rest = self._rest[done:]
        try:
            while done < len(into):
                self._wait(ends)
                count = self._socket.recv_into(into[done:])
                if not count:
                    raise Broken(f"it stopped after {done:,} of {len(into):,} bytes", into[:done])
                done += count
        except TimeoutError as error:
            raise Broken(f"it stalled after {done:,} of {len(into):,} bytes", into[:done]) from error
        except OSError as error:
            raise Broken(f"the connection broke: {error}", into[:done]) from error
        except Broken as error:
            raise Broken(str(error), into[:done]) from error

    def read_unframed(self, head: Head, most: int, ends: float) -> memoryview:
        """A body whose length is not told: chunked, or until the connection closes.

        Raises:
            Broken: it breaks off, is malformed, or has more than `most` bytes.
        """
        if "chunked" not in head.headers.get("transfer-encoding", "").lower():
            return memoryview(self._until_close(most, ends))
        parts = bytearray()
        while True:
            text = self._line(ends).split(b";", 1)[0].strip()
            try:
                count = int(text, 16)
            except ValueError as error:
                raise Broken("its chunks are malformed") from error
            if count < 0 or len(parts) + count > most:
                raise Broken(f"it sends more than {most:,} bytes")
            if not count:
                while self._line(ends):
                    pass
                return memoryview(parts)
            piece = buffer(count)
            self.read_into(piece, ends)
            parts += piece
            self._line(ends)

    def _until_close(self, most: int, ends: float) -> bytearray:
        parts = bytearray(self._rest)
        try:
            while True:
                self._wait(ends)
                block = self._socket.recv(1 << 16)
                if not block:
                    return parts
                parts += block
                if len(parts) > most:
                    raise Broken(f"it sends more than {most:,} bytes")
        except TimeoutError as error:
            raise Broken("it stalled") from error
        except OSError as error:
            raise Broken(f"the connection broke: {error}") from error

    def _line(self, ends: float) -> bytes:
        while (at := self._rest.find(b"\r\n")) < 0:
            if len(self._rest) > _MOST_HEAD:
                raise Broken("its chunks are malformed")
            try:
                self._wait(ends)
                block = self._socket.recv(1 << 16)
            except OSError as error:
                raise Broken(f"the connection broke: {error}") from error
            if not block:
                raise Broken("it closed the connection")
            self._rest += block
        line, self._rest = self._rest[:at], self._rest[at + 2 :]
        return line


_contexts: list[ssl.SSLContext] = []


def _context() -> ssl.SSLContext:
    # made once: reading the certificates takes 20 ms
    if not _contexts:
        made = ssl.create_default_context()
        if not os.environ.get("SSL_CERT_FILE") and not made.get_ca_certs():
            # small containers have no certificates of their own; httpx brings some
            made.load_verify_locations(certifi.where())
        _contexts.append(made)
    return _contexts[0]


def _parsed(data: bytes) -> Head:
    lines = data.decode("latin-1").split("\r\n")
    first = lines[0].split(" ", 2)
    if len(first) < 2 or not first[0].startswith("HTTP/1.") or not (first[1].isascii() and first[1].isdigit()):
        raise Broken("its answer is not HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    keep = headers.get("connection", "").lower()
    return Head(int(first[1]), headers, "close" in keep or (first[0] == "HTTP/1.0" and "keep-alive" not in keep))
