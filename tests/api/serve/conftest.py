"""A service over a small graph in memory, which starts in a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.serve.app import create_app
from api.serve.run import server as make_server
from api.serve.service import Service
from api.serve.settings import Settings

Started = tuple[int, Service]


@contextmanager
def running(settings: Settings, path: Path | None = None, data: tuple[Path, ...] = ()) -> Iterator[Started]:
    """(port, service) of a server on loopback, once its workers are warm."""
    app = create_app(path, data, settings)
    server = make_server(app, "127.0.0.1", 0, settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    patient = time.monotonic() + 120
    while not (server.started and app.state.service.ready) and time.monotonic() < patient:
        time.sleep(0.02)
    yield server.servers[0].sockets[0].getsockname()[1], app.state.service
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Things in a ring, each with a number, a text and a geometry."""
    lines = [
        f"<urn:n{n}> <urn:next> <urn:n{(n + 1) % 1500}> ; <urn:value> {n} ; <urn:text> 'thing {n} {'x' * 50}' ; "
        f"<urn:shape> 'POLYGON(({n % 90} 0,{n % 90 + 5} 0,{n % 90 + 5} 5,{n % 90} 5,{n % 90} 0))'"
        "^^<http://www.opengis.net/ont/geosparql#wktLiteral> ."
        for n in range(1500)
    ]
    path = tmp_path_factory.mktemp("ring") / "ring.ttl"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="package")
def hostile(ring: Path) -> Iterator[Started]:
    """A service whose bounds are narrow."""
    settings = Settings(
        query_seconds=1.5,
        query_memory_mb=600,
        workers=2,
        slow_workers=2,
        spare_workers=1,
        connections=60,
        client_connections=50,
        head_seconds=0.6,
        body_seconds=2.5,
        keep_seconds=1,
        result_bytes=2_000_000,
        log=0,
    )
    with running(settings, data=(ring,)) as started:
        yield started
