"""PgSTAC behind stac-fastapi on loopback: the software that large archives run, filled with real items."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _program(name: str) -> str:
    """A program of PostgreSQL; skips the test where it, or PostGIS, is absent."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]))
    if path is None:
        pytest.skip(f"needs PostgreSQL ({name}): apt-get install postgresql-15-postgis-3")
    if not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        pytest.skip("needs PostGIS: apt-get install postgresql-15-postgis-3")
    return path


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """A PostgreSQL of its own, with PgSTAC in it; gives the environment that names it."""
    for module in ("stac_fastapi.pgstac", "pypgstac"):
        try:
            found = find_spec(module)
        except ModuleNotFoundError:
            found = None
        if found is None:
            pytest.skip("needs stac-fastapi.pgstac and pypgstac (extra `dev`)")
    initdb, server = _program("initdb"), _program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="earthdex-stac-"))
    # PostgreSQL refuses to run as root
    other: dict[str, Any] = {}
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
        other = {"user": "postgres"}
    port = free_port()
    names = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port),
        "PGUSER": "postgres",
        "PGPASSWORD": "x",
        "PGDATABASE": "postgis",
    }
    data = str(folder / "data")
    process = None
    try:
        command = [initdb, "-D", data, "-A", "trust", "-E", "UTF8", "-U", "postgres", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, **other)
        command = [server, "-D", data, "-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1"]
        process = subprocess.Popen(
            [*command, "-c", "fsync=off"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **other
        )
        environment = {**os.environ, **names}
        _wait(lambda: _ran([_program("createdb"), "postgis"], environment))
        subprocess.run(
            [sys.executable, "-m", "pypgstac.pypgstac", "migrate"], check=True, capture_output=True, env=environment
        )
        yield environment
    finally:
        if process is not None:
            process.terminate()
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def fill(environment: dict[str, str], folder: Path, collections: list[dict[str, Any]], items: Path) -> None:
    """Loads collections, and items from a file of lines."""
    listed = folder / "collections.ndjson"
    listed.write_text("\n".join(json.dumps(one) for one in collections), encoding="utf-8")
    for table, path in (("collections", listed), ("items", items)):
        command = [sys.executable, "-m", "pypgstac.pypgstac", "load", table, str(path), "--method", "ignore"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])


@contextmanager
def api(environment: dict[str, str], **settings: str) -> Iterator[str]:
    """The STAC API over that database; gives its address."""
    port = free_port()
    named = {
        "POSTGRES_USER": environment["PGUSER"],
        "POSTGRES_PASS": environment["PGPASSWORD"],
        "POSTGRES_HOST_READER": environment["PGHOST"],
        "POSTGRES_HOST_WRITER": environment["PGHOST"],
        "POSTGRES_PORT": environment["PGPORT"],
        "POSTGRES_DBNAME": environment["PGDATABASE"],
        "STAC_FASTAPI_TITLE": "Test Archive",
    }
    command = [
        sys.executable, "-m", "uvicorn", "stac_fastapi.pgstac.app:create_app", "--factory",
        "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env={**environment, **named, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: _answers(address))
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _ran(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True, env=environment).returncode == 0


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _wait(done: Any) -> None:
    ends = time.monotonic() + _SECONDS
    while not done():
        if time.monotonic() > ends:
            raise RuntimeError("the server does not start")
        time.sleep(0.2)
