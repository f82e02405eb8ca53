"""How well and how fast questions are understood and answered, and what the engine takes.

    python -m benchmarks.questions [QUESTIONS.jsonl ...] [--score SCORE.py]

Times are told twice: by the clock, and in seconds of the processor, which others on the machine change less. The
first round is not counted. `SCORE.py` is the public scoring program of the question set; it is run as it is, over our
predictions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from api.commands.evaluation import frozen_home
from kg.home import Home, open_home
from nlq.answer import answer
from nlq.engine import Engine
from nlq.evaluation.lines import Line, question_files, read_lines
from nlq.question import Question
from ontology.errors import EarthdexError

_START = """
import resource, sys, time
from pathlib import Path
wall, cpu = time.perf_counter(), time.process_time()
from kg.home import open_home
from nlq.engine import Engine
engine = Engine.open(open_home(Path(sys.argv[1])))
engine.read("Sentinel-2 scenes of Lake Garda from May 2020")
print(time.perf_counter() - wall, time.process_time() - cpu)
for text in sys.argv[2:]:
    engine.read(text)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
_TARGETS = {"understanding": (8.0, 40.0), "whole answer": (25.0, None)}


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What a call returns, and its milliseconds by the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _told(name: str, clock: str, values: list[float]) -> str:
    median, last = _TARGETS[name]
    aims = f"aims: median {median:g}" + (f", p99 {last:g}" if last else "")
    return (
        f"{name:14} {clock:9} median {statistics.median(values):7.1f} ms   p95 {_percentile(values, 0.95):7.1f}   "
        f"p99 {_percentile(values, 0.99):7.1f}   max {max(values):7.1f}   ({aims})"
    )


def _measure(home: Home, engine: Engine, lines: list[Line]) -> list[dict[str, Any]]:
    """Reads and answers every question; a dict of figures and the prediction of each."""
    found = []
    for line in lines:

        def read(line: Line = line) -> Question:
            return engine.read(line["question"], tuple(line.get("context") or ()), line.get("ref_date"))

        question, wall, cpu = _timed(read)

        def whole(question: Question = question) -> None:
            with suppress(EarthdexError):
                answer(home, question, limit=20)

        _, more_wall, more_cpu = _timed(whole)
        found.append(
            {
                "read": (wall, cpu),
                "whole": (wall + more_wall, cpu + more_cpu),
                "prediction": {
                    "id": line["id"],
                    "interpretation": question.to_dict(),
                    "answerable": question.answerable,
                    "clarify": question.clarify,
                    "reason": question.reason,
                },
            }
        )
    return found


def _score(program: Path, questions: Path, predictions: list[dict[str, Any]], misses: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "predictions.jsonl")
        path.write_text("\n".join(json.dumps(line) for line in predictions), "utf-8")
        command = [sys.executable, str(program), str(questions), str(path)]
        subprocess.run([*command, "--misses"] if misses else command, check=True)


def main() -> None:
    """Prints the score by class where a scoring program is named, then times and memory."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("questions", type=Path, nargs="*")
    parser.add_argument("--score", type=Path, help="the public scoring program; takes one file of questions")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    files = options.questions or question_files()
    lines = read_lines(files)
    path = frozen_home()
    home = open_home(path)
    engine = Engine.open(home)
    _measure(home, engine, lines)
    measured = _measure(home, engine, lines)
    if options.score:
        _score(options.score, files[0], [one["prediction"] for one in measured], options.misses)
    print(f"{len(lines)} questions over {home.scenes.count():,} scenes and the built-in records")
    for name, key in (("understanding", "read"), ("whole answer", "whole")):
        for at, clock in enumerate(("clock", "processor")):
            print(_told(name, clock, [one[key][at] for one in measured]))
    texts = [line["question"] for line in lines[:: max(1, len(lines) // 100)]]
    runs = [
        subprocess.run([sys.executable, "-c", _START, str(path), *texts], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    starts = [tuple(map(float, run.stdout.split()[:2])) for run in runs]
    print(f"engine start   clock     median {statistics.median(one[0] for one in starts):7.2f} s   (aim: 1.5)")
    print(f"engine start   processor median {statistics.median(one[1] for one in starts):7.2f} s")
    print(f"memory of engine and gazetteer  {max(float(run.stdout.split()[2]) for run in runs):7.0f} MB   (aim: 350)")


if __name__ == "__main__":
    main()
