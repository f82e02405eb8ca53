"""What a newcomer waits for: installing, the first question, every later one.

    python -m benchmarks.first_use            # in the environment at hand
    python -m benchmarks.first_use --install  # also clones this checkout and runs the README's first command there

Prints medians of several runs of whole processes, as the operating system accounts for them.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "crop type datasets with Sentinel-2 time series in Austria"


def _run(command: list[str], home: Path, cwd: Path | None = None) -> tuple[float, float, str]:
    """(wall seconds, peak resident MB of the largest process, standard output)."""
    environment = {**os.environ, "EARTHDEX_HOME": str(home)}
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=cwd, env=environment)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{' '.join(command)} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1024, output.decode()


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def installation(scratch: Path) -> None:
    """The README's first command in a fresh clone: set-up, first build and answer together."""
    clone = scratch / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    seconds, _, output = _run(["make", "ask", f"Q={QUESTION}"], scratch / "fresh-home", clone)
    print(f"first command on a fresh clone   {seconds:8.1f} s      (target 120)")
    print(f"installed                        {_size_mb(clone / '.venv'):8.0f} MB     (target 700)")
    print(f"  TimeSen2Crop in the answer: {'TimeSen2Crop' in output}")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--install", action="store_true", help="also install into a fresh clone")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    command = [sys.executable, "-m", "earthdex", "ask", QUESTION]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if options.install:
            installation(scratch)
        home = scratch / "home"
        build, build_mb, _ = _run([sys.executable, "-m", "earthdex", "status"], home)
        later = [_run(command, home)[:2] for _ in range(options.runs)]
        bare = [_run([sys.executable, "-c", "pass"], home)[0] for _ in range(options.runs)]
        face = [_run([sys.executable, "-c", "import earthdex"], home)[0] for _ in range(options.runs)]
        print(f"first use: build of the store    {build:8.1f} s      (target 20), peak {build_mb:.0f} MB")
        print(f"store on disk                    {_size_mb(home):8.0f} MB")
        print(f"a later ask, wall                {statistics.median(row[0] for row in later):8.2f} s      (target 2)")
        print(f"a later ask, peak memory         {statistics.median(row[1] for row in later):8.0f} MB     (target 400)")
        spent = 1000 * (statistics.median(face) - statistics.median(bare))
        print(f"import earthdex, beyond python   {spent:8.0f} ms     (target 150)")
    print(
        f"python {sys.version.split()[0]}, {os.cpu_count()} cores, "
        f"own peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
