"""Where a dataset's files lie: in a folder here, in a web folder that lists them, or at its publisher's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from ontology.errors import EarthdexError, NotFound
from training.io.download import client
from training.io.listing import is_web, list_files, relative
from training.select.facts import Facts
from training.types import Bytes

ARCHIVES = (".zip", ".tar", ".pack")
_PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".gz", ".7z", ".rar")
_RASTERS = (".tif", ".tiff")


class Members(Bytes, Protocol):
    """Bytes that can tell what an archive holds."""

    def members(self, archive: str) -> list[str]:
        """Names of its files. Raises FetchError."""


@dataclass(slots=True)
class Place:
    """Files of a dataset.

    Attributes:
        root: folder or web folder; empty where files lie apart.
        pairs: (href, path below the root); paths of members begin with the name of their archive.
        problems: what cannot be had and why.
    """

    root: str
    pairs: list[tuple[str, str]]
    problems: list[str] = field(default_factory=list)


def find_files(facts: Facts, root: str | Path | None, data: Members, *, limit: int = 5_000_000) -> Place:
    """Files of a dataset.

    Args:
        facts: what the graph says.
        root: folder, web folder or archive; None: the folder called as the dataset, where `earthdex fetch` puts it,
            else what its publisher offers, archives read in place.
        data: where bytes come from.
        limit: most files.
    """
    if root is None and not Path(facts.id).is_dir():
        return _published(facts, data)
    place = str(root if root is not None else facts.id)
    try:
        if place.lower().endswith(ARCHIVES):
            outer = place.rpartition("/")[0]
            return Place(outer, _members(place, place.rpartition("/")[2], data))
        if is_web(place):
            with client() as http:
                files = list_files(place, http, limit=limit)
        elif "://" in place:
            return Place(place, [], [f"{place} cannot be listed: give an http(s) folder or an archive."])
        else:
            place = str(Path(place))
            files = _local(Path(place), limit)
    except EarthdexError as error:
        return Place(place, [], [str(error)])
    return _opened(place, files, data)


def _local(folder: Path, limit: int) -> list[str]:
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", "`earthdex fetch NAME` downloads a dataset's files.")
    with client() as http:
        return list_files(folder, http, limit=limit)


def _opened(root: str, files: Sequence[str], data: Members) -> Place:
    """Files with the members of archives in their place, unless they are unpacked beside."""
    place = Place(root, [])
    archives = [one for one in files if one.lower().endswith(ARCHIVES)]
    plain = {one for one in files if not one.lower().endswith(ARCHIVES)}
    folders = {one.rpartition("/")[0] for one in plain} if archives else set()
    for href in files:
        if href in plain:
            place.pairs.append((href, relative(root, href)))
            continue
        stem = href.rpartition(".")[0]
        if any(one in (stem, href + ".d") or one.startswith((stem + "/", href + ".d/")) for one in folders):
            continue
        try:
            place.pairs += _members(href, relative(root, href), data)
        except EarthdexError as error:
            place.problems.append(str(error))
    return place


def _members(archive: str, path: str, data: Members) -> list[tuple[str, str]]:
    stem = path.rpartition(".")[0]
    return [(f"{archive}!/{one}", f"{stem}/{one}") for one in data.members(archive)]


def _published(facts: Facts, data: Members) -> Place:
    """What the publisher offers: archives are read in place, files as they are."""
    urls = [one.url for one in facts.files]
    if not urls:
        return Place("", [], ["the catalogue knows no file of it. Give its folder: --root FOLDER."])
    root = _common(urls)
    place = Place(root, [])
    for url in urls:
        name = unquote(urlsplit(url).path).rpartition("/")[2]
        lower = name.lower()
        if lower.endswith(_PACKED):
            place.problems.append(f"{name} is compressed as a whole: `earthdex fetch {facts.id}` unpacks it.")
        elif lower.endswith(ARCHIVES):
            try:
                place.pairs += _members(url, name, data)
            except EarthdexError as error:
                place.problems.append(str(error))
        elif lower.endswith(_RASTERS):
            place.pairs.append((url, name))
        else:
            place.problems.append(f"{url} is no archive or GeoTIFF that can be read in place.")
    return place


def _common(urls: Sequence[str]) -> str:
    """The web folder of all URLs, where there is one that their names can be put behind again."""
    folders = {one.rpartition("/")[0] for one in urls}
    names = [one.rpartition("/")[2] for one in urls]
    return folders.pop() if len(folders) == 1 and all(quote(unquote(one)) == one for one in names) else ""


def reader(data: Bytes) -> Callable[[str], bytes]:
    """The first 64 MiB of a file."""

    def read(href: str) -> bytes:
        return bytes(data.read(href, 0, 64 << 20))

    return read
