"""Whatever the source, ranges are slices of the file."""

from __future__ import annotations

import http.server
import io
import multiprocessing
import pickle
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.errors import FetchError
from tests.training.io.server import Served
from training.io import OpenBytes, open_bytes
from training.io.base import coalesced
from training.io.packs import pack

Places = dict[str, str]


@pytest.fixture(scope="module")
def places(served: Served, noise: bytes, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The same bytes in every kind of place."""
    folder = tmp_path_factory.mktemp("places")
    (folder / "in").mkdir()
    (folder / "in" / "a.bin").write_bytes(noise)
    (folder / "in" / "b.bin").write_bytes(b"another")
    pack(folder / "in", folder / "a.pack")
    for method, name in ((zipfile.ZIP_STORED, "stored.zip"), (zipfile.ZIP_DEFLATED, "deflated.zip")):
        with zipfile.ZipFile(folder / name, "w", method) as archive:
            archive.writestr("b.bin", b"another")
            archive.write(folder / "in" / "a.bin", "in/a.bin")
    with tarfile.open(folder / "a.tar", "w") as taped:
        taped.add(folder / "in", "in")
    found = {"file": str(folder / "in" / "a.bin"), "web": served.add("/a.bin", noise)}
    found["no ranges"] = served.add("/plain.bin", noise)
    served.plain.add("/plain.bin")
    found["chunked"] = served.add("/chunked.bin", noise)
    served.chunked.add("/chunked.bin")
    for name, inside in (
        ("a.pack", "a.bin"),
        ("stored.zip", "in/a.bin"),
        ("deflated.zip", "in/a.bin"),
        ("a.tar", "in/a.bin"),
    ):
        found[name] = f"{folder / name}!/{inside}"
        found[f"web {name}"] = served.add(f"/{name}", (folder / name).read_bytes()) + f"!/{inside}"
    return found


KINDS = ["file", "web", "no ranges", "chunked", "a.pack", "stored.zip", "deflated.zip", "a.tar"]
KINDS += [f"web {one}" for one in KINDS[4:]]


@pytest.fixture(scope="module", params=["no cache", "cache"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBytes]:
    cache = tmp_path_factory.mktemp("cache") if request.param == "cache" else None
    with open_bytes(allow_private=True, cache=cache) as opened:
        yield opened


RANGES = st.lists(st.tuples(st.integers(0, 310_000), st.integers(-1, 120_000)), max_size=6)


@pytest.mark.parametrize("kind", KINDS)
def test_ranges_are_slices(kind: str, places: Places, data: OpenBytes, noise: bytes) -> None:
    @settings(max_examples=12)
    @given(RANGES)
    def check(ranges: list[tuple[int, int]]) -> None:
        got = data.read_ranges(places[kind], ranges)
        wanted = [noise[start:] if length < 0 else noise[start : start + length] for start, length in ranges]
        assert [bytes(one) for one in got] == wanted

    check()
    assert bytes(data.read(places[kind])) == noise
    assert data.size(places[kind]) == len(noise)


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(-1, 600)), max_size=20),
    st.integers(0, 300),
    st.integers(1, 2000),
)
def test_requests_cover_all_ranges_and_keep_their_bounds(ranges: list[tuple[int, int]], gap: int, most: int) -> None:
    requests = list(coalesced(ranges, gap=gap, most=most))
    held = [number for one in requests for number in one.holds]
    assert sorted(held) == list(range(len(ranges)))
    for one in requests:
        assert len(one.holds) == 1 or one.length <= most
        for number in one.holds:
            start, length = ranges[number]
            if length < 0:
                assert (one.start, one.length) == (start, -1)
            else:
                assert one.start <= start
                assert start + length <= one.start + one.length


def test_neighbours_share_a_request(served: Served, noise: bytes) -> None:
    url = served.add("/shared.bin", noise)
    with open_bytes(allow_private=True) as data:
        data.read_ranges(url, [(at, 500) for at in range(0, 50_000, 1000)])
    assert served.asked["/shared.bin"] == 1


def test_many_files_are_read_at_once_and_a_bad_one_spoils_no_other(served: Served, noise: bytes) -> None:
    good = [served.add(f"/many/{number}", noise[number:]) for number in range(20)]
    with open_bytes(allow_private=True) as data:
        got = data.read_many([(href, 5, 10) for href in [*good, served.url + "/many/missing", "/no/such/file"]])
    assert [bytes(one) for one in got[:20]] == [noise[number + 5 : number + 15] for number in range(20)]  # type: ignore[arg-type]
    assert all(isinstance(one, FetchError) for one in got[20:])
    assert "404" in str(got[20])


def test_all_chips_of_a_remote_pack_are_few_requests(served: Served, places: Places, noise: bytes) -> None:
    before = served.asked["/a.pack"]
    outer = places["web a.pack"].split("!/")[0]
    with open_bytes(allow_private=True) as data:
        assert data.members(outer) == ["a.bin", "b.bin"]
        first, second = data.read_many([(f"{outer}!/a.bin", 0, -1), (f"{outer}!/b.bin", 0, -1)])
        assert (bytes(first), bytes(second)) == (noise, b"another")  # type: ignore[arg-type]
        assert data.where(f"{outer}!/a.bin")[0] == outer
    assert served.asked["/a.pack"] - before <= 4


def test_it_travels_to_another_process(places: Places, noise: bytes) -> None:
    with open_bytes(allow_private=True) as data:
        data.read(places["web"], 0, 1)
        with pickle.loads(pickle.dumps(data)) as copy:
            assert bytes(copy.read(places["web"], 10, 20)) == noise[10:30]


def _child(data: OpenBytes, href: str, queue: Any) -> None:
    queue.put([bytes(one) for one in data.read_ranges(href, [(0, 50), (200_000, 50)])])


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_processes_that_were_forked_or_spawned_read_on(
    method: str, places: Places, noise: bytes, tmp_path: Path
) -> None:
    context = multiprocessing.get_context(method)
    with open_bytes(allow_private=True, cache=tmp_path) as data:
        data.read_ranges(places["web a.tar"], [(0, 1), (250_000, 1)])
        queue = context.Queue()
        processes = [context.Process(target=_child, args=(data, places["web a.tar"], queue)) for _ in range(2)]
        for one in processes:
            one.start()
        mine = [bytes(one) for one in data.read_ranges(places["web a.tar"], [(0, 50), (200_000, 50)])]
        for _ in processes:
            assert queue.get(timeout=60) == mine == [noise[:50], noise[200_000:200_050]]
        for one in processes:
            one.join(30)
            assert one.exitcode == 0


def test_a_server_without_ranges_or_etags_still_serves(tmp_path: Path, noise: bytes) -> None:
    """Python's own web server ignores ranges."""
    (tmp_path / "a.bin").write_bytes(noise)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, directory=str(tmp_path), **more)  # type: ignore[arg-type]

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with open_bytes(allow_private=True) as data:
            url = f"http://127.0.0.1:{server.server_address[1]}/a.bin"
            assert bytes(data.read(url, 1000, 100)) == noise[1000:1100]
            assert data.validator(url).startswith("mtime:")
    finally:
        server.shutdown()
        server.server_close()


def test_a_tar_over_http_is_indexed_once_for_all_runs(served: Served, tmp_path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for number in range(30):
            info = tarfile.TarInfo(f"{number}.bin")
            info.size = 300_000
            archive.addfile(info, io.BytesIO(bytes([number]) * info.size))
    url = served.add("/thirty.tar", held.getvalue())
    for turn in range(2):
        with open_bytes(allow_private=True, cache=tmp_path) as data:
            assert bytes(data.read(f"{url}!/7.bin", 5, 3)) == b"\7\7\7"
        if turn == 0:
            first = served.asked["/thirty.tar"]
    assert first > 30
    assert served.asked["/thirty.tar"] - first <= 1
