"""Reads hostile YAML into plain values that remember where they stood.

Only what a record needs is accepted: one document of mappings, lists and scalars. Anchors, aliases and tags are
refused, since an alias lets a few lines expand without bound and a tag may name a class. Scalars follow the core schema
of YAML 1.2, as YAML-LD demands: `no` is a text (and a country code), a date is a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from ingest.problems import Problem

MAX_BYTES = 512 * 1024
MAX_DEPTH = 12
MAX_NODES = 20_000

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Scalar: TypeAlias = str | int | float | bool | None

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?$")
_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


class YamlRefused(Exception):
    """A text that is not the YAML of a record; holds the one problem that stopped the reading."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Scalars:
    """A scalar, as value and as written, and where it starts (line and column counted from 1)."""

    value: Scalar
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list and where it starts."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping with text keys, each with the place of its key, and where the whole starts."""

    items: dict[str, Node]
    keys: dict[str, tuple[int, int]]
    line: int
    column: int


Node: TypeAlias = Scalars | Sequence | Mapping


def plain(node: Node) -> object:
    """The node as nested Python values, without positions."""
    if isinstance(node, Scalars):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(item) for key, item in node.items.items()}


def read_yaml(data: bytes | str, path: str) -> Node:
    """One YAML document as a tree with positions.

    Args:
        data: the text, UTF-8 where given as bytes.
        path: name to report problems under.

    Raises:
        YamlRefused: not YAML, not UTF-8, too large, too deep, several documents, anchors, aliases, tags, duplicate or
            non-text keys.
    """
    if len(data) > MAX_BYTES:
        _refuse(path, 0, 0, f"The file is larger than {MAX_BYTES // 1024} KiB.", "Split it: one record a file.")
    if isinstance(data, bytes):
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            _refuse(path, line, 1, "The file is not UTF-8 text.", "Save it as UTF-8.")
    else:
        text = data.removeprefix("\ufeff")
    return _Tree(path).read(text)


def _refuse(path: str, line: int, column: int, message: str, remedy: str) -> None:
    raise YamlRefused(Problem(path, line, column, message, remedy, "yaml"))


class _Tree:
    """Builds the tree from parser events, so that limits hold while reading and not after."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.count = 0

    def read(self, text: str) -> Node:
        try:
            self.events = yaml.parse(text, Loader=Loader)
            return self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            what = error.problem or error.context or "unreadable"
            raise self._refused(
                line, column, f"Not valid YAML: {what}.", "Check indentation, quotes and colons at this place."
            ) from error
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise self._refused(
                line, 1, "The file holds a character that YAML does not allow.", "Remove control characters."
            ) from error
        except ValueError as error:
            raise self._refused(1, 1, "The file holds text that cannot be read.", "Save it as plain UTF-8.") from error

    def _refused(self, line: int, column: int, message: str, remedy: str) -> YamlRefused:
        return YamlRefused(Problem(self.path, line, column, message, remedy, "yaml"))

    def _document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self._refused(
                        _place(event)[0],
                        1,
                        "The file holds more than one document.",
                        "Keep one record a file, without `---` between them.",
                    )
                root = self._node(next(self.events), 1)
        if root is None:
            raise self._refused(1, 1, "The file is empty.", "Write a record: see `docs` on how to add a dataset.")
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line, column = _place(event)
        self.count += 1
        if self.count > MAX_NODES or depth > MAX_DEPTH:
            raise self._refused(
                line,
                column,
                "The record is nested too deeply or holds too many values.",
                f"Keep to {MAX_DEPTH} levels and {MAX_NODES} values.",
            )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._refused(
                line,
                column,
                "Anchors (&) and aliases (*) are not allowed in records.",
                "Write the value out, or quote the text if it starts with & or *.",
            )
        if getattr(event, "tag", None) is not None:
            raise self._refused(
                line,
                column,
                "Tags (!) are not allowed in records.",
                "Remove the tag, or quote the text if it starts with !.",
            )
        if isinstance(event, yaml.ScalarEvent):
            return Scalars(_scalar(event.value) if event.implicit[0] else event.value, event.value, line, column)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            return Sequence(tuple(items), line, column)
        return self._mapping(line, column, depth)

    def _mapping(self, line: int, column: int, depth: int) -> Mapping:
        items: dict[str, Node] = {}
        keys: dict[str, tuple[int, int]] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            name = key.value if isinstance(key, Scalars) else None
            if isinstance(name, int | float) and not isinstance(name, bool):
                name = key.text if isinstance(key, Scalars) else None
            if not isinstance(name, str):
                raise self._refused(key.line, key.column, "A key must be a plain word.", "Put it in quotes.")
            if name in items:
                raise self._refused(
                    key.line,
                    key.column,
                    f"The key '{name}' stands twice in one mapping.",
                    f"Join both under one key; the first is in line {keys[name][0]}.",
                )
            items[name] = self._node(next(self.events), depth + 1)
            keys[name] = (key.line, key.column)
        return Mapping(items, keys, line, column)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _scalar(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text
