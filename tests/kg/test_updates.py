"""Scenes are added, replaced and removed while others read; a kill at any moment loses nothing that was published."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.home import open_home, open_writer
from ontology.errors import NotFound
from tests.kg import rounds, world

_ROOT = Path(__file__).parents[2]
_KILLS = int(os.environ.get("EARTHDEX_TEST_KILLS", "24"))
_ROUNDS = 12


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a kill leaves the same there as on disk, and rounds are shorter."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name)


def test_scenes_are_removed_by_key_and_by_collection(tmp_path: Path) -> None:
    found = world.scenes(60)
    world.make_home(tmp_path, found)
    gone = [(one.collection, one.id) for one in found[:7]]
    with open_writer(tmp_path) as writer:
        assert writer.remove_scenes([*gone, ("one", "never there")]) == 7
        assert writer.remove_scenes(gone) == 0
        writer.publish()
    with open_home(tmp_path) as home:
        assert home.scenes.count() == 53
        assert home.query(f"ASK {{ <{found[0].iri}> ?p ?o }}") is False
        assert home.query(f"ASK {{ <{found[7].iri}> a ed:Scene }}") is True
        before = home.scenes.group("collection")
    with open_writer(tmp_path) as writer:
        assert writer.remove_scenes(collections=["one"]) == dict(before)["one"]
        assert writer.remove_scenes(collections=["two"]) == dict(before)["two"]
        writer.publish()
    with open_home(tmp_path) as home:
        assert home.scenes.count() == 0
        assert len(home.query("SELECT ?s { ?s a ed:Scene }")) == 0
    with open_writer(tmp_path) as writer:
        writer.add_scenes(found)
        writer.publish()
    with open_home(tmp_path) as home:
        assert home.scenes.count() == 60


def test_the_command_removes_scenes_and_sources_or_nothing(tmp_path: Path) -> None:
    from ingest.remove import remove

    found = world.scenes(20)
    world.make_home(tmp_path, found)
    with open_writer(tmp_path) as writer:
        writer.add_graph(rounds.quads(1), "notes.ttl")
        writer.publish()
    with pytest.raises(NotFound, match="no source"):
        remove([str(found[0].iri), "nothing"], (), tmp_path)
    with pytest.raises(NotFound, match="no such scenes"):
        remove([], ["nothing"], tmp_path)
    removed = remove([str(found[0].iri), "notes.ttl"], (), tmp_path)
    assert (removed.scenes, removed.sources) == (1, ("notes.ttl",))
    with open_home(tmp_path) as home:
        assert home.version == removed.version
        assert home.scenes.count() == 19
        assert home.query("ASK { ?d ed:note ?n }") is False


def test_readers_in_threads_and_processes_see_whole_versions(quick_path: Path) -> None:
    with open_writer(quick_path) as writer:
        rounds.publish(writer, 1)
    done = threading.Event()

    def read(keep_open: bool) -> list[int]:
        seen: list[int] = []
        while not done.is_set():
            with open_home(quick_path) as home:
                for _ in range(3 if keep_open else 1):  # the version that is open never changes
                    seen.append(rounds.seen(home))
        return seen

    script = (
        "import sys; from pathlib import Path; from kg.home import open_home; from tests.kg import rounds\n"
        "while not sys.stdin in __import__('select').select([sys.stdin], [], [], 0)[0]:\n"
        "    with open_home(Path(sys.argv[1])) as home: print(rounds.seen(home), flush=True)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(quick_path)], cwd=_ROOT, stdin=-1, stdout=-1, stderr=-1, text=True
    )
    with ThreadPoolExecutor(3) as pool:
        reading = [pool.submit(read, keep) for keep in (False, True, False)]
        try:
            with open_writer(quick_path) as writer:
                for number in range(2, _ROUNDS):
                    rounds.publish(writer, number)
        finally:
            done.set()
        results = [one.result() for one in reading]
    out, errors = other.communicate("\n", timeout=60)
    assert other.returncode == 0, errors
    for seen in (*results, [int(line) for line in out.split()]):
        assert seen == sorted(seen), "an older version after a newer one"
    assert sum(map(len, results)) > 10
    with open_home(quick_path) as home:
        assert rounds.seen(home) == _ROUNDS - 1


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@pytest.mark.timeout(600)
def test_a_kill_at_any_moment_loses_nothing_that_was_published(quick_path: Path) -> None:
    rng = random.Random(7)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.kg.rounds"], cwd=_ROOT, stdin=-1, stdout=-1, text=True, bufsize=1
    )
    assert server.stdin and server.stdout
    home_path, acknowledged = quick_path / "home", quick_path / "acknowledged"
    last = published = 0
    usual = 1.0
    try:
        for kill in range(_KILLS):
            if kill % 16 == 0:  # from nothing again
                home_path, acknowledged, last = quick_path / f"home{kill}", quick_path / f"acknowledged{kill}", 0
            server.stdin.write(f"{home_path}\t{acknowledged}\n")
            child = int(server.stdout.readline())
            started, size = time.monotonic(), _size(acknowledged)
            if rng.random() < 0.7:  # from its first publishing on, else at its beginning
                while _size(acknowledged) == size and time.monotonic() < started + 30:
                    time.sleep(0.002)
                usual = 0.7 * usual + 0.3 * (time.monotonic() - started)
            time.sleep(rng.uniform(0, usual / 2))
            os.kill(child, signal.SIGKILL)
            assert server.stdout.readline() == "dead\n"
            told = acknowledged.read_text().split("\n")[:-1] if acknowledged.exists() else []
            sure = max([last, *(int(one) for one in told)])
            try:
                with open_home(home_path) as home:
                    now = rounds.seen(home)
            except NotFound:
                now = 0
            assert now in (sure, sure + 1), f"acknowledged {sure}, found {now} after kill {kill}"
            published += now - last
            last = now
    finally:
        server.kill()
        server.communicate()
    assert published > _KILLS // 2
    with open_writer(home_path) as writer:  # the next writer clears what was left
        rounds.publish(writer, last + 1)
        names = {one.name for one in (home_path / "scenes").iterdir()}
        assert len(names) <= 2, names  # a part and its index
        assert not list((home_path / "versions").glob("*.tmp"))
        assert not list(home_path.rglob("bulk-*.sst"))
    with open_home(home_path) as home:
        assert rounds.seen(home) == last + 1
