"""Publishers' lists: which files belong to which fold, and which class they are of."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ontology.errors import EarthdexError
from training.distributions import LabelClass
from training.layouts.words import chunks, fold_of, plain
from training.types import TARGET_ROLES, Item

_SUFFIXES = (".txt", ".csv", ".tsv", ".json", ".lst")
_MAX_LISTS = 64
_FOLD_COLUMNS = ("split", "fold", "subset", "set", "partition", "usage", "phase")
_FILE_COLUMNS = ("filename", "file", "filepath", "path", "image", "imageid", "name", "id", "chip", "patch", "patchid")
_CLASS_COLUMNS = ("label", "class", "classname", "category", "target", "y", "labelid", "classid")
_SPLITTER = re.compile(r"[,;\t ]+")


@dataclass(slots=True)
class Lists:
    """What lists say of files, by the name of the file without folders and ending.

    Attributes:
        folds: split of a file.
        labels: class of a file, as the list writes it.
        torn: files that lists put into two folds.
        named: names as the lists write them.
    """

    folds: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)
    named: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, fold: str, label: str) -> None:
        """Notes what a list says of a file."""
        key = _stem(name)
        if not key:
            return
        self.named.setdefault(key, name)
        if fold and self.folds.setdefault(key, fold) != fold:
            self.torn.add(key)
        if label:
            self.labels.setdefault(key, label)


def read_lists(paths: Iterable[tuple[str, str]], read: Callable[[str], bytes], problems: list[str]) -> Lists:
    """Reads the lists among the files of a dataset.

    A list is a text, CSV or JSON file whose name says train, validation or test, or a CSV with a column that does.

    Args:
        paths: (href, path below the root).
        read: gives the first bytes of a file, at most 64 MiB.
        problems: what could not be read is appended to it.
    """
    lists = Lists()
    asked = 0
    for href, path in sorted(paths, key=lambda one: one[1]):
        place = PurePosixPath(path)
        suffix = place.suffix.lower()
        fold = next((one for piece in chunks(place.stem) if (one := fold_of(piece))), "")
        if suffix not in _SUFFIXES or not (fold or suffix in (".csv", ".tsv") or "split" in place.stem.casefold()):
            continue
        asked += 1
        if asked > _MAX_LISTS:
            problems.append(f"More than {_MAX_LISTS} lists of files: the others were not read.")
            break
        try:
            text = read(href).decode("utf-8-sig", "replace")
        except EarthdexError as error:
            problems.append(f"{path[:120]} could not be read: {error.message}")
            continue
        if suffix == ".json":
            _json(text, fold, lists)
        elif suffix in (".csv", ".tsv"):
            _table(text, fold, lists)
        else:
            for line in text.splitlines():
                _line(line, fold, lists)
    return lists


def _line(line: str, fold: str, lists: Lists) -> None:
    """Every word of a line that may name a file: some lists name the image and its label beside one another."""
    if fold and not line.startswith("#"):
        for word in _SPLITTER.split(line.strip()):
            lists.put(word, fold, "")


def _table(text: str, fold: str, lists: Lists) -> None:
    delimiter = max(",;\t", key=text[:4096].count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        head = next(rows, [])
        keys = [plain(one) for one in head]
        of_file = next((keys.index(one) for one in _FILE_COLUMNS if one in keys), None)
        of_fold = next((keys.index(one) for one in _FOLD_COLUMNS if one in keys), None)
        of_class = next((keys.index(one) for one in _CLASS_COLUMNS if one in keys), None)
        if of_file is None or (of_fold is None and of_class is None and not fold):
            if fold:
                for row in [head, *rows]:
                    _line(" ".join(one.strip().replace(" ", "_") for one in row), fold, lists)
            return
        for row in rows:
            cells = dict(enumerate(row))
            told = fold_of(cells.get(of_fold, "").strip()) if of_fold is not None else ""
            label = cells.get(of_class, "").strip() if of_class is not None else ""
            lists.put(cells.get(of_file, "").strip(), told or fold, label)
    except csv.Error:
        return


def _json(text: str, fold: str, lists: Lists) -> None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    groups = found.items() if isinstance(found, Mapping) else [(fold, found)]
    for name, members in groups:
        told = fold_of(str(name)) or (fold if not isinstance(found, Mapping) else "")
        if told and isinstance(members, list):
            for one in members:
                if isinstance(one, str):
                    lists.put(one, told, "")


def _stem(name: str) -> str:
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    return (stem if dot and len(ending) <= 5 else last).casefold()


def apply_lists(items: Sequence[Item], lists: Lists, classes: Sequence[LabelClass], problems: list[str]) -> list[Item]:
    """Items with the folds and classes that lists tell.

    Lists win over folders. A file in two folds keeps what its path says.
    """
    if not lists.folds and not lists.labels:
        return list(items)
    values = {plain(one.name): one.value for one in classes}
    numbers = {str(one.value): one.value for one in classes}
    met: set[str] = set()
    unknown: set[str] = set()
    done = []
    for item in items:
        stems = [_stem(part.href) for part in item.parts]
        # patches of one-band files are listed by their folder
        stems += [_stem(part.href.rpartition("/")[0]) for part in item.parts if part.names][:1]
        hits = [one for one in stems if one in lists.named]
        met.update(hits)
        fold = next((lists.folds[one] for one in hits if one in lists.folds and one not in lists.torn), item.fold)
        label = item.label
        if label is None and not any(part.role in TARGET_ROLES for part in item.parts):
            told = next((lists.labels[one] for one in hits if one in lists.labels), "")
            label = values.get(plain(told), numbers.get(told)) if told else None
            if told and label is None:
                unknown.add(told)
        done.append(item if (fold, label) == (item.fold, item.label) else replace(item, fold=fold, label=label))
    if not met:
        return list(items)
    missing = [name for key, name in lists.named.items() if key not in met and key in lists.folds]
    # heads of columns and the like are no files
    missing = [one for one in missing if "." in one or "/" in one or any(c.isdigit() for c in one)]
    if missing:
        shown = ", ".join(one[:80] for one in sorted(missing)[:5])
        problems.append(f"Split lists name {len(missing):,} files that are not there: {shown}.")
    if lists.torn:
        shown = ", ".join(lists.named[one][:80] for one in sorted(lists.torn)[:5])
        problems.append(f"{len(lists.torn):,} files stand in lists of two folds: {shown}.")
    if unknown:
        problems.append(f"Lists name classes that the dataset has not: {', '.join(sorted(unknown)[:5])[:200]}.")
    outside = sum(not one.fold for one in done)
    if outside and lists.folds:
        problems.append(f"{outside:,} items are in no list: they belong to no fold.")
    return done
