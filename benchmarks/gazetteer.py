"""Prints how fast the gazetteer opens and finds: `python -m benchmarks.gazetteer`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from kg.gazetteer import open_gazetteer, packaged_file

_NAMES = ["Paris", "Springfield", "Lake Victoria", "Москва", "Naples, Florida", "New York", "Etna", "the Sahel", "Wien"]
_MISSPELT = ["Copenhagn", "Kathmundu", "Switzerlnad", "Reykjavick", "Kilimanjaor"]
_TEXT = ["scenes", "of", "Baden", "-", "Württemberg", "and", "the", "south", "of", "France", "near", "Mount", "Etna"]
_OPEN = """import time; start = time.perf_counter()
from kg.gazetteer import open_gazetteer
open_gazetteer().lookup("Paris")
print((time.perf_counter() - start) * 1000)"""


def _each(work: Callable[[str], object], texts: list[str], rounds: int = 30) -> str:
    times = []
    for _ in range(rounds):
        for text in texts:
            start = time.perf_counter()
            work(text)
            times.append((time.perf_counter() - start) * 1000)
    return f"median {statistics.median(times):7.3f} ms   worst {max(times):8.3f} ms"


def main() -> None:
    """Prints sizes and times."""
    gazetteer = open_gazetteer()
    fresh = [
        float(subprocess.run([sys.executable, "-c", _OPEN], capture_output=True, check=True).stdout) for _ in range(5)
    ]
    print(f"file            {packaged_file().stat().st_size / 1e6:.2f} MB, {len(gazetteer.iris(cities=True)):,} places")
    print(f"import and open median {statistics.median(fresh):7.1f} ms")
    print(f"lookup          {_each(gazetteer.lookup, _NAMES)}")
    print(f"fuzzy           {_each(gazetteer.fuzzy, _MISSPELT)}")
    print(f"scan of a text  {_each(lambda _: [gazetteer.longest_match(_TEXT, at) for at in range(len(_TEXT))], [''])}")
    print(f"volcanoes of IT {_each(lambda one: gazetteer.of_kind('volcano', within=one), ['Italy'])}")
    print(f"triples         {_each(gazetteer.triples, ['country/AT', 'city/2761369', 'feature/etna'])}")


if __name__ == "__main__":
    main()
