"""Kills of a running service while it is written to: `python -m benchmarks.service_kills --kills 100`.

`earthdex serve` runs over a copy of the built-in catalogue; clients insert numbers into two graphs, each by one update
of two operations, and note those that were acknowledged. At random moments the server, one of its workers or the
process that writes is killed with SIGKILL. A server that was killed is started again. Told at the end: how many
changes were acknowledged, whether any was lost or is in one graph alone, and how long the starts took.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from api.serve.keys import Keys
from ingest.builtin import ensure_built

EX = "http://example.org/"
CLIENTS = 3


class Service:
    """`earthdex serve` in a process of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home, self.url = home, f"http://127.0.0.1:{self.port}"
        self.starts: list[float] = []
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Starts it and waits until it answers."""
        begun = time.monotonic()
        command = [sys.executable, "-m", "earthdex", "serve", "--port", str(self.port), "--workers", "1", "--no-log"]
        environment = os.environ | {"EARTHDEX_HOME": str(self.home)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while time.monotonic() < begun + 300:
            try:
                httpx.get(f"{self.url}/health", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.02)
        self.starts.append(time.monotonic() - begun)
        return process

    def children(self) -> tuple[list[int], list[int]]:
        """(processes that write, other workers)."""
        found: tuple[list[int], list[int]] = ([], [])
        for tasks in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for one in tasks.read_text().split():
                command = Path(f"/proc/{one}/cmdline").read_bytes()
                found["updates.process" not in command.decode("utf-8", "replace")].append(int(one))
        return found


class Client(threading.Thread):
    """Writes numbers until it is told to end, whatever happens to the service."""

    def __init__(self, url: str, key: str, number: int) -> None:
        super().__init__(daemon=True)
        self._url, self._key, self._number = url, key, number
        self.acknowledged: list[int] = []
        self.refused = 0
        self.ended = threading.Event()

    def run(self) -> None:
        """See the class."""
        head = {"authorization": f"Bearer {self._key}", "content-type": "application/sparql-update"}
        number = self._number
        with httpx.Client(base_url=self._url, headers=head, timeout=60) as client:
            while not self.ended.is_set():
                name = f"<{EX}n{number}>"
                first = f"INSERT DATA {{ GRAPH <{EX}one> {{ {name} <{EX}is> {number}, 'a', 'b' }} }}"
                where = f"GRAPH <{EX}one> {{ {name} ?p ?o }}"
                text = f"{first} ; INSERT {{ GRAPH <{EX}two> {{ {name} ?p ?o }} }} WHERE {{ {where} }}"
                try:
                    if client.post("/update", content=text).status_code == 200:
                        self.acknowledged.append(number)
                    else:
                        self.refused += 1
                except httpx.HTTPError:
                    self.refused += 1
                    time.sleep(0.05)
                number += CLIENTS


def numbers(url: str, graph: str) -> Counter[int]:
    """How many values each number has in a graph."""
    pattern = f"GRAPH <{EX}{graph}> {{ ?s <{EX}is> ?n, ?o FILTER(isNumeric(?n)) }}"
    query = f"SELECT ?n (COUNT(?o) AS ?c) {{ {pattern} }} GROUP BY ?n"
    for _ in range(100):
        reply = httpx.post(f"{url}/sparql", data={"query": query}, timeout=60)
        if reply.status_code == 200:
            rows = reply.json()["results"]["bindings"]
            return Counter({int(row["n"]["value"]): int(row["c"]["value"]) for row in rows})
        time.sleep(0.1)
    raise SystemExit(f"no answer: {reply.status_code} {reply.text[:300]}")


def check(url: str, clients: list[Client]) -> tuple[int, int]:
    """(acknowledged changes that are lost, changes that are there in part)."""
    sure = {number for one in clients for number in list(one.acknowledged)}
    one, two = numbers(url, "one"), numbers(url, "two")
    if one.keys() != two.keys():  # written in between
        one, two = numbers(url, "one"), numbers(url, "two")
    both = one.keys() & two.keys()
    torn = [number for number in both if one[number] != 3 or two[number] != 3]
    return len(sure - one.keys()) + len(sure - two.keys()), len(torn)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        ensure_built(home)
        service = Service(home)
        key = Keys(home).add("killer", ["write"], "1d")[1]
        clients = [Client(service.url, key, number) for number in range(CLIENTS)]
        for one in clients:
            one.start()
        killed: Counter[str] = Counter()
        lost = torn = 0
        for _ in range(given.kills):
            time.sleep(rng.uniform(0.05, 1.2))
            writers, workers = service.children()
            what = rng.choice(["server", "writer", "worker"])
            if what == "server":
                service.process.send_signal(signal.SIGKILL)
                service.process.wait()
                service.process = service.start()
            elif found := writers if what == "writer" else workers:
                os.kill(rng.choice(found), signal.SIGKILL)
            else:
                continue
            killed[what] += 1
            if what == "server":
                gone, part = check(service.url, clients)
                lost, torn = lost + gone, torn + part
        for one in clients:
            one.ended.set()
        for one in clients:
            one.join(60)
        gone, part = check(service.url, clients)
        service.process.terminate()
        code = service.process.wait(60)
    told = {
        "killed": dict(killed),
        "acknowledged": sum(len(one.acknowledged) for one in clients),
        "refused": sum(one.refused for one in clients),
        "lost": lost + gone,
        "torn": torn + part,
        "starts": {"count": len(service.starts), "slowest_s": round(max(service.starts), 2)},
        "exit_code": code,
    }
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
