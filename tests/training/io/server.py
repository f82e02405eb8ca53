"""A web server on loopback that serves ranges of files in memory, and fails in every way that servers do."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import re
import socketserver
import threading
import time
from collections import Counter


class Served:
    """Files by path, what is wrong with them, and how often each was asked for.

    Attributes:
        files: path -> bytes.
        faults: path -> faults, taken from the front, one for each request: a status (`503`), `retry:<seconds>` (429),
            `cut` (half of the body, then the connection closes), `stall` (half, then silence), `to:<url>` (redirect),
            `slow` (a byte at a time), `lie` (another range), `bogus` (no HTTP).
        plain: paths whose ranges the server ignores; chunked: paths sent in chunks without a length.
        asked: how often each path was asked for; ranges: the Range headers in order.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[str]] = {}
        self.plain: set[str] = set()
        self.chunked: set[str] = set()
        self.untagged: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.ranges: list[str] = []
        self.stopping = threading.Event()
        served = self

        class Handler(_Handler):
            world = served

        class Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 64

            def handle_error(self, request: object, client_address: object) -> None:
                return

        self.server = Threads(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()

    def add(self, path: str, data: bytes, *faults: str) -> str:
        """Serves a file; returns its URL."""
        self.files[path] = data
        self.faults[path] = list(faults)
        return self.url + path

    def stop(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: Served

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return

    def do_GET(self) -> None:
        world, path = self.world, self.path
        world.asked[path] += 1
        world.ranges.append(self.headers.get("range", ""))
        data = world.files.get(path.split("?")[0])
        faults = world.faults.get(path) or []
        fault = faults.pop(0) if faults else ""
        if data is None:
            self._head(404, 0)
        elif fault.isdigit():
            self._head(int(fault), 0)
        elif fault.startswith("retry:"):
            self._head(429, 0, {"Retry-After": fault[6:]})
        elif fault.startswith("to:"):
            self._head(302, 0, {"Location": fault[3:]})
        elif fault == "bogus":
            self.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
            self.close_connection = True
        else:
            self._data(data, fault)

    def _head(self, status: int, length: int, headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if length >= 0:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _data(self, data: bytes, fault: str) -> None:
        headers = {} if self.path in self.world.untagged else {"ETag": f'"{hashlib.md5(data).hexdigest()}"'}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        if self.path in self.world.chunked:
            self._head(200, -1, headers | {"Transfer-Encoding": "chunked"})
            for at in range(0, len(data), 1000):
                piece = data[at : at + 1000]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
            return
        status = 200
        if wanted and self.path not in self.world.plain:
            status, start = 206, int(wanted[1])
            end = min(int(wanted[2] or len(data)), len(data) - 1)
            if start >= len(data):
                self._head(416, 0, headers | {"Content-Range": f"bytes */{len(data)}"})
                return
            lied = 1 if fault == "lie" else 0
            headers["Content-Range"] = f"bytes {start + lied}-{end + lied}/{len(data)}"
            data = data[start : end + 1]
        self._head(status, len(data), headers)
        with contextlib.suppress(OSError):
            self._body(data, fault)

    def _body(self, data: bytes, fault: str) -> None:
        if fault in ("cut", "stall"):
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            if fault == "stall":
                self.world.stopping.wait(20)
            self.close_connection = True
        elif fault == "slow":
            for at in range(len(data)):
                self.wfile.write(data[at : at + 1])
                if self.world.stopping.wait(0.05):
                    return
        else:
            self.wfile.write(data)


def waited(start: float) -> float:
    """Seconds since a moment of `time.monotonic`."""
    return time.monotonic() - start
