"""What the queries of the scenes benchmark cost on Spark: CPU time of all its processes, bytes read, bytes shuffled.

    python -m benchmarks.cluster HOME FOLDER [--runs N] [--queries abcde] [--json FILE]

HOME is a catalogue's folder, FOLDER what `earthdex export` wrote of it. Runs on `EARTHDEX_SCENES`, or on two cores of
this machine; CPU time is told rightly only where all processes are children of this one, as with `local[2]`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.scene_queries import TITLES, ask

_COUNTED = ("inputBytes", "inputRecords", "shuffleWriteBytes", "executorRunTime", "executorCpuTime")
_READ = {
    "number of files read": "files",
    "size of files read": "bytes_of_files",
    "number of partitions read": "folders",
}
_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def tree(pid: int) -> tuple[float, float]:
    """CPU seconds of a process and all that it started, those that ended included; bytes that those alive have read.

    Reads are those of files, pipes and sockets: what processes of one machine tell each other is among them.
    """
    children: dict[int, list[tuple[int, float, float]]] = {}
    spent, read = 0.0, 0.0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            cells = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            own = float((entry / "io").read_text().split()[1])
        except OSError:
            continue
        seconds = sum(map(int, cells[11:15])) / os.sysconf("SC_CLK_TCK")
        children.setdefault(int(cells[1]), []).append((int(entry.name), seconds, own))
        if int(entry.name) == pid:
            spent, read = seconds, own
    left = [pid]
    while left:
        for child, seconds, own in children.get(left.pop(), ()):
            spent += seconds
            read += own
            left.append(child)
    return spent, read


class Counters:
    """What Spark itself counts.

    Args:
        session: the running one.
    """

    def __init__(self, session: Any) -> None:  # noqa: ANN401
        self._context = session.sparkContext
        self._store = self._context._jsc.sc().statusStore()
        self._queries = session._jsparkSession.sharedState().statusStore()

    def stages(self) -> dict[str, int]:
        """Sums over all stages so far."""
        jvm = self._context._jvm
        self._context._jsc.sc().listenerBus().waitUntilEmpty()
        none = self._context._gateway.new_array(jvm.double, 0)
        listed = self._store.stageList(jvm.java.util.ArrayList(), False, False, none, jvm.java.util.ArrayList())
        found = dict.fromkeys((*_COUNTED, "tasks"), 0)
        for at in range(listed.size()):
            stage = listed.apply(at)
            for name in _COUNTED:
                found[name] += getattr(stage, name)()
            found["tasks"] += stage.numCompleteTasks()
        return found

    def scans(self) -> dict[str, float]:
        """Files, bytes of them, and folders that the latest query's scan was left with."""
        runs = self._queries.executionsList()
        last = runs.apply(runs.size() - 1)
        values = self._queries.executionMetrics(last.executionId())
        found = dict.fromkeys(_READ.values(), 0.0)
        listed = last.metrics()  # again for each time that the plan was adapted
        metrics = {one.accumulatorId(): one for one in map(listed.apply, range(listed.size()))}
        for one in metrics.values():
            name, value = _READ.get(one.name()), values.get(one.accumulatorId())
            if name is not None and value.isDefined():
                found[name] += _number(value.get())
        return found


def _number(text: str) -> float:
    """A number as Spark's own pages write it: `1,234` or `12.3 MiB`."""
    words = text.splitlines()[-1].split()
    return float(words[0].replace(",", "")) * _UNITS.get(words[1] if len(words) > 1 else "B", 1)


def measure(home: Path, folder: Path, runs: int, keys: str) -> dict[str, Any]:
    """Figures of each query: the median of some runs with other constants each."""
    os.environ.setdefault("EARTHDEX_SCENES", "local[2]")
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", "--driver-memory 3g pyspark-shell")
    os.environ["EARTHDEX_SCENES_TABLE"] = str(folder)
    from kg.home import open_home
    from kg.scenes.spark import SparkTable
    from kg.solutions import Solutions

    opened = open_home(home)
    table = opened.scenes
    if not isinstance(table, SparkTable):
        raise SystemExit("Spark is not used")
    opened.query(ask("d", 99).sparql, timeout=None)  # starts everything
    counters = Counters(table.session)
    found: dict[str, Any] = {"files": sum(1 for _ in folder.rglob("*.parquet"))}
    found["folders"] = sum(1 for _ in folder.glob("*/*/"))
    found["bytes"] = sum(one.stat().st_size for one in folder.rglob("*.parquet"))
    for key in keys:
        rows: list[dict[str, float]] = []
        for variant in range(1 if key == "f" else runs):
            text, before = ask(key, variant).sparql, counters.stages()
            (spent, read), started = tree(os.getpid()), time.perf_counter()
            result = opened.query(text, timeout=None)
            wall, now = time.perf_counter() - started, tree(os.getpid())
            after = counters.stages()
            one = {name: float(after[name] - before[name]) for name in after}
            answered = len(result.rows) if isinstance(result, Solutions) else 0
            told = {"wall": wall, "cpu": now[0] - spent, "read": now[1] - read, "rows": answered}
            rows.append({**told, **one, **counters.scans()})
        found[key] = {name: statistics.median(one[name] for one in rows) for name in rows[0]}
        sys.stdout.write(f"{key} {TITLES[key]}: {json.dumps({n: round(v, 2) for n, v in found[key].items()})}\n")
        sys.stdout.flush()
    opened.close()
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--queries", default="".join(TITLES), help="letters of those to run")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    figures = measure(asked.home, asked.folder, asked.runs, asked.queries)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")
