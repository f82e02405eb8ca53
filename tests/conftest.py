"""Fixtures that several rooms share: the built-in catalogue, built once, and servers on loopback."""

from __future__ import annotations

import functools
import http.server
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    "test_corpora_counts.py",
    "test_stac_tables.py",
    "test_builtin.py",
    "test_frameworks.py",
    "test_import_places.py",
    "test_add.py",
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

    base = _base(tmp_path_factory)
    path = base / "builtin"
    with _alone(base / "builtin.lock"):
        ensure_built(path)
    return path


@pytest.fixture(scope="session")
def real_scenes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[int, int, int]]]:
    """A home with the Sentinel-1 and Sentinel-2 scenes of the corpora, added once in a run; copy it to write.

    Returns:
        Its folder, and by corpus how many rows were read, scenes made and rows skipped.
    """
    from ingest.add import add_sources
    from tests.corpora import corpus

    base = _base(tmp_path_factory)
    path, told = base / "real-scenes", base / "real-scenes.json"
    with _alone(base / "real-scenes.lock"):
        if not told.exists():
            counts = {}
            for name in ("scenes-sentinel2-cloudsen12", "scenes-sentinel1-opera"):
                report = add_sources([str(corpus(name))], path)
                counts[name] = (report.read, report.scenes, sum(report.skipped.values()))
            told.write_text(json.dumps(counts))
    return path, {name: tuple(one) for name, one in json.loads(told.read_text()).items()}


def _base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the processes of one run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process of the run at a time."""
    import fcntl

    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


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
