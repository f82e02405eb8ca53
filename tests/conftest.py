"""Fixtures that several rooms share: the built-in catalogue, built once, and servers on loopback."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from kg.home import Home


# a machine shared with others is slow at times: nothing fails by the clock
settings.register_profile("earthdex", deadline=None)
settings.load_profile("earthdex")

# folders whose tests start servers, and long files: first, so that no worker ends long after another
_SERVERS = ("remote", "live", "spark")
_LONG = (
    "test_oracle.py",
    "test_updates.py",
    "test_hostile_queries.py",
    "test_scene_index.py",
    "test_evaluate.py",
    "test_packaging.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first (`pytest -n 2 --dist loadfile --no-loadscope-reorder` keeps a file in one process)."""

    def rank(item: pytest.Item) -> int:
        path = Path(item.path)
        return 0 if path.parent.name in _SERVERS else 1 if path.name in _LONG else 2

    items.sort(key=rank)


@pytest.fixture(scope="session")
def builtin_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built-in catalogue, as a first use leaves it; the processes of one run share it.

    Read only: tests that write make their own, or copy it without the files that others are just writing
    (`*.partial`).
    """
    from ingest.builtin import ensure_built
    from ontology.errors import StoreLocked

    base = tmp_path_factory.getbasetemp()
    path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "builtin"
    path.mkdir(exist_ok=True)
    for _ in range(3):  # on a machine that others share, the first process may build for long
        with suppress(StoreLocked):
            ensure_built(path)
            break
    return path


@pytest.fixture(scope="session")
def builtin_home(builtin_path: Path) -> Iterator[Home]:
    """The built-in catalogue, open for reading."""
    from kg.home import open_home

    home = open_home(builtin_path)
    yield home
    home.close()


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the catalogue of the person who runs it."""
    monkeypatch.setenv("EARTHDEX_HOME", str(tmp_path_factory.getbasetemp() / "unused-home"))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def serve_folder() -> Iterator[Callable[[Path], str]]:
    """Serves folders on loopback with Python's own web server, which lists them; returns the URL."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def serve(folder: Path) -> str:
        handler = functools.partial(_Quiet, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
