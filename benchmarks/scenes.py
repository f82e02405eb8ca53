"""Scenes: one run of queries a to g over earthdex and its peers, with ratios, load, disk and memory.

    python -m benchmarks.scenes --scenes 1000000                          # all systems
    python -m benchmarks.scenes --scenes 200000 --systems earthdex duckdb --json figures.json

Times are milliseconds from the text of a query to all rows of its answer, in a process that has answered others before:
`first` is the first run of all, `new` the median over texts with other constants that it never saw, `again` and `p95`
repeat one text. Peers answer the same queries; answers are compared. A figure of one run is comparable to others of
the same run only. Files stay in the work folder and serve the next run; `--fresh` makes them anew.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import peer_virtuoso, scene_load, scene_rdf
from benchmarks.scene_generator import generate
from benchmarks.scene_queries import TITLES, ask
from benchmarks.scene_report import report
from benchmarks.scene_worker import Worker, cpu_ms, memory_mb, summary

SYSTEMS = ("earthdex", "duckdb", "virtuoso", "oxigraph")
OTHERS = ("spark",)  # asked for by name
TRIPLES = 9.8  # of a scene


def progress(stage: str, done: int, total: int) -> None:
    """A line on standard error that is written over."""
    share = f"{done:,} of {total:,}" if total else f"{done:,}"
    sys.stderr.write(f"\r\x1b[K{stage}: {share} ")
    sys.stderr.flush()


def _child(module: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _size_mb(*paths: Path) -> float:
    files = [one for path in paths for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file()]
    return sum(one.stat().st_blocks * 512 for one in files) / 1e6


class Bench:
    """One run.

    Args:
        work: folder for all files of this number of scenes.
        scenes: how many.
        runs: of each query.
        limit: seconds after which a query is given up.
        parts: folder of GeoParquet parts to measure instead of made-up scenes, such as `scenes` of a home.
    """

    def __init__(self, work: Path, scenes: int, runs: int, limit: float, parts: Path | None = None) -> None:
        self.work, self.scenes, self.runs, self.limit = work, scenes, runs, limit
        work.mkdir(parents=True, exist_ok=True)
        if parts is not None and not (work / "parts").exists():
            (work / "parts").symlink_to(parts.resolve())
        self.parts = sorted((work / "parts").glob("*.parquet")) if parts else generate(work / "parts", scenes, progress)

    def prepare(self, system: str) -> dict[str, Any]:
        """Loads a system unless an earlier run did; returns seconds, rate and size."""
        note = self.work / f"{system}.json"
        if note.exists():
            return dict(json.loads(note.read_text()))
        progress(f"loading {system}", self.scenes, 0)
        if not (self.work / "base").exists():
            scene_load.build_base(self.work)
        found: dict[str, Any] = {}
        match system:
            case "earthdex":
                found = dict(_child("scene_load", system, str(self.work)))
                found["disk_mb"] = _size_mb(self.work / "home" / "scenes")
            case "oxigraph":
                self._triples(scene_rdf.GEOSPARQL_WKT)
                found = dict(_child("scene_load", system, str(self.work)))
                found["disk_mb"] = _size_mb(self.work / "oxigraph")
                shutil.rmtree(self.work / "nt")
            case "virtuoso":
                found = self._load_virtuoso()
            case "spark":
                found = self._export()
            case _:
                found["disk_mb"] = _size_mb(self.work / "parts")
        if "wall" in found:
            found["rate"] = self.scenes * TRIPLES / found["cpu" if "cpu" in found else "wall"]
        note.write_text(json.dumps(found))
        return found

    def _export(self) -> dict[str, Any]:
        from kg.scenes.partitions import export

        folder = self.work / "spark"
        shutil.rmtree(folder, ignore_errors=True)
        started = time.perf_counter()
        export(self.parts, self.scenes, folder)
        return {"wall": time.perf_counter() - started, "disk_mb": _size_mb(folder)}

    def _triples(self, datatype: str, folder: str = "nt") -> list[Path]:
        return scene_rdf.write(self.parts, self.work / folder, datatype, progress)[0]

    def _load_virtuoso(self) -> dict[str, Any]:
        folder = self.work / "virtuoso"
        shutil.rmtree(folder, ignore_errors=True)
        files = self._triples(scene_rdf.VIRTUOSO_WKT, "virtuoso/in")
        others = folder / "in" / "others.nt"
        shutil.copy(scene_load.base_triples(self.work), others)
        regions = scene_load.lines_of_regions()
        kept = [line for line in others.read_text().splitlines(keepends=True) if "/benchmark/region/" not in line]
        # places of the catalogue as plain text: among them are holes, on which its index fails
        text = "".join(kept).replace(f"^^<{scene_rdf.GEOSPARQL_WKT}>", "")
        others.write_text(text + regions.replace(scene_rdf.GEOSPARQL_WKT, scene_rdf.VIRTUOSO_WKT))
        with peer_virtuoso.Virtuoso(folder) as server:
            server.load([others])
            wall = server.load(files)
        shutil.rmtree(folder / "in")
        return {"wall": wall, "disk_mb": _size_mb(folder / "virtuoso.db")}

    def measure(self, system: str) -> dict[str, Any]:
        """Milliseconds, answers and memory of a system."""
        if system == "virtuoso":
            return self._measure_virtuoso()
        folder = {"earthdex": "home", "duckdb": "parts", "oxigraph": "oxigraph", "spark": "spark"}[system]
        worker = Worker(system, self.work / folder)
        found: dict[str, Any] = {"queries": {}}
        for key in TITLES:
            progress(f"{system}: {key}", 0, 0)
            first = worker.times(key, [0], self.limit)
            found["open_ms"] = max(found.get("open_ms", 0.0), worker.open_ms)
            if first is None:
                found["queries"][key] = {"over": self.limit}
                continue
            if "error" in first or first["ms"][0] > 2_000:
                found["queries"][key] = self._few(worker, key, first)
                continue
            again = worker.times(key, [0] * self.runs, self.limit) or {}
            new = worker.times(key, list(range(1, self.runs + 1)), self.limit) or {}
            found["queries"][key] = _figures(first, again, new)
        found["memory_mb"] = worker.memory()
        worker.close()
        return found

    def _few(self, worker: Worker, key: str, first: dict[str, Any]) -> dict[str, Any]:
        """A slow query: twice more if there is time."""
        if "error" in first:
            return first
        again = worker.times(key, [0] * 2, self.limit) if first["ms"][0] * 2 < self.limit * 1000 else None
        return _figures(first, again or {}, {})

    def _measure_virtuoso(self) -> dict[str, Any]:
        found: dict[str, Any] = {"queries": {}}
        started = time.perf_counter()
        with peer_virtuoso.Virtuoso(self.work / "virtuoso") as server:
            found["open_ms"] = (time.perf_counter() - started) * 1000
            for key in TITLES:
                progress(f"virtuoso: {key}", 0, 0)
                found["queries"][key] = self._ask_virtuoso(server, key)
            found["memory_mb"] = memory_mb(server.pid)
        return found

    def _ask_virtuoso(self, server: peer_virtuoso.Virtuoso, key: str) -> dict[str, Any]:
        rows: list[dict[str, Any]] = []

        def run(variants: list[int]) -> dict[str, Any]:
            times = []
            before = cpu_ms(server.pid)
            for variant in variants:
                text = peer_virtuoso.text_of(ask(key, variant))
                started = time.perf_counter()
                rows[:] = server.query(text, self.limit)
                times.append((time.perf_counter() - started) * 1000)
            return {"ms": times, "cpu": [(cpu_ms(server.pid) - before) / max(1, len(variants))]}

        if not peer_virtuoso.text_of(ask(key)):
            return {"error": "its within knows points only"}
        try:
            first = run([0])
            first |= summary(key, [tuple(cell["value"] for cell in row.values()) for row in rows])
            runs = self.runs if first["ms"][0] < 2_000 else 2
            again = run([0] * runs)
            new = run(list(range(1, runs + 1))) if runs > 2 else {}
        except (OSError, RuntimeError) as error:
            return {"error": str(error)[:300]}
        return _figures(first, again, new)


def _figures(first: dict[str, Any], again: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    told = {key: first[key] for key in ("rows", "total", "digest")}
    times = sorted(again.get("ms") or first["ms"])
    return {
        **told,
        "first": first["ms"][0],
        "again": statistics.median(times),
        "p95": times[min(len(times) - 1, int(len(times) * 0.95))],
        "new": statistics.median(new["ms"]) if new.get("ms") else None,
        "cpu": statistics.median(again.get("cpu") or first["cpu"]),
        "runs": len(times),
    }


def _missing(system: str) -> str:
    if system == "virtuoso":
        return peer_virtuoso.missing()
    if system == "spark" and (find_spec("pyspark") is None or shutil.which("java") is None):
        return "pyspark or Java not installed (pip install 'earthdex[spark]')"
    return ""


def main() -> None:
    """Runs, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scenes", type=int, default=1_000_000)
    parser.add_argument("--systems", nargs="+", choices=(*SYSTEMS, *OTHERS), default=list(SYSTEMS))
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds after which a query is given up")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "earthdex-benchmark"))
    parser.add_argument("--fresh", action="store_true", help="load all systems anew")
    parser.add_argument("--parts", type=Path, help="measure over these parts, such as the folder `scenes` of a home")
    parser.add_argument(
        "--beside", type=Path, help="figures of fewer scenes (--json): tells how much longer a to e take"
    )
    parser.add_argument("--json", type=Path, help="also write the figures to a file")
    options = parser.parse_args()
    if options.parts:
        files = ", ".join(f"'{one}'" for one in sorted(options.parts.glob("*.parquet")))
        counted = duckdb.connect().execute(f"SELECT count(*) FROM read_parquet([{files}])").fetchone()
        options.scenes = counted[0] if counted else 0
    work = options.work / (f"parts-{options.scenes}" if options.parts else str(options.scenes))
    if options.fresh:
        for system in options.systems:
            (work / f"{system}.json").unlink(missing_ok=True)
    bench = Bench(work, options.scenes, options.runs, options.limit, options.parts)
    found: dict[str, Any] = {"scenes": options.scenes, "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    for system in options.systems:
        reason = _missing(system)
        found[system] = {"skipped": reason} if reason else {"load": bench.prepare(system), **bench.measure(system)}
    sys.stderr.write("\r\x1b[K")
    if options.beside:
        found["beside"] = json.loads(options.beside.read_text())["earthdex"]["queries"]
    print(report(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
