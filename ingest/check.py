"""`earthdex check`: everything that is wrong with a record or a folder of records, with line and remedy."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from ingest.check_facts import check_facts
from ingest.check_links import check_circles, check_duplicates
from ingest.check_shapes import check_shapes
from ingest.known import KnownNames
from ingest.names import RecordIndex
from ingest.problems import Problem
from ingest.reader import Record, read_record
from ingest.yamltext import MAX_BYTES
from ontology.errors import NotFound
from ontology.paths import catalogue_dir

__all__ = ["Problem", "check_path"]

MAX_FILES = 20_000
MAX_PROBLEMS = 200
_ENDINGS = (".yaml", ".yml")

Progress = Callable[[str, int, int], None]


def check_path(path: Path | str, progress: Progress | None = None) -> list[Problem]:
    """What is wrong with a record or with all records in a folder.

    Checked are the form of the YAML, keys and values, the vocabularies, places, licences, checksums, references between
    records and with the built-in catalogue, and the SHACL shapes of the ontology.

    Args:
        path: a file, or a folder that is searched for `.yaml` and `.yml` files; links to folders are not followed.
        progress: called with (stage, done, total).

    Returns:
        The problems, by file and line; empty where nothing is wrong.

    Raises:
        NotFound: there is no such file, or the folder holds no records.
    """
    path = Path(path)
    files = _files(path)
    problems: list[Problem] = []
    read: list[Record] = []
    for done, file in enumerate(files):
        if progress and done % 16 == 0:
            progress("Reading records", done, len(files))
        record, found = _read(file)
        problems += found[:MAX_PROBLEMS]
        if record is not None:
            read.append(record)
            problems += _file_name(file, record)
    if progress:
        progress("Reading records", len(files), len(files))
    if read:
        problems += _together(read, {one.path for one in problems}, progress)
    return sorted(set(problems))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = list(islice(_walk(path), MAX_FILES))
        if not found:
            raise NotFound(f"The folder {path} holds no records.", "Records are files that end in .yaml.")
        return sorted(found)
    if not path.exists():
        raise NotFound(f"There is no file or folder {path}.", "Check the path.")
    if not path.is_file():
        raise NotFound(f"{path} is not a file.", "Give a record (.yaml) or a folder of records.")
    return [path]


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        # `catalogue/places` holds tables of places, which the gazetteer reads
        folders[:] = [name for name in folders if not name.startswith(".") and Path(where, name).resolve() != _places()]
        yield from (Path(where, name) for name in names if name.endswith(_ENDINGS) and not name.startswith("."))


def _places() -> Path:
    return catalogue_dir() / "places"


def _read(file: Path) -> tuple[Record | None, list[Problem]]:
    try:
        if not file.exists():
            return None, [Problem(str(file), 0, 0, "A link to nothing.", "Remove or correct it.", "file")]
        if not file.is_file():
            return None, [Problem(str(file), 0, 0, "Not an ordinary file.", "Remove it.", "file")]
        if file.stat().st_size > MAX_BYTES:
            message = f"The file is larger than {MAX_BYTES // 1024} KiB: too large for a record."
            return None, [Problem(str(file), 0, 0, message, "Write one record a file, and no data into it.", "file")]
        data = file.read_bytes()
    except OSError as error:
        return None, [Problem(str(file), 0, 0, f"Cannot be read: {error.strerror}.", "Check its permissions.", "file")]
    return read_record(data, str(file))


def _file_name(file: Path, record: Record) -> Iterator[Problem]:
    if file.stem != record.id:
        line, column = record.keys.get("id", (1, 1))
        remedy = f"Rename the file to {record.id}{file.suffix}, or change the id."
        yield Problem(
            str(file), line, column, f"The file '{file.name}' holds the id '{record.id}'.", remedy, "duplicate"
        )


def _together(records: list[Record], flawed: set[str], progress: Progress | None) -> Iterable[Problem]:
    others = list(_builtin_records({_resolved(one.origin) for one in records}))
    names = KnownNames(RecordIndex((*others, *records)))
    problems: list[Problem] = []
    for done, record in enumerate(records):
        if progress and done % 16 == 0:
            progress("Checking facts", done, len(records))
        problems += islice(check_facts(record, names), MAX_PROBLEMS)
    problems += check_duplicates(records, others)
    problems += check_circles(records, others, names)
    flawed |= {one.path for one in problems}
    # shapes speak the language of the graph: they are asked only where nothing plainer can be said
    sound = [record for record in records if record.origin not in flawed]
    if sound:
        if progress:
            progress("Checking shapes", 0, 1)
        problems += check_shapes(sound, names)
        if progress:
            progress("Checking shapes", 1, 1)
    return problems


def _builtin_records(without: set[str]) -> Iterator[Record]:
    """The packaged records that can be read, but for the files that are checked themselves."""
    for kind in ("datasets", "models"):
        for file in sorted((catalogue_dir() / kind).glob("*.yaml")):
            if _resolved(str(file)) not in without:
                record, _ = _read(file)
                if record is not None:
                    yield record


def _resolved(origin: str) -> str:
    return str(Path(origin).resolve())
