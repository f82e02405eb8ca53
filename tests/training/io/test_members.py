"""Archives read in place: as the unpacked files for good ones, an error for hostile and damaged ones."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.errors import ArchiveRefused, EarthdexError, FetchError
from tests.training.io.server import Served
from training.io import OpenBytes, open_bytes
from training.io.archive import Limits
from training.io.packs import pack


def _zip(path: Path, *members: tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as out:
        for info, data in members:
            out.writestr(info, data)
    return path


def _read(path: Path, name: str, **options: object) -> bytes:
    with open_bytes(**options) as data:  # type: ignore[arg-type]
        return bytes(data.read(f"{path}!/{name}"))


_SIGNS = st.characters(codec="utf-8", exclude_characters="/\\:\0", exclude_categories=["Cc", "Cs"])
NAMES = st.text(_SIGNS, min_size=1, max_size=12).filter(lambda name: name.strip(". ") != "")


@settings(max_examples=15)
@given(st.dictionaries(NAMES, st.binary(max_size=4000), min_size=1, max_size=5))
def test_members_of_any_name_are_read_from_zip_tar_and_pack(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with tarfile.open(folder / "a.tar", "w") as taped:
        for name, content in files.items():
            info = tarfile.TarInfo(f"deep/{name}")
            info.size = len(content)
            taped.addfile(info, io.BytesIO(content))
    members = [(f"deep/{name}", content) for name, content in files.items()]
    _zip(folder / "a.zip", *members)
    _zip(folder / "s.zip", *members, method=zipfile.ZIP_STORED)
    with open_bytes() as data:
        for archive in ("a.tar", "a.zip", "s.zip"):
            assert sorted(data.members(f"{folder}/{archive}")) == sorted(f"deep/{name}" for name in files)
            for name, content in files.items():
                href = f"{folder}/{archive}!/deep/{name}"
                if "!/" not in f"deep/{name}":
                    assert bytes(data.read(href)) == content
                    assert data.size(href) == len(content)
                    assert [bytes(one) for one in data.read_ranges(href, [(3, 5), (0, 1)])] == [
                        content[3:8],
                        content[:1],
                    ]


def test_names_and_kinds_that_lead_out_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = _zip(tmp_path / "a.zip", (link, b"/etc/passwd"), ("../evil", b"x"), ("/abs", b"x"), ("good", b"g"))
    with open_bytes() as data:
        assert data.members(str(path)) == ["good"]
        assert bytes(data.read(f"{path}!/good")) == b"g"
        for name in ("link", "../evil", "/abs", "a/../../x", "", "good!/x", "missing"):
            with pytest.raises(FetchError):
                data.read(f"{path}!/{name}")
    with tarfile.open(tmp_path / "a.tar", "w") as taped:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"kind-{kind.decode()}")
            info.type, info.linkname = kind, "/etc/passwd"
            taped.addfile(info)
        for name in ("twice", "twice", "../up"):
            info = tarfile.TarInfo(name)
            info.size = 1
            taped.addfile(info, io.BytesIO(b"x"))
    with open_bytes() as data:
        assert data.members(str(tmp_path / "a.tar")) == []
        for name in ("kind-2", "kind-1", "kind-3", "twice", "../up"):
            with pytest.raises(FetchError):
                data.read(f"{tmp_path}/a.tar!/{name}")


def test_encrypted_unknown_and_doubled_members_are_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", ("a", b"x" * 100), ("b", b"y" * 100))
    whole = bytearray(path.read_bytes())
    directory = whole.index(b"PK\1\2")
    whole[directory + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(whole)
    with pytest.raises(ArchiveRefused, match="encrypted"):
        _read(tmp_path / "locked.zip", "a")
    _zip(tmp_path / "lzma.zip", ("a", b"x" * 100), method=zipfile.ZIP_LZMA)
    with pytest.raises(ArchiveRefused, match="method"):
        _read(tmp_path / "lzma.zip", "a")
    with pytest.warns(UserWarning):
        _zip(tmp_path / "twice.zip", ("a", b"x"), ("a", b"y"))
    with pytest.raises(ArchiveRefused, match="twice"):
        _read(tmp_path / "twice.zip", "a")
    with pytest.raises(ArchiveRefused, match="compressed as a whole"):
        _read(tmp_path / "a.tar.gz", "a")


def test_bombs_are_refused_before_they_expand(tmp_path: Path) -> None:
    path = _zip(tmp_path / "bomb.zip", ("zeros", bytes(32 << 20)))
    with pytest.raises(ArchiveRefused, match="bomb"):
        _read(path, "zeros")
    # a header that promises little for what expands to much
    packed = bytearray(path.read_bytes())
    directory = packed.index(b"PK\1\2")
    struct.pack_into("<L", packed, directory + 24, 1000)
    (tmp_path / "lie.zip").write_bytes(packed)
    with pytest.raises(ArchiveRefused, match="promises"):
        _read(tmp_path / "lie.zip", "zeros")
    many = _zip(tmp_path / "many.zip", *[(f"{number}", b"") for number in range(30)])
    with pytest.raises(ArchiveRefused, match="members"):
        _read(many, "1", limits=Limits(members=20))
    with pytest.raises(ArchiveRefused, match="bytes"):
        _read(_zip(tmp_path / "big.zip", ("a", bytes(1000))), "a", limits=Limits(total_bytes=500))


def test_zip64_is_read(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w", allowZip64=True) as out,
        out.open("a", "w", force_zip64=True) as member,
    ):
        member.write(b"abc" * 100)
    assert _read(tmp_path / "a.zip", "a") == b"abc" * 100
    # a directory of zip64 form, as of archives over 4 GB
    name, content = b"b", b"hello"
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 0, zlib.crc32(content), 5, 5, 1, 100) + name + bytes(100)
    extra = struct.pack("<2H3Q", 1, 24, 5, 5, 0)
    full = 0xFFFFFFFF
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, zlib.crc32(content), full, full, 1, len(extra), 0, 0, 0, 0, full
    )
    start = len(local) + len(content)
    directory = entry + name + extra
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(directory), start)
    place = struct.pack("<4sLQL", b"PK\6\7", 0, start + len(directory), 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, full, full, 0)
    (tmp_path / "wide.zip").write_bytes(local + content + directory + end + place + last)
    assert _read(tmp_path / "wide.zip", "b") == content


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> Path:
    folder = tmp_path_factory.mktemp("archives")
    (folder / "in").mkdir()
    (folder / "in" / "a").write_bytes(noise[:3000])
    (folder / "in" / "b").write_bytes(noise[:50])
    pack(folder / "in", folder / "a.pack")
    _zip(folder / "a.zip", ("a", noise[:3000]), ("b", noise[:50]))
    with tarfile.open(folder / "a.tar", "w") as taped:
        taped.add(folder / "in" / "a", "a")
        taped.add(folder / "in" / "b", "b")
    return folder


@pytest.mark.parametrize("kind", ["zip", "tar", "pack"])
@settings(max_examples=60)
@given(cut=st.none() | st.floats(0, 1), at=st.floats(0, 1), byte=st.integers(0, 255))
def test_damage_gives_an_error_or_the_right_bytes(
    kind: str, cut: float | None, at: float, byte: int, archives: Path, noise: bytes
) -> None:
    whole = bytearray((archives / f"a.{kind}").read_bytes())
    whole[int(at * (len(whole) - 1))] = byte
    path = archives / f"damaged.{kind}"
    path.write_bytes(whole if cut is None else whole[: int(cut * len(whole))])
    with open_bytes() as data:
        try:
            got = bytes(data.read(f"{path}!/a"))
        except EarthdexError as error:
            assert error.remedy
        else:
            # a tar has no checksum of its contents
            assert got == noise[:3000] or (kind == "tar" and len(got) == 3000)


def test_the_same_folder_gives_the_same_pack(archives: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    assert pack(archives / "in", tmp_path / "a.pack", progress=lambda *one: told.append(one)) == 2
    assert told[-1] == ("packing", 2, 2)
    assert (tmp_path / "a.pack").read_bytes() == (archives / "a.pack").read_bytes()


def test_a_zip_over_http_takes_few_requests(served: Served, archives: Path, noise: bytes) -> None:
    url = served.add("/a.zip", (archives / "a.zip").read_bytes())
    with open_bytes(allow_private=True) as data:
        _both(data, url, noise)
    assert served.asked["/a.zip"] <= 4


def _both(data: OpenBytes, url: str, noise: bytes) -> None:
    got = data.read_many([(f"{url}!/a", 0, -1), (f"{url}!/b", 0, -1), (f"{url}!/none", 0, -1)])
    assert [bytes(one) for one in got[:2]] == [noise[:3000], noise[:50]]  # type: ignore[arg-type]
    assert isinstance(got[2], FetchError)
