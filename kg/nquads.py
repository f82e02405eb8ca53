"""The quads of one source as a sorted N-Quads file, and what changed between two of them.

Sorted files make equality a comparison of digests and change a merge of two streams, in bounded memory.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO

from ontology.errors import RecordError
from ontology.terms import IRI, RDF_LANG_STRING, XSD, BNode, Literal, Term

_BAD_IRI = re.compile(r'[<>"{}|^`\\\x00-\x20]')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_UNSAFE = re.compile(r'["\\\n\r\x00-\x1f\x7f\ud800-\udfff]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CHUNK = 500_000

Quad = tuple[IRI | BNode, IRI, Term, IRI | BNode | None]


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if "\ud800" <= char <= "\udfff":
        return "\\uFFFD"  # a lone surrogate is no character: RDF text cannot hold it
    return _ESCAPES.get(char) or f"\\u{ord(char):04X}"


@lru_cache(maxsize=8192)  # predicates, classes and the subject of neighbouring quads come again and again
def _iri(text: str) -> str:
    if _BAD_IRI.search(text) or not _SCHEME.match(text):
        raise RecordError(f"{text[:200]!r} is not an absolute IRI.", "Percent-encode it, or give it in full.")
    return f"<{text}>"


def term(value: Term, scope: str = "") -> str:
    """A term in N-Quads; labels of blank nodes begin with `scope`, so that those of two sources differ.

    Raises:
        RecordError: not an absolute IRI, or no language tag.
    """
    if isinstance(value, Literal):
        text = '"' + _UNSAFE.sub(_escaped, value.value) + '"'
        if value.language:
            if not _LANGUAGE.fullmatch(value.language):
                raise RecordError(f"{value.language[:40]!r} is no language tag.", "Use one such as `en`.")
            return f"{text}@{value.language}"
        if value.datatype in (XSD + "string", RDF_LANG_STRING):
            return text
        return f"{text}^^{_iri(value.datatype)}"
    if isinstance(value, BNode):
        return f"_:b{scope}{value.encode('utf-8', 'replace').hex()}"
    return _iri(value)


def line(quad: Quad, scope: str = "") -> bytes:
    """A quad as one line. Raises RecordError as `term`."""
    subject, predicate, value, graph = quad
    # IRIs are most of all terms: they take the short way
    first = _iri(subject) if type(subject) is IRI else term(subject, scope)
    last = _iri(value) if type(value) is IRI else term(value, scope)
    where = "" if graph is None else f"{term(graph, scope)} "
    return f"{first} {_iri(predicate)} {last} {where}.\n".encode("utf-8", "replace")


def write(quads: Iterable[Quad], folder: Path, key: str) -> Path:
    """Writes the quads of a source, sorted and each once, into a file named after the key and its content.

    Raises:
        RecordError: a term that is none; nothing is left behind then.
    """
    scope = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]
    digest = hashlib.sha256()
    with ExitStack() as stack:
        runs = list(_runs(quads, scope, folder, stack))
        handle, draft_name = tempfile.mkstemp(suffix=".draft", dir=folder)
        draft = Path(draft_name)
        try:
            with os.fdopen(handle, "wb") as file:
                last = b""
                for one in heapq.merge(*runs):
                    if one != last:
                        digest.update(one)
                        file.write(one)
                        last = one
                file.flush()
                os.fsync(file.fileno())
            target = folder / f"{scope}-{digest.hexdigest()[:16]}.nq"
            os.replace(draft, target)
        except BaseException:
            with suppress(OSError):
                draft.unlink()
            raise
    return target


def _runs(quads: Iterable[Quad], scope: str, folder: Path, stack: ExitStack) -> Iterator[Iterable[bytes]]:
    """Sorted runs: spilled to disk as long as there is more, the last one in memory."""
    held: set[bytes] = set()
    for quad in quads:
        held.add(line(quad, scope))
        if len(held) >= _CHUNK:
            spill: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
            spill.writelines(sorted(held))
            spill.seek(0)
            held = set()
            yield spill
    yield sorted(held)


def changes(old: Path | None, new: Path | None) -> Iterator[tuple[bool, bytes]]:
    """(added, line) for every line that only one of two sorted files holds."""
    with ExitStack() as stack:
        before = iter(stack.enter_context(old.open("rb"))) if old else iter(())
        after = iter(stack.enter_context(new.open("rb"))) if new else iter(())
        a, b = next(before, None), next(after, None)
        while a is not None or b is not None:
            if a == b:
                a, b = next(before, None), next(after, None)
            elif b is None or (a is not None and a < b):
                yield False, a  # type: ignore[misc]
                a = next(before, None)
            else:
                yield True, b
                b = next(after, None)


def mentions(path: Path, text: bytes) -> bool:
    """Whether a file holds a text within a line."""
    kept = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if text in kept + block:
                return True
            kept = block[-len(text) :]  # the text may lie across two blocks
    return False


def without_shared(lines: set[bytes], others: Iterable[Path]) -> set[bytes]:
    """Those of the lines that no other file holds."""
    left = set(lines)
    for path in others:
        if not left:
            break
        with path.open("rb") as file:
            left.difference_update(one for one in file if one in left)
    return left
