"""Generated queries over graph and scenes find just what one plain store with all triples finds.

`EARTHDEX_TEST_QUERIES=5000` asks for more of them, `EARTHDEX_TEST_SEED=7` for others.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings

from kg.home import Home, open_home
from kg.oxigraph import OxigraphStore
from kg.planner import conditions, pairs, work
from kg.virtual import ATTRIBUTES, SCENE_CLASS
from ontology.errors import QueryTooLarge
from ontology.namespaces import BASE
from tests.kg import mixed, world
from tests.kg.judge import difference, plain_result
from tests.kg.sparql_expressions import Asked
from tests.kg.sparql_strategies import queries

_COUNT = int(os.environ.get("EARTHDEX_TEST_QUERIES", "520"))
_SEED = int(os.environ.get("EARTHDEX_TEST_SEED", "0"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("mixed")
    world.make_home(path, mixed.scenes(), mixed.quads())
    with open_home(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def plain() -> OxigraphStore:
    return world.plain_store(mixed.scenes(), mixed.quads())


def _judge(home: Home, plain: OxigraphStore, count: int) -> Counter[str]:
    """Compares so many queries; returns how many were, and how many were too large."""
    told: Counter[str] = Counter()

    @seed(_SEED)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(asked=queries())
    def compare(asked: Asked) -> None:
        wanted = plain_result(plain, asked)
        assume(wanted is not None)
        told["compared"] += 1
        try:
            found = difference(home, plain, asked, wanted) if wanted is not None else ""
        except QueryTooLarge:
            told["too large"] += 1
            return
        if found:
            pytest.fail(f"{found}\n{asked.text[asked.text.index('BASE') :]}", pytrace=False)

    compare()
    return told


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("shortcuts", "share"), [("as they are", 1.0), ("always", 0.25), ("never", 0.25)])
def test_any_query_finds_what_one_store_finds(
    shortcuts: str, share: float, home: Home, plain: OxigraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shortcuts == "always":
        monkeypatch.setattr(pairs, "_FEW", 0)
        monkeypatch.setattr(conditions, "_FEW_AREAS", 1)
    if shortcuts == "never":
        monkeypatch.setattr(work.Work, "_shortest", lambda *_: None)
        monkeypatch.setattr(work, "first_rows", lambda *_: None)
        monkeypatch.setattr(pairs, "_FEW", 10**9)
    told = _judge(home, plain, int(_COUNT * share))
    assert told["too large"] <= told["compared"] * 0.02, told


@pytest.mark.parametrize("name", ["source", "platform", "instrument", "polarisation", "band", "product_type"])
def test_an_empty_text_is_a_value_in_lists_only(name: str, home: Home, plain: OxigraphStore) -> None:
    """An empty text in a column of single values is no triple: whoever asks for it by its value finds nothing."""
    predicate = next(one.predicate for one in ATTRIBUTES.values() if one.column == name)
    for value in ('""', f"<{BASE}sensor/>", f"<{BASE}band/>"):
        for pattern in (
            f"?s <{predicate}> {value}",
            f"?s <{predicate}> ?v VALUES ?v {{ {value} }}",
            f"?s <{predicate}> ?v FILTER(?v = {value})",
            f"MINUS {{ ?s <{predicate}> {value} }}",
        ):
            asked = Asked(f"SELECT ?s {{ ?s a <{SCENE_CLASS}> . {pattern} }}")
            wanted = plain_result(plain, asked)
            assert wanted is not None and not difference(home, plain, asked, wanted), asked.text
