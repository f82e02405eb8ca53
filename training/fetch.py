"""`earthdex fetch`: a dataset's files, downloaded, checked and unpacked."""

from __future__ import annotations

from pathlib import Path

from kg.home import Home
from ontology.errors import FetchError
from training.distributions import distributions
from training.io.archive import is_archive, unpack
from training.io.download import Report, download


def fetch(
    home: Home,
    name: str,
    target: Path | None = None,
    progress: Report | None = None,
    *,
    max_bytes: int = 1 << 40,
    allow_private: bool = False,
) -> list[Path]:
    """Downloads all files that the catalogue knows of a dataset.

    Archives are unpacked into a folder of their own beside the archive and kept.

    Args:
        home: the catalogue.
        name: the dataset.
        target: folder to write to; `./<dataset id>` by default.
        progress: called with (file, bytes done, bytes in all).
        max_bytes: most bytes of one file.
        allow_private: whether records may name hosts with private addresses.

    Returns:
        The downloaded files and unpacked folders.

    Raises:
        NotFound: no such dataset, or no file of it is known.
        FetchError: a file could not be had; the others are there, and a second call goes on with the rest.
        ChecksumMismatch: the bytes are not those the catalogue describes.
        ArchiveRefused: an archive would write outside its folder or expand without bound.
    """
    identifier, files = distributions(home, name)
    folder = target if target is not None else Path(identifier)
    got: list[Path] = []
    failed: list[FetchError] = []
    for one in files:
        try:
            path = download(
                one.url,
                folder,
                algorithm=one.algorithm,
                checksum=one.checksum,
                max_bytes=max_bytes,
                progress=progress,
                allow_private=allow_private,
            )
            got.append(path)
            if is_archive(path):
                got.append(_unpacked(path))
        except FetchError as error:
            failed.append(error)
    if failed:
        done = f" {len(files) - len(failed)} of {len(files)} files are in {folder}." if len(files) > 1 else ""
        raise type(failed[0])(failed[0].message + done, failed[0].remedy) from failed[0]
    return got


def _unpacked(archive: Path) -> Path:
    """The folder of an archive's files; unpacked once for each version of the archive."""
    folder = archive.with_name(archive.name + ".d")
    stamp = folder / ".earthdex-unpacked"
    state = archive.stat()
    made_from = f"{state.st_size} {state.st_mtime_ns}"
    if not stamp.exists() or stamp.read_text() != made_from:
        unpack(archive, folder)
        folder.mkdir(parents=True, exist_ok=True)
        stamp.write_text(made_from)
    return folder
