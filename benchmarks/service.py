"""The service under load: questions and queries of many clients, light ones beside heavy ones, a peer in the same run.

    python -m benchmarks.service --scenes 1000000

A server of its own over the built-in catalogue with made-up scenes. Figures: requests a second, percentiles of
milliseconds, and CPU milliseconds of the service per request, which other work on the machine does not change much.
Files stay in the work folder and serve the next run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scene_generator import generate
from benchmarks.service_load import Figures, burning, send
from benchmarks.service_mix import graph_queries, heavy, mix

_TICK = os.sysconf("SC_CLK_TCK")


def prepare(work: Path, scenes: int) -> Path:
    """A home with the built-in catalogue and so many scenes; kept from run to run."""
    from ingest.builtin import ensure_built
    from kg.home import open_writer

    home = work / f"home-{scenes}"
    if not (work / f"done-{scenes}").exists():
        shutil.rmtree(home, ignore_errors=True)
        ensure_built(home)
        parts = generate(work / f"parts-{scenes}", scenes, lambda *_: None)
        with open_writer(home) as writer:
            writer.add_scene_files(parts)
            writer.publish()
        (work / f"done-{scenes}").touch()
    return home


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for one in found:
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in path.read_text().split()]
    return found


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process, its children and those of them that ended."""
    total = 0.0
    for one in tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(value) for value in (fields[11:15] if one == pid else fields[11:13])) / _TICK
    return total


def memory_mb(pid: int) -> float:
    """Resident memory of a process and all below it."""
    total = 0
    for one in tree(pid):
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            continue
    return total / 1e6


class Peak:
    """The most memory that a process tree had while watched."""

    def __init__(self, pid: int) -> None:
        self.mb = 0.0
        self._pid, self._end = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.2):
            self.mb = max(self.mb, memory_mb(self._pid))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _until(url: str, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise SystemExit(f"{url} does not answer")


@contextmanager
def service(home: Path, **settings: object) -> Iterator[tuple[int, int, float]]:
    """(port, process, seconds until it was ready) of a service over a home."""
    port = free_port()
    own = {f"EARTHDEX_SERVE_{name.upper()}": str(value) for name, value in settings.items()}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "earthdex", "serve", "--port", str(port), "--no-log"],
        env={**os.environ, "EARTHDEX_HOME": str(home), **own},
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(f"http://127.0.0.1:{port}/ready")
        yield port, process.pid, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(40)


@contextmanager
def oxigraph(home: Path, work: Path) -> Iterator[tuple[int, int, float]]:
    """The same of an Oxigraph server over the same graph."""
    import pyoxigraph as ox

    dump = work / "graph.nq"
    version = json.loads((home / "current").read_text())["version"]
    ox.Store.read_only(str(home / "versions" / version / "graph")).dump(str(dump), format=ox.RdfFormat.N_QUADS)
    folder = work / "oxigraph"
    shutil.rmtree(folder, ignore_errors=True)
    program = Path(sys.executable).with_name("oxigraph")
    subprocess.run([program, "load", "-l", folder, "-f", dump], check=True, capture_output=True)
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [program, "serve-read-only", "-l", folder, "-b", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    )
    try:
        _until(f"http://127.0.0.1:{port}/query?query=ASK%20%7B%7D")
        yield port, process.pid, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(40)


def told(name: str, figures: Figures, cpu: float, *kinds: str) -> None:
    """A line of the table."""
    count = sum(len(found) for found in figures.ms.values())
    wrong = sum(number for (_, status), number in figures.statuses.items() if status != 200)
    print(
        f"{name:44} {count / figures.seconds:7.0f}/s   p50 {figures.percentile(0.5, *kinds):7.1f}   "
        f"p99 {figures.percentile(0.99, *kinds):7.1f} ms   {1000 * cpu / count:6.1f} CPU ms each   {wrong} errors"
    )


def run(name: str, port: int, pid: int, requests: list, clients: int) -> Figures:  # type: ignore[type-arg]
    """Sends requests and prints what came of it."""
    before = cpu_seconds(pid)
    figures = asyncio.run(send(port, requests, clients))
    told(name, figures, cpu_seconds(pid) - before)
    return figures


def _kept(port: int) -> tuple[int, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
        lines = dict(line.rsplit(" ", 1) for line in reply.read().decode().splitlines() if line.startswith("earthdex_"))
    name = 'earthdex_kept_answers{is="%s"}'
    return int(float(lines[name % "hits"]) + float(lines[name % "joined"])), int(float(lines[name % "misses"]))


def _lanes(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=10) as reply:
        for name, state in json.loads(reply.read())["workers"].items():
            print(f"   workers of {name}: {state}")


def mixed(home: Path, options: argparse.Namespace) -> None:
    """1,000 requests of 16 clients, with answers kept and without, in one server each."""
    for kept in (True, False):
        extra = {} if kept else {"cache_bytes": 0}
        with service(home, workers=options.workers, **extra) as (port, pid, seconds):
            print(
                f"-- answers are {'kept' if kept else 'not kept'}; ready after {seconds:.1f} s, {memory_mb(pid):.0f} MB"
            )
            for number, title in enumerate(("as people ask (Zipf)", "the same people a while later")):
                requests = mix(options.requests, number, options.pool)
                different = len({one.target for one in requests})
                figures = run(f"{title}, {different} different", port, pid, requests, options.clients)
                for kind in ("question", "query"):
                    half, most = figures.percentile(0.5, kind), figures.percentile(0.99, kind)
                    print(f"   {kind}: p50 {half:.1f}, p99 {most:.1f} ms")
            hits, misses = _kept(port)
            _lanes(port)
            print(f"   given again {hits}, worked out {misses}; {memory_mb(pid):.0f} MB")


def peer(home: Path, work: Path, options: argparse.Namespace) -> None:
    """Queries over the graph alone, of the service without kept answers and of an Oxigraph server."""
    requests = graph_queries(options.requests, 5)
    with service(home, workers=options.workers, cache_bytes=0) as (port, pid, _):
        run("warm", port, pid, requests[:100], options.clients)
        run("earthdex, queries over the graph", port, pid, requests, options.clients)
    with service(home, workers=options.workers) as (port, pid, _):
        run("the same, answers kept", port, pid, requests, options.clients)
    with oxigraph(home, work) as (port, pid, _):
        others = [type(one)(one.kind, one.target.replace("/sparql?", "/query?")) for one in requests]
        run("warm", port, pid, others[:100], options.clients)
        run("oxigraph server, the same queries", port, pid, others, options.clients)


def beside(home: Path, options: argparse.Namespace) -> None:
    """Light requests beside heavy ones."""
    for one_source in (True, False):
        bounds = {"workers": options.workers, "query_seconds": options.limit, "cache_bytes": 0}
        with service(home, **bounds) as (port, pid, _), Peak(pid) as peak:
            light = mix(200, 9, options.pool)
            asyncio.run(send(port, light, 4))  # most of what people ask was asked before in some form
            burners = list(heavy(options.heavy, 3))
            heavies, lights = asyncio.run(burning(port, burners, light, 4, one_source))
            ends = dict(sorted((status, number) for (_, status), number in heavies.statuses.items()))
            who = "one address" if one_source else "an address each"
            print(f"-- {options.heavy} heavy at once, {who}: ended with {ends}, the last after {heavies.seconds:.1f} s")
            told("light meanwhile", lights, 0.0)
            for kind in ("question", "query"):
                print(f"   {kind}: p50 {lights.percentile(0.5, kind):.1f}, p99 {lights.percentile(0.99, kind):.1f} ms")
            print(f"   statuses {dict(lights.statuses)}; at most {peak.mb:.0f} MB")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scenes", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "earthdex-service")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pool", type=int, default=400, help="different questions that are drawn from")
    parser.add_argument("--heavy", type=int, default=32)
    parser.add_argument("--limit", type=float, default=10.0, help="seconds of a query, beside heavy ones")
    parser.add_argument("--only", choices=("mixed", "peer", "beside"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    home = prepare(options.work, options.scenes)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; python {sys.version.split()[0]}")
    if options.only in (None, "mixed"):
        mixed(home, options)
    if options.only in (None, "peer"):
        peer(home, options.work, options)
    if options.only in (None, "beside"):
        beside(home, options)


if __name__ == "__main__":
    main()
