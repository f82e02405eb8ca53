"""The built-in catalogue in the folder, on an Oxigraph server and on Virtuoso: started and filled once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.home import Home, open_home
from kg.remote import RemoteStore
from kg.remote.push import push
from tests.remote import servers

SERVERS = ("oxigraph", "virtuoso")


@pytest.fixture(scope="session")
def oxigraph_url() -> Iterator[str]:
    """An Oxigraph server."""
    with servers.oxigraph() as url:
        yield url


@pytest.fixture(scope="session")
def virtuoso_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Virtuoso server."""
    with servers.virtuoso(tmp_path_factory.mktemp("virtuoso")) as url:
        yield url


def _filled(store: RemoteStore, path: Path) -> Iterator[Home]:
    with open_home(path) as home:
        done = push(home.local_graph, store, content=home.content)
        assert done.triples == len(home.local_graph)
        home.remote = store
        yield home


@pytest.fixture(scope="session")
def on_oxigraph(oxigraph_url: str, builtin_path: Path) -> Iterator[Home]:
    """The built-in catalogue on an Oxigraph server."""
    yield from _filled(RemoteStore(f"{oxigraph_url}/query"), builtin_path)


@pytest.fixture(scope="session")
def on_virtuoso(virtuoso_url: str, builtin_path: Path) -> Iterator[Home]:
    """The built-in catalogue on Virtuoso, which asks for user and password where it is changed."""
    yield from _filled(RemoteStore(f"{virtuoso_url}/sparql", user="dba", password="dba"), builtin_path)


@pytest.fixture(scope="session", params=SERVERS)
def remote_home(request: pytest.FixtureRequest) -> Home:
    """The built-in catalogue on each server."""
    found: Home = request.getfixturevalue(f"on_{request.param}")
    return found
