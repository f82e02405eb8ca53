"""Words that mean something else beside their neighbours: methods that are called like data, data that is a theme."""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading

_MODEL_MARKS = ("model", "model_type", "architecture")
# what is trained, tested or made on a record is meant by its name
_OF_RECORD = regex(r"\b(?:on|from|of|than|in|for|is|are|does|was|did|has|with|about|against|like|to|by|the|and)$")
_BY_METHOD = regex(r"\b(?:trained|training|learned|learning|weights|method)(?: (?:with|by|through|using|via|as))$")
_JOINS = frozenset(("and", "with", "plus", "+", "&", ",", "/", "-", "as", "well", "to", "together", "combined", "or"))
_FARTHEST = 4


def read_second_meanings(reading: Reading) -> None:
    """Retag marks whose other meaning fits; before relations take the names."""
    _methods(reading)
    _kinds_of_data(reading)


def _methods(reading: Reading) -> None:
    """`ResNet-50, SeCo pretraining`: the method rather than the data that is called so."""
    for mark in reading.of_kind("record", unused=True):
        entry = next((one for one in mark.info.get("entries", ()) if one.kind == "pretraining"), None)
        if entry is None:
            continue
        before = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 4) : mark.start])
        after = reading.owner(mark.end)
        beside = after is not None and after.kind in ("attr", *_MODEL_MARKS) and not after.info.get("taken")
        method = beside and after is not None and (after.kind != "attr" or after.value == "pretraining")
        listed = any(reading.of_kind("architecture")) and not _OF_RECORD.search(before)
        if method or listed or _BY_METHOD.search(before):
            mark.info["entry"] = entry
            reading.retag(mark, "pretraining", entry.value)


def _kinds_of_data(reading: Reading) -> None:
    """`optical images with elevation data`: beside a kind of data, elevation is another one and no theme."""
    for mark in reading.of_kind("topic", unused=True):
        entry = next((one for one in mark.info.get("entries", ()) if one.kind == "modality"), None)
        if entry is None or mark.info.get("taken"):
            continue
        if any(_joined(reading, mark, step) for step in (-1, 1)):
            mark.info["entry"] = entry
            reading.retag(mark, "modality", entry.value)


def _joined(reading: Reading, mark: Mark, step: int) -> bool:
    """Whether a kind of data stands beside a mark, over `and`, `with` and a head noun."""
    at, joined = (mark.start - 1 if step < 0 else mark.end), False
    for _ in range(_FARTHEST):
        owner = reading.owner(at)
        if owner is not None and owner.kind == "modality":
            return joined
        if not 0 <= at < len(reading.tokens):
            return False
        if owner is not None and owner.kind not in ("product", "dataset"):
            return False
        if owner is None and reading.tokens[at].norm not in _JOINS | {"data", "pictures", "images", "imagery", "a"}:
            return False
        joined = joined or (owner is None and reading.tokens[at].norm in _JOINS)
        at = at + step if owner is None else (owner.start - 1 if step < 0 else owner.end)
    return False
