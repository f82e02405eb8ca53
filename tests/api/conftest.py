"""The service on a real server on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.serve.app import create_app
from api.serve.settings import Settings


@pytest.fixture(scope="module")
def http(builtin_path: Path) -> Iterator[httpx.Client]:
    """A client of a server of its own, over the built-in catalogue."""
    app = create_app(builtin_path, settings=Settings(query_seconds=4))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
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
