"""Generated queries over a server that is asked for single patterns find just what the server's own engine finds.

`EARTHDEX_TEST_QUERIES=5000` asks for more of them, `EARTHDEX_TEST_SEED=7` for others.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings

from kg.home import open_home
from kg.oxigraph import OxigraphStore
from kg.remote.dialect import CATALOGUE, Dialect
from kg.remote.servers import GraphDB, Oxigraph
from kg.remote.virtuoso import Virtuoso
from tests.kg import mixed, world
from tests.kg.judge import difference, plain_result
from tests.kg.sparql_expressions import Asked
from tests.kg.sparql_strategies import queries
from tests.remote.loopback import loopback

_COUNT = int(os.environ.get("EARTHDEX_TEST_QUERIES", "520")) // 10
_SEED = int(os.environ.get("EARTHDEX_TEST_SEED", "0"))


class Plain(Dialect):
    """A server that is trusted with nothing but patterns, in its default graph."""

    trusted = False
    values = 3
    load = 500


def _dialect(kind: type[Dialect]) -> Dialect:
    found = kind()
    found.values, found.page = 3, 25 if kind is not Oxigraph else 0
    return found


@pytest.fixture(scope="module")
def plain() -> OxigraphStore:
    return world.plain_store(mixed.scenes(), mixed.quads())


def _judge(home: Any, plain: OxigraphStore, count: int) -> Counter[str]:
    told: Counter[str] = Counter()

    @seed(_SEED)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(asked=queries())
    def compare(asked: Asked) -> None:
        wanted = plain_result(plain, asked)
        assume(wanted is not None)
        told["compared"] += 1
        found = difference(home, plain, asked, wanted) if wanted is not None else ""
        if found:
            pytest.fail(f"{found}\n{asked.text[asked.text.index('BASE') :]}", pytrace=False)

    compare()
    return told


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("kind", "cache"), [(Plain, 60.0), (Plain, 0.0), (GraphDB, 0.0), (Virtuoso, 0.0), (Oxigraph, 0.0)]
)
def test_any_query_finds_what_one_store_finds(kind: type[Dialect], cache: float, plain: OxigraphStore) -> None:
    store = loopback(_dialect(kind), 25 if kind is Virtuoso else 0, cache)
    store.insert(plain.matching(all_graphs=True))
    assert _judge(store, plain, _COUNT)["compared"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("mixed")
    world.make_home(path, mixed.scenes(), mixed.quads())
    yield path


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", [Virtuoso, Oxigraph])
def test_a_graph_on_a_server_joins_scenes_here(kind: type[Dialect], folder: Path, plain: OxigraphStore) -> None:
    with open_home(folder) as home:
        store = loopback(_dialect(kind))
        store.insert(home.local_graph.matching(all_graphs=True))
        home.remote = store
        assert _judge(home, plain, _COUNT)["compared"]


def test_the_catalogue_has_a_graph_of_its_own_where_the_default_one_is_a_union() -> None:
    assert (Virtuoso().graph, GraphDB().graph, Oxigraph().graph) == (CATALOGUE, CATALOGUE, None)
