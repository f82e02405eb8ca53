"""A process that changes a catalogue from several threads and notes each change that was acknowledged.

Run as a program it waits for lines on standard input (`catalogue<TAB>file of acknowledgements<TAB>first number`) and,
for each, forks such a process; it prints its id, then `dead` once it is.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from kg.home import Home
from kg.solutions import Solutions
from kg.updates.committer import Committer
from kg.updates.work import Change
from ontology.terms import Literal

EX = "http://example.org/"
GRAPHS = (f"<{EX}one>", f"<{EX}two>")
THREADS = 3
_CLEARED = 7


def text(number: int) -> str:
    """A change of two operations on two graphs: both hold the number afterwards, and no longer one from before."""
    one, two = GRAPHS
    first = f"INSERT DATA {{ GRAPH {one} {{ <{EX}n{number}> <{EX}is> {number}, 'a', 'b' }} }}"
    second = f"INSERT {{ GRAPH {two} {{ ?s ?p ?o }} }} WHERE {{ GRAPH {one} {{ ?s ?p ?o ; <{EX}is> {number} }} }}"
    old = f"<{EX}n{number - _CLEARED}>"
    gone = f"DELETE WHERE {{ GRAPH {one} {{ {old} ?p ?o }} GRAPH {two} {{ {old} ?q ?r }} }}"
    return f"{first} ; {second} ; {gone}" if number % _CLEARED == 0 else f"{first} ; {second}"


def gone(number: int) -> bool:
    """Whether the change of a number is taken back by that of a later one."""
    return number % _CLEARED == 0


def seen(home: Home) -> set[int]:
    """The numbers that a version holds.

    Raises:
        ValueError: it is torn: a number is in one graph alone, or only in part.
    """
    counted: list[dict[int, int]] = []
    for graph in GRAPHS:
        pattern = f"GRAPH {graph} {{ ?s <{EX}is> ?n, ?o FILTER(isNumeric(?n)) }}"
        found = home.query(f"SELECT ?n (COUNT(?o) AS ?c) {{ {pattern} }} GROUP BY ?n")
        rows = found.rows if isinstance(found, Solutions) else ()
        counted.append(
            {int(n.value): int(c.value) for n, c in rows if isinstance(n, Literal) and isinstance(c, Literal)}
        )
    if counted[0] != counted[1] or any(count != 3 for count in counted[0].values()):
        raise ValueError(f"a torn version: {counted}")
    return set(counted[0])


def work(path: Path, acknowledged: Path, first: int) -> None:
    """Changes the catalogue until it is killed."""
    committer = Committer(path, seconds=20)
    handle = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def change(number: int) -> None:
        while True:
            committer.submit(Change("update", text=text(number), agent="host")).result()
            os.write(handle, f"{number}\n".encode())
            number += THREADS

    threads = [threading.Thread(target=change, args=(first + one,)) for one in range(THREADS)]
    for one in threads:
        one.start()


def children(process: int) -> list[int]:
    """Ids of the processes that a process started."""
    found: list[int] = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        found += [int(one) for one in path.read_text().split()]
    return found


def main() -> None:
    """See the module."""
    for line in sys.stdin:
        path, acknowledged, first = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            work(Path(path), Path(acknowledged), int(first))
            threading.Event().wait()
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    import pyoxigraph  # noqa: F401 - so that each begins at once

    import kg.oxigraph
    import kg.writer  # noqa: F401

    main()
