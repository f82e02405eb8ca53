"""The catalogue's folder: versions, one writer, sources kept apart, and everything that can happen to a disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.home import builtin_version, open_home, open_writer
from kg.nquads import Quad
from kg.solutions import Solutions
from ontology.errors import NotFound, StoreCorrupt, StoreError, StoreLocked, StoreReadOnly, StoreTooNew
from ontology.records import Scene
from ontology.terms import IRI, BNode, Literal

ROOT = Path(__file__).resolve().parents[2]


def quads(stem: str, count: int, graph: str | None = None) -> Iterator[Quad]:
    for number in range(count):
        yield IRI(f"urn:{stem}:{number}"), IRI("urn:p"), Literal.of(number), IRI(graph) if graph else None


def names(path: Path) -> set[str]:
    with open_home(path) as home:
        found = home.graph.query("SELECT ?s { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")
    assert isinstance(found, Solutions)
    return {str(row[0]) for row in found}


def build(path: Path, count: int = 3) -> None:
    with open_writer(path) as writer:
        writer.replace_builtin(quads("builtin", count), "one")
        writer.publish()


def run_python(code: str, path: Path) -> subprocess.Popen[str]:
    head = "import sys, os\nfrom pathlib import Path\nfrom kg.home import *\nfrom tests.kg.test_home import *\n"
    text = head + f"path = Path({str(path)!r})\n" + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


# --- reading and writing -----------------------------------------------------------------------------------------


def test_nothing_there_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no catalogue"):
        open_home(tmp_path)
    assert builtin_version(tmp_path) == ""


def test_what_users_added_survives_a_new_catalogue(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        writer.replace_builtin(quads("old", 3), "one")
        writer.add_graph([*quads("mine", 2), *quads("old", 1), *quads("named", 1, "urn:g")], "my file")
        first = writer.publish()
    with open_writer(tmp_path) as writer:
        assert writer.replace_builtin(quads("new", 2), "two")
        second = writer.publish()
    assert second > first
    assert builtin_version(tmp_path) == "two"
    assert names(tmp_path) == {"urn:new:0", "urn:new:1", "urn:mine:0", "urn:mine:1", "urn:old:0", "urn:named:0"}
    with open_writer(tmp_path) as writer:
        assert writer.sources() == ("my file",)
        assert writer.remove_source("my file")
        assert not writer.remove_source("my file")
        writer.publish()
    assert names(tmp_path) == {"urn:new:0", "urn:new:1"}


def test_adding_the_same_again_changes_nothing(tmp_path: Path) -> None:
    build(tmp_path)
    data = [*quads("mine", 3), (BNode("x"), IRI("urn:p"), Literal("blank"), None)]
    with open_writer(tmp_path) as writer:
        assert writer.add_graph(data, "f")
        version = writer.publish()
    with open_writer(tmp_path) as writer:
        assert not writer.add_graph(reversed(data), "f")
        assert not writer.replace_builtin(quads("builtin", 3), "one")
        assert writer.publish() == version


def test_many_changed_quads_take_the_bulk_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.writer._BULK", 10)
    monkeypatch.setattr("kg.nquads._CHUNK", 7)
    build(tmp_path, 50)
    with open_writer(tmp_path) as writer:
        writer.add_graph(quads("mine", 5), "f")
        writer.replace_builtin([*quads("builtin", 50), *quads("more", 40)], "two")
        writer.publish()
    assert len(names(tmp_path)) == 95
    with open_writer(tmp_path) as writer:
        writer.replace_builtin(quads("else", 30), "three")
        writer.publish()
    assert names(tmp_path) == {f"urn:else:{n}" for n in range(30)} | {f"urn:mine:{n}" for n in range(5)}


def test_readers_keep_their_version_until_they_close(tmp_path: Path) -> None:
    build(tmp_path)
    reader = open_home(tmp_path)
    for turn in range(3):
        with open_writer(tmp_path) as writer:
            writer.add_graph(quads(f"turn{turn}", 1), f"{turn}")
            writer.publish()
    assert reader.is_stale()
    assert len(reader.graph) == 3
    old = reader.version
    reader.close()
    reader.close()
    with open_writer(tmp_path) as writer:
        writer.add_graph(quads("last", 1), "last")
        newest = writer.publish()
    assert {one.name for one in (tmp_path / "versions").iterdir()} == {newest}
    assert old != newest
    with open_home(tmp_path) as fresh:
        assert not fresh.is_stale()
        assert fresh.builtin_version == "one"
        assert fresh.path == tmp_path


def test_nothing_is_kept_without_publish(tmp_path: Path) -> None:
    build(tmp_path)
    with open_writer(tmp_path) as writer:
        writer.add_graph(quads("lost", 5), "lost")
        writer.add_scenes([Scene("a", "c")])
    with open_home(tmp_path) as home:
        assert len(home.graph) == 3
        assert home.scenes.count() == 0
    open_writer(tmp_path).close()
    assert list((tmp_path / "scenes").iterdir()) == []
    assert len(list((tmp_path / "sources").iterdir())) == 1


def test_an_error_while_reading_a_source_leaves_all_as_it_was(tmp_path: Path) -> None:
    build(tmp_path)

    def broken() -> Iterator[Quad]:
        yield from quads("half", 3)
        raise RuntimeError("the source broke off")

    with open_writer(tmp_path) as writer, pytest.raises(RuntimeError):
        writer.add_graph(broken(), "broken")
    assert len(names(tmp_path)) == 3


# --- what can go wrong -------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    build(tmp_path)
    with open_writer(tmp_path), pytest.raises(StoreLocked, match="Another earthdex"):
        open_writer(tmp_path)
    open_writer(tmp_path).close()


def test_a_lock_of_another_process_counts_and_goes_with_it(tmp_path: Path) -> None:
    build(tmp_path)
    other = run_python("w = open_writer(path)\nprint('held', flush=True)\nimport time; time.sleep(60)", tmp_path)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(StoreLocked):
        open_writer(tmp_path)
    assert len(names(tmp_path)) == 3  # readers are not in the way of writers, nor the other way round
    other.kill()
    other.communicate()
    open_writer(tmp_path).close()


def test_a_folder_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "format.json").write_text('{"format": 99}')
    for opener in (open_home, open_writer):
        with pytest.raises(StoreTooNew, match="newer earthdex") as caught:
            opener(tmp_path)
        assert "Upgrade" in caught.value.remedy
    (tmp_path / "format.json").write_text("{")
    with pytest.raises(StoreCorrupt):
        open_home(tmp_path)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for opener in (open_home, open_writer):
        with pytest.raises(StoreError, match="not a folder"):
            opener(file)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = Path("/sys/earthdex") if os.geteuid() == 0 else tmp_path / "closed"
    if folder.parent == tmp_path:
        folder.mkdir(mode=0o555)
    with pytest.raises(StoreReadOnly, match="cannot be written") as caught:
        open_writer(folder)
    assert "EARTHDEX_HOME" in caught.value.remedy


@pytest.mark.parametrize("damage", ["graph gone", "version gone", "files cut", "manifest cut"])
def test_a_damaged_version_is_built_again_from_its_sources(tmp_path: Path, damage: str) -> None:
    build(tmp_path, 200)
    with open_writer(tmp_path) as writer:
        writer.add_graph(quads("mine", 2), "mine")
        writer.add_scenes([Scene("a", "c")])
        version = writer.publish()
    folder = tmp_path / "versions" / version
    match damage:
        case "graph gone":
            shutil.rmtree(folder / "graph")
        case "version gone":
            shutil.rmtree(folder)
        case "files cut":
            for file in (folder / "graph").iterdir():
                if file.suffix == ".sst" or file.name.startswith(("MANIFEST", "CURRENT")):
                    file.write_bytes(b"garbage")
        case _:
            (tmp_path / "current").write_text("{")
    assert len(names(tmp_path)) == 202
    with open_home(tmp_path) as home:
        assert home.scenes.count() == 1
        assert home.builtin_version == "one"


def test_everything_damaged_says_so(tmp_path: Path) -> None:
    build(tmp_path)
    shutil.rmtree(tmp_path / "versions")
    (tmp_path / "current").write_text("{")
    with pytest.raises(StoreCorrupt, match="damaged"):
        open_home(tmp_path)
    assert builtin_version(tmp_path) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="kill -9")
def test_a_killed_first_build_leaves_nothing_and_starts_again(tmp_path: Path) -> None:
    code = """
    def slow():
        yield from quads("builtin", 1000)
        print("half", flush=True)
        import time; time.sleep(60)
    with open_writer(path) as writer:
        writer.replace_builtin(slow(), "one")
    """
    process = run_python(code, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert builtin_version(tmp_path) == ""
    with pytest.raises(NotFound):
        open_home(tmp_path)
    build(tmp_path)
    assert len(names(tmp_path)) == 3
    assert not list(tmp_path.rglob("*.draft"))


@pytest.mark.skipif(sys.platform != "linux", reason="kill -9")
@pytest.mark.parametrize("moment", range(6))
def test_kill_at_any_moment_loses_nothing_that_was_published(tmp_path: Path, moment: int) -> None:
    build(tmp_path)
    code = """
    import itertools
    for turn in itertools.count():
        with open_writer(path) as writer:
            writer.add_graph(quads("mine", 20 * (turn + 1)), "mine")
            writer.add_scenes([Scene(str(turn), "c")])
            writer.publish()
        print(turn, flush=True)
    """
    process = run_python(code, tmp_path)
    assert process.stdout is not None
    acknowledged = int(process.stdout.readline())
    try:
        process.wait(timeout=0.05 + 0.11 * moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    rest, errors = process.communicate()
    acknowledged = max([acknowledged, *map(int, rest.split())])
    assert not errors
    count = len(names(tmp_path)) - 3
    assert count >= 20 * (acknowledged + 1)
    assert count % 20 == 0
    with open_home(tmp_path) as home:
        assert home.scenes.count() == count // 20
    with open_writer(tmp_path) as writer:
        writer.add_graph(quads("mine", 1), "mine")
        writer.publish()
    assert len(names(tmp_path)) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits")
@pytest.mark.parametrize("limit", [1_000, 30_000, 200_000])
def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path, limit: int) -> None:
    build(tmp_path)
    code = f"""
    import resource, signal
    from ontology.errors import DiskFull, EarthdexError
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    try:
        with open_writer(path) as writer:
            writer.add_graph(quads("mine", 20000), "mine")
            writer.add_scenes([Scene(str(n), "c", original="x" * n) for n in range(5000)])
            writer.publish()
        print("written")
    except EarthdexError as error:
        print(type(error).__name__, error)
    """
    out, errors = run_python(code, tmp_path).communicate()
    assert out.startswith("DiskFull"), (out, errors)
    assert "Free space" in out
    assert len(names(tmp_path)) == 3
    with open_writer(tmp_path) as writer:
        writer.add_graph(quads("mine", 1), "mine")
        writer.publish()
    assert len(names(tmp_path)) == 4


def test_orphans_of_a_killed_bulk_load_are_removed(tmp_path: Path) -> None:
    from kg.oxigraph import OxigraphStore

    store = OxigraphStore.open(tmp_path / "graph")
    store.extend((s, p, o) for s, p, o, _ in quads("x", 3))
    store.close()
    (tmp_path / "graph" / "bulk-0001.sst").write_bytes(b"half")
    OxigraphStore.open(tmp_path / "graph").close()
    assert not list((tmp_path / "graph").glob("bulk-*.sst"))
