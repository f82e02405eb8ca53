"""Question lines: the files of the catalogue and those of others, checked for form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from nlq.evaluation.marks import shown
from ontology.errors import NotFound, RecordError
from ontology.paths import catalogue_dir

Line: TypeAlias = dict[str, Any]

CLASSES = (
    "product_search", "product_spatial_join", "dataset_search", "dataset_space_time", "model_search", "relation",
    "attribute_lookup", "superlative", "count_aggregate", "comparison", "boolean", "follow_up", "ambiguous_place",
    "unanswerable", "place",
)  # fmt: skip
STYLES = ("plain", "terse", "passive", "typo", "colloquial", "longwinded")

_REMEDY = "See docs/how-to/evaluate.md for the form of a question line."
_NEEDED = {"id": str, "question": str, "expect": dict, "answerable": bool}


def question_files() -> list[Path]:
    """The question files that come with the catalogue."""
    return sorted((catalogue_dir() / "questions").glob("*.jsonl"))


def read_lines(files: Iterable[Path]) -> list[Line]:
    """The lines of question files, checked.

    Raises:
        NotFound: no such file.
        RecordError: a line is not a question line; the message names file and line.
    """
    found: list[Line] = []
    seen: dict[str, str] = {}
    for file in files:
        if not file.is_file():
            raise NotFound(f"There is no file {file}.", _REMEDY)
        for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not text.strip():
                continue
            where = f"{file.name}:{number}"
            line = _line(text, where)
            if line["id"] in seen:
                raise RecordError(f"{where}: the id {line['id']} stands in {seen[line['id']]} too.", _REMEDY)
            seen[line["id"]] = where
            found.append(line)
    return found


def _line(text: str, where: str) -> Line:
    try:
        line = json.loads(text)
    except ValueError as error:
        raise RecordError(f"{where} is not JSON: {error}.", _REMEDY) from error
    if not isinstance(line, dict):
        raise RecordError(f"{where} is no JSON object.", _REMEDY)
    if line.get("answerable") is False:
        line.setdefault("expect", {})
    for name, kind in _NEEDED.items():
        if not isinstance(line.get(name), kind):
            raise RecordError(f"{where}: {name} is missing or of the wrong type.", _REMEDY)
    if not isinstance(line.get("gold"), (str, type(None))):
        raise RecordError(f"{where}: gold is no query.", _REMEDY)
    whole = {"class": "none", "style": "plain", "phenomena": [], **line}
    try:
        whole["phenomena"] = list(dict.fromkeys([*whole["phenomena"], *shown(whole)]))
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{where}: what is expected cannot be read: {error!r}.", _REMEDY) from error
    return whole


def chosen(
    lines: Sequence[Line],
    *,
    classes: Sequence[str] = (),
    styles: Sequence[str] = (),
    phenomena: Sequence[str] = (),
    ids: Sequence[str] = (),
) -> list[Line]:
    """The lines of these classes, styles, phenomena (`time` stands for all that begin with `time.`) and ids."""

    def wanted(line: Mapping[str, Any]) -> bool:
        marks = line["phenomena"]
        return (
            (not classes or line["class"] in classes)
            and (not ids or line["id"] in ids)
            and (not styles or line["style"] in styles)
            and (not phenomena or any(one == each or one.startswith(f"{each}.") for one in marks for each in phenomena))
        )

    return [line for line in lines if wanted(line)]
