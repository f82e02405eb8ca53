"""Files of the catalogue's folder: format, versions, the pointer to the published one, and what nobody needs any more.

A version is a folder that is never changed once its name stands in `current`. A reader holds a shared lock on it;
one that nobody holds and that is not current is removed by the next writer.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kg.locks import FileLock
from ontology.errors import DiskFull, EarthdexError, StoreCorrupt, StoreError, StoreReadOnly, StoreTooNew

FORMAT = 1
BUILTIN = "builtin"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EROFS, errno.EPERM}
# what a file system or a first use that was killed leaves in a folder
_HARMLESS = {"lost+found", "writer.lock", "reports"}
_VERSION = re.compile(r"[0-9]{6,}(\.tmp)?")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version is made of.

    Attributes:
        version: its name, six digits; later ones sort after earlier ones.
        catalogue: version of the built-in catalogue, "" where there is none.
        sources: file name in `sources/` by source key.
        scenes: file names in `scenes/`.
        scene_count: number of scenes.
        mentioning: keys of the sources that speak of scenes.
        changes: file names in `sources/` of what updates changed, in their order (`kg.updates.journal`).
    """

    version: str = "000000"
    catalogue: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    scenes: tuple[str, ...] = ()
    scene_count: int = 0
    mentioning: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """As written to `current` and to the version's own folder."""
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Reads what `to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        read: dict[str, Any] = json.loads(data)
        version = read["version"]
        if not (isinstance(version, str) and version.isdigit() and isinstance(read["sources"], dict)):
            raise ValueError("no manifest")
        changes = tuple(read.get("changes", ()))
        files = [*read["sources"].values(), *read["scenes"], *changes]
        if any(not isinstance(name, str) or Path(name).name != name for name in files):
            raise ValueError("no manifest")
        scenes, count = tuple(read["scenes"]), int(read["scene_count"])
        return cls(
            version,
            str(read["catalogue"]),
            read["sources"],
            scenes,
            count,
            tuple(read.get("mentioning", read["sources"])),
            changes,
        )


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Turns what the system says about files into errors with a remedy."""
    try:
        yield
    except EarthdexError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(f"No space is left in {path}.", "Free space and run the command again.") from error
        if error.errno in _DENIED:
            raise StoreReadOnly(
                f"The catalogue's folder {path} cannot be written.", "Set EARTHDEX_HOME to a writable folder."
            ) from error
        if error.errno in (errno.ENOTDIR, errno.EEXIST):
            raise StoreError(f"{path} is not a folder.", "Set EARTHDEX_HOME to a folder.") from error
        raise StoreError(f"The catalogue's folder {path} failed: {error.strerror}.", "Check the disk.") from error


def default_path() -> Path:
    """`EARTHDEX_HOME`, else the user's data folder."""
    if text := os.environ.get("EARTHDEX_HOME"):
        return Path(text).expanduser()
    from platformdirs import user_data_path

    return user_data_path("earthdex", appauthor=False)


class Layout:
    """The paths below one catalogue folder, and the pointer."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pointer = root / "current"
        self.sources = root / "sources"
        self.scenes = root / "scenes"
        self.versions = root / "versions"

    def graph(self, version: str) -> Path:
        """The RocksDB folder of a version."""
        return self.versions / version / "graph"

    def check_format(self) -> None:
        """Raises StoreTooNew or StoreCorrupt where this earthdex cannot read the layout."""
        try:
            found = json.loads((self.root / "format.json").read_bytes())["format"]
        except FileNotFoundError:
            self._check_foreign()
            return
        except NotADirectoryError:
            raise StoreError(f"{self.root} is not a folder.", "Set EARTHDEX_HOME to a folder.") from None
        except OSError as error:
            raise StoreError(
                f"The catalogue's folder {self.root} cannot be read: {error.strerror}.",
                "Set EARTHDEX_HOME to a folder of your own.",
            ) from error
        except (ValueError, KeyError, TypeError):
            raise StoreCorrupt(
                f"{self.root / 'format.json'} is damaged.",
                f'Write {{"format": {FORMAT}}} into it, or set EARTHDEX_HOME to another folder.',
            ) from None
        if not isinstance(found, int) or found > FORMAT:
            raise StoreTooNew(
                f"The catalogue in {self.root} was written by a newer earthdex (format {found}; this one reads "
                f"{FORMAT}).",
                "Upgrade earthdex, or set EARTHDEX_HOME to another folder.",
            )

    def _check_foreign(self) -> None:
        """Refuses a folder that holds other things: the writer clears what it does not know.

        Raises:
            StoreError: neither empty nor a catalogue's folder.
        """
        if self.pointer.exists() or any(self.versions.glob("[0-9]*[0-9]/version.json")):
            return
        try:
            names = [one.name for one in self.root.iterdir() if not self._is_own_and_empty(one)]
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(
                f"{self.root} cannot be read: {error.strerror}.", "Set EARTHDEX_HOME to a folder of your own."
            ) from error
        # a draft: another first use is writing at this moment
        foreign = sorted(one for one in names if one[0] != "." and not one.endswith(".draft") and one not in _HARMLESS)
        if foreign:
            raise StoreError(
                f"{self.root} is no catalogue's folder and holds other files, such as {foreign[0][:80]!r}.",
                "Set EARTHDEX_HOME to a new or empty folder.",
            )

    def _is_own_and_empty(self, path: Path) -> bool:
        """Whether a first use that was killed at its very beginning, or a full disk, may have left it."""
        if path in (self.sources, self.scenes, self.versions):
            return path.is_dir() and not any(path.iterdir())
        return path.name.startswith("format.json.") and path.suffix == ".draft"

    def create(self) -> None:
        """Makes the folders and writes the format."""
        with file_errors(self.root):
            for folder in (self.root, self.sources, self.scenes, self.versions):
                folder.mkdir(parents=True, exist_ok=True)
            if not (self.root / "format.json").exists():
                replace_file(self.root / "format.json", json.dumps({"format": FORMAT}).encode())

    def current(self) -> Manifest | None:
        """The published version; None where nothing was published.

        A damaged or lost pointer is read from the newest version's own copy.

        Raises:
            StoreCorrupt: there are versions, but none can be read.
        """
        try:
            return Manifest.from_json(self.pointer.read_bytes())
        except NotADirectoryError:
            return None
        except FileNotFoundError:
            lost = False
        except OSError as error:
            raise StoreError(f"{self.pointer} cannot be read: {error.strerror}.", "Check its rights.") from error
        except (ValueError, KeyError, TypeError):
            lost = True
        for folder in sorted(self.versions.glob("[0-9]*[0-9]"), reverse=True):
            lost = True
            with suppress(OSError, ValueError, KeyError, TypeError):
                return Manifest.from_json((folder / "version.json").read_bytes())
        if not lost:
            return None
        raise StoreCorrupt(
            f"{self.pointer} is damaged or lost, and so is every version's own copy of it.",
            f"Move {self.root} away; then the catalogue is built anew. What you added lies in its folder `sources`.",
        )

    def prune(self, keep: Manifest) -> None:
        """Removes unfinished and unused versions and the files that only they named. Called by the lock's holder."""
        if not self.versions.is_dir():
            return
        used = [keep]
        for folder in self.versions.iterdir():
            if folder.name == keep.version or not _VERSION.fullmatch(folder.name):
                continue
            held = _reader_holds(folder)
            if held:
                with suppress(OSError, ValueError, KeyError, TypeError):
                    used.append(Manifest.from_json((folder / "version.json").read_bytes()))
                continue
            shutil.rmtree(folder, ignore_errors=True)
        sources = {name for one in used for name in (*one.sources.values(), *one.changes)}
        scenes = {name for one in used for name in one.scenes}
        beside = (".columns", ".records")  # their indexes and records
        scenes |= {Path(name).with_suffix(end).name for name in scenes for end in beside}
        scenes |= {path.name for one in used for path in _joined(self.scenes, one.scenes)}
        for folder, names, ends in (
            (self.sources, sources, (".nq", ".changes", ".draft")),
            (self.scenes, scenes, (".parquet", *beside, ".joined", ".draft", ".tmp")),
        ):
            for path in folder.iterdir():
                if path.name not in names and path.name.endswith(ends):
                    with suppress(OSError):
                        path.unlink()


def _joined(folder: Path, parts: tuple[str, ...]) -> list[Path]:
    """The indexes that many parts of a table have together."""
    if len(parts) < 2 or not any(folder.glob("*.joined")):
        return []
    from kg.scenes.index import joins_of

    return [path for path, _ in joins_of(folder, parts)]


def _reader_holds(folder: Path) -> bool:
    if folder.name.endswith(".tmp"):
        return False
    try:
        lock = FileLock.exclusive(folder / "lock")
    except OSError:
        return False
    if lock is None:
        return True
    lock.release()
    return False


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file so that after a crash it holds either the old or the new bytes."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")  # two first uses may start at the same time
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder durable, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
