"""Bounds on RDF text from outside, checked before a parser that recurses or expands sees it.

An RDF/XML file of 612 bytes can expand to 100 MB through entities, and 50,000 nested JSON objects end the process.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.parsers import expat

from kg.limits import LOAD_BYTES, LOAD_BYTES_NESTED, NESTING
from ontology.errors import NotFound, RecordError

_JSON_MARKS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)
_NESTED = ("application/ld+json", "application/rdf+xml")


def checked_bytes(data: bytes | Path, media_type: str) -> bytes:
    """The text of a file or buffer, within the limits of its media type.

    Raises:
        NotFound: there is no such file.
        RecordError: too large, too deep, or XML with entities.
    """
    limit = LOAD_BYTES_NESTED if media_type in _NESTED else LOAD_BYTES
    name = data.name if isinstance(data, Path) else "RDF text"
    if isinstance(data, Path):
        path = data
        try:
            with path.open("rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            raise NotFound(f"There is no file {path}.", "Check the path.") from None
        except OSError as error:
            raise RecordError(f"{path} cannot be read: {error.strerror}.", "Check the path and its rights.") from error
    if len(data) > limit:
        raise RecordError(f"{name} is larger than {limit >> 20} MB.", "Split it, or convert it to N-Triples.")
    if media_type == "application/ld+json":
        _check_json(data, name)
    elif media_type == "application/rdf+xml":
        _check_xml(data, name)
    return data


def _check_json(data: bytes, name: str) -> None:
    depth = 0
    for match in _JSON_MARKS.finditer(data):
        mark = match[0]
        depth += (mark in (b"{", b"[")) - (mark in (b"}", b"]"))
        if depth > NESTING:
            raise RecordError(f"{name} nests more than {NESTING} levels.", "Flatten it.")


def _check_xml(data: bytes, name: str) -> None:
    depth = 0

    def opened(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > NESTING:
            raise RecordError(f"{name} nests more than {NESTING} levels.", "Flatten it.")

    def closed(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def entity(entity_name: str, _: object, value: str | None, *__: object) -> None:
        # Namespaces abbreviated by an entity are common in OWL files; anything that can expand further is not.
        if value is None or len(value) > 300 or "&" in value:
            raise RecordError(f"{name} declares the entity {entity_name!r}, which can expand.", "Remove its DOCTYPE.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise RecordError(
            f"{name} does not parse at line {error.lineno}, column {error.offset + 1}.", "Correct it there."
        ) from error
