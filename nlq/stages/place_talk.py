"""Follow-ups of questions about places: `and of Italy?`, `the lowest?`, `how high is it?` (convention 20)."""

from __future__ import annotations

import re
from dataclasses import replace

from nlq.lexis.attributes import PLACE_PROPERTIES
from nlq.question import Filter, NamedPlace, Order, PlaceClass, Where
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Draft
from nlq.stages.degrees import SUPERLATIVES
from nlq.stages.place_classes import convert_bound, size_of
from nlq.stages.place_line import as_kind
from nlq.stages.place_makers import Maker
from nlq.stages.place_rank import nth_place
from nlq.stages.place_words import ADJECTIVES, ATTRIBUTES, attribute_names

_LEAD = (
    r"\W*(?:(?:and|or|but|ok|okay|so|now|then|also|what about|how about|what|how|same|the same|again|please|thanks|cool"
    r"|great|question|for|thing|hm|is|are|was|which|show|list|give me|tell me|only|just|of them|of those|of these"
    r"|the one|one|' s|s) ?[,:.!]? ?)*?"
)
_END = r"(?: (?:instead|please|then|too|as well|though|now))*\W*$"
_IT = r"(?:it|they|that|this|that one|this one|those|these|them|he|she)"
_TOPS = "|".join(sorted((one for one, (table, _) in SUPERLATIVES.items() if "place" in table), key=len, reverse=True))
_PLACE = regex(
    rf"{_LEAD}(?:(?P<prep>for|of|in|on|with|from|to|near|around|within|over|than|by) )?(?:the )?(?P<p>{{p}}){_END}"
)
_ATTRIBUTE = regex(rf"{_LEAD}(?:the |of |its |their |it ' s )*(?P<attr>{ATTRIBUTES})(?: of {_IT}){{0,1}}{_END}")
_HOW = regex(rf"{_LEAD}how (?P<adj>{'|'.join(ADJECTIVES)})(?: (?:is|are|was) {_IT}(?: {{k}})?)?{_END}")
_WHERE = regex(rf"{_LEAD}where(?: exactly| abouts)? (?:is|are|does|do) {_IT}(?: lie| located| found)*{_END}")
_TOP = regex(rf"{_LEAD}(?:the )?(?P<top>{_TOPS})(?: ones?| of (?:them|those|these)| {{k}})?{_END}")
_COUNT = regex(
    rf"{_LEAD}(?:how many|count|number)(?: (?:are|is|of) (?:there|them|those|these|they))?"
    rf"(?: in total| altogether)?{_END}"
)
_KIND = regex(rf"{_LEAD}(?:the |all |any |its |their )*(?P<k>{{k}}){_END}")
_COMPARED = ("<", "<=", ">", ">=")
_BOUND = regex(
    rf"{_LEAD}(?:the |those |these |ones |that |which |are |with |have |lie |keep |and |a |an )*(?P<n>{{n}})"
    r"(?: \w+){0,4}\W*$"
)


def follow_places(maker: Maker, earlier: Draft) -> bool:
    """Understand a follow-up of a question about places.

    Args:
        maker: fills the draft of the follow-up.
        earlier: the question before it.

    Returns:
        Whether it was one.
    """
    text = maker.line.text
    if not earlier.places:
        return False
    for pattern, make in (
        (_COUNT, _count), (_WHERE, _where), (_HOW, _how), (_ATTRIBUTE, _attribute), (_TOP, _top), (_PLACE, _place),
        (_KIND, _kind), (_BOUND, _bound),
    ):  # fmt: skip
        match = pattern.match(text)
        if match is not None and make(maker, earlier, match):
            return True
    return False


def _again(maker: Maker, earlier: Draft, places: list[Where], **changed: object) -> bool:
    """The earlier question with other slots."""
    kept = {
        name: getattr(earlier, name)
        for name in (
            "relation",
            "distance_km",
            "order",
            "limit",
            "offset",
            "aggregate",
            "group_by",
            "having",
            "returns",
        )
    }
    return maker.settle(places, **{**kept, **changed})


def _class(earlier: Draft) -> PlaceClass | None:
    first = earlier.places[0]
    return first if len(earlier.places) == 1 and isinstance(first, PlaceClass) else None


def _place(maker: Maker, earlier: Draft, match: re.Match[str]) -> bool:
    """`and of Italy?`: another holder, neighbour or place."""
    found = maker.named(match, "p")
    new = found[0] if len(found) == 1 else None
    if not isinstance(new, NamedPlace) or earlier.compare is not None:
        return False
    value = _class(earlier)
    if value is not None:
        slot = "within"
        if value.within is None or (match["prep"] in ("near", "around", "from", "to") and value.near is not None):
            slot = "near" if value.near is not None else "of" if value.of is not None else "within"
        if value.type == "capital" and value.of is not None:
            slot = "of"
        if slot == "near":
            return _again(maker, earlier, [replace(value, near=new)])
        return _again(maker, earlier, [replace(value, of=new) if slot == "of" else replace(value, within=new)])
    if len(earlier.places) == 1:
        return _again(maker, earlier, [new])
    if len(earlier.places) == 2 and (earlier.aggregate == "ask" or "distance" in earlier.returns):
        # `Is Oslo north of Bergen? And Rome?` asks about Rome; `how far is A from B? and from C?` is still about A
        keep_first = "distance" in earlier.returns or match["prep"] in ("of", "to", "from", "than", "in")
        pair = [earlier.places[0], new] if keep_first else [new, earlier.places[1]]
        return _again(maker, earlier, pair)
    return False


def _things(maker: Maker, earlier: Draft) -> list[Where]:
    """What `it` is: the places named, or the first of a ranking."""
    value = _class(earlier)
    if value is None:
        return list(earlier.places)
    if value.order is not None and value.limit == 1:
        named = nth_place(maker.reading, maker.places, value, 1)
        if named is not None:
            return [named]
    return [value] if value.of is not None and value.type == "capital" else []


def _facts(maker: Maker, earlier: Draft, names: list[str]) -> bool:
    things = _things(maker, earlier)
    return bool(things and names) and maker.settle(things, returns=names)


def _attribute(maker: Maker, earlier: Draft, match: re.Match[str]) -> bool:
    names = attribute_names(match["attr"])
    return names != ["capital"] and _facts(maker, earlier, names)


def _how(maker: Maker, earlier: Draft, match: re.Match[str]) -> bool:
    return _facts(maker, earlier, [ADJECTIVES[match["adj"]]])


def _where(maker: Maker, earlier: Draft, match: re.Match[str]) -> bool:
    return _facts(maker, earlier, ["location"])


def _top(maker: Maker, earlier: Draft, match: re.Match[str]) -> bool:
    """`and the lowest?`: another ranking of the same places."""
    value = _class(earlier)
    if value is None:
        return False
    table, direction = SUPERLATIVES[match["top"]]
    name = size_of(value.type) if table["place"] == "area_km2" else table["place"]
    if name == "distance":
        return False
    for index, token in enumerate(maker.reading.tokens):
        if token.norm in match["top"].split():
            maker.reading.use(index, index + 1, "order")
    return maker.settle([replace(value, order=Order(name, direction), limit=1)])


def _count(maker: Maker, earlier: Draft, match: re.Match[str]) -> bool:
    value = _class(earlier)
    return value is not None and maker.settle([replace(value, order=None, limit=None)], aggregate="count")


def _kind(maker: Maker, earlier: Draft, match: re.Match[str]) -> bool:
    """`and lakes?`: another kind of place, held by the same."""
    value = _class(earlier)
    mark = next(iter(maker.line.marks(match, "k")), None)
    if value is None or mark is None:
        return False
    kind = as_kind(maker.reading, mark)
    maker.reading.take(mark, "place")
    order = value.order
    if order is not None and order.by in ("area_km2", "population", "length_km", "elevation_m"):
        order = Order(size_of(kind), order.dir)
    return _again(maker, earlier, [replace(value, type=kind, filters=(), order=order)])


def _bound(maker: Maker, earlier: Draft, match: re.Match[str]) -> bool:
    """`only those above 3000 m`: a condition on the same places."""
    value = _class(earlier)
    mark = maker.number(match, "n")
    if value is None or mark is None or mark.kind != "bound":
        return False
    found = convert_bound(maker.reading, mark, value.type)
    if found is None and len(value.filters) == 1 and not mark.value[-1].kind and mark.info["op"] in _COMPARED:
        number = mark.value[-1].value
        found = Filter(value.filters[0].property, mark.info["op"], int(number) if number == int(number) else number)
    if found is None or found.property not in PLACE_PROPERTIES:
        return False
    maker.reading.take(mark, "place")
    kept: tuple[Filter, ...] = tuple(one for one in value.filters if one.property != found.property)
    return _again(maker, earlier, [replace(value, filters=(*kept, found))])
