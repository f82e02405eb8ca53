"""Versions that can be told to be whole: in round n everything in graph and scenes says n, and nothing is missing.

Run as a program it waits for lines on standard input and, for each, forks a writer that publishes round after round
and notes each that was acknowledged, until it is killed.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import shapely

from kg.home import Home, open_home, open_writer
from kg.nquads import Quad
from kg.solutions import Solutions
from kg.virtual import scene_key
from kg.writer import Writer
from ontology.namespaces import BASE, expand
from ontology.records import Scene
from ontology.terms import IRI, Literal

COUNTER = IRI(BASE + "dataset/counter")
MOST = 12


def size(number: int) -> int:
    """How many scenes there are in a round."""
    return 1 + number * 5 % MOST


def quads(number: int) -> list[Quad]:
    """What the graph says in a round: its number, and a link to each scene."""
    found: list[Quad] = [(COUNTER, expand("rdf:type"), expand("dcat:Dataset"), None)]
    found.append((COUNTER, expand("ed:note"), Literal.of(number), None))
    found += [(COUNTER, expand("ed:scene"), one.iri, None) for one in scenes(number)]
    return found


def scenes(number: int) -> list[Scene]:
    """The scenes of a round."""
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number)
    shape = shapely.box(number % 100, 0, number % 100 + 1, 1).wkb
    return [
        Scene(id=f"s{one}", collection="c", relative_orbit=number, start_time=start, geometry=shape, source="x" * 200)
        for one in range(size(number))
    ]


def publish(writer: Writer, number: int) -> None:
    """Publishes a round: scenes are added, replaced and removed, the graph is changed."""
    writer.add_scenes(scenes(number))
    writer.remove_scenes([("c", f"s{one}") for one in range(size(number), MOST)])
    writer.add_graph(quads(number), "counter")
    writer.publish()


def seen(home: Home) -> int:
    """The round that a version shows.

    Raises:
        ValueError: it is torn: graph and scenes, or what they hold, are of several rounds.
    """
    found = home.query(
        "SELECT ?n ?o (COUNT(DISTINCT ?s) AS ?c) { <https://w3id.org/earthdex/dataset/counter> ed:note ?n . "
        "?s a ed:Scene ; ed:relativeOrbit ?o } GROUP BY ?n ?o"
    )
    linked = home.query("SELECT ?s ?o { ?d ed:scene ?s . ?s ed:relativeOrbit ?o ; geo:hasGeometry/geo:asWKT ?w }")
    if not isinstance(found, Solutions) or not isinstance(linked, Solutions) or len(found.rows) != 1:
        raise ValueError(f"no whole version: {found}")
    number, orbit, count = (int(str(cell.value)) for cell in found.rows[0] if isinstance(cell, Literal))
    names = {scene_key(str(row[0])) for row in linked.rows}
    wanted = {("c", f"s{one}") for one in range(size(number))}
    if orbit != number or count != size(number) or names != wanted or home.scenes.count() != count:
        raise ValueError(f"a torn version: {number}, {orbit}, {count}, {names}")
    return number


def write_on(path: Path, acknowledged: Path) -> None:
    """Publishes round after round, and notes each when it is published; ends never."""
    number = 0
    try:
        with open_home(path) as home:
            number = seen(home)
    except Exception as error:
        if type(error).__name__ != "NotFound":
            raise
    with acknowledged.open("ab") as file, open_writer(path) as writer:
        while True:
            number += 1
            publish(writer, number)
            file.write(f"{number}\n".encode())
            file.flush()


def main() -> None:
    """A writer for each line of standard input; its process id goes to standard output."""
    for line in sys.stdin:
        path, acknowledged = line.strip().split("\t")
        child = os.fork()
        if child == 0:
            write_on(Path(path), Path(acknowledged))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("dead\n")
        sys.stdout.flush()


if __name__ == "__main__":
    import duckdb  # noqa: F401 - so that each writer begins at once
    import pyoxigraph  # noqa: F401

    import kg.oxigraph
    import kg.scenewriter  # noqa: F401

    main()
