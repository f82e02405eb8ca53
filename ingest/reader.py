"""A catalogue record as it stands in its file: typed facts, each with its sources and its place in the text."""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ingest.problems import Problem, did_you_mean
from ingest.schema import KEYS, PARTS, REQUIRED, Key, RecordKind, keys_for
from ingest.values import VALUE_CHECKS, Refused
from ingest.yamltext import Mapping, Node, Scalars, Sequence, YamlRefused, plain, read_yaml
from ontology.errors import NotFound, RecordError
from ontology.namespaces import record_iri
from ontology.terms import IRI

Value: TypeAlias = str | int | float | tuple[float | int, ...] | AnyMapping[str, object]

_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}$")


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one key.

    Attributes:
        key: the key, such as `resolution_m`.
        value: text, number, or a mapping for values with parts.
        sources: citations that state the fact, never empty in a record that passed the check.
        line, column: where the value stands, counted from 1.
    """

    key: str
    value: Value
    sources: tuple[str, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Record:
    """A dataset or model record.

    Attributes:
        id: identifier, unique among the records of its kind.
        kind: `dataset` or `model`.
        facts: in the order of the file.
        sources: citation of each source key.
        origin: the file or other place the record came from.
        keys: place (line, column) of each top-level key.
    """

    id: str
    kind: RecordKind
    facts: tuple[Fact, ...]
    sources: AnyMapping[str, str]
    origin: str
    keys: AnyMapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def iri(self) -> IRI:
        """The IRI of the dataset or model."""
        return record_iri(self.kind, self.id)

    def all(self, key: str) -> tuple[Fact, ...]:
        """The facts under a key."""
        return tuple(fact for fact in self.facts if fact.key == key)

    def text(self, key: str) -> str:
        """The first value under a key as text, else the empty text."""
        return next((str(fact.value) for fact in self.facts if fact.key == key), "")


def load_record(path: Path | str) -> Record:
    """The record in a file.

    Raises:
        NotFound: there is no such file.
        RecordError: the file is not a record; the message names line and column of the first problem.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotFound(f"Cannot read {path}: {error.strerror}.", "Check the path.") from error
    record, problems = read_record(data, str(path))
    if record is None or problems:
        first = problems[0]
        raise RecordError(f"{first.path}:{first.line}:{first.column}: {first.message}", first.remedy)
    return record


def read_record(data: bytes | str, origin: str) -> tuple[Record | None, list[Problem]]:
    """A record and everything that is wrong with its form; None where not even `id` and `type` could be read."""
    try:
        tree = read_yaml(data, origin)
    except YamlRefused as error:
        return None, [error.problem]
    return _Reader(origin).read(tree)


class _Reader:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.problems: list[Problem] = []
        self.sources: dict[str, str] = {}

    def problem(self, at: Node | tuple[int, int], message: str, remedy: str = "", code: str = "value") -> None:
        line, column = at if isinstance(at, tuple) else (at.line, at.column)
        self.problems.append(Problem(self.origin, line, column, message, remedy, code))

    def read(self, tree: Node) -> tuple[Record | None, list[Problem]]:
        if not isinstance(tree, Mapping):
            self.problem(
                tree, "A record is a mapping of keys to values.", "Start with `id: ...` and `type: dataset`.", "yaml"
            )
            return None, self.problems
        kind = self._kind(tree)
        identifier = self._identifier(tree)
        if kind is None or identifier is None:
            return None, self.problems
        self._read_sources(tree)
        facts: list[Fact] = []
        for name, node in tree.items.items():
            if name in ("id", "type", "source") or name.startswith("@"):
                continue
            key = KEYS.get(name)
            if key is None or kind not in key.kinds:
                self._unknown_key(name, kind, tree)
            else:
                facts.extend(self._facts(key, node))
        present = {fact.key for fact in facts}
        for name in REQUIRED[kind]:
            if name not in present and name not in tree.items:
                self.problem(tree, f"The key '{name}' is missing.", f"Add `{name}: ...`.", "key")
        record = Record(identifier, kind, tuple(facts), self.sources, self.origin, dict(tree.keys))
        return record, sorted(self.problems)

    def _kind(self, tree: Mapping) -> RecordKind | None:
        node = tree.items.get("type")
        value = node.value if isinstance(node, Scalars) else None
        if value == "dataset":
            return "dataset"
        if value == "model":
            return "model"
        self.problem(
            node or tree, "The key 'type' must be 'dataset' or 'model'.", "Add `type: dataset` or `type: model`."
        )
        return None

    def _identifier(self, tree: Mapping) -> str | None:
        node = tree.items.get("id")
        text = node.text if isinstance(node, Scalars) else ""
        if _ID.match(text):
            return text
        self.problem(
            node or tree,
            "The key 'id' must be a short name in lower case: letters, digits, '-' and '.'.",
            "For example `id: my-dataset`.",
        )
        return None

    def _unknown_key(self, name: str, kind: RecordKind, tree: Mapping) -> None:
        other = KEYS.get(name)
        remedy = did_you_mean(name, keys_for(kind), "See the list of keys in the reference.")
        if other is not None:
            remedy = f"It belongs to a {other.kinds[0]} record. {remedy}"
        self.problem(tree.keys[name], f"A {kind} record has no key '{name}'.", remedy, "key")

    def _read_sources(self, tree: Mapping) -> None:
        node = tree.items.get("source")
        if isinstance(node, Scalars) and isinstance(node.value, str):
            self.sources = {"source": node.text}
            return
        if not isinstance(node, Mapping) or not node.items:
            self.problem(
                node or tree,
                "The key 'source' is missing: every fact needs a source.",
                "Add `source: {paper: https://doi.org/...}`; the first one is the source of every fact.",
                "source",
            )
            return
        for name, value in node.items.items():
            if isinstance(value, Scalars) and value.text.strip():
                self.sources[name] = value.text
            else:
                self.problem(
                    value, f"The source '{name}' must be a text.", "Write a DOI, a link or a citation.", "source"
                )

    def _facts(self, key: Key, node: Node) -> list[Fact]:
        if isinstance(node, Scalars) and node.value is None:
            self.problem(node, f"The key '{key.name}' has no value.", "Leave unknown keys out.")
            return []
        if key.shape == "loader":
            return self._loaders(key, node)
        nodes = node.items if isinstance(node, Sequence) else (node,)
        return [fact for item in nodes for fact in self._fact(key, item)]

    def _fact(self, key: Key, node: Node) -> list[Fact]:
        """One value, or a mapping {value: ..., source: ...} whose value may be a list."""
        sources = self._default_sources()
        if isinstance(node, Mapping):
            parts = PARTS.get(key.shape, {})
            if "source" in node.items:
                sources = self._named_sources(node.items["source"])
            inner = node.items.get("value")
            extra = set(node.items) - {"value", "source"}
            if inner is not None and not (parts and extra):
                for name in sorted(extra):
                    remedy = did_you_mean(name, ("value", "source"), "Remove it.")
                    self.problem(node.keys[name], f"'{name}' cannot stand beside 'value' here.", remedy, "key")
                items = inner.items if isinstance(inner, Sequence) else (inner,)
                return [fact for item in items for fact in self._value(key, item, sources)]
        return self._value(key, node, sources)

    def _value(self, key: Key, node: Node, sources: tuple[str, ...]) -> list[Fact]:
        value = self._parts(key, node) if isinstance(node, Mapping) else self._scalar(key, node)
        return [] if value is None else [Fact(key.name, value, sources, node.line, node.column)]

    def _scalar(self, key: Key, node: Node) -> Value | None:
        if isinstance(node, Sequence):
            self.problem(node, f"The key '{key.name}' takes no list within a list.", "Write one flat list.")
            return None
        try:
            return VALUE_CHECKS[key.shape](node)
        except Refused as error:
            self.problem(node, f"'{key.name}' {error.message}", error.remedy)
            return None

    def _parts(self, key: Key, node: Mapping) -> Value | None:
        parts = PARTS.get(key.shape)
        if parts is None:
            self.problem(
                node,
                f"The key '{key.name}' takes no mapping of {', '.join(node.items) or 'nothing'}.",
                "Write the value itself, or {value: ..., source: ...}.",
            )
            return None
        found: dict[str, object] = {}
        for name, inner in node.items.items():
            if name == "source":
                continue
            if name not in parts:
                self.problem(
                    node.keys[name],
                    f"A value of '{key.name}' has no key '{name}'.",
                    did_you_mean(name, parts, f"It may have {', '.join(parts)}."),
                    "key",
                )
                continue
            try:
                found[name] = VALUE_CHECKS[parts[name]](inner)
            except Refused as error:
                self.problem(inner, f"'{name}' of '{key.name}' {error.message}", error.remedy)
        first = next(iter(parts))
        if first not in found and not (key.shape == "distribution" and ("page" in found or "format" in found)):
            if first not in node.items:
                self.problem(node, f"A value of '{key.name}' needs '{first}'.", f"Add `{first}: ...`.", "key")
            return None
        return found

    def _loaders(self, key: Key, node: Node) -> list[Fact]:
        if not isinstance(node, Mapping):
            self.problem(
                node,
                "'loader' maps a library to the name it loads the record by.",
                "For example {torchgeo: torchgeo.datasets.EuroSAT}.",
            )
            return []
        found = []
        for name, inner in node.items.items():
            if isinstance(inner, Scalars) and isinstance(inner.value, str):
                value = {"library": name, "name": inner.text}
                found.append(Fact(key.name, value, self._default_sources(), inner.line, inner.column))
            else:
                self.problem(inner, f"The loader of '{name}' must be a text.", "Write the name to import or call.")
        return found

    def _default_sources(self) -> tuple[str, ...]:
        return tuple(self.sources.values())[:1]

    def _named_sources(self, node: Node) -> tuple[str, ...]:
        names = plain(node)
        found = []
        for name in names if isinstance(names, list) else [names]:
            if isinstance(name, str) and name in self.sources:
                found.append(self.sources[name])
            else:
                self.problem(
                    node,
                    f"There is no source '{name}' under the key 'source'.",
                    did_you_mean(str(name), self.sources, "Add it under `source:`."),
                    "source",
                )
        return tuple(found) or self._default_sources()
