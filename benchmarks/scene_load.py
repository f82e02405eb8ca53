"""Loads scenes into one system, in a process of its own so that its CPU time can be told.

    python -m benchmarks.scene_load earthdex|oxigraph WORK

`WORK` holds `parts/` (GeoParquet), `nt/` (the same as N-Triples) and `base/` (a home with the built-in catalogue).
Prints one JSON object: wall and CPU seconds from files to a first answer.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

from benchmarks.scene_queries import region_triples


def lines_of_regions() -> str:
    """The regions as N-Triples."""
    return "".join(f"{s} {p} {o} .\n" for s, p, o in region_triples())


def build_base(work: Path) -> Path:
    """A home with the built-in catalogue and the regions; kept from run to run."""
    from ingest.builtin import ensure_built
    from kg.home import open_writer
    from ontology.terms import IRI, Literal

    base = work / "base"
    ensure_built(base)
    quads = []
    for s, p, o in region_triples():
        value, _, kind = o.rpartition("^^")
        term = Literal(value[1:-1], IRI(kind[1:-1])) if kind.startswith("<") and value else IRI(o[1:-1])
        quads.append((IRI(s[1:-1]), IRI(p[1:-1]), term, None))
    with open_writer(base) as writer:
        writer.add_graph(quads, "benchmark:regions")
        writer.publish()
    return base


def base_triples(work: Path) -> Path:
    """The default graph of that home as N-Triples."""
    import pyoxigraph as ox

    path = work / "base.nt"
    graph = sorted((work / "base" / "versions").glob("*/graph"))[-1]
    ox.Store.read_only(str(graph)).dump(str(path), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    return path


def _seconds() -> tuple[float, float]:
    times = os.times()
    return time.perf_counter(), times.user + times.system + times.children_user + times.children_system


def earthdex(work: Path) -> None:
    """Parquet parts into a home, until a query over them was answered."""
    from kg.home import open_home, open_writer
    from kg.planner.planner import Planner  # noqa: F401 - as for the other store, the clock is not on for imports
    from kg.scenewriter import SceneWriter  # noqa: F401

    home = work / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(work / "base", home)
    with open_writer(home) as writer:
        wall, cpu = _seconds()
        writer.add_scene_files(sorted((work / "parts").glob("*.parquet")))
        writer.publish()
    with open_home(home) as opened:
        opened.query("PREFIX ed: <https://w3id.org/earthdex/ns#> SELECT (COUNT(?s) AS ?n) { ?s a ed:Scene }")
    _tell(wall, cpu)


def oxigraph(work: Path) -> None:
    """N-Triples into a store on disk by `bulk_load`, the catalogue before the clock starts."""
    import pyoxigraph as ox

    folder = work / "oxigraph"
    shutil.rmtree(folder, ignore_errors=True)
    store = ox.Store(str(folder))
    store.bulk_load(path=str(base_triples(work)), format=ox.RdfFormat.N_TRIPLES)
    wall, cpu = _seconds()
    for path in sorted((work / "nt").glob("scenes-*.nt")):
        store.bulk_load(path=str(path), format=ox.RdfFormat.N_TRIPLES)
    store.flush()
    _tell(wall, cpu)
    store.optimize()


def _tell(wall: float, cpu: float) -> None:
    now = _seconds()
    sys.stdout.write(json.dumps({"wall": now[0] - wall, "cpu": now[1] - cpu}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    {"earthdex": earthdex, "oxigraph": oxigraph}[sys.argv[1]](Path(sys.argv[2]))
