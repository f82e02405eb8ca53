"""A proxy in front of the real server that spoils what comes through, in one way at a time."""

from __future__ import annotations

import gzip
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx

Fault = Callable[["Handler", "Seen"], bool]


class Seen:
    """What the proxy was asked, and what the real server said to it."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.searches = 0


class Handler(http.server.BaseHTTPRequestHandler):
    """Passes requests on; searches go through the fault first."""

    server: Proxy
    protocol_version = "HTTP/1.0"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return

    def do_GET(self) -> None:
        self._pass("GET")

    def do_POST(self) -> None:
        self._pass("POST")

    def _pass(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        seen = self.server.seen
        seen.requests.append((method, self.path, dict(self.headers.items())))
        with suppress(BrokenPipeError, ConnectionResetError):
            if self.path.startswith("/search"):
                seen.searches += 1
                self.method, self.body = method, body
                if self.server.fault(self, seen):
                    return
            self.forward(method, body)

    def forward(self, method: str = "", body: bytes = b"") -> None:
        """What the real server says, with its address replaced by the proxy's."""
        self.say(self.real(method, body))

    def real(self, method: str = "", body: bytes | None = None) -> Any:
        """The JSON of the real server."""
        answer = httpx.request(
            method or self.method,
            self.server.behind + self.path,
            content=self.body if body is None else body,
            headers={"content-type": "application/json"},
            timeout=60,
        )
        text = answer.text.replace(self.server.behind, self.server.address)
        self.real_status = answer.status_code
        return json.loads(text)

    def say(self, value: Any, status: int | None = None, **headers: str) -> None:
        """Answers with JSON, or bytes."""
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status or getattr(self, "real_status", 200))
        for name, text in {"content-type": "application/geo+json", **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Proxy(http.server.ThreadingHTTPServer):
    """The proxy; `fault` may be replaced at any time."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = behind
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.fault: Fault = lambda handler, seen: False
        self.seen = Seen()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What a client breaks off is no error here."""


@contextmanager
def proxy(behind: str) -> Iterator[Proxy]:
    """A running proxy."""
    one = Proxy(behind)
    thread = threading.Thread(target=one.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.shutdown()
        one.server_close()


# --- faults ------------------------------------------------------------------------------------------------------


def status(code: int, times: int = 1_000, **headers: str) -> Fault:
    """Answers so many searches with a status."""

    def spoil(handler: Handler, seen: Seen) -> bool:
        if seen.searches > times:
            return False
        handler.say({"detail": "no"}, code, **headers)
        return True

    return spoil


def truncated(handler: Handler, seen: Seen) -> bool:
    """JSON that ends in its middle."""
    handler.say(json.dumps(handler.real()).encode()[:-500], 200)
    return True


def broken_off(handler: Handler, seen: Seen) -> bool:
    """A connection that closes in the middle of the body."""
    handler.send_response(200)
    handler.send_header("content-length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"type": "FeatureCollection", "features": [')
    handler.wfile.flush()
    handler.connection.close()
    return True


def spoken(value: Any) -> Fault:
    """Always the same answer."""

    def spoil(handler: Handler, seen: Seen) -> bool:
        handler.say(value, 200)
        return True

    return spoil


def same_page_again(handler: Handler, seen: Seen) -> bool:
    """Every page leads to itself."""
    page = handler.real()
    page["links"] = [{"rel": "next", "href": f"{handler.server.address}/search", "method": "POST", "merge": True}]
    handler.say(page, 200)
    return True


def new_page_for_ever(handler: Handler, seen: Seen) -> bool:
    """Every page leads to another one with the same items."""
    page = handler.real("POST", b'{"limit": 5}')
    page["links"] = [{"rel": "next", "href": f"{handler.server.address}/search?page={seen.searches}"}]
    handler.say(page, 200)
    return True


def made_up_pages(handler: Handler, seen: Seen) -> bool:
    """Pages without end, each with new items."""
    page = handler.real("POST", b'{"limit": 50}')
    for one in page["features"]:
        one["id"] = f"{one['id']}-{seen.searches}"
    page["links"] = [{"rel": "next", "href": f"{handler.server.address}/search?page={seen.searches}"}]
    handler.say(page, 200)
    return True


def wrong_types(handler: Handler, seen: Seen) -> bool:
    """Items of which every other one is nonsense, and members of the wrong kind."""
    page = handler.real()
    nonsense: list[Any] = [
        None, 7, "item", [], {}, {"id": 5}, {"id": ["x"], "properties": 3},
        {"id": "x", "geometry": "round", "bbox": "no"},
        {"id": "y", "type": "Feature", "properties": {"datetime": 5, "eo:cloud_cover": "x"}, "geometry": {"type": 3}},
    ]  # fmt: skip
    page["features"] = nonsense + page["features"]
    page["numberMatched"] = "many"
    page["context"] = [1]
    handler.say(page, 200)
    return True


def huge(handler: Handler, seen: Seen) -> bool:
    """A body of 300 MB, as long as somebody reads."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.end_headers()
    handler.wfile.write(b'{"features": [')
    for _ in range(300):
        handler.wfile.write(b" " * 1_000_000)
    return True


def bomb(handler: Handler, seen: Seen) -> bool:
    """A small body that unpacks to 200 MB."""
    handler.say(gzip.compress(b" " * 200_000_000, 1), 200, content_encoding="gzip")
    return True


def twice_packed(handler: Handler, seen: Seen) -> bool:
    """A packing that nobody asked for."""
    handler.say(gzip.compress(gzip.compress(b"{}")), 200, content_encoding="gzip, gzip")
    return True


def dripping(handler: Handler, seen: Seen) -> bool:
    """A byte every now and then."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(600):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)
    return True


def silent(handler: Handler, seen: Seen) -> bool:
    """Nothing at all."""
    time.sleep(60)
    return True


def redirected(address: str, code: int = 307) -> Fault:
    """Leads elsewhere."""

    def spoil(handler: Handler, seen: Seen) -> bool:
        handler.say(b"", code, location=address)
        return True

    return spoil


def next_elsewhere(address: str) -> Fault:
    """The first page is right, the next one is said to lie on another host."""

    def spoil(handler: Handler, seen: Seen) -> bool:
        page = handler.real("POST", b'{"limit": 5}')
        page["links"] = [{"rel": "next", "href": address, "method": "GET"}]
        handler.say(page, 200)
        return True

    return spoil


def no_post(handler: Handler, seen: Seen) -> bool:
    """Takes searches by GET only."""
    if handler.method != "POST":
        return False
    handler.say({"detail": "Method Not Allowed"}, 405)
    return True


def no_filter(handler: Handler, seen: Seen) -> bool:
    """Refuses filters that it announced."""
    if b'"filter"' not in handler.body:
        return False
    handler.say({"detail": "bad filter"}, 400)
    return True


def deep(handler: Handler, seen: Seen) -> bool:
    """JSON that is nested 100,000 levels deep."""
    handler.say(b'{"features": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 200)
    return True
