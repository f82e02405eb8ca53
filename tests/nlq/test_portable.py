"""The queries of answers run unchanged where only standard SPARQL 1.1 and GeoSPARQL 1.1 are known.

They are given, as they are shown, to a store without any function, prefix or rewriting of ours that holds the graph and
the scenes as plain triples, and find what the catalogue finds. The one exception is told in
`docs/reference/geosparql.md`: Oxigraph has `geof:distance` for points only, so distances to outlines are left out here.
"""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

from kg.columns import micros
from kg.home import Home, open_home, open_writer
from kg.planner.fill import scene_lines
from kg.solutions import Solutions
from kg.virtual import ATTRIBUTES
from nlq.ask import ask
from nlq.evaluation.scenes import frozen_scenes
from ontology.records import Scene
from tests.nlq.test_read import LINES

_EVERY = 11
_FEWEST = 60
# forms of answers and of places that the lines above may not hold
_MORE = (
    "How many Sentinel-2 scenes are there per month over Morocco?",
    "Sentinel-2 images of reservoirs in Morocco with less than 50 % clouds",
    "Sentinel-1 GRD scenes in VV and VH over Poland, newest first",
    "Landsat scenes that lie wholly within Brazil",
    "Sentinel-2 images outside Europe in summer",
    "Is there any Sentinel-3 scene over Greece?",
    "Average cloud cover of Sentinel-2 scenes over Spain",
    "The ten least cloudy Landsat 8 scenes",
    "Scenes over the five largest lakes of Africa",
    "Scenes that cross the Danube",
    "Satellite images at 48.2 N 16.4 E",
    "How many models were trained on each dataset?",
    "Which datasets lie entirely within Germany?",
    "Datasets not in Europe",
    "Is EuroSAT larger than UC Merced?",
    "Datasets used by at least two models",
    "Total number of samples of crop type datasets",
    "Lakes in Switzerland above 400 m",
    "Which countries border Austria?",
    "Volcanoes in Italy",
)


@pytest.fixture(scope="module")
def found_scenes() -> list[Scene]:
    return list(itertools.islice(frozen_scenes(), 0, None, 9))


@pytest.fixture(scope="module")
def home(builtin_path: Path, found_scenes: list[Scene], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The built-in catalogue with some scenes."""
    path = tmp_path_factory.mktemp("scenes") / "home"
    shutil.copytree(builtin_path, path, ignore=shutil.ignore_patterns("*.partial"))
    with open_writer(path) as writer:
        writer.add_scenes(found_scenes)
        writer.publish()
    with open_home(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def plain(home: Home, found_scenes: list[Scene], tmp_path_factory: pytest.TempPathFactory) -> pyoxigraph.Store:
    """The same as plain triples."""
    path = tmp_path_factory.mktemp("plain") / "store"
    home.local_graph.backup(path)
    store = pyoxigraph.Store(str(path))
    attributes = list(ATTRIBUTES.values())

    def cell(one: Scene, column: str) -> object:
        value = getattr(one, column)
        return micros(value) if isinstance(value, datetime) else value

    rows = [(str(one.iri), *(cell(one, each.column) for each in attributes), one.geometry) for one in found_scenes]
    text = "".join(scene_lines(rows, attributes, True, True))
    store.bulk_load(text.encode(), pyoxigraph.RdfFormat.N_QUADS)
    return store


def _cells(row: Any) -> tuple[str | float | None, ...]:
    return tuple(None if one is None else _cell(str(getattr(one, "value", one))) for one in row)


def _cell(text: str) -> str | float:
    """A cell; of broken numbers nine digits, for sums depend on their order."""
    return float(f"{float(text):.9g}") if re.fullmatch(r"-?\d+\.\d+(?:[eE]-?\d+)?", text) else text


def _same(home: Home, plain: pyoxigraph.Store, sparql: str) -> bool:
    """Whether both find the same, in the same order."""
    here, there = home.query(sparql), plain.query(sparql)
    if isinstance(here, Solutions) and isinstance(there, pyoxigraph.QuerySolutions):
        return [_cells(row) for row in here.rows] == [_cells(row) for row in there]
    return here is bool(there)


def test_the_queries_of_answers_run_unchanged_on_a_plain_store(home: Home, plain: pyoxigraph.Store) -> None:
    lines = [(one["question"], tuple(one.get("context") or ())) for one in LINES[::_EVERY]]
    run, empty, different = 0, 0, []
    for text, context in [*lines, *((one, ()) for one in _MORE)]:
        answer = ask(home, text, context=context, reference_date="2024-11-05")
        if not answer.sparql or "geof:distance" in answer.sparql:
            continue
        run += 1
        empty += not answer.found
        if not _same(home, plain, answer.sparql):
            different.append(text)
    assert not different
    assert run >= _FEWEST and empty < run * 0.7, (run, empty)


def test_the_queries_of_answers_name_standard_functions_only(home: Home) -> None:
    known = re.compile(r"geof:(?:sf(?:Intersects|Within|Contains|Disjoint|Touches|Crosses|Overlaps)|distance)\b")
    for line in LINES[::19]:
        sparql = ask(home, line["question"], context=tuple(line.get("context") or ())).sparql
        body = "\n".join(one for one in sparql.splitlines() if not one.lstrip().startswith(("#", "PREFIX")))
        called = re.findall(r"\b\w+:\w+(?=\()", re.sub(r'"(?:[^"\\]|\\.)*"', '""', body))
        assert all(known.fullmatch(one) or one.startswith("xsd:") for one in called), called
        declared = set(re.findall(r"^PREFIX (\w+):", sparql, re.MULTILINE))
        assert {one.split(":")[0] for one in called} <= declared
