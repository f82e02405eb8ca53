"""The process that carries changes out: it can be killed, and then nothing of what it did is seen.

It works on a draft of the next version, under the writer's lock, one group of changes at a time: each change is done
or undone on its own, then all of the group are published together, so that the cost of a version is shared.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from kg.home import open_writer
from kg.nquads import line
from kg.rules.entailment import ENTAILED
from kg.rules.kept import FILE
from kg.updates.follow import follow
from kg.updates.work import PROVENANCE, Change, Made, Work
from kg.wire import receive, send
from kg.worker import close_network, limit_cpu, limit_memory
from kg.writer import Writer
from ontology.errors import EarthdexError, QueryError, QueryOutOfMemory, QueryTooLarge
from ontology.namespaces import BASE, PREFIXES, expand
from ontology.terms import IRI, XSD, Literal

_PUBLISHING_SECONDS = 600.0
_GEO = f"<{PREFIXES['geo']}".encode()


def serve() -> None:
    """Reads where the catalogue is, then groups of changes until the other end closes the pipe.

    A group is answered with `("begun", n)` before each change, `("made", n, counts)` or `("failed", n, error)` after
    it, `("publishing", segment)` before anything can be seen, and `("published", before, after)` at the end; or with
    `("error", error)` where the group cannot be worked on at all.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between the answers
    close_network()
    with suppress(EOFError, BrokenPipeError):
        root, memory_mb = receive(sys.stdin.buffer)
        limit_memory(memory_mb)
        while True:
            changes, seconds = receive(sys.stdin.buffer)
            try:
                with open_writer(Path(root)) as writer:
                    versions = _group(writer, changes, seconds, answers)
                send(answers, ("published", *versions))  # whoever hears it may write next
            except EarthdexError as error:
                send(answers, ("error", _told(error)))
            except Exception as error:  # whatever it is, the other end must be told
                send(answers, ("error", _told(_unforeseen(error))))


def _group(writer: Writer, changes: list[Change], seconds: float, answers: BinaryIO) -> tuple[str, str]:
    """Carries changes out and publishes them; returns the versions before and after."""
    before, after = writer.version, writer.next_version
    store = writer.draft_graph()
    done: list[Made] = []
    for number, change in enumerate(changes):
        send(answers, ("begun", number))
        limit_cpu(seconds)
        try:
            made = Work(store, change).run()
        except EarthdexError as error:
            send(answers, ("failed", number, _told(error)))
            continue
        except Exception as error:
            send(answers, ("failed", number, _told(_unforeseen(error))))
            continue
        if made.changes.lines:
            told = _provenance(change, made, before, after, number)
            fresh = store.effective(b"".join(told), b"")[0]
            store.change_lines(b"".join(fresh), b"")
            made.changes.extend(fresh, ())
            done.append(made)
        send(answers, ("made", number, (made.added, made.removed, made.created, bool(made.changes.lines))))
    if not done:
        return before, before
    limit_cpu(_PUBLISHING_SECONDS)
    follow(store, done)
    every = done[0].changes
    for one in done[1:]:
        for text, new in one.changes.lines.items():
            every.note(text, added=new)
    plain = store.has_graph(ENTAILED) and any(one.plain_added or one.plain_removed for one in done)
    same = not plain and not any(_GEO in text for text in every.lines)
    if same:  # no geometry was touched: what was read of them need not be read again
        writer.carry_over(FILE)
    send(answers, ("publishing", writer.note_changes(every)))
    return before, writer.publish()


def _provenance(change: Change, made: Made, before: str, after: str, number: int) -> list[bytes]:
    """Who changed what, when, and from which version to which."""
    activity, agent = (
        IRI(f"{BASE}change/{after}-{number}"),
        IRI(f"{BASE}agent/key/{quote(change.agent or 'nobody', safe='')}"),
    )
    facts: list[tuple[IRI, IRI, IRI | Literal]] = [
        (activity, expand("rdf:type"), expand("prov:Activity")),
        (activity, expand("prov:wasAssociatedWith"), agent),
        (activity, expand("prov:endedAtTime"), Literal(change.moment, XSD + "dateTime")),
        (activity, expand("prov:used"), IRI(f"{BASE}version/{before}")),
        (activity, expand("prov:generated"), IRI(f"{BASE}version/{after}")),
        (activity, expand("dct:identifier"), Literal(f"sha256:{change.digest}")),
        (activity, expand("dct:description"), Literal(f"{change.kind}: {made.added} added, {made.removed} removed")),
        (agent, expand("rdf:type"), expand("prov:Agent")),
        (agent, expand("foaf:name"), Literal(change.agent or "nobody")),
    ]
    return [line((s, p, o, PROVENANCE)) for s, p, o in facts]


def _told(error: EarthdexError) -> tuple[str, str, str]:
    return type(error).__name__, error.message, error.remedy


def _unforeseen(error: Exception) -> EarthdexError:
    if isinstance(error, MemoryError):
        return QueryOutOfMemory("The change needs too much memory.", "Send it in parts.")
    if isinstance(error, RecursionError):
        return QueryTooLarge("The update nests too deeply.", "Flatten it.")
    return QueryError(f"The change cannot be made: {type(error).__name__}: {str(error)[:200]}.", "")
