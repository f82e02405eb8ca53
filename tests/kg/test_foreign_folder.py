"""Folders that are no catalogue's, and catalogues that lost their pointer: nothing that the user had is lost."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from kg.home import builtin_version, open_home, open_writer
from kg.limits import DEFAULT_LIMITS, Limits
from kg.wire import send
from kg.workers import Workers
from ontology.errors import QueryTooLarge, StoreCorrupt, StoreError
from ontology.terms import IRI

BUILTIN = [(IRI("https://x.example/a"), IRI("https://x.example/b"), IRI("https://x.example/c"), None)]
MINE = [(IRI("https://x.example/mine"), IRI("https://x.example/b"), IRI("https://x.example/c"), None)]


def filled(home: Path) -> None:
    with open_writer(home) as writer:
        writer.replace_builtin(BUILTIN, catalogue_version="1")
        writer.add_graph(MINE, source_key="mine")
        writer.publish()


@pytest.mark.parametrize("name", ["thesis.txt", "versions/000007/thesis", "sources/b.nq", "scenes/z.parquet"])
def test_a_folder_with_other_files_is_refused_and_kept(tmp_path: Path, name: str) -> None:
    precious = tmp_path / name
    precious.parent.mkdir(parents=True, exist_ok=True)
    precious.write_text("precious")
    with pytest.raises(StoreError, match="holds other files"):
        open_writer(tmp_path)
    assert precious.read_text() == "precious"
    assert not (tmp_path / "format.json").exists()


def test_files_put_into_a_catalogue_later_are_kept(tmp_path: Path) -> None:
    filled(tmp_path)
    mine = [tmp_path / "versions" / "notes", tmp_path / "sources" / "notes.txt", tmp_path / "scenes" / "notes.txt"]
    for one in mine:
        one.write_text("x")
    with open_writer(tmp_path) as writer:
        writer.replace_builtin(MINE, catalogue_version="2")
        writer.publish()
    assert all(one.exists() for one in mine)


def test_a_lost_pointer_loses_nothing(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "current").unlink()
    assert builtin_version(tmp_path) == "1"
    with open_writer(tmp_path) as writer:
        assert writer.sources() == ("mine",)
        writer.publish()
    with open_home(tmp_path) as home:
        assert home.query("ASK { <https://x.example/mine> ?p ?o }") is True


def test_pointer_and_copies_lost_keep_the_sources(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "current").unlink()
    (tmp_path / "versions" / "000001" / "version.json").write_text("{")
    with pytest.raises(StoreCorrupt, match="damaged or lost"):
        open_writer(tmp_path)
    assert len(list((tmp_path / "sources").glob("*.nq"))) == 2


def test_a_time_without_end_is_cut(tmp_path: Path) -> None:
    filled(tmp_path)
    with open_home(tmp_path) as home:
        assert home.query("ASK { ?s ?p ?o }", timeout=math.inf) is True


def test_results_too_large_to_hand_over_are_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    text = '"' + "x" * 900_000 + '"'
    joined = ", ".join(["?t"] * 130)
    query = f"SELECT (CONCAT({joined}) AS ?u) WHERE {{ BIND({text} AS ?t) }}"
    workers = Workers(tmp_path, "000001", Limits(length=DEFAULT_LIMITS.length))
    try:
        with pytest.raises(QueryTooLarge, match="result has"):
            workers.query(query, 30.0)
    finally:
        workers.close()


def test_a_message_without_bound_is_sent_whole(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    with path.open("wb") as pipe:
        send(pipe, "x" * 1000)
    assert path.stat().st_size > 1000


def test_what_a_killed_first_use_left_is_no_obstacle(tmp_path: Path) -> None:
    for name in ("sources", "scenes", "versions"):
        (tmp_path / name).mkdir()
    (tmp_path / "format.json.17.draft").write_text("{")
    filled(tmp_path)
    assert builtin_version(tmp_path) == "1"
