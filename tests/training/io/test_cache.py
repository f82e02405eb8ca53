"""The cache on disk: what it keeps is right, whoever writes, whatever is damaged, however small it must stay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.errors import FetchError
from tests.house.imports import ROOT
from tests.training.io.server import Served
from training.io import open_bytes
from training.io.cache import ByteCache
from training.io.sidecar import Sidecar

Range = tuple[int, int, int]


def test_the_next_run_fetches_nothing_but_the_validator(served: Served, noise: bytes, tmp_path: Path) -> None:
    url = served.add("/kept.bin", noise)
    ranges = [(at, 5000) for at in range(0, 200_000, 20_000)]
    for turn in range(3):
        before = served.asked["/kept.bin"]
        with open_bytes(allow_private=True, cache=tmp_path) as data:
            assert [bytes(one) for one in data.read_ranges(url, ranges)] == [noise[s : s + n] for s, n in ranges]
            # parts of what is kept are kept too
            assert bytes(data.read(url, 20_100, 50)) == noise[20_100:20_150]
        assert served.asked["/kept.bin"] - before <= (3 if turn == 0 else 1)


def test_a_new_version_of_a_file_is_fetched(served: Served, noise: bytes, tmp_path: Path) -> None:
    url = served.add("/versions.bin", noise)
    for content in (noise, noise[::-1], noise):
        served.files["/versions.bin"] = content
        with open_bytes(allow_private=True, cache=tmp_path) as data:
            assert bytes(data.read(url)) == content


def test_files_that_cannot_be_recognised_are_not_kept(served: Served, noise: bytes, tmp_path: Path) -> None:
    url = served.add("/untagged.bin", noise)
    served.untagged.add("/untagged.bin")
    for content in (noise, noise[::-1]):
        served.files["/untagged.bin"] = content
        with open_bytes(allow_private=True, cache=tmp_path) as data:
            assert data.validator(url) == ""
            assert bytes(data.read(url, 0, 1000)) == content[:1000]


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5000), st.integers(1, 900)), max_size=30),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5000), st.integers(1, 900)), max_size=30),
)
def test_what_comes_out_is_what_went_in(
    tmp_path_factory: pytest.TempPathFactory,
    noise: bytes,
    puts: list[tuple[int, int, int]],
    gets: list[tuple[int, int, int]],
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    writers = [ByteCache(folder, 1 << 30) for _ in range(2)]
    for number, (file, start, length) in enumerate(puts):
        piece = memoryview(noise)[file * 1000 + start : file * 1000 + start + length]
        writers[number % 2].put(f"f{file}", "v", [(start, piece)])
    for cache in (*writers, ByteCache(folder, 1 << 30)):
        for file, start, length in [*gets, *puts]:
            got = cache.get(ByteCache.key(f"f{file}", "v"), start, length)
            if got is not None:
                assert bytes(got) == noise[file * 1000 + start : file * 1000 + start + length]
            elif cache not in writers:
                assert (file, start, length) not in puts
        assert cache.get(ByteCache.key("f0", "other"), 0, 1) is None
        cache.close()


def test_damaged_bytes_are_never_served(tmp_path: Path, noise: bytes) -> None:
    key = ByteCache.key("f", "v")
    cache = ByteCache(tmp_path, 1 << 30)
    cache.put("f", "v", [(0, memoryview(noise)[:1000]), (5000, memoryview(noise)[5000:6000])])
    cache.close()
    (data,) = tmp_path.glob("*.data")
    (index,) = tmp_path.glob("*.index")
    whole, lines = data.read_bytes(), index.read_bytes()
    data.write_bytes(whole[:500] + b"X" + whole[501:1200])  # one byte changed, then cut
    again = ByteCache(tmp_path, 1 << 30)
    assert again.get(key, 0, 1000) is None
    assert again.get(key, 5000, 1000) is None
    data.write_bytes(whole)
    index.write_bytes(lines[: len(lines) * 2 // 3] + b"\xff" * 20 + b"torn")
    again = ByteCache(tmp_path, 1 << 30)
    assert bytes(again.get(key, 0, 1000) or b"") == noise[:1000]
    assert again.get(key, 5000, 1000) is None
    data.unlink()
    assert ByteCache(tmp_path, 1 << 30).get(key, 0, 1000) is None


def test_it_keeps_its_limit_and_what_was_used_last(
    tmp_path: Path, noise: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.io.cache._TOUCH", 0.0)
    cache = ByteCache(tmp_path, 100_000)
    first = ByteCache.key("first", "v")
    cache.put("first", "v", [(0, memoryview(noise)[:10_000])])
    for number in range(60):
        cache.put(f"{number}", "v", [(0, memoryview(noise)[:10_000])])
        assert cache.get(first, 0, 10_000) is not None
        assert sum(one.stat().st_size for one in tmp_path.iterdir()) < 150_000
    assert cache.get(ByteCache.key("5", "v"), 0, 10_000) is None
    assert bytes(cache.get(ByteCache.key("59", "v"), 0, 10_000) or b"") == noise[:10_000]


def test_processes_that_write_and_delete_at_once_serve_only_the_truth(
    served: Served, noise: bytes, tmp_path: Path
) -> None:
    url = served.add("/shared.bin", noise)
    code = """
import sys, random, hashlib
from training.io import open_bytes
rng = random.Random(int(sys.argv[3]))
with open_bytes(allow_private=True, cache=__import__("pathlib").Path(sys.argv[2]), cache_bytes=200_000) as data:
    whole = bytes(data.read(sys.argv[1]))
    for _ in range(150):
        ranges = [(rng.randrange(300_000), rng.randrange(1, 9000)) for _ in range(3)]
        assert [bytes(one) for one in data.read_ranges(sys.argv[1], ranges)] == [whole[s : s + n] for s, n in ranges]
"""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, url, str(tmp_path), str(number)], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for number in range(2)
    ]
    running[0].kill()  # and one of them dies
    for one in running:
        _, errors = one.communicate(timeout=100)
        assert one.returncode in (0, -9), errors
    with open_bytes(allow_private=True, cache=tmp_path) as data:
        assert bytes(data.read(url)) == noise


def test_a_folder_that_cannot_be_written_is_no_hindrance(served: Served, noise: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    url = served.add("/nowhere.bin", noise)
    with open_bytes(allow_private=True, cache=tmp_path / "file" / "cache") as data:
        assert bytes(data.read(url, 5, 10)) == noise[5:15]
        assert data.sidecar is not None
        data.sidecar.put("kind", "a", "v", b"x")
        assert data.sidecar.get("kind", "a", "v") is None


def test_the_sidecar_knows_versions(tmp_path: Path) -> None:
    sidecar = Sidecar(tmp_path)
    sidecar.put("header", "a", "etag:1", b"one")
    sidecar.put("header", "a", "", b"none")
    assert sidecar.get("header", "a", "etag:1") == b"one"
    assert sidecar.get("header", "a", "etag:2") is None
    assert sidecar.get("header", "a", "") is None
    assert sidecar.get("tar", "a", "etag:1") is None
    sidecar.put("header", "a", "etag:2", b"two")
    sidecar.close()
    assert Sidecar(tmp_path).get("header", "a", "etag:2") == b"two"
    (tmp_path / "sidecar.sqlite").write_bytes(b"no database at all" * 100)
    for path in tmp_path.glob("*-*"):
        path.unlink()
    assert Sidecar(tmp_path).get("header", "a", "etag:2") is None


def test_an_error_is_not_kept(served: Served, noise: bytes, tmp_path: Path) -> None:
    url = served.url + "/later.bin"
    with open_bytes(allow_private=True, cache=tmp_path) as data:
        with pytest.raises(FetchError, match="404"):
            data.read(url)
        served.add("/later.bin", noise)
        assert bytes(data.read(url)) == noise


def test_files_that_were_never_fetched_are_not_asked_about_first(served: Served, noise: bytes, tmp_path: Path) -> None:
    urls = [served.add(f"/first/{number}", noise[number:][:500]) for number in range(5)]
    for _ in range(2):
        with open_bytes(allow_private=True, cache=tmp_path) as data:
            got = data.read_many([(url, 0, -1) for url in urls])
            assert [bytes(one) for one in got] == [noise[number:][:500] for number in range(5)]  # type: ignore[arg-type]
            data.read_many([(url, 0, -1) for url in urls])
    assert [served.asked[f"/first/{number}"] for number in range(5)] == [2] * 5
