"""Runs one query after the other in a process that can be killed: the other end of `kg.workers`.

A query has no cancel and no memory limit of its own, and may end the process that runs it. So text from outside runs
here: over a read-only version, with bounded memory and, where the system allows it, without a network.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kg.home import Home, open_version
from kg.limits import DEFAULT_LIMITS
from kg.wire import receive, send
from ontology.errors import EarthdexError, QueryError, QueryOutOfMemory, QueryTooLarge

if TYPE_CHECKING:
    from kg.rendered import Forms
    from kg.rules.memory import Graph

_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000


def close_network() -> None:
    """Leaves the process without a network, where the system allows that; call it before any thread starts."""
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET) != 0:
            libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def limit_memory(extra_mb: int) -> None:
    """Lets the process take at most so many megabytes on top of what it has; only on Linux."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + extra_mb * 2**20
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def limit_cpu(seconds: float) -> None:
    """Lets the system end the process should it go on long after whoever asked is gone."""
    if sys.platform == "win32":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    most = int(usage.ru_utime + usage.ru_stime + seconds * (os.cpu_count() or 1)) + 10
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def serve() -> None:
    """Reads what to open (a version, or RDF files), then answers queries until the other end closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between the answers
    if not os.environ.get("EARTHDEX_SCENES"):  # a cluster is asked over the network
        close_network()
    questions = sys.stdin.buffer
    home: Home | Graph | None = None
    with suppress(EOFError, BrokenPipeError):
        root, version, memory_mb, live, store = receive(questions)
        opened = partial(open_here, root, live=live, store=store, questions=questions, answers=answers)
        try:
            home = _files(root) if isinstance(root, tuple) else opened(version)
            limit_memory(memory_mb)
            send(answers, ("ready", None))
        except EarthdexError as error:
            send(answers, ("error", (type(error).__name__, error.message, error.remedy)))
            return
        while True:
            message = receive(questions)
            if isinstance(message, str):  # a newer version, which takes the place of this one
                home.close()
                home = opened(message)
                limit_memory(memory_mb)
                send(answers, ("ready", None))
                continue
            sparql, max_rows, seconds, rules, told, *forms = message
            limit_cpu(seconds)
            answer = _answer(home, sparql, max_rows, rules, told, forms[0] if forms else None)
            send(answers, answer, DEFAULT_LIMITS.result_mb * 2**20)
    if home is not None:
        home.close()


def open_here(
    root: Path,
    version: str,
    *,
    live: bool,
    store: Any,  # noqa: ANN401 - what `RemoteStore.for_worker` gave
    questions: BinaryIO,
    answers: BinaryIO,
) -> Home:
    """A version of a catalogue, with what the other end asks for on its behalf."""
    home = open_version(root, version)
    if live:
        from kg.liveworker import PipeTier

        home.live = PipeTier(questions, answers)
    if store is not None:
        from kg.remote.pipe import piped

        home.remote = piped(store, questions, answers)
    else:
        _ = home.graph
    if home.scenes.parts and not os.environ.get("EARTHDEX_SCENES"):
        with suppress(EarthdexError):  # told when a query needs scenes
            _ = home.scenes.index  # mapped files would count towards the limit of memory
    return home


def _files(paths: tuple[Path, ...]) -> Graph:
    """RDF files in memory, without a catalogue."""
    from kg.rules.memory import Graph

    graph = Graph()
    for path in paths:
        graph.add(path)
    return graph


def _answer(
    home: Home | Graph, sparql: str, max_rows: int, rules: bool, told: bool, forms: Forms | None
) -> tuple[str, object]:
    try:
        if told and isinstance(home, Home):
            return "result", home.explain(sparql, rules=rules)
        found = home.query(sparql, max_rows=max_rows, rules=rules)
        return "result", found if forms is None else forms.render(found)
    except MemoryError:
        error: EarthdexError = QueryOutOfMemory("The query needs too much memory.", "Add conditions or a LIMIT.")
    except RecursionError:
        error = QueryTooLarge("The query nests too deeply.", "Flatten it.")
    except EarthdexError as found:
        error = found
    except Exception as found:  # whatever it is, the other end must be told, and the next query is answered
        error = QueryError(f"The query cannot be run: {type(found).__name__}: {str(found)[:200]}.", "")
    return "error", (type(error).__name__, error.message, error.remedy)
