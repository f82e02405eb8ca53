"""Connections that mean harm: silent ones, endless ones, thousands of them."""

from __future__ import annotations

import socket
import time

import httpx

from api.serve.door import Door
from tests.api.serve.conftest import Started


def _open(port: int, source: str = "127.0.5.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))


def _rest(one: socket.socket) -> bytes:
    """All that comes until the other side ends the connection."""
    found = b""
    try:
        while piece := one.recv(65_536):
            found += piece
    except ConnectionResetError:
        pass
    one.close()
    return found


def _lives(port: int) -> bool:
    return httpx.get(f"http://127.0.0.1:{port}/health", timeout=20).status_code == 200


def test_heads_that_never_end_are_cut_off(hostile: Started) -> None:
    port, _ = hostile
    started = time.monotonic()
    silent, dripping, second = _open(port), _open(port), _open(port)
    second.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in second.recv(65_536)
    dripping.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
    for one in (second, dripping):  # a byte now and then does not lengthen the time
        time.sleep(0.2)
        one.sendall(b"X-A: b\r\n" if one is dripping else b"GET /he")
    assert b"200 OK" not in _rest(silent) + _rest(dripping) + _rest(second)
    assert time.monotonic() - started < 10
    assert _lives(port)


def test_giant_heads_are_refused(hostile: Started) -> None:
    port, _ = hostile
    one = _open(port)
    one.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X-A: " + b"y" * 200_000)
    assert b"200 OK" not in _rest(one)
    assert _lives(port)


def test_endless_and_slow_bodies_are_refused(hostile: Started) -> None:
    port, _ = hostile
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    declared = _open(port)
    declared.sendall(head + b"Content-Length: 99999999999\r\n\r\n")
    assert b" 413 " in declared.recv(65_536)
    declared.close()
    endless = _open(port)
    endless.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
    try:
        for _ in range(60):
            endless.sendall(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
    except OSError:
        pass  # refused while it was sent
    assert b" 413 " in _rest(endless)
    slow = _open(port)
    slow.sendall(head + b"Content-Length: 10\r\n\r\nSELECT")
    assert b" 400 " in _rest(slow)
    assert _lives(port)


def test_half_closed_connections_are_answered_or_ended(hostile: Started) -> None:
    port, _ = hostile
    one = _open(port)
    one.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    one.shutdown(socket.SHUT_WR)
    _rest(one)
    nothing = _open(port)
    nothing.shutdown(socket.SHUT_WR)
    _rest(nothing)
    assert _lives(port)


def test_one_address_cannot_take_all_connections(hostile: Started) -> None:
    port, _ = hostile
    held = [_open(port, "127.0.6.1") for _ in range(200)]  # more than there are
    assert _lives(port)  # for others there is room
    for one in held:
        one.close()


def test_the_door_counts() -> None:
    door = Door(5, 2)
    assert [door.enter("a") for _ in range(3)] == [True, True, False]
    assert [door.enter(one) for one in ("b", "c", "d", "e")] == [True, True, True, False]
    door.leave("a")
    assert door.enter("e")
    assert door.open == 5
    assert door.refused == 2
