"""What the words around a bounded number add: `fits in 16 GB` is an upper bound, `20 land use classes` a theme."""

from __future__ import annotations

from nlq.lexis.grammar import STOP
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading, rule
from nlq.stages.numbers import UNITS, Quantity

SAY = frozenset(("say", "ideally", "preferably", "namely"))
_FITS = rule(
    r"(?:fits?|fitting|run|runs|running|load|loads|squeezed?|loaded|works?|working) (?:in|into|on|within|with|inside)"
    r"(?: a| an| the| my| our| only| just| \{hardware\}| single| card| machine| with| of)* (\{bound\})"
)


def fit_in(reading: Reading) -> None:
    """`fits in 16 GB`: no more than that."""
    for found in reading.find_all(_FITS):
        for mark in found.marks(1, "bound"):
            if mark.info.get("op") == "=" and mark.info.get("property") in ("gpu_memory_gb", "size_gb", "size_mb"):
                mark.info["op"] = "<="


_TWO_BOUNDS = rule(r"(\{bound\})(?: (?:,|and|but|yet|though|also|while|however|still))+ (\{bound\})")


_SETS = rule(r"\{(?:dataset|model)\}")
_SO_MANY = rule(r"(\{(?:counted|product)\})(?: (?:,|and|but|with|in|all))* (\{bound\}) of (?:them|those|these|it)")


def share_nouns(reading: Reading) -> None:
    """`more than 10,000 but fewer than 100,000 patches`: both numbers count the same; `at least 100k of them`."""
    for found in reading.find_all(_SO_MANY):
        noun, mark = found.marks(1)[0], found.marks(2, "bound")[0]
        names = [one.value for one in noun.info.get("entries", ()) if one.kind == "counted"]
        if mark.info.get("property") is None and names and reading.find(_SETS):
            mark.info["property"], mark.info["noun"] = names[0], noun
            noun.info["taken"] = True
            found.use(str(names[0]))
    for found in reading.find_all(_TWO_BOUNDS):
        first, last = found.marks(0, "bound")
        if first.info.get("property") is not None or last.info.get("property") in (None, "distance"):
            continue
        low, high = first.value[-1], last.value[-1]
        if "=" in (first.info.get("op"), last.info.get("op")) or low.kind not in ("", high.kind):
            continue
        if not low.kind and high.kind:
            factor = UNITS.get(high.unit, ("", 1.0))[1]
            first.value = (Quantity(low.value * factor, high.kind, high.unit),)
        first.info["property"] = last.info["property"]


_MEGA = regex(r"\d\s?M$")


def millions(reading: Reading) -> None:
    """`<= 100M`, said of models: parameters, not metres."""
    if reading.draft.target != "model":
        return
    for mark in reading.of_kind("bound", unused=True):
        if (
            mark.info.get("property") not in ("resolution_m", "output_resolution_m")
            or mark.info.get("noun") is not None
        ):
            continue
        if mark.value[-1].unit == "m" and _MEGA.search(reading.typed(mark.start, mark.end)):
            mark.value = tuple(Quantity(one.value * 1e6) for one in mark.value)
            mark.info["property"] = "num_parameters"


def convert(name: str, value: float) -> int | float:
    """A base quantity in the unit of its property."""
    if name == "size_mb":
        value *= 1000
    if name in ("length_km",):
        value /= 1000
    value = round(value, 6)
    return int(value) if value == int(value) else value


_COUNTED_THEMES = {
    "land cover": "land cover",
    "land use": "land use",
    "crop": "crop type",
    "tree species": "tree species",
}


def counted_theme(reading: Reading, noun: Mark) -> None:
    """`20 land use classes`: what is counted says what the data is about."""
    if any(one is not noun for one in reading.of_kind("topic", "record", "family")):
        return
    words = " ".join(one.norm for one in reading.tokens[noun.start : noun.end])
    for start, topic in _COUNTED_THEMES.items():
        if words.startswith(start):
            reading.draft.add("topic", "=", topic)


def set_limit(reading: Reading, mark: Mark) -> None:
    """A number of answers."""
    value = int(mark.value[-1].value)
    if mark.info["op"] in ("=", "<=", "<") and 0 < value < 1_000_000:
        reading.draft.limit = value if mark.info["op"] != "<" else max(1, value - 1)
        reading.take(mark, "limit")


_OF_THEM = regex(
    r"(?:of )?(?:them|these|those|' ?em|em|the (?:results?|hits?|list|lot|answers|matches)|results?|hits?|answers"
    r"|matches"
    r"|ones|items|entries)\b"
)


_HELD_BY = frozenset(("of", "over", "for", "from", "in", "covering", "showing", "at", "with", "near"))


def bare_number(reading: Reading, mark: Mark) -> None:
    """A number right before the things asked for is how many of them."""
    if reading.draft.limit is not None or mark.start in reading.told:
        return
    if _OF_THEM.match(reading.norm[reading._starts[mark.end] :] if mark.end < len(reading.tokens) else ""):
        set_limit(reading, mark)
        return
    index, sensed = mark.end, False
    while index < len(reading.tokens):
        owner = reading.owner(index)
        if owner is not None:
            if owner.kind == reading.draft.target or owner.kind in ("dataset", "model", "product"):
                set_limit(reading, mark)
                return
            sensed = sensed or owner.kind in ("sensor", "product_type", "processing_level")
            if owner.kind in ("time", "bound") or owner.kind == "placekind":
                return
            index = owner.end
            continue
        if reading.tokens[index].norm in STOP and reading.tokens[index].norm not in (
            "most",
            "least",
            "different",
            "labelled",
        ):
            if sensed and reading.draft.target == "product" and reading.tokens[index].norm in _HELD_BY:
                set_limit(reading, mark)  # `any 5 sentinel-1 slc of Merapi`
            return
        index += 1
    if mark.info["op"] == "<=" and reading.draft.target:
        set_limit(reading, mark)


ROOM = frozenset(("size_gb", "size_mb", "gpu_memory_gb"))
_LEFT = regex(
    r"^(?: (?:of|gpu|free|disk|disc|memory|vram|ram|space|storage|room|on|my|the|our|hard|drive|ssd|laptop|card|stick"
    r"|usb"
    r"|\{attr\}))*? ?(?:left|free|available|to spare|of (?:free |disk |hard |storage )*(?:disk|disc|space|storage"
    r"|room|memory"
    r"|ram|vram)|disk space|of space|card|gpu|stick)\b"
)
_FITS_BEFORE = regex(
    r"\b(?:fits?|fitting|squeeze|squeezed|goes|go|runs?) (?:on|onto|in|into|inside|within|with)(?: (?:a|an"
    r"|my|our|the))*$"
)
_HAVE = regex(r"\b(?:have|has|got|only|just|with|own|there (?:is|are))(?: (?:only|just|about|some|a|an|the))*$")


def has_room(reading: Reading, mark: Mark, name: str) -> bool:
    """`I only have 8 GB of disk left`, `fits into 16 GB`: what there is room for."""
    before = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 5) : mark.start])
    if name not in ROOM:
        return False
    if _FITS_BEFORE.search(before):
        return True
    return bool(_HAVE.search(before)) and bool(
        _LEFT.match(" " + " ".join(one.norm for one in reading.tokens[mark.end : mark.end + 6]))
    )


# `exclude those with more than 50 GB` keeps the others
_LEFT_OUT = regex(
    r"\b(?:exclud(?:e|ing)|leav(?:e|ing) out|drop|skip(?:ping)?|omit(?:ting)?|remove|except(?: for)?|without (?:the|any"
    r"|those|all|scenes|images))(?: (?:all|any|those|these|the|ones|cloudy|clouded|snowy|[a-z]+s))*"
    r"(?: (?:that|which))?(?: (?:with|having|have|of|are))?$"
)
_OTHERS = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def kept_op(reading: Reading, mark: Mark) -> str:
    """The comparison of a bound, turned round where what it bounds is left out."""
    op = str(mark.info["op"])
    if _LEFT_OUT.search(" ".join(one.norm for one in reading.tokens[max(0, mark.start - 6) : mark.start])):
        return _OTHERS.get(op, op)
    return op
