"""The STAC API over the built-in catalogue with made-up scenes, on a real server on loopback."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.serve.problems import say_problems
from api.serve.service import Service
from api.serve.settings import Settings
from api.stac.routes import routes
from api.stac.shelf import Shelf, make
from kg.home import Home, open_home, open_writer
from ontology.records import Scene
from tests.api.stac.scenes import made_scenes


@pytest.fixture(scope="session")
def stac_scenes() -> list[Scene]:
    """The scenes in the catalogue."""
    return made_scenes()


@pytest.fixture(scope="session")
def stac_path(builtin_path: Path, stac_scenes: list[Scene], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with scenes. Read only."""
    path = tmp_path_factory.mktemp("stac") / "home"
    shutil.copytree(builtin_path, path)
    with open_writer(path) as writer:
        writer.add_scenes(stac_scenes)
        writer.publish()
    return path


@pytest.fixture(scope="session")
def stac_home(stac_path: Path) -> Iterator[Home]:
    """The catalogue, open."""
    with open_home(stac_path) as home:
        yield home


@pytest.fixture(scope="session")
def stac_shelf(stac_home: Home) -> Shelf:
    """Its Collections and models."""
    return make(stac_home)


@pytest.fixture(scope="session")
def stac_http(stac_path: Path) -> Iterator[httpx.Client]:
    """A client of a server of its own, without the workers of the other routes."""
    app = FastAPI()
    say_problems(app)
    app.include_router(routes(Service(stac_path, settings=Settings(client_connections=500))))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client
    server.should_exit = True
    thread.join(10)
