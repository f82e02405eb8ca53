"""A service over a small catalogue of its own."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.serve.app import create_app
from api.serve.keys import Keys
from api.serve.run import server as make_server
from api.serve.settings import Settings
from kg.home import open_writer
from ontology.terms import IRI, Literal

EX = "http://example.org/"
A, B = IRI(EX + "a"), IRI(EX + "b")


def small_home(path: Path) -> Path:
    """A catalogue of four triples: two in the default graph, one in each of two graphs."""
    value = IRI(EX + "value")
    quads = [
        (A, value, Literal("plain"), None),
        (A, IRI(EX + "knows"), B, None),
        (A, value, Literal("one"), IRI(EX + "g1")),
        (B, value, Literal("two"), IRI(EX + "g2")),
    ]
    with open_writer(path) as writer:
        writer.replace_builtin(quads, catalogue_version="small")
        writer.publish()
    return path


@contextmanager
def serving(path: Path) -> Iterator[httpx.Client]:
    """A client of a server over a catalogue."""
    settings = Settings(query_seconds=20, workers=1, slow_workers=1, spare_workers=0)
    own = create_app(path, settings=settings)
    server = make_server(own, "127.0.0.1", 0, settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    patient = time.monotonic() + 120
    while not (server.started and own.state.service.ready) and time.monotonic() < patient:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client
    server.should_exit = True
    thread.join(10)


def a_key(path: Path, *scopes: str) -> dict[str, str]:
    """The header of a new key."""
    name = f"tester{len(Keys(path).all())}"
    return {"authorization": f"Bearer {Keys(path).add(name, scopes or ('write',), '1h')[1]}"}


@pytest.fixture(scope="session")
def written_path() -> Iterator[Path]:
    """`small_home`, to be written to; in memory where there is room: versions are made faster there."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        yield small_home(Path(name) / "home")


@pytest.fixture(scope="session")
def written(written_path: Path) -> Iterator[httpx.Client]:
    """A client, without a key, of a service over `written_path`."""
    with serving(written_path) as client:
        yield client
