"""What was understood, as chips: each can be taken away, brought back, or changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from api.web.asked import Asked
from nlq.wording import label
from ontology.properties import PROPERTIES
from ontology.vocabulary import Vocabulary

_MOST_OPTIONS = 400
_LONG = 90  # characters
_EDITABLE = ("concept", "sensor", "integer", "number", "boolean", "text", "class", "record")
_NUMBER_OPS = (("<=", "at most"), (">=", "at least"), ("=", "exactly"))
_VALUE_OPS = (("=", "is"), ("!=", "is not"))


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition.

    Attributes:
        text: it in words.
        words: the words of the question that made it.
        role: filter, place, time, order or aggregate.
        state: asked, added or left_out.
        toggle: address without it, or with it again.
        key: its key.
        name: the property in words.
        property: its name.
        value: the value as the form shows it.
        op: the operator as the form has it.
        ops: operators to choose from, each with its words; empty where it cannot be changed.
        options: values to choose from; empty where any may be written.
        list_name: name of the list of values.
    """

    text: str
    words: tuple[str, ...]
    role: str
    state: str
    toggle: str
    key: str
    name: str = ""
    property: str = ""
    value: str = ""
    op: str = "="
    ops: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()
    list_name: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the question: in words, and its address."""

    text: str
    address: str


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    return Vocabulary.load()


def chips_of(answer: dict[str, Any], asked: Asked, path: str) -> list[Chip]:
    """The chips of an answer.

    Args:
        answer: the answer.
        asked: the state of its page.
        path: the page's path.
    """
    found = []
    for one in answer["conditions"]:
        key = str(one["key"])
        gone = one["state"] == "left_out"
        toggle = asked.bring_back(key) if gone else asked.leave_out(key)
        base = Chip(
            str(one["text"]), tuple(one["words"]), str(one["role"]), str(one["state"]), toggle.address(path), key
        )
        found.append(base if gone else _editable(base, one))
    return found


def _short(one: dict[str, Any]) -> str:
    """A condition in words; where it lists many values, the words that made it."""
    text, value = str(one["text"]), one["value"]
    if len(text) <= _LONG or not isinstance(value, list) or len(value) < 4:
        return text
    made = ", ".join(one["words"])
    if made:
        return f"{label(str(one['property']))}: “{made}” ({len(value)} values)"
    return f"{label(str(one['property']))}: {value[0]}, {value[1]} or {len(value) - 2} more"


def _editable(chip: Chip, one: dict[str, Any]) -> Chip:
    """The chip with what its form needs, where its value can be changed."""
    name, value, op = str(one["property"]), one["value"], str(one["op"])
    if name == "place" and isinstance(value, str):
        return replace(chip, name="place", property=name, value=value, ops=(("=", "in"),))
    if name == "time" and isinstance(value, list) and len(value) == 2 and not isinstance(value[0], list):
        text = f"{value[0] or ''}/{value[1] or ''}"
        return replace(chip, name="time", property=name, value=text, ops=(("=", "from / to"),))
    prop = PROPERTIES.get(name)
    if prop is None or prop.kind not in _EDITABLE or isinstance(value, (dict, list)) or value is None:
        return chip
    words = label(name)
    if prop.kind in ("integer", "number"):
        return replace(chip, name=words, property=name, value=str(value), op=_number_op(op), ops=_NUMBER_OPS)
    if prop.kind == "boolean":
        text = "true" if value is True else "false"
        return replace(chip, name=words, property=name, value=text, ops=(("=", "is"),), options=("true", "false"))
    options = _vocabulary().labels(prop.scheme)[:_MOST_OPTIONS] if prop.scheme in _vocabulary().schemes() else ()
    turned = "!=" if op in ("!=", "not_contains") else "="
    return replace(
        chip, name=words, property=name, value=str(value), op=turned, ops=_VALUE_OPS, options=tuple(options),
        list_name=f"values-{prop.scheme}" if options else "",
    )  # fmt: skip


def _number_op(op: str) -> str:
    return {"<": "<=", ">": ">="}.get(op, op if op in ("<=", ">=") else "=")


def readings_of(answer: dict[str, Any], asked: Asked, path: str, names: dict[str, str]) -> list[Reading]:
    """Other ways to read the question, nearest first: other places of the same name, the things behind a number.

    Args:
        answer: the answer.
        asked: the state of its page.
        path: the page's path.
        names: names of places by IRI.
    """
    found = []
    for one in answer["conditions"]:
        if one["state"] != "asked":
            continue
        if one["property"] == "place" and isinstance(one["value"], str):
            for iri in one["iris"][1:6]:
                if iri in names:
                    found.append(Reading(names[iri], asked.instead(one["key"], f"place={iri}").address(path)))
        if one["property"] in ("aggregate", "group_by") and answer["target"] in ("dataset", "model", "product"):
            text = {"dataset": "List the datasets", "model": "List the models"}.get(answer["target"], "List the scenes")
            found.append(Reading(text, asked.leave_out(one["key"]).address(path)))
    return found
