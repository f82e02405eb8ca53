"""Downloads against a real HTTP server that can be told to fail."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ontology.errors import ChecksumMismatch, FetchError
from training.io import download as module
from training.io.download import download, file_name

DATA = bytes(range(256)) * 4096


class Server:
    """Uvicorn with starlette's FileResponse (ranges, ETag), and faults on demand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[str] = []
        self.ranges: list[str] = []
        routes = [Route("/file.bin", self._file), Route("/missing.bin", self._missing)]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        app = Starlette(routes=routes)
        config = uvicorn.Config(app, port=self.port, log_level="critical", lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            threading.Event().wait(0.01)

    async def _file(self, request: Request) -> Response:
        self.ranges.append(request.headers.get("range", ""))
        fault = self.faults.pop(0) if self.faults else ""
        if fault.isdigit():
            return Response("no", int(fault), headers={"retry-after": "0"})
        if fault.startswith("to:"):
            return Response("there", 302, headers={"location": fault[3:]})
        if fault == "short":
            # promises all, sends half: the connection breaks in the middle
            etag = FileResponse(self.path, stat_result=self.path.stat()).headers["etag"]
            headers = {"content-length": str(len(DATA)), "etag": etag}
            response = Response(DATA[: len(DATA) // 2], headers=headers)
            response.headers["content-length"] = str(len(DATA))
            return response
        return FileResponse(self.path)

    async def _missing(self, _: Request) -> Response:
        return Response("gone", 404)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file.bin"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(module, "_pause", lambda attempt, response: 0.0)
    path = tmp_path / "served.bin"
    path.write_bytes(DATA)
    running = Server(path)
    yield running
    running.stop()


def test_a_file_arrives_whole_with_progress(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    digest = hashlib.sha256(DATA).hexdigest()
    path = download(
        server.url,
        tmp_path / "out",
        algorithm="sha256",
        checksum=digest,
        progress=lambda name, done, total: seen.append((done, total)),
    )
    assert path.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert sorted(one.name for one in path.parent.iterdir()) == ["file.bin"]


def test_a_file_that_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    download(server.url, tmp_path / "out")
    server.ranges.clear()
    download(server.url, tmp_path / "out")
    assert server.ranges == []


def test_a_broken_connection_resumes_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.faults = ["short"]
    path = download(server.url, tmp_path / "out")
    assert path.read_bytes() == DATA
    assert server.ranges[0] == ""
    assert server.ranges[1].startswith("bytes=")
    assert server.ranges[1] != "bytes=0-"


def test_a_file_that_changed_meanwhile_starts_anew(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "file.bin.part").write_bytes(b"old bytes of another version")
    (folder / "file.bin.etag").write_text('"another version"')
    assert download(server.url, folder).read_bytes() == DATA


@pytest.mark.parametrize("fault", ["500", "503", "429"])
def test_passing_faults_are_tried_again(server: Server, tmp_path: Path, fault: str) -> None:
    server.faults = [fault, fault]
    assert download(server.url, tmp_path / "out").read_bytes() == DATA
    assert len(server.ranges) == 3


def test_lasting_faults_end_in_a_clear_error(server: Server, tmp_path: Path) -> None:
    server.faults = ["503"] * 9
    with pytest.raises(FetchError, match="503"):
        download(server.url, tmp_path / "out")
    with pytest.raises(FetchError, match="404"):
        download(server.url.replace("file", "missing"), tmp_path / "out")


def test_wrong_bytes_are_set_aside(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ChecksumMismatch, match="catalogue says"):
        download(server.url, tmp_path / "out", algorithm="md5", checksum="0" * 32)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["file.bin.bad"]


def test_too_large_a_file_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="limit"):
        download(server.url, tmp_path / "out", max_bytes=1000)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "javascript:1", "/etc/passwd", ""])
def test_only_http_is_fetched(url: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="only http"):
        download(url, tmp_path)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x/a/b.zip?download=1", "b.zip"),
        ("https://x/a/..%2f..%2fetc%2fpasswd", "_.._etc_passwd"),
        ("https://x/", "download"),
        ("https://x/.hidden", "hidden"),
    ],
)
def test_file_names_stay_in_their_folder(url: str, name: str) -> None:
    assert file_name(url) == name


def test_private_hosts_are_not_asked_where_records_name_them(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="private"):
        download(server.url, tmp_path / "out", allow_private=False)
    assert server.ranges == []


def test_a_redirect_to_a_private_host_is_not_followed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.io import addresses

    server.faults = ["to:http://127.0.0.2/inner"]
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
    with pytest.raises(FetchError, match="private"):
        download(server.url, tmp_path / "out", allow_private=False)
    assert len(server.ranges) == 1
