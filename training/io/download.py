"""Downloads over HTTP: resumed, retried, bounded and checked."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from ontology.errors import ChecksumMismatch, DiskFull, FetchError
from training.io.addresses import resolve

Report = Callable[[str, int, int], None]

# small enough that a broken connection loses little of what arrived
_BLOCK = 1 << 16
_RETRIES = 5
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_HASHES = ("md5", "sha1", "sha256", "sha512")


class _Public(httpcore.SyncBackend):
    """Connects to the very addresses that were looked at, and to public ones only."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to a host. Raises FetchError where it is private."""
        problem: Exception = httpcore.ConnectError("no address")
        for _, address in resolve(host, port, allow_private=False):
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem


def client(*, allow_private: bool = True) -> httpx.Client:
    """An HTTP client with the limits that downloads need.

    Args:
        allow_private: whether it may ask hosts with private addresses; redirects to them count too.
    """
    timeout = httpx.Timeout(30.0, connect=10.0)
    transport = httpx.HTTPTransport()
    if not allow_private:
        # httpx hands no network backend on, its connection pool takes one
        pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(), keepalive_expiry=5.0, network_backend=_Public()
        )
        transport._pool.close()
        transport._pool = pool
    return httpx.Client(
        transport=transport,
        timeout=timeout,
        follow_redirects=True,
        max_redirects=5,
        headers={"user-agent": "earthdex"},
    )


def file_name(url: str) -> str:
    """A safe file name for a URL: its last path segment without anything that could leave the folder.

    Raises:
        FetchError: the URL is not http or https.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise FetchError(f"Cannot download {url[:200]}: only http and https are fetched.", "Check the record's URL.")
    name = re.sub(r"[^\w.+-]", "_", unquote(parts.path.rstrip("/").rsplit("/", 1)[-1])).lstrip(".")
    return name[:150] or "download"


def _pause(attempt: int, response: httpx.Response | None) -> float:
    """Seconds to wait: the server's Retry-After, at most a minute, or 0.5, 1, 2, ..."""
    asked = response.headers.get("retry-after", "") if response is not None else ""
    return min(float(asked), 60.0) if asked.isdigit() else 0.5 * 2.0**attempt


def _total(response: httpx.Response, start: int) -> int:
    ranged = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("content-range", ""))
    if ranged:
        return int(ranged[2])
    length = response.headers.get("content-length", "")
    return start + int(length) if length.isdigit() else 0


def _read_into(http: httpx.Client, url: str, part: Path, limit: int, report: Callable[[int, int], None]) -> None:
    """One attempt: continues `part` where the server allows it, else starts anew."""
    start = part.stat().st_size if part.exists() else 0
    tag = part.with_suffix(".etag")
    headers = {"accept-encoding": "identity"}
    # without a validator a changed file could be glued to the old half, so such a download starts anew
    if start and tag.exists():
        headers |= {"range": f"bytes={start}-", "if-range": tag.read_text()}
    with http.stream("GET", url, headers=headers) as response:
        if response.status_code == 416:
            part.unlink(missing_ok=True)
            raise httpx.ReadError("the partial file no longer fits", request=response.request)
        response.raise_for_status()
        resumed = response.status_code == 206
        start = start if resumed else 0
        total = _total(response, start)
        if total > limit:
            raise FetchError(f"{url} holds {total:,} bytes, over the limit of {limit:,}.", "Raise max_bytes.")
        validator = response.headers.get("etag", "") or response.headers.get("last-modified", "")
        if validator and not validator.startswith("W/"):
            tag.write_text(validator)
        else:
            tag.unlink(missing_ok=True)
        done = start
        with part.open("ab" if resumed else "wb") as out:
            for block in response.iter_raw(_BLOCK):
                done += len(block)
                if done > limit:
                    raise FetchError(f"{url} is larger than the limit of {limit:,} bytes.", "Raise max_bytes.")
                out.write(block)
                report(done, total)
        if total and done != total:
            raise httpx.ReadError(f"got {done:,} of {total:,} bytes", request=response.request)


def verify(path: Path, algorithm: str, checksum: str) -> None:
    """Compares a file with a checksum; nothing to do where none is known.

    Raises:
        ChecksumMismatch: the bytes differ; the file is renamed to `<name>.bad` so that it is not mistaken for good.
        FetchError: the hash is of an unknown kind.
    """
    if not checksum:
        return
    if algorithm not in _HASHES:
        raise FetchError(f"Unknown checksum algorithm {algorithm!r}.", f"Known: {', '.join(_HASHES)}.")
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as data:
        while block := data.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != checksum.lower():
        bad = path.with_name(path.name + ".bad")
        os.replace(path, bad)
        raise ChecksumMismatch(
            f"{path.name} has {algorithm} {digest.hexdigest()}, the catalogue says {checksum}.",
            f"It was kept as {bad.name}; fetch again, or the publisher has changed the file.",
        )


def download(
    url: str,
    folder: Path,
    *,
    algorithm: str = "",
    checksum: str = "",
    max_bytes: int = 1 << 40,
    progress: Report | None = None,
    http: httpx.Client | None = None,
    allow_private: bool = True,
) -> Path:
    """Downloads `url` into `folder` and returns the file; one that is already there and fits is kept.

    An interrupted download continues where it stopped if the server has a strong validator (RFC 9110, If-Range).

    Raises:
        FetchError: not found, refused, too large, or still failing after five attempts.
        ChecksumMismatch: the bytes are not those that were promised.
        DiskFull: no space left; what was read is kept.
    """
    name = file_name(url)
    target, part = folder / name, folder / f"{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchError(
            f"Cannot make the folder {folder}: {error.strerror}.", "Choose another folder with --target."
        ) from error
    if target.exists():
        verify(target, algorithm, checksum)
        return target

    def report(done: int, total: int) -> None:
        if progress is not None:
            progress(name, done, total)

    own = http is None
    web = http or client(allow_private=allow_private)
    try:
        _with_retries(web, url, part, max_bytes, report)
    except OSError as error:
        if error.errno == 28:
            raise DiskFull(f"No space left while downloading {name}.", "Free some space and fetch again.") from error
        raise FetchError(f"Cannot write {part}: {error}.", "Choose another folder with --target.") from error
    finally:
        if own:
            web.close()
    os.replace(part, target)
    part.with_suffix(".etag").unlink(missing_ok=True)
    verify(target, algorithm, checksum)
    return target


def _with_retries(web: httpx.Client, url: str, part: Path, limit: int, report: Callable[[int, int], None]) -> None:
    for attempt in range(_RETRIES):
        response: httpx.Response | None = None
        try:
            return _read_into(web, url, part, limit, report)
        except httpx.HTTPStatusError as error:
            response = error.response
            problem = f"the server answered {response.status_code}"
            if response.status_code not in _AGAIN:
                raise FetchError(f"Cannot download {url}: {problem}.", "The file may have moved.") from error
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            problem = str(error) or type(error).__name__
        except httpx.InvalidURL as error:
            raise FetchError(f"Cannot download {url[:200]}: {error}.", "Check the record's URL.") from error
        if attempt == _RETRIES - 1:
            raise FetchError(f"Cannot download {url}: {problem}.", "Fetch again later: it continues where it stopped.")
        time.sleep(_pause(attempt, response))
    return None
