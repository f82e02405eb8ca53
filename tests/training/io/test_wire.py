"""Answers that no honest server gives, byte by byte: each ends in an error, soon, or in the right bytes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.errors import FetchError
from training.io import open_bytes
from training.io.web import Patience

Say = Callable[[bytes], str]
QUICK = Patience(quiet=0.2, seconds=0.6)


@pytest.fixture(scope="module")
def say() -> Iterator[Say]:
    """A server that answers every connection with given bytes and closes it; gives its URL."""
    said = [b""]
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)

    def run() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.settimeout(2)
                    connection.recv(1 << 16)
                    connection.sendall(said[0])
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    port = listening.getsockname()[1]

    def answer(data: bytes) -> str:
        said[0] = data
        return f"http://127.0.0.1:{port}/a.bin"

    yield answer
    # a listening socket wakes up when it is shut down, not when it is closed
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


BODY = b"0123456789"
BAD = {
    "nothing": b"",
    "no status": b"HTTP/1.1\r\n\r\n",
    "letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "interim for ever": b"HTTP/1.1 100 Continue\r\n\r\n" * 5000,
    "endless head": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000,
    "too long": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n" + BODY,
    "negative": b"HTTP/1.1 206 OK\r\nContent-Range: bytes 5--3/10\r\nContent-Length: -5\r\n\r\n" + BODY,
    "no range told": b"HTTP/1.1 206 OK\r\nContent-Length: 10\r\n\r\n" + BODY,
    "more than asked": b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-9999999999/99999999999\r\n\r\n",
    "range and length differ": b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-3/10\r\nContent-Length: 9\r\n\r\n" + BODY,
    "cut": b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-3/10\r\nContent-Length: 4\r\n\r\n01",
    "packed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" + BODY,
    "huge chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n" + BODY,
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY,
    "chunks cut": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01",
    "chunk line": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 200_000,
    "redirect to nothing": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    "redirect to a file": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    "strange 416": b"HTTP/1.1 416 No\r\nContent-Range: bytes */99\r\nContent-Length: 0\r\n\r\n",
    "retry long": b"HTTP/1.1 503 No\r\nRetry-After: Fri, 31 Dec 2999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n",
    "retry nonsense": b"HTTP/1.1 503 No\r\nRetry-After: \xff\xff\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_an_error(name: str, say: Say) -> None:
    start = time.monotonic()
    with open_bytes(allow_private=True, patience=QUICK) as data, pytest.raises(FetchError) as caught:
        data.read(say(BAD[name]), 0, 4)
    assert caught.value.remedy
    assert time.monotonic() - start < 10


GOOD = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + BODY,
    "until closed": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    "interim": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + BODY,
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n0123\r\n6\r\n456789\r\n0\r\nx: y\r\n\r\n",
    "range": b"HTTP/1.1 206 OK\r\ncontent-RANGE:bytes 2-5/10\r\nContent-Length: 4\r\n\r\n2345",
    "unknown total": b"HTTP/1.1 206 OK\r\nContent-Range: bytes 2-5/*\r\nContent-Length: 4\r\n\r\n2345",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_answer_of_any_kind_is_read(name: str, say: Say) -> None:
    with open_bytes(allow_private=True, patience=QUICK) as data:
        assert bytes(data.read(say(GOOD[name]), 2, 4)) == b"2345"


@settings(max_examples=25)
@given(st.sampled_from(sorted(GOOD)), st.integers(0, 200), st.binary(max_size=3))
def test_a_garbled_answer_is_an_error_or_four_bytes(say: Say, name: str, at: int, noise: bytes) -> None:
    whole = GOOD[name]
    garbled = whole[:at] + noise + whole[at + len(noise) :]
    with open_bytes(allow_private=True, patience=Patience(quiet=0.1, seconds=0.2)) as data:
        try:
            assert len(data.read(say(garbled), 2, 4)) <= 4
        except FetchError as error:
            assert error.remedy
