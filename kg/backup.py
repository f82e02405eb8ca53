"""The catalogue in one archive, and back: sources, updates, scenes, the graph built from them, keys and settings.

The archive is a ZIP whose last member, `earthdex-backup.json`, names every other with size and SHA-256. A backup reads
one published version, which never changes, so it may run while others ask and write. A restore checks every byte
before it touches anything; then the version of the archive is published as the newest one, by the same switch of a
pointer as any other.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from kg.home import open_home
from kg.layout import Layout, Manifest, file_errors, replace_file, sync_folder
from kg.writer import Writer
from ontology.errors import DiskFull, EarthdexError, NotFound, StoreCorrupt, StoreTooNew

FORMAT = 1
INDEX = "earthdex-backup.json"
# what belongs to the folder rather than to a version; those of the second line are never put over existing ones,
# which would bring revoked keys back to life and take lines from a log
_SETTINGS = ("places.sqlite", "live/sources.json")
_KEPT = ("service/keys.json", "service/audit.jsonl")
_MEMBER = re.compile(
    r"sources/[\w.-]+\.(nq|changes)|scenes/[\w.-]+\.parquet|graph/[\w.-]+|places\.sqlite|live/sources\.json"
    r"|service/(keys\.json|audit\.jsonl)"
)
_CHUNK = 1 << 20
_TIME = (1980, 1, 1, 0, 0, 0)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What an archive holds.

    Attributes:
        version: of the catalogue.
        files: number of members.
        bytes: of all members, not compressed.
        scenes: number of scenes.
    """

    version: str
    files: int
    bytes: int
    scenes: int


def backup(target: Path, root: Path | None = None, progress: Progress | None = None) -> Backup:
    """Writes the published version of a catalogue into an archive, which is there whole or not at all.

    Args:
        target: the archive; one that is there is replaced.
        root: the catalogue's folder; None: `EARTHDEX_HOME`, else the user's data folder.
        progress: called with (stage, done, total).

    Raises:
        NotFound: there is no catalogue.
        StoreCorrupt: a part of it is missing.
        DiskFull: no space is left.
    """
    target = target.absolute()
    with open_home(root) as home, file_errors(target.parent):
        layout, manifest = home.layout, home.manifest
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".earthdex-") as folder:
            draft = Path(folder) / "backup.zip"
            found: dict[str, dict[str, Any]] = {}
            members = list(_members(layout, manifest, Path(folder)))
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=1) as archive:
                for number, (name, path) in enumerate(members):
                    if progress is not None:
                        progress("backup", number, len(members))
                    found[name] = _pack(archive, name, path)
                told = {"format": FORMAT, "manifest": json.loads(manifest.to_json()), "files": found}
                archive.writestr(zipfile.ZipInfo(INDEX, _TIME), json.dumps(told, indent=1))
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(draft, target)
            sync_folder(target.parent)
    if progress is not None:
        progress("backup", len(members), len(members))
    return Backup(manifest.version, len(found), sum(one["bytes"] for one in found.values()), manifest.scene_count)


def restore(source: Path, root: Path, progress: Progress | None = None) -> Backup:
    """Publishes what an archive holds as the newest version of a catalogue's folder.

    Places and live sources are put in place of those there; keys and the audit log only where there are none.

    Args:
        source: the archive.
        root: the catalogue's folder; made where it is missing.
        progress: called with (stage, done, total).

    Returns:
        What was restored, under the version that it has now.

    Raises:
        NotFound: there is no such archive.
        StoreCorrupt: it is no backup, or damaged; nothing was changed then.
        StoreTooNew: a newer earthdex wrote it.
        StoreLocked: another process writes.
    """
    try:
        archive = zipfile.ZipFile(source)
    except FileNotFoundError:
        raise NotFound(f"There is no file {source}.", "Check the path.") from None
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise _damaged(source) from error
    layout = Layout(root)
    with archive, Writer(layout) as writer, file_errors(root):
        manifest, files = _index(archive, source)
        for left in layout.versions.glob("restored-*"):  # of one that was killed
            shutil.rmtree(left, ignore_errors=True)
        if sum(one["bytes"] for one in files.values()) > shutil.disk_usage(root).free:
            raise DiskFull(f"The backup needs more space than is left in {root}.", "Free space, then restore again.")
        with tempfile.TemporaryDirectory(dir=layout.versions, prefix="restored-") as name:
            folder = Path(name)
            for number, (member, told) in enumerate(files.items()):
                if progress is not None:
                    progress("restore", number, len(files))
                _unpack(archive, source, member, told, folder / member)
            made = replace(manifest, version=writer.next_version)
            _place(layout, made, folder)
        layout.prune(made)
    with Writer(layout) as writer:
        writer.renew_indexes()
    if progress is not None:
        progress("restore", len(files), len(files))
    return Backup(made.version, len(files), sum(one["bytes"] for one in files.values()), made.scene_count)


def _members(layout: Layout, manifest: Manifest, folder: Path) -> Iterator[tuple[str, Path]]:
    for name in (*manifest.sources.values(), *manifest.changes):
        yield f"sources/{name}", layout.sources / name
    for name in manifest.scenes:
        yield f"scenes/{name}", layout.scenes / name
    for path in sorted(layout.graph(manifest.version).iterdir()):
        if path.is_file() and path.name != "LOCK" and not path.name.startswith("LOG"):
            yield f"graph/{path.name}", path
    for name in (*_SETTINGS, *_KEPT):
        path = layout.root / name
        if path.is_file():
            yield name, _copied(path, folder) if path.suffix == ".sqlite" else path


def _copied(path: Path, folder: Path) -> Path:
    """A database as it is at one moment."""
    copy = folder / path.name
    with closing(sqlite3.connect(path)) as own, closing(sqlite3.connect(copy)) as other:
        own.backup(other)
    return copy


def _pack(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    info = zipfile.ZipInfo(name, _TIME)
    # parts of tables are compressed already
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
    try:
        with path.open("rb") as file, archive.open(info, "w", force_zip64=True) as member:
            return _copy(file, member)
    except FileNotFoundError as error:
        raise StoreCorrupt(f"{path} is missing.", "Add its source again, then make the backup.") from error


def _copy(source: Any, target: Any, most: int | None = None) -> dict[str, Any]:  # noqa: ANN401 - files
    digest, size = hashlib.sha256(), 0
    while data := source.read(_CHUNK):
        digest.update(data)
        size += len(data)
        if most is not None and size > most:
            break
        target.write(data)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _damaged(source: Path, what: str = "") -> EarthdexError:
    return StoreCorrupt(
        f"{source.name} is no backup of earthdex, or damaged{what}.", "Use another backup; nothing was changed."
    )


def _index(archive: zipfile.ZipFile, source: Path) -> tuple[Manifest, dict[str, dict[str, Any]]]:
    """What an archive says of itself, checked: no member leads elsewhere, none is missing, none is more than told."""
    try:
        if archive.getinfo(INDEX).file_size > 100_000_000:
            raise _damaged(source)
        told = json.loads(archive.read(INDEX))
        if told["format"] > FORMAT:
            raise StoreTooNew("The backup was written by a newer earthdex.", "Upgrade earthdex.")
        manifest = Manifest.from_json(json.dumps(told["manifest"]).encode())
        files: dict[str, dict[str, Any]] = {
            str(name): {"bytes": int(one["bytes"]), "sha256": str(one["sha256"])} for name, one in told["files"].items()
        }
    except (KeyError, ValueError, TypeError, AttributeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(source) from error
    names = [one.filename for one in archive.infolist() if one.filename != INDEX]
    wanted = {f"sources/{one}" for one in (*manifest.sources.values(), *manifest.changes)}
    wanted |= {f"scenes/{one}" for one in manifest.scenes} | {"graph/CURRENT"}
    if sorted(names) != sorted(files) or not wanted <= files.keys() or not all(map(_MEMBER.fullmatch, names)):
        raise _damaged(source)
    return manifest, files


def _unpack(archive: zipfile.ZipFile, source: Path, member: str, told: dict[str, Any], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(member) as packed, target.open("wb") as file:
            found = _copy(packed, file, told["bytes"])
            _sync(file)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, zlib.error) as error:
        raise _damaged(source, f" ({member})") from error
    if found != told:
        raise _damaged(source, f" ({member})")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _place(layout: Layout, made: Manifest, folder: Path) -> None:
    """Moves what was unpacked to where it belongs, and switches the pointer."""
    for name, target in (("sources", layout.sources), ("scenes", layout.scenes)):
        for path in (folder / name).iterdir() if (folder / name).is_dir() else ():
            os.replace(path, target / path.name)  # the same name is the same content
        sync_folder(target)
    version = folder / "version"
    version.mkdir()
    os.replace(folder / "graph", version / "graph")
    (version / "lock").touch()
    replace_file(version / "version.json", made.to_json())
    final = layout.versions / made.version
    shutil.rmtree(final, ignore_errors=True)
    os.replace(version, final)
    sync_folder(layout.versions)
    replace_file(layout.pointer, made.to_json())
    for name in (*_SETTINGS, *_KEPT):
        path, target = folder / name, layout.root / name
        if path.exists() and (name in _SETTINGS or not target.exists()):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(OSError):
                path.chmod(0o600)
            os.replace(path, target)
