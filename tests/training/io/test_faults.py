"""What servers and disks do wrong: passing faults are retried, lasting ones end in an error that names the file."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ontology.errors import ArchiveRefused, ChecksumMismatch, DiskFull, FetchError, NotFound
from tests.house.imports import ROOT
from tests.training.io.server import Served
from training.io import addresses, open_bytes
from training.io.packs import pack
from training.io.proof import check_part
from training.io.web import Patience
from training.types import Part

QUICK = Patience(quiet=0.3, seconds=4.0)


@pytest.mark.parametrize(
    "faults",
    [["500"], ["503", "502"], ["429"], ["retry:0", "retry:0"], ["cut"], ["cut", "cut", "cut"], ["stall"], ["bogus"]],
    ids="-".join,
)
def test_passing_faults_cost_nothing_but_time(served: Served, noise: bytes, faults: list[str]) -> None:
    url = served.add(f"/{'-'.join(faults)}.bin", noise, *faults)
    with open_bytes(allow_private=True, patience=QUICK) as data:
        assert bytes(data.read(url, 100, 200_000)) == noise[100:200_100]


def test_what_had_come_before_a_break_is_not_fetched_again(served: Served, noise: bytes) -> None:
    url = served.add("/resumed.bin", noise, "cut", "cut")
    served.ranges.clear()
    with open_bytes(allow_private=True, patience=QUICK) as data:
        assert bytes(data.read(url, 0, 100_000)) == noise[:100_000]
    assert served.ranges == ["bytes=0-99999", "bytes=50000-99999", "bytes=75000-99999"]


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "410", "501"])
def test_lasting_refusals_are_told_at_once(served: Served, noise: bytes, status: str) -> None:
    url = served.add(f"/is{status}.bin", noise, *[status] * 9)
    with open_bytes(allow_private=True) as data, pytest.raises(FetchError, match=status):
        data.read(f"{url}", 0, 10)
    assert served.asked[f"/is{status}.bin"] == 1


def test_faults_that_last_end_within_their_budget(served: Served, noise: bytes) -> None:
    patience = Patience(quiet=0.2, seconds=1.0)
    faults = {"500": ["500"] * 99, "later": ["retry:3600"], "stall": ["stall"] * 99, "slow": ["slow"] * 99}
    urls = [served.add(f"/lasting/{name}", noise, *those) for name, those in faults.items()]
    start = time.monotonic()
    with open_bytes(allow_private=True, patience=patience) as data:
        got = data.read_many([(url, 0, 1000) for url in urls])
    assert all(isinstance(one, FetchError) for one in got)
    assert time.monotonic() - start < 15
    assert "500" in str(got[0])
    assert "429" in str(got[1])
    assert served.asked["/lasting/later"] == 1


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.socket() as quiet:
        quiet.bind(("127.0.0.1", 0))
        quiet.listen()
        patience = Patience(quiet=0.1, seconds=0.5)
        with open_bytes(allow_private=True, patience=patience) as data, pytest.raises(FetchError):
            data.read(f"http://127.0.0.1:{quiet.getsockname()[1]}/a.tif")


@pytest.mark.parametrize("fault", ["lie", "lie cut"])
def test_another_range_than_asked_for_is_refused(served: Served, noise: bytes, fault: str) -> None:
    url = served.add(f"/{fault.replace(' ', '')}.bin", noise, *(["lie"] * 9))
    with open_bytes(allow_private=True, patience=QUICK) as data, pytest.raises(FetchError, match="another range"):
        data.read(url, 10, 10)


def test_a_file_that_changes_meanwhile_is_not_glued_together(served: Served, noise: bytes, tmp_path: Path) -> None:
    url = served.add("/changing.bin", noise)
    for cache in (None, tmp_path):
        served.files["/changing.bin"] = noise
        with open_bytes(allow_private=True, cache=cache) as data:
            data.read(url, 0, 10)
            served.files["/changing.bin"] = noise[::-1]
            with pytest.raises(FetchError, match="changed"):
                data.read(url, 100, 10)
    served.files["/broken.bin"] = noise
    with open_bytes(allow_private=True, patience=QUICK) as data:
        broken = served.add("/broken.bin", noise, "cut")
        threading.Timer(0.03, lambda: served.files.update({"/broken.bin": noise[::-1]})).start()
        try:
            got = bytes(data.read(broken, 0, 1000))
        except FetchError as error:
            assert "changed" in str(error)
        else:
            assert got in (noise[:1000], noise[::-1][:1000])


def test_a_redirect_is_followed_and_remembered_but_not_round_and_round(served: Served, noise: bytes) -> None:
    end = served.add("/end.bin", noise)
    begin = served.add("/begin.bin", noise, *[f"to:{end}"] * 50)
    loop = served.add("/loop.bin", noise, *[f"to:{served.url}/loop.bin"] * 50)
    with open_bytes(allow_private=True, patience=QUICK) as data:
        for at in range(5):
            assert bytes(data.read(begin, at, 10)) == noise[at : at + 10]
        with pytest.raises(FetchError, match="redirects"):
            data.read(loop, 0, 10)
    assert served.asked["/begin.bin"] == 1


PRIVATE = [
    "http://127.0.0.1/a", "http://10.1.2.3/a", "http://192.168.0.1:8080/a", "http://169.254.169.254/latest/meta-data",
    "http://[::1]/a", "http://[::ffff:127.0.0.1]/a", "http://[64:ff9b::7f00:1]/a", "http://[fd00::1]/a",
    "http://2130706433/a", "http://0x7f.1/a", "http://0/a", "http://localhost/a", "https://127.1/a",
    "http://[2002:7f00:1::]/a",
    "http://224.0.0.1/a", "http://100.64.0.1/a",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_private_addresses_are_not_asked(url: str) -> None:
    with open_bytes() as data, pytest.raises(FetchError, match=r"private|cannot be found"):
        data.read(url, 0, 10)


def test_only_the_hosts_that_the_user_named_may_be_private(served: Served, noise: bytes) -> None:
    url = served.add("/named.bin", noise, f"to:{served.url.replace('127.0.0.1', '127.0.0.2')}/x")
    with open_bytes(allow_private={"127.0.0.1"}) as data:
        with pytest.raises(FetchError, match=r"127\.0\.0\.2.*private"):
            data.read(url, 0, 10)
        assert bytes(data.read(url, 0, 10)) == noise[:10]


def test_a_name_or_redirect_that_leads_to_a_private_address_is_refused(
    served: Served, noise: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = served.url.rsplit(":", 1)[1]
    real = socket.getaddrinfo

    def fake(host: object, *rest: object, **more: object) -> object:
        places = {b"inner.test": "10.0.0.1", b"outer.test": "127.0.0.1"}
        return real(places.get(host, host), *rest, **more)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", fake)
    with open_bytes() as data, pytest.raises(FetchError, match="private"):
        data.read("http://inner.test/a")
    # the server itself counts as public here, and redirects to what does not
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
    served.add("/inward.bin", noise, f"to:http://inner.test:{port}/a")
    with open_bytes(patience=QUICK) as data, pytest.raises(FetchError, match="private"):
        data.read(f"http://outer.test:{port}/inward.bin", 0, 10)


@pytest.mark.parametrize(
    "href",
    [
        "file:///etc/passwd", "/vsicurl/http://x/a.tif", "/vsizip//etc/a.zip/b", "ftp://x/a", "gopher://x",
        "javascript:x", "data:text/plain,x", "", "a\0b", "http://", "http:///a", "http://[::1", "http://user:key@example.com/a",
        "<VRTDataset/>", "http://x:0/a", "http://x:99999/a", "s3://", "s3://UPPER/a", "s3://bucket/../a",
        "\\\\host\\share",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_asked(href: str, tmp_path: Path) -> None:
    with open_bytes(root=tmp_path) as data:
        for one in (href, f"{href}!/a"):
            with pytest.raises(FetchError) as caught:
                data.read(one)
            assert "key@" not in str(caught.value)


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "a").write_bytes(b"a")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to(root / "loop")
    with open_bytes(root=root) as data:
        assert bytes(data.read("a")) == bytes(data.read(str(root / "a"))) == b"a"
        for href in ("../secret", str(tmp_path / "secret"), "link", "loop", "/etc/passwd", "missing"):
            with pytest.raises(FetchError):
                data.read(href)


def test_folders_pipes_and_devices_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with open_bytes() as data:
        for href in (str(tmp_path), str(tmp_path / "pipe"), "/dev/zero"):
            with pytest.raises(FetchError, match="not a file"):
                data.read(href, 0, 10)


def test_keys_in_addresses_stand_in_no_message(served: Served) -> None:
    with open_bytes(allow_private=True) as data, pytest.raises(FetchError) as caught:
        data.read(f"{served.url}/none.tif?X-Amz-Signature=secret", 0, 1)
    assert "secret" not in str(caught.value)


def test_bytes_that_are_not_those_of_the_record(served: Served, noise: bytes) -> None:
    import hashlib

    url = served.add("/checked.bin", noise)
    tag = hashlib.md5(noise).hexdigest()
    with open_bytes(allow_private=True) as data:
        for good in (f"sha256:{hashlib.sha256(noise).hexdigest()}", f"md5:{tag}", f'etag:"{tag}"', f"etag:{tag}", ""):
            check_part(data, Part("image", url, checksum=good, size=len(noise)))
        for bad in ("sha256:" + "0" * 64, "md5:0", "etag:other"):
            with pytest.raises(ChecksumMismatch, match=r"checked\.bin"):
                check_part(data, Part("image", url, checksum=bad))
        with pytest.raises(ChecksumMismatch, match="bytes"):
            check_part(data, Part("image", url, size=5))
        with pytest.raises(FetchError, match="crc"):
            check_part(data, Part("image", url, checksum="crc:1"))


def _limited(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a process that may write no file over 100 KB, as if the disk were full then."""
    text = "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n" + code
    return subprocess.run(
        [sys.executable, "-c", text, *arguments], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )


def test_a_full_disk_stops_a_pack_but_no_stream(served: Served, noise: bytes, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(noise)
    url = served.add("/full.bin", noise)
    done = _limited(
        """
from pathlib import Path
from ontology.errors import DiskFull
from training.io import open_bytes
from training.io.packs import pack
folder = Path(sys.argv[1])
try:
    pack(folder / "in", folder / "a.pack")
except DiskFull as error:
    print(error.remedy)
data = open_bytes(allow_private=True, cache=folder / "cache")
for turn in range(2):
    print(len(data.read(sys.argv[2])), len(data.read(sys.argv[2], 5, 10)))
""",
        str(tmp_path),
        url,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[1:3] == ["300000 10", "300000 10"]
    assert "Free some space" in done.stdout
    assert [one.name for one in tmp_path.iterdir() if "pack" in one.name] == []


def test_what_cannot_be_packed(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        pack(tmp_path / "none", tmp_path / "a.pack")
    with pytest.raises(NotFound, match="no file"):
        pack(tmp_path, tmp_path / "a.pack")
    with pytest.raises(FetchError, match="pack"):
        pack(tmp_path, tmp_path / "a.zip")
    (tmp_path / "a.pack").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises((FetchError, DiskFull)):
        pack(tmp_path, tmp_path / "a.pack")
    with open_bytes() as data, pytest.raises(ArchiveRefused):
        (tmp_path / "b.pack").write_bytes(b"no pack")
        data.read(f"{tmp_path}/b.pack!/a")
