"""Marks -> filters: which property a phrase bounds for the target, with lists and negation (conventions 3 to 6)."""

from __future__ import annotations

import re
from itertools import pairwise

from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading
from nlq.stages.negation import negation, not_only, words_after, words_before

_PRODUCT_LEVEL = {
    "family": "mission",
    "mission": "mission",
    "spacecraft": "platform",
    "instrument": "instrument",
    "": "mission",
}
_BY_TARGET: dict[str, dict[str, str]] = {
    "dataset": {
        "sensor": "sensor",
        "modality": "modality",
        "band": "band",
        "polarisation": "band",
        "product_type": "keyword",
    },
    "model": {
        "sensor": "input_sensor",
        "modality": "input_modality",
        "band": "input_band",
        "polarisation": "input_band",
        "product_type": "keyword",
    },
    "product": {"modality": "", "band": "band"},
}
_FIELDS: dict[str, tuple[str, ...]] = {
    "topic": ("dataset", "model", "any"),
    "task": ("dataset", "model", "any"),
    "temporal": ("dataset", "model"),
    "license": ("dataset", "model", "any"),
    "access": ("dataset", "model"),
    "format": ("dataset", "model"),
    "scene_type": ("dataset",),
    "annotation_type": ("dataset",),
    "annotation_source": ("dataset",),
    "benchmark": ("dataset",),
    "model_type": ("model",),
    "architecture": ("model",),
    "framework": ("model",),
    "hardware": ("model",),
    "pretraining": ("model",),
    "metric": ("model",),
    "product_type": ("product",),
    "processing_level": ("product",),
    "sensor_mode": ("product", "model"),
    "polarisation": ("product",),
    "timeliness": ("product",),
    "orbit_direction": ("product",),
    "parameter": ("product",),
    "sensor": ("dataset", "model", "product", "any"),
    "modality": ("dataset", "model", "product", "any"),
    "band": ("dataset", "model", "product"),
    "class": ("dataset",),
    "agent": ("dataset", "model", "any"),
}
_SECOND = frozenset(
    {
        "parameter",
        "topic",
        "task",
        "processing_level",
        "product_type",
        "sensor_mode",
        "timeliness",
        "orbit_direction",
        "modality",
        "framework",
        "architecture",
        "annotation_type",
        "class",
    }
)
_SINGLE = frozenset(
    {
        "temporal",
        "license",
        "access",
        "model_type",
        "framework",
        "mission",
        "platform",
        "instrument",
        "product_type",
        "processing_level",
        "sensor_mode",
        "timeliness",
        "orbit_direction",
        "parameter",
        "metric",
        "polarisation",
    }
)
_JOINS = {
    ",": "",
    "and": "and",
    "or": "or",
    "/": "or",
    "&": "and",
    "nor": "or",
    "+": "and",
    ", and": "and",
    ", or": "or",
    "as well as": "and",
    "plus": "and",
    "and / or": "or",
    "along with": "and",
    "together with": "and",
    "combined with": "and",
    ", as well as": "and",
    "and also": "and",
    "or else": "or",
    "with": "with",
    "but also": "and",
    "-": "",
    "": "",
}
_SKIP_BETWEEN = regex(r"^(?:both|either|the|a|an|from|of|for|on|with|in|by|also|using|to|data|images|imagery|as)$")


def add_conditions(reading: Reading) -> None:
    """Turn all marks that are left into filters."""
    target = reading.draft.target
    if target is None:
        return
    if reading.draft.compare is not None:
        reading.draft.limit = None  # `two benchmarks`: as many as are compared
    _identifiers(reading, target)
    _held(reading, target)
    _colours(reading)
    groups: list[tuple[str, list[Mark]]] = []
    for mark in reading.of_kind("topic"):
        before = reading.owner(mark.start - 1)
        if before is not None and before.kind == "class" and mark.value == "field boundary":
            mark.info["taken"] = True  # "rice fields"
            reading.use(mark.start, mark.end, "class_label")
    for mark in reading.of_kind("model_type"):
        before = reading.owner(mark.start - 1)
        if mark.value == "backbone" and before is not None and before.kind == "architecture":
            mark.info["taken"] = any(reading.of_kind("model"))  # "models with a ViT backbone"
            reading.use(mark.start, mark.end, "architecture")
    for mark in reading.of_kind("class"):
        mark.info["words"] = " ".join(one.norm for one in reading.tokens[mark.start : mark.end])
    for mark in reading.marks:
        if mark.used or mark.info.get("taken") or _idle(reading, mark):
            continue
        name = property_for(mark, target)
        if not name:
            continue
        if groups and groups[-1][0] == name and _joined(reading, groups[-1][1][-1], mark) is not None:
            groups[-1][1].append(mark)
        else:
            groups.append((name, [mark]))
    for name, marks in _mixed_levels(reading, groups):
        _filter(reading, name, marks)
    _merge(reading)


_HOLDS = regex(r"\b(?:contain|contains|include|includes|hold|holds|provide|provides|come with|comes with|have|has)\b")


def _held(reading: Reading, target: str) -> None:
    """`Does X contain elevation data`: what one named dataset holds is a kind of data rather than a theme."""
    named = [one for one in reading.draft.filters if one.property == "name" and one.op == "="]
    if target != "dataset" or not named or not _HOLDS.search(reading.norm):
        return
    for mark in reading.of_kind("topic", unused=True):
        entry = next((one for one in mark.info.get("entries", ()) if one.kind == "modality"), None)
        if entry is not None and not mark.info.get("taken"):
            mark.kind, mark.value = "modality", entry.value
            mark.info["entry"] = entry


def property_for(mark: Mark, target: str) -> str | None:
    """The property that a mark bounds for a target; None: none."""
    name = _property(mark, mark.kind, target)
    if name is not None or mark.kind in ("sensor", "agent", "identifier"):
        return name
    for entry in mark.info.get("entries", ()):
        if entry.kind != mark.kind and entry.kind in _SECOND and (name := _property(mark, entry.kind, target)):
            mark.kind, mark.value = entry.kind, entry.value
            mark.info["entry"] = entry
            return name
    return None


def _property(mark: Mark, kind: str, target: str) -> str | None:
    if kind not in _FIELDS:
        return None
    if kind == "sensor" and target == "product":
        return _PRODUCT_LEVEL.get(mark.info["entry"].level if "entry" in mark.info else "", "mission")
    if kind == "class":
        return "class_label" if target == "dataset" else None
    if kind == "agent":
        return str(mark.info["role"]) if "role" in mark.info else None
    mapped = _BY_TARGET.get(target, {}).get(kind)
    if mapped is not None:
        return mapped or None
    return kind if target in _FIELDS[kind] else None


def _colours(reading: Reading) -> None:
    """`RGB and NIR`: beside a band, RGB is three bands and no kind of image."""
    for mark in reading.of_kind("modality", unused=True):
        sides = [one for one in (_beside(reading, mark, -1), _beside(reading, mark, 1)) if one is not None]
        if mark.value == "RGB" and any(one.kind == "band" for one in sides):
            mark.info["values"] = ["red", "green", "blue"]
            mark.info["entries"] = ()
            reading.retag(mark, "band")


def _beside(reading: Reading, mark: Mark, step: int) -> Mark | None:
    """The next mark on one side, over `and`, `+` and the like."""
    index = mark.end if step > 0 else mark.start - 1
    while 0 <= index < len(reading.tokens) and reading.owner(index) is None and reading.tokens[index].norm in _PLUS:
        index += step
    return reading.owner(index)


_PLUS = frozenset(("and", "+", "-", "/", ",", "plus", "&", "with"))


def _mixed_levels(reading: Reading, groups: list[tuple[str, list[Mark]]]) -> list[tuple[str, list[Mark]]]:
    """`Landsat 8 or Sentinel-2`: a spacecraft and a mission in one list are one condition."""
    out: list[tuple[str, list[Mark]]] = []
    for name, marks in groups:
        last = out[-1] if out else None
        if (
            last is not None
            and {last[0], name} == {"mission", "platform"}
            and _joined(reading, last[1][-1], marks[0]) in ("and", "or", "list")
            and not negation(reading, marks[0].start)
        ):
            out[-1] = ("platform", [*last[1], *marks])
        else:
            out.append((name, marks))
    return out


def _joined(reading: Reading, left: Mark, right: Mark) -> str | None:
    """The conjunction between two marks of a list; None where they are not joined."""
    between = [one.norm for one in reading.tokens[left.end : right.start]]
    kept = [one for one in between if not _SKIP_BETWEEN.match(one)]
    text = " ".join(kept)
    if text in ("with",) or (text == "" and len(between) > 3):
        return None
    return _JOINS.get(text)


def _join_of(reading: Reading, marks: list[Mark]) -> str:
    joins = [_joined(reading, a, b) for a, b in pairwise(marks)]
    if _ANY_OF.search(" ".join(one.norm for one in reading.tokens[max(0, marks[0].start - 5) : marks[0].start])):
        return "or"
    if "or" in joins:
        return "or"
    if "and" in joins:
        return "and"
    before = reading.tokens[marks[0].start - 1].norm if marks[0].start else ""
    return "or" if before == "either" else "list"


_ANY_OF = regex(r"(?:at least one|one or more|any one|any|one|either) of(?: the| these)?$")


def _values(mark: Mark, name: str = "") -> list[str]:
    if mark.kind == "class" and "words" in mark.info:
        return [str(mark.info["words"])]
    if mark.kind == "polarisation" and name in ("band", "input_band"):
        return str(mark.value).split("+")
    return [str(one) for one in mark.info.get("codes") or mark.info.get("values") or [mark.value]]


_LABELLING = regex(
    r"label|annotat|digiti[sz]|mask|ground truth|outlin|delineat|drawn|map|interpret|polygon|tagg|box|class|made|creat|"
    r"produc|deriv|collect|generat|verif|curat|by |through |via |from |data|reference|in situ|field|survey|sources?\b"
)
_EVERYDAY = frozenset(
    listed("automatically automatic automated volunteer volunteers crowd expert experts hand official farmers manual")
)


# `damaged buildings before and after a disaster`
_EVENT = regex(r"\b(?:before|after|following|pre -|post -)(?: (?:a|an|the|any|each|major|natural))*$")
_DISASTERS = frozenset(listed("disaster disasters catastrophe catastrophes"))


# `mining along rivers`: where it is, and no theme of its own
_BESIDE = regex(r"\b(?:along|alongside|beside|next to|on the banks of)(?: (?:the|our|some|many))*$")
_LINES = frozenset(
    listed("river rivers road roads lake lakes coast coasts coastline coastlines railway railways stream")
)


def _after_pair(reading: Reading, mark: Mark) -> bool:
    """`before and after a ...`, which is a pair of dates by then."""
    index = mark.start - 1
    while (
        index > 0 and reading.owner(index) is None and reading.tokens[index].norm in ("a", "an", "the", "any", "each")
    ):
        index -= 1
    owner = reading.owner(index)
    return owner is not None and owner.kind == "temporal"


def _idle(reading: Reading, mark: Mark) -> bool:
    """`can be found automatically`, `our volunteers`: nothing about where labels come from."""
    if mark.kind == "topic" and (_EVENT.search(words_before(reading, mark.start)) or _after_pair(reading, mark)):
        words = {one.norm for one in reading.tokens[mark.start : mark.end]}
        return words <= _DISASTERS and any(one is not mark for one in reading.of_kind("topic"))
    if mark.kind == "topic" and _BESIDE.search(words_before(reading, mark.start)):
        words = {one.norm for one in reading.tokens[mark.start : mark.end]}
        return words <= _LINES and any(one is not mark for one in reading.of_kind("topic"))
    if mark.kind != "annotation_source" or len(reading.tokens) < 8:
        return False
    if not all(one.norm in _EVERYDAY for one in reading.tokens[mark.start : mark.end]):
        return False
    around = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 4) : mark.end + 4])
    return _LABELLING.search(around + " ") is None


def _filter(reading: Reading, name: str, marks: list[Mark]) -> None:
    draft = reading.draft
    before = words_before(reading, marks[0].start)
    if len(marks) > 1 and marks[0].end == marks[1].start and re.search(r"(?:^| )non(?: -)?$", before):
        _filter(reading, name, marks[:1])  # `non-urban land cover`: only the first is denied
        _filter(reading, name, marks[1:])
        return
    values = list(dict.fromkeys(one for mark in marks for one in _values(mark, name)))
    after = words_after(reading, marks[-1].end)
    for mark in marks:
        reading.take(mark, name)
    if name in ("sensor", "input_sensor", "modality", "input_modality") and not_only(before, after):
        for value in values:
            draft.add(name, "not_only", value)
        _use_before(reading, marks[0].start, name)
        return
    negative = negation(reading, marks[0].start)
    if (
        not negative
        and re.match(r"^(?: [a-z]+)? (?:-|less|free)$", after[:6])
        and after.startswith((" - free", " free"))
        and name in ("class_label",)
    ):
        negative = True
    if not negative and re.match(
        r"^(?: \{[a-z]+\})? (?:excluded|left out|not included|is not|are not|exempted|aside)", after
    ):
        negative = True
    if negative and name == "hardware" and all("GPU" in one for one in values):
        _use_before(reading, marks[0].start, name)
        draft.add(name, "=", "CPU")  # what is enough to run it where no GPU is
        return
    if negative:
        _use_before(reading, marks[0].start, name)
        held = {one.value for one in draft.values_of(name) if one.op in ("=", "contains")}
        for mark in [one for one in marks if one.value in held and draft.target == "dataset"]:
            # `water quality except chlorophyll`: a part of the same theme
            draft.add("class_label", "not_contains", reading.words(mark.start, mark.end))
        for value in [one for one in values if one not in held]:
            value = _plain_licence(value) if name == "license" else value
            draft.add(name, "!=" if name in _SINGLE or name == "orbit_direction" else "not_contains", value)
        return
    if name == "polarisation" and marks[0].info.get("either"):
        draft.add(name, "in", marks[0].info["channels"])
        return
    if name == "license":
        values = [_plain_licence(one) for one in values]
    if len(values) == 1:
        draft.add(
            name,
            "contains"
            if name in ("sensor", "input_sensor", "modality", "input_modality", "output_modality", "name")
            or values[0] == _ANY_CC
            else "=",
            values[0],
        )
        return
    join = _join_of(reading, marks)
    if name in ("mission", "platform", "instrument") and draft.target == "product":
        join = "or"
    if name in _SINGLE or join == "or":
        draft.add(name, "in", values)
    else:
        draft.add(name, "contains_all", values)


_ANY_CC = "CC"  # any Creative Commons licence


def _plain_licence(value: str) -> str:
    """A Creative Commons licence without version is read as its newest."""
    if value.startswith("LicenseRef-CC-"):
        rest = value.removeprefix("LicenseRef-")
        return f"{rest}-4.0" if rest[-1].isalpha() else rest
    return value


def _use_before(reading: Reading, start: int, slot: str) -> None:
    for index in range(max(0, start - 4), start):
        if reading.owner(index) is None:
            reading.use(index, index + 1, slot)


def _identifiers(reading: Reading, target: str) -> None:
    from ontology.properties import PROPERTIES

    for mark in reading.of_kind("identifier", unused=True):
        name = str(mark.info["property"])
        if target not in PROPERTIES[name].targets:
            continue
        negative = negation(reading, mark.start)
        same = [one for one in reading.draft.filters if one.property == name]
        if len(same) == 1 and same[0].op in ("=", "in") and not negative and not mark.info.get("op"):
            # one scene has one tile, one orbit: `32TPS or 33TUM` and `32TPS and 33TUM` mean any of them
            values = same[0].value if isinstance(same[0].value, tuple) else (same[0].value,)
            reading.draft.filters.remove(same[0])
            both = dict.fromkeys(one for one in (*values, mark.value) if isinstance(one, (str, int)))
            reading.draft.add(name, "in" if len(both) > 1 else "=", [*both] if len(both) > 1 else next(iter(both)))
            reading.take(mark, name)
            continue
        reading.draft.add(name, mark.info.get("op") or ("!=" if negative else "="), mark.value)
        if "also" in mark.info:
            reading.draft.add(mark.info["also"][0], "=", mark.info["also"][1])
        reading.take(mark, name)


def _merge(reading: Reading) -> None:
    """Drop what another filter implies: the mission of a named instrument's family, a family beside its member."""
    draft = reading.draft
    for name in ("access", "temporal", "framework", "model_type"):
        same = [one for one in draft.filters if one.property == name and one.op == "=" and isinstance(one.value, str)]
        if len(same) > 1:  # a record has one of them: `restricted or have to be paid for`
            draft.filters = [one for one in draft.filters if one not in same]
            draft.add(name, "in", [str(one.value) for one in same])
    platforms = [one for one in draft.filters if one.property == "platform" and one.op in ("=", "in")]
    if platforms:
        names = " ".join(str(one.value) for one in platforms).casefold()
        draft.filters = [
            one
            for one in draft.filters
            if not (one.property == "mission" and one.op == "=" and str(one.value).casefold() in names)
        ]
