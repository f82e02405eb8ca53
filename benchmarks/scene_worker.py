"""One system of the scenes benchmark in a process of its own, so that it can be killed and its memory be told.

    python -m benchmarks.scene_worker earthdex|oxigraph|duckdb|spark FOLDER

Reads one JSON object a line, answers with one: `{"key": "a", "variants": [0, 0, 1]}` -> milliseconds of each run and
what the last one answered; `{"memory": true}` -> megabytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.scene_queries import Ask, ask

Row = tuple[Any, ...]
Run = Callable[[Ask], Sequence[Any]]


def summary(key: str, rows: Iterable[Row]) -> dict[str, Any]:
    """What an answer says, the same for all systems: number of rows, total of counts, and a digest.

    Rows in order of time are told by their times alone: which of several scenes of one moment come last is open.
    """
    rows = list(rows)
    if key in "abg":
        kept = sorted(_moment(row[1]) for row in rows)
    elif key in "ce":
        kept = sorted(str(row[0]) for row in rows)
    else:
        kept = sorted(f"{str(row[0]).rsplit('/', 1)[-1]} {int(row[1])}" for row in rows if int(row[1]))
    total = sum(int(row[1]) for row in rows) if key in "df" else len(rows)
    digest = hashlib.sha256("\n".join(kept).encode()).hexdigest()[:12]
    return {"rows": len(rows), "total": total, "digest": digest}


def _moment(value: Any) -> str:  # noqa: ANN401
    return str(value)[:19].replace(" ", "T")


def memory_mb(pid: int | str = "self") -> dict[str, float]:
    """Resident memory of a process in MB: now, at most, and without pages of files."""
    found = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("VmRSS", "VmHWM", "RssAnon"):
            found[name] = int(value.split()[0]) / 1024
    return {"resident": found["VmRSS"], "peak": found["VmHWM"], "own": found["RssAnon"]}


def cpu_ms(pid: int) -> float:
    """CPU time that another process has spent so far, in clock ticks' precision."""
    cells = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(cells[11]) + int(cells[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _earthdex(folder: Path) -> Run:
    from kg.home import open_home
    from kg.solutions import Solutions

    home = open_home(folder)

    def run(one: Ask) -> Sequence[Any]:
        found = home.query(one.sparql)
        if not isinstance(found, Solutions):
            raise TypeError(type(found))
        return found.rows

    return run


def _oxigraph(folder: Path) -> Run:
    import pyoxigraph as ox

    store = ox.Store.read_only(str(folder))

    def run(one: Ask) -> Sequence[Any]:
        found: Any = store.query(one.sparql)
        return list(found)

    return run


def _duckdb(folder: Path) -> Run:
    from benchmarks.peer_duckdb import opened

    return opened(sorted(folder.glob("*.parquet")))


def _spark(folder: Path) -> Run:
    """The same with scenes on a cluster: `EARTHDEX_SCENES`, or Spark on this machine's cores."""
    os.environ.setdefault("EARTHDEX_SCENES", "local[*]")
    os.environ["EARTHDEX_SCENES_TABLE"] = str(folder)
    return _earthdex(folder.parent / "home")


_SYSTEMS: dict[str, Callable[[Path], Run]] = {
    "earthdex": _earthdex,
    "oxigraph": _oxigraph,
    "duckdb": _duckdb,
    "spark": _spark,
}


def serve(system: str, folder: Path) -> None:
    """Answers lines of standard input until it ends."""
    started = time.perf_counter()
    run = _SYSTEMS[system](folder)
    _say({"open_ms": (time.perf_counter() - started) * 1000})
    for line in sys.stdin:
        wanted = json.loads(line)
        if wanted.get("memory"):
            _say(memory_mb())
            continue
        times: list[float] = []
        spent: list[float] = []
        rows: Sequence[Any] = ()
        try:
            for variant in wanted["variants"]:
                one = ask(wanted["key"], variant)
                started, before = time.perf_counter(), time.process_time()
                rows = run(one)
                times.append((time.perf_counter() - started) * 1000)
                spent.append((time.process_time() - before) * 1000)
        except Exception as error:  # told to the benchmark, which goes on with the next query
            _say({"error": f"{type(error).__name__}: {error}"[:400]})
            continue
        _say(
            {
                "ms": times,
                "cpu": spent,
                **summary(wanted["key"], [tuple(getattr(one, "value", one) for one in row) for row in rows]),
            }
        )


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


class Worker:
    """A process that serves one system; started anew after it was killed."""

    def __init__(self, system: str, folder: Path) -> None:
        self._command = [sys.executable, "-m", "benchmarks.scene_worker", system, str(folder)]
        self._process: subprocess.Popen[str] | None = None
        self.open_ms = 0.0

    def times(self, key: str, variants: list[int], seconds: float) -> dict[str, Any] | None:
        """Milliseconds and answer; None where it took longer than `seconds` and was killed."""
        return self._exchange({"key": key, "variants": variants}, seconds)

    def memory(self) -> dict[str, float]:
        """Megabytes of the process."""
        return self._exchange({"memory": True}, 60) or {}

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def start(self) -> None:
        """Starts the process if there is none."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ}
            )
            opened = self._line(120)
            if opened is None:
                raise SystemExit(f"{' '.join(self._command)} did not start")
            self.open_ms = opened["open_ms"]

    def _exchange(self, message: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        self.start()
        if self._process is None or self._process.stdin is None:
            return None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return self._line(seconds)

    def _line(self, seconds: float) -> dict[str, Any] | None:
        got: list[str] = []
        process = self._process
        if process is None or process.stdout is None:
            return None
        stream = process.stdout
        reader = threading.Thread(target=lambda: got.append(stream.readline()), daemon=True)
        reader.start()
        reader.join(seconds)
        if reader.is_alive() or not got or not got[0]:
            late = reader.is_alive()
            self.close()
            return None if late else {"error": "the process ended"}
        found: dict[str, Any] = json.loads(got[0])
        return found


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
