"""Whoever is killed while changes are made, and whenever: none that was acknowledged is lost, none is seen in part."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.home import open_home, open_writer
from ontology.terms import IRI, Literal
from tests.kg.updates import hosts

_ROOT = Path(__file__).parents[3]
_KILLS = max(4, int(os.environ.get("EARTHDEX_TEST_KILLS", "24")) // 6)

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find processes")


def _made(acknowledged: Path) -> set[int]:
    return {int(one) for one in acknowledged.read_text().split("\n")[:-1]} if acknowledged.exists() else set()


@pytest.mark.timeout(600)
def test_no_acknowledged_change_is_lost_and_none_is_torn(quick_path: Path) -> None:
    rng = random.Random(11)
    path, acknowledged = quick_path / "home", quick_path / "acknowledged"
    with open_writer(path) as writer:
        writer.replace_builtin([(IRI("a:b"), IRI("a:c"), Literal("d"), None)], "one")
        writer.publish()
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.kg.updates.hosts"], cwd=_ROOT, stdin=-1, stdout=-1, text=True, bufsize=1
    )
    assert host.stdin and host.stdout
    first = 1
    try:
        for kill in range(_KILLS):
            host.stdin.write(f"{path}\t{acknowledged}\t{first}\n")
            server = int(host.stdout.readline())
            if kill % 3:  # the process that writes, once or twice; the others wait and try again
                for _ in range(kill % 3):
                    _await(acknowledged, 1 if rng.random() < 0.7 else 0)
                    time.sleep(rng.uniform(0, 0.1))
                    for worker in hosts.children(server):
                        os.kill(worker, signal.SIGKILL)
                _await(acknowledged, 1)
            else:
                _await(acknowledged, rng.choice((0, 1, 3)))
            time.sleep(rng.uniform(0, 0.15))
            left = hosts.children(server)
            os.kill(server, signal.SIGKILL)
            assert host.stdout.readline() == "dead\n"
            _await_end(left)
            started = time.monotonic()
            with open_home(path) as home:
                now = hosts.seen(home)
            assert time.monotonic() - started < 5
            sure = {one for one in _made(acknowledged) if not hosts.gone(one)}
            assert sure <= now, f"lost {sorted(sure - now)} at kill {kill}"
            first = max([*now, *_made(acknowledged), first]) + hosts.THREADS
    finally:
        host.kill()
        host.communicate()
    assert _made(acknowledged)  # how many depends on the machine
    # a rebuild from sources and journal holds the same
    with open_writer(path) as writer:
        writer.replace_builtin([(IRI("a:b"), IRI("a:c"), Literal("e"), None)], "two")
        writer.publish()
    with open_writer(path) as writer:
        writer.repair()
        assert not list((path / "versions").glob("*.tmp"))
    with open_home(path) as home:
        assert hosts.seen(home) == now
        assert home.query('ASK { <a:b> <a:c> "e" }') is True


def _await(acknowledged: Path, more: int) -> None:
    end, wanted = time.monotonic() + 20, len(_made(acknowledged)) + more
    while len(_made(acknowledged)) < wanted and time.monotonic() < end:
        time.sleep(0.005)


def _await_end(processes: list[int]) -> None:
    """The process that writes ends by itself when the one that started it is gone, perhaps after publishing."""
    end = time.monotonic() + 20
    while any(Path(f"/proc/{one}").exists() for one in processes) and time.monotonic() < end:
        time.sleep(0.005)
