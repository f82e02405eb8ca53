"""Interpretations in comparable form: what means the same becomes the same.

The rules are the published conventions of the question set: text without case, accents, spaces and hyphens, synonyms
of the vocabulary, numbers within half a percent, `between` as two bounds, one spacecraft implies its mission.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeAlias

from ontology.properties import PROPERTIES
from ontology.vocabulary import Vocabulary

Atom: TypeAlias = tuple[str, str, Hashable]
Slots: TypeAlias = Mapping[str, Any]

TOLERANCE = 0.005
DEGREES = 0.01

# properties whose synonyms the conventions list, and the scheme that holds them
_SCHEMES = {
    name: PROPERTIES[name].scheme or name.replace("_", "-")
    for name in (
        "topic", "task", "modality", "input_modality", "output_modality", "temporal", "annotation_type",
        "annotation_source", "access", "pretraining", "architecture", "model_type", "framework", "metric", "parameter",
        "orbit_direction", "sensor_mode", "processing_level",
    )
}  # fmt: skip
_ALIKE = {("topic", "buildingfootprint"): "building"}
_SINGLE = frozenset({"polarisation", "instrument", "name"})  # several values in the graph, one in a question
_EVERYWHERE = frozenset({"global", "world", "worldwide", "earth", "wholeworld"})
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def bare(text: object) -> str:
    """Letters and digits alone, without case, accents and the ending of a plural; `+` counts as a word."""
    apart = unicodedata.normalize("NFKD", str(text).replace("+", " plus "))
    plain = "".join(one for one in apart if one.isalnum()).casefold()
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss") else plain


def is_number(value: object) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def near(one: Any, other: Any, tolerance: float = TOLERANCE) -> bool:  # noqa: ANN401 - any value of an interpretation
    """Whether two values are equal, numbers within a relative tolerance."""
    if is_number(one) and is_number(other):
        return bool(abs(one - other) <= tolerance * max(abs(one), abs(other)))
    return is_number(one) == is_number(other) and type(one) is type(other) and bool(one == other)


def meaning(name: str, value: Any) -> Hashable:  # noqa: ANN401
    """A filter's value in comparable form."""
    if isinstance(value, Mapping):
        return ("of", value["property"], bare(value["of"]))
    if isinstance(value, (list, tuple)):
        return frozenset(meaning(name, one) for one in value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = bare(value)
    if name == "polarisation":
        return frozenset(re.findall("HH|HV|VH|VV", str(value).upper()))
    if name == "tile_id":
        return re.sub(r"^t(?=\d\d)", "", text)
    if name == "coverage" and text in _EVERYWHERE:
        return "global"
    if name in _SCHEMES:
        known = Vocabulary.load().find(_SCHEMES[name], str(value))
        text = bare(str(known).rsplit("/", 1)[-1]) if known is not None else text
    return _ALIKE.get((name, text), text)


def atoms(filters: Sequence[Slots] | None) -> list[Atom]:
    """Filters as simple conditions, each way of saying one in a single form, none twice."""
    found: list[Atom] = []
    for one in filters or ():
        name = str(one["property"])
        for op, value in _simple(name, str(one["op"]), one.get("value")):
            if _is_whole(name) and op in ("<", ">") and is_number(value):
                op, value = f"{op}=", value + (1 if op == ">" else -1)
            atom = (name, op, meaning(name, value))
            if atom not in found:
                found.append(atom)
    return found


def _simple(name: str, op: str, value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
    several = list(value) if isinstance(value, (list, tuple)) else [value]
    prop = PROPERTIES.get(name)
    if op == "between":
        return [(">=", several[0]), ("<=", several[-1])]
    if op == "contains_all":
        return [("=", one) for one in several]
    if op == "not_contains":
        return [("!=", one) for one in several]
    if op == "in" and len(several) == 1:
        return [("=", several[0])]
    if op == "contains" and prop is not None and prop.many and name not in _SINGLE:
        return [("=", value)]
    return [(op, value)]


def _is_whole(name: str) -> bool:
    prop = PROPERTIES.get(name)
    return prop is not None and prop.kind == "integer"


def same_filters(left: Sequence[Slots] | None, right: Sequence[Slots] | None) -> bool:
    """Whether two lists of filters ask for the same."""
    rest = atoms(right)
    for name, op, value in atoms(left):
        tolerance = 0.0 if _is_whole(name) else TOLERANCE
        match = next((one for one in rest if one[:2] == (name, op) and near(value, one[2], tolerance)), None)
        if match is None:
            return False
        rest.remove(match)
    return not rest


# --- places ------------------------------------------------------------------------------------------------------


def _named(place: str) -> tuple[str, set[str]]:
    """Bare name and qualifiers of `Toledo, Ohio` or `Luxembourg (city)`."""
    base, *rest = [part for part in re.split(r"[,()]", place) if part.strip()] or [""]
    if len(base.split()) > 1:
        base = re.sub(r"\b(?:the|mount|mt)\b", " ", base, flags=re.IGNORECASE)
    return bare(base), {bare(one) for one in rest}


def is_qualified(place: object) -> bool:
    """Whether a place is a name with a qualifier."""
    return isinstance(place, str) and bool(_named(place)[1])


def _same_name(wanted: str, found: str, question: str) -> bool:
    base, qualifiers = _named(wanted)
    other, given = _named(found)
    asked = {one for one in qualifiers if one in bare(question)}
    return base == other and asked <= given and (not qualifiers or not given or bool(qualifiers & given))


def same_place(wanted: Any, found: Any, question: str) -> bool:  # noqa: ANN401
    """Whether two places are the same; a qualifier must be given where the question says it, and not contradict."""
    if isinstance(wanted, str) and isinstance(found, str):
        return _same_name(wanted, found, question)
    if isinstance(wanted, list) and isinstance(found, list):
        rest = list(found)
        for one in wanted:
            match = next((number for number, other in enumerate(rest) if same_place(one, other, question)), None)
            if match is None:
                return False
            del rest[match]
        return not rest
    if not (isinstance(wanted, Mapping) and isinstance(found, Mapping)):
        return bool(wanted == found)
    left = {part: value for part, value in wanted.items() if value not in (None, [])}
    right = {part: value for part, value in found.items() if value not in (None, [])}
    return set(left) == set(right) and all(_same_part(part, left[part], right[part], question) for part in left)


def _same_part(part: str, wanted: Any, found: Any, question: str) -> bool:  # noqa: ANN401
    match part:
        case "point" | "bbox":
            pairs = zip(wanted, found, strict=False)
            return len(wanted) == len(found) and all(abs(a - b) <= DEGREES for a, b in pairs)
        case "filters":
            return same_filters(wanted, found)
        case "distance_km":
            return near(wanted, found)
        case "within" | "near" | "of":
            return _same_name(wanted, found, question)
        case _:
            return bare(wanted) == bare(found) if isinstance(wanted, str) else bool(wanted == found)


# --- the other slots ---------------------------------------------------------------------------------------------


def periods(time: Any) -> Hashable:  # noqa: ANN401
    """Intervals in comparable form; None for no restriction."""
    if not time or time == [None, None]:
        return None
    if isinstance(time, Mapping):
        return ("same_as", bare(time["same_as"]))
    pairs = time if isinstance(time[0], (list, tuple)) else [time]
    return tuple(sorted(((start or "")[:10], (end or "")[:10]) for start, end in pairs))


def how_many(block: Slots | None) -> Hashable:
    """A condition on a count, strict bounds as the next whole number."""
    if not block:
        return None
    op, value = block["op"], block["value"]
    if op in ("<", ">"):
        return (block["count"], f"{op}=", value + (1 if op == ">" else -1))
    return (block["count"], op, value)


def compared(block: Slots | None) -> Hashable:
    """A comparison, with the names in alphabetical order."""
    if not block:
        return None
    left, op, right = bare(block["left"]), block["op"], bare(block["right"])
    if left > right:
        left, op, right = right, _TURNED[op], left
    return (block["property"], left, op, right)


def completed(slots: Slots | None) -> dict[str, Any]:
    """An interpretation with what goes without saying made equal."""
    full = dict(slots or {})
    filters = _without_missions(list(full.get("filters") or ()))
    place = full.get("place") or None
    if isinstance(place, str) and bare(place) in _EVERYWHERE and full.get("target") in ("dataset", "any"):
        filters.append({"property": "coverage", "op": "=", "value": "global"})
        place = None
    if isinstance(place, list) and len(place) == 1:
        place = place[0]
    relation = (full.get("relation") or "intersects") if place else None
    if isinstance(place, Mapping) and "point" in place and relation == "contains":
        relation = "intersects"  # what contains a point meets it
    if full.get("compare"):
        filters = [one for one in filters if one["property"] != "name"]
    return full | {"filters": filters, "place": place, "relation": relation}


def _without_missions(filters: list[Slots]) -> list[Slots]:
    """Without the mission that a spacecraft implies."""
    crafts: list[str] = []
    for one in filters:
        if one["property"] == "platform" and one["op"] in ("=", "in"):
            value = one["value"]
            crafts += [bare(each) for each in (value if isinstance(value, (list, tuple)) else [value])]

    def implied(one: Slots) -> bool:
        mission = one["property"] == "mission" and one["op"] == "="
        return mission and bool(crafts) and all(craft.startswith(bare(one["value"])) for craft in crafts)

    return [one for one in filters if not implied(one)]
