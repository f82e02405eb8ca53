"""Archives: good ones unpack whole, hostile ones leave nothing behind."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import ArchiveRefused
from training.io.archive import Limits, safe_path, unpack


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return path


def _tar(path: Path, *members: tarfile.TarInfo, data: bytes = b"x") -> Path:
    with tarfile.open(path, "w:gz") as out:
        for member in members:
            member.size = len(data) if member.isfile() else 0
            out.addfile(member, io.BytesIO(data))
    return path


def _left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_good_zip_and_a_good_tar_unpack(tmp_path: Path) -> None:
    files = unpack(_zip(tmp_path / "a.zip", {"chips/1.tif": b"one", "chips/2.tif": b"two"}), tmp_path / "z")
    assert {path.name: path.read_bytes() for path in files} == {"1.tif": b"one", "2.tif": b"two"}
    files = unpack(_tar(tmp_path / "a.tar.gz", tarfile.TarInfo("chips/3.tif")), tmp_path / "t")
    assert [path.relative_to(tmp_path / "t").as_posix() for path in files] == ["chips/3.tif"]


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "C:/evil", "..\\evil", "a/\0b", "n" * 300, "./../evil"]
)
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchiveRefused):
        unpack(_tar(tmp_path / "a.tar.gz", tarfile.TarInfo("good"), tarfile.TarInfo(name)), tmp_path / "out") if (
            "\0" not in name
        ) else safe_path(tmp_path, name)
    assert not _left(tmp_path / "out")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("link")
    member.type = kind
    member.linkname = "/etc/passwd"
    with pytest.raises(ArchiveRefused, match="link or device"):
        unpack(_tar(tmp_path / "a.tar.gz", member), tmp_path / "out")


def test_a_symlink_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr(info, "/etc/passwd")
    with pytest.raises(ArchiveRefused, match="link or device"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    bomb = _zip(tmp_path / "bomb.zip", {"zeros": bytes(64 << 20)})
    with pytest.raises(ArchiveRefused, match="bomb"):
        unpack(bomb, tmp_path / "out")
    assert not _left(tmp_path / "out")


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    many = _zip(tmp_path / "many.zip", {f"{number}": b"" for number in range(50)})
    with pytest.raises(ArchiveRefused, match="members"):
        unpack(many, tmp_path / "out", Limits(members=20))


def test_a_member_named_twice_is_refused(tmp_path: Path) -> None:
    twice = _tar(tmp_path / "a.tar.gz", tarfile.TarInfo("same"), tarfile.TarInfo("same"))
    with pytest.raises(ArchiveRefused, match="twice"):
        unpack(twice, tmp_path / "out")


def test_a_truncated_archive_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    whole = _zip(tmp_path / "a.zip", {"a": bytes(range(256)) * 100}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveRefused):
        unpack(tmp_path / "cut.zip", tmp_path / "out")
    assert not _left(tmp_path / "out")


@given(st.text(max_size=40))
def test_a_safe_path_never_leaves_its_folder(name: str) -> None:
    folder = Path("/data/out")
    try:
        path = safe_path(folder, name)
    except ArchiveRefused:
        return
    assert folder in path.parents
    assert ".." not in path.parts
