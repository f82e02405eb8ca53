"""How well and how fast questions are understood and answered.

    python -m benchmarks.questions QUESTIONS.jsonl --score SCORE.py

`SCORE.py` is the public scoring program of the question set; it is run as it is, over our predictions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from earthdex.face import _home


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    """Prints the score by class, then milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("questions", type=Path)
    parser.add_argument("--score", type=Path, help="the scoring program")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    from api.batch import run_batch

    home = _home()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("warm", "measured"):
            path = Path(folder, f"{name}.jsonl")
            with path.open("w", encoding="utf-8") as out:
                run_batch(home, options.questions, out, limit=20)
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if options.score:
            predictions = Path(folder, "predictions.jsonl")
            keys = ("id", "interpretation", "answerable", "clarify", "reason")
            kept = [{key: line[key] for key in keys if key in line} for line in lines]
            predictions.write_text("\n".join(json.dumps(line) for line in kept), "utf-8")
            command = [sys.executable, str(options.score), str(options.questions), str(predictions)]
            subprocess.run([*command, "--misses"] if options.misses else command, check=True)
    for label, key in (("understanding", "read_ms"), ("whole answer", "ms")):
        values = [line[key] for line in lines]
        print(
            f"{label:14} median {statistics.median(values):7.1f} ms   p95 {_percentile(values, 0.95):7.1f} ms   "
            f"p99 {_percentile(values, 0.99):7.1f} ms   max {max(values):7.1f} ms   ({len(values)} questions)"
        )


if __name__ == "__main__":
    main()
