"""Named records that no relation has used: the thing asked about, or a family of them (convention 4)."""

from __future__ import annotations

import re

from nlq.lexis.lexicon import Lexicon
from nlq.sheet.reading import Mark, Reading
from nlq.stages.relations import records

_ACROSS = {"trained_on": "training data", "evaluated_on": "the data of the evaluation", "initialised_from": "the start"}


_PARTS = frozenset({"architecture", "sensor", "pretraining", "modality", "band"})


def loosen_names(reading: Reading, lexicon: Lexicon) -> None:
    """`resnet50 sentinel-2 moco`: a name of a model that only says what it is made of, and is not typed as a name.

    Args:
        reading: the question, after lookups.
        lexicon: knows the words of the parts.
    """
    if reading.draft.returns or reading.draft.compare or reading.draft.aggregate or reading.draft.order:
        return
    for mark in list(reading.of_kind("record", unused=True)):
        typed = reading.words(mark.start, mark.end)
        if _level(mark) != "model" or typed == mark.value or mark.end - mark.start < 3:
            continue
        parts, index = [], mark.start
        while index < mark.end:
            for limit in range(mark.end, index, -1):
                hit = lexicon.longest(reading.tokens[:limit], index)
                entries = [one for one in hit.entries if one.kind in _PARTS] if hit is not None else []
                if hit is not None and entries:
                    break
            else:
                break
            parts.append((index, hit.end, entries))
            index = hit.end
        if index < mark.end or len(parts) < 2:
            continue
        reading.unmark(mark)
        for start, end, entries in parts:
            first = min(entries, key=lambda one: sorted(_PARTS).index(one.kind))
            reading.mark(start, end, first.kind, first.value, entries=entries, entry=first)


def settle_names(reading: Reading) -> None:
    """Filter on the names that are left."""
    draft = reading.draft
    marks = [one for one in records(reading) if not one.info.get("taken")]
    if not marks or draft.target is None:
        return
    if draft.target == "product":
        return
    fitting = [one for one in marks if _level(one) == draft.target or draft.target == "any"] or marks
    other = [one for one in fitting if _level(one) != draft.target and draft.target != "any"]
    if other and len(other) == len(fitting):
        _across(reading, other)
        return
    families = [
        one
        for one in fitting
        if one.info.get("family")
        or (one.kind == "family" and (draft.aggregate != "ask" or _one_of(reading, one)) and not draft.returns)
    ]
    for mark in families:
        draft.add("name", "not_contains" if _negated(reading, mark) else "contains", str(mark.value))
        reading.take(mark, "name")
    single = [one for one in fitting if one not in families]
    values = list(dict.fromkeys(str(one.value) for one in single))
    if len(values) == 1:
        draft.add("name", "!=" if _negated(reading, single[0]) else "=", values[0])
    elif values:
        draft.add("name", "in", values)
    for mark in single:
        reading.take(mark, "name")


def _one_of(reading: Reading, mark: Mark) -> bool:
    """`a version of X`, `any X`: one of the family."""
    before = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 3) : mark.start])
    return (
        re.search(r"(?:versions?|variants?|members?|one|any|editions?) of(?: the)?$|\b(?:any|some)$", before)
        is not None
    )


def _level(mark: Mark) -> str:
    entry = mark.info.get("entry")
    return entry.level if entry is not None and entry.level else "dataset"


def _negated(reading: Reading, mark: Mark) -> bool:
    from nlq.stages.negation import negation

    return negation(reading, mark.start) and reading.draft.aggregate != "ask"


def _across(reading: Reading, marks: list[Mark]) -> None:
    """Models asked about with a dataset (`models for EuroSAT`), datasets with a model (`data of DOFA`)."""
    name = "trained_on" if reading.draft.target == "model" else "trained_model"
    if name == "trained_on" and (any(reading.of_kind("metric")) or reading.draft.values_of("metric", "metric_value")):
        name = "evaluated_on"  # "an accuracy of 95 % on EuroSAT"
    values = [str(one.value) for one in marks]
    if values == ["ImageNet"] and name == "trained_on":
        name = "initialised_from"
    if all(_negated(reading, one) for one in marks):
        for value in values:
            reading.draft.add(name, "not_contains", value)
    else:
        reading.draft.add(name, "=" if len(values) == 1 else "in", values[0] if len(values) == 1 else values)
    reading.draft.assume(f"{values[0]} is read as {_ACROSS.get(name, 'the model trained on it')}")
    for mark in marks:
        reading.take(mark, name)
