"""Which files lie below a folder or a web folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx

from ontology.errors import FetchError, NotFound

_MAX_PAGE = 16 << 20


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def is_web(root: str) -> bool:
    """Whether a root is an http(s) URL."""
    return root.startswith(("http://", "https://"))


def _page(http: httpx.Client, url: str) -> str:
    with http.stream("GET", url) as response:
        if response.status_code != 200:
            raise FetchError(f"Cannot list {url}: the server answered {response.status_code}.", "Check the address.")
        read = bytearray()
        for block in response.iter_bytes():
            read += block
            if len(read) > _MAX_PAGE:
                raise FetchError(f"The listing {url} is over {_MAX_PAGE:,} bytes.", "Give the samples themselves.")
    return read.decode("utf-8", errors="replace")


def _web_files(root: str, http: httpx.Client, limit: int) -> Iterator[str]:
    """Files below a web folder, read from the index pages that web servers make; links out of it are ignored."""
    base = root.rstrip("/") + "/"
    waiting, seen, count = [base], {base}, 0
    while waiting:
        folder = waiting.pop()
        links = _Links()
        links.feed(_page(http, folder))
        for link in links.found:
            url = urldefrag(urljoin(folder, link)).url
            # a listing may name its parent, itself sorted otherwise, or strangers
            if not url.startswith(base) or urlsplit(url).query or ".." in unquote(url) or url in seen:
                continue
            seen.add(url)
            count += 1
            if count > limit:
                raise FetchError(
                    f"More than {limit:,} files lie below {root}.", "Raise max_files or name a part of it."
                )
            if url.endswith("/"):
                waiting.append(url)
            else:
                yield url


def _local_files(root: Path, limit: int) -> Iterator[str]:
    """Files below a folder; links are not followed: one could lead anywhere, or round in a circle."""
    count, waiting = 0, [str(root)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as error:
            raise FetchError(f"{folder} cannot be listed: {error.strerror}.", "Check its rights.") from error
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                count += 1
                if count > limit:
                    raise FetchError(
                        f"More than {limit:,} files lie below {root}.", "Raise max_files or name a part of it."
                    )
                yield entry.path


def list_files(root: str | Path, http: httpx.Client, *, limit: int = 5_000_000) -> list[str]:
    """All files below `root`, sorted.

    Args:
        root: a folder, or the http(s) URL of one whose server lists it (Apache, nginx, Python and others do).
        http: the client to list with.
        limit: most files.

    Raises:
        NotFound: no such folder.
        FetchError: the web folder cannot be listed, or holds too much.
    """
    text = str(root)
    if is_web(text):
        try:
            return sorted(_web_files(text, http, limit))
        except httpx.HTTPError as error:
            raise FetchError(f"Cannot list {text}: {error}.", "Check the address and the connection.") from error
    folder = Path(root)
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", "`earthdex fetch NAME` downloads a dataset's files.")
    return sorted(_local_files(folder, limit))


def relative(root: str | Path, href: str) -> str:
    """A file's path below its root, with forward slashes."""
    if is_web(str(root)):
        return unquote(href.removeprefix(str(root).rstrip("/") + "/"))
    base = str(root).rstrip("/") + "/"
    if os.sep == "/" and href.startswith(base):
        return href[len(base) :]
    return Path(href).relative_to(root).as_posix()
