"""The service on a real server on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.serve.app import create_app
from api.serve.run import server as make_server
from api.serve.settings import Settings


@pytest.fixture(scope="session")
def http(builtin_path: Path) -> Iterator[httpx.Client]:
    """A client of one server for all tests that only read, over the built-in catalogue."""
    settings = Settings(query_seconds=4, workers=1, slow_workers=1, client_connections=500)
    app = create_app(builtin_path, settings=settings)
    server = make_server(app, "127.0.0.1", 0, settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    patient = time.monotonic() + 120  # on a busy machine the workers need a while
    while not (server.started and app.state.service.ready) and time.monotonic() < patient:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client
    server.should_exit = True
    thread.join(10)
