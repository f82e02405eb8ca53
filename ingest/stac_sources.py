"""What lies behind the sources that a user names: files of a folder, documents of a linked catalogue.

Links are followed downwards only (`child`, `item`, `items`, `next`), inside the folder of the file that was named or
on the same origin, each document once, within bounds. What is left out is reported, never an error.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from ingest.report import AddReport
from ingest.stac_json import Document, parse, read_json
from ingest.stac_values import mappings_of, text_of
from ontology.errors import EarthdexError, NotFound

if TYPE_CHECKING:
    from ingest.stac_http import Origin

JSON_ENDINGS = (".json", ".geojson", ".ndjson", ".jsonl", ".geojsonl", ".geojsons")
TABLE_ENDINGS = (".parquet", ".geoparquet", ".csv", ".tsv")
RECORD_ENDINGS = (".yaml", ".yml")
PLACE_ENDINGS = (".shp", ".gpkg", ".zip", ".txt")
MAX_FILES = 2_000_000
MAX_LINKED = 200_000
_DOWN = ("child", "item", "items", "next", "data")


@dataclass(frozen=True, slots=True)
class Found:
    """One JSON document and where it came from.

    Attributes:
        document: the document, or why it could not be read.
        path: file or address.
        base: file or address that its relative links start from; empty where one file holds many documents.
    """

    document: Document
    path: str
    base: str


def is_address(source: str) -> bool:
    """Whether a source is a URL."""
    return source.lower().startswith(("http://", "https://"))


def files_of(source: Path, report: AddReport, only: tuple[str, ...] = ()) -> Iterator[Path]:
    """The files of a folder in order of name, or the file itself.

    Links to folders are not followed, so that no loop can be walked; files that earthdex does not read are left out.

    Args:
        source: the folder or file.
        report: what cannot be read is told there.
        only: endings of the files of a folder; those of records where empty.

    Raises:
        NotFound: there is no such file or folder.
    """
    try:
        if source.is_file():
            yield source
            return
        is_folder = source.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if not is_folder:
        raise NotFound(f"There is no file or folder {source}.", "Check the path.")
    known = only or JSON_ENDINGS + TABLE_ENDINGS + RECORD_ENDINGS + PLACE_ENDINGS
    number = 0

    def denied(error: OSError) -> None:
        report.skip(str(error.filename), "folder cannot be read", detail=error.strerror or "")

    for folder, below, names in os.walk(source, onerror=denied):
        below.sort()
        for name in sorted(names):
            if not name.lower().endswith(known):
                continue
            number += 1
            if number > MAX_FILES:
                report.skip(str(source), f"folder holds more than {MAX_FILES:,} files", remedy="Add its parts.")
                return
            path = Path(folder, name)
            if not path.is_file():
                report.skip(str(path), "file cannot be read", detail="a broken link, or no ordinary file")
                continue
            yield path


def documents_of(path: Path, report: AddReport) -> Iterator[Found]:
    """The documents of one JSON file, without following links."""
    try:
        for document in read_json(path):
            yield Found(document, str(path), "" if document.line else str(path))
    except OSError as error:
        report.skip(str(path), "file cannot be read", detail=error.strerror or "")


def linked_files(start: Path, report: AddReport) -> Iterator[Found]:
    """The documents of a file and of all files below it that it links to, breadth first, each once."""
    start = start.resolve()
    root = start.parent
    stem = ""
    waiting: deque[Path] = deque([start])
    seen = {start}
    while waiting:
        path = waiting.popleft()
        for found in documents_of(path, report):
            yield found
            value = found.document.value
            if value is None or found.document.line:
                continue
            own = _self(value)
            if path == start and "://" in own:
                stem = own.rsplit("/", 1)[0] + "/"
            for href in _down(value):
                target = _local(href, path, own, stem, root)
                if isinstance(target, str):
                    report.skip(str(path), target, detail=href)
                elif target not in seen:
                    if len(seen) >= MAX_LINKED:
                        report.skip(str(start), f"more than {MAX_LINKED:,} linked documents", remedy="Add its parts.")
                        return
                    seen.add(target)
                    waiting.append(target)


def linked_addresses(start: str, report: AddReport, origin: Origin) -> Iterator[Found]:
    """The documents of an address and of all addresses of the same origin that it links to."""
    waiting: deque[str] = deque([start])
    seen = {start}
    while waiting:
        address = waiting.popleft()
        try:
            data = origin.read(address)
        except EarthdexError as error:
            if address == start:
                raise
            report.skip(address, "linked document cannot be read", detail=error.message, remedy=error.remedy)
            continue
        document = parse(data)
        yield Found(document, address, address)
        for href in _down(document.value or {}):
            try:
                target = urljoin(address, href).split("#", 1)[0]
            except ValueError:
                report.skip(address, "link cannot be read", detail=href)
                continue
            if not origin.holds(target):
                report.skip(address, "link leads to another origin", detail=href, remedy="Add it by its own address.")
            elif target not in seen:
                if len(seen) >= MAX_LINKED:
                    report.skip(start, f"more than {MAX_LINKED:,} linked documents", remedy="Add its parts.")
                    return
                seen.add(target)
                waiting.append(target)


def _self(value: dict[str, Any]) -> str:
    return next(
        (text_of(one.get("href"), 4000) or "" for one in mappings_of(value.get("links")) if one.get("rel") == "self"),
        "",
    )


def _down(value: dict[str, Any]) -> Iterator[str]:
    """Addresses of the documents below one; an item has none."""
    if value.get("type") == "Feature":
        return
    for link in mappings_of(value.get("links")):
        href = text_of(link.get("href"), 4000)
        method = link.get("method")
        if link.get("rel") in _DOWN and href and (method is None or str(method).upper() == "GET"):
            yield href


def _local(href: str, path: Path, own: str, stem: str, root: Path) -> Path | str:
    """The file that a link of a local document means, or why it is not followed."""
    if "://" in href:
        # a catalogue that was published under an address and then copied: its links still name that address
        if not stem or not href.startswith(stem):
            return "link leads to another origin"
        target = root / unquote(urlsplit(href).path[len(urlsplit(stem).path) :])
    else:
        clean = unquote(href.split("#", 1)[0].split("?", 1)[0])
        target = path.parent / clean
    try:
        target = target.resolve()
        if not target.is_relative_to(root):
            return "link leads outside the folder"
        if not target.is_file():
            return "link leads to no file"
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL in it, a loop of links
        return "link cannot be read"
    return target
