"""S3-style stores against a real server that speaks S3 (moto), in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ontology.errors import FetchError
from tests.training.io.server import Served
from training.io import open_bytes
from training.io.packs import pack
from training.io.web import Patience

pytest.importorskip("moto.server", reason="needs moto and flask")

SERVER = """
import logging, sys
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.server import ThreadedMotoServer
ThreadedMotoServer("127.0.0.1", int(sys.argv[1])).start()
print("ready", flush=True)
sys.stdin.read()
"""


def _put(url: str, data: bytes = b"") -> None:
    headers = {"x-amz-acl": "public-read-write", "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(url, data=data, method="PUT", headers=headers)
    with urllib.request.urlopen(request, timeout=20):
        pass


@pytest.fixture(scope="module")
def endpoint(noise: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store with a bucket `chips`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-c", SERVER, str(port)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        try:
            assert any(line.strip() == b"ready" for line in process.stdout)
            _put(f"{url}/chips")
            _put(f"{url}/chips/deep/a%20b.bin", noise)
            folder = tmp_path_factory.mktemp("s3")
            (folder / "in").mkdir()
            for number in range(30):
                (folder / "in" / f"{number}.bin").write_bytes(noise[number:][:2000])
            pack(folder / "in", folder / "a.pack")
            _put(f"{url}/chips/a.pack", (folder / "a.pack").read_bytes())
            yield url
        finally:
            process.kill()


@pytest.fixture
def store(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    return endpoint


@pytest.mark.parametrize("signed", [False, True])
def test_ranges_of_objects_are_slices(
    store: str, signed: bool, noise: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if signed:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    href = "s3://chips/deep/a b.bin"
    ranges = [(0, 10), (299_990, 50), (150_000, 70_000), (5, 0), (400_000, 5), (299_000, -1)]
    wanted = [noise[start:] if length < 0 else noise[start : start + length] for start, length in ranges]
    for cache in (None, tmp_path):
        with open_bytes(cache=cache) as data:
            assert [bytes(one) for one in data.read_ranges(href, ranges)] == wanted
            assert bytes(data.read(href)) == noise
            assert data.size(href) == len(noise)
            assert data.validator(href).startswith('etag:"')


def test_a_pack_in_a_bucket(store: str, noise: bytes) -> None:
    with open_bytes() as data:
        got = data.read_many([(f"s3://chips/a.pack!/{number}.bin", 0, -1) for number in range(30)])
    assert [bytes(one) for one in got] == [noise[number:][:2000] for number in range(30)]  # type: ignore[arg-type]


def test_what_is_not_there_is_told_without_keys(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDSECRET")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "verysecret")
    with open_bytes() as data:
        for href in ("s3://chips/none.bin", "s3://no-such-bucket/a.bin"):
            for read in (lambda href=href: data.read(href), lambda href=href: data.size(href)):
                with pytest.raises(FetchError, match="does not exist") as caught:
                    read()
                assert "secret" not in str(caught.value).lower()


def test_stores_that_fail_or_say_nothing_end_in_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.monotonic()
    with socket.socket() as quiet:
        quiet.bind(("127.0.0.1", 0))
        quiet.listen()
        for endpoint in (served.url, f"http://127.0.0.1:{quiet.getsockname()[1]}", "http://127.0.0.1:9"):
            monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
            served.add("/chips/bad.bin", b"x", *["500"] * 50)
            with open_bytes(patience=Patience(seconds=1.0)) as data, pytest.raises(FetchError) as caught:
                data.read("s3://chips/bad.bin")
            assert caught.value.remedy
    assert time.monotonic() - start < 30
