"""Follow-ups: a question merged into the one before it (convention 20)."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from nlq.lexis.attributes import FOR_DATASETS, FOR_MODELS
from nlq.lexis.words import listed
from nlq.question import Filter, Scalar
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Draft, Reading, rule
from nlq.stages.takeback import CLEARS
from ontology.properties import PROPERTIES

_RELATIONS = frozenset(
    listed(
        "trained_on fine_tuned_on evaluated_on derived_from trained_model fine_tuned_model evaluated_model "
        "initialised_from"
    )
)
_BARE_RECORD = rule(
    r"(?:and|or|then|now|ok|okay|so|what about|how about|the same|same|again|but)*(?: ?,)? ?(?:on|for|from|with|of"
    r"|than|by|about|in)?(?: the)? (\{record\})(?= (?:\?|\.|!|instead|then|please|$)| $)"
)
_ADDS = regex(
    r"^\W*(?:and |or |also |plus |as well as |in addition|additionally|but )*(?:also|additionally|in "
    r"addition|plus|as well|add|include)\b|\b(?:also|as well|in addition|too)\W*$"
)
_INSTEAD = regex(
    r"\binstead\b|\bmake (?:that|it)\b|\brather\b|\bactually\b|\bi mean\b|\bi meant\b|\bchange\b"
    r"|\bswitch\b|\bnot? (?:that|those)\b|\bwhat about\b|\bhow about\b|^\W*(?:no|nah|nope)\b|\bsame "
    r"(?:but|for|thing|again|question|with|search|query)\b|\bthe same\b|\breplace\b|\bswap\b|\bexchange\b"
)
_FRESH = regex(
    r"^\W*(?:new question|something else|different question|another question|forget (?:that|all|it"
    r"|everything)\b(?! about)|start over|next question|reset"
    r"|never mind(?! (?:the|about|which|what|how|if|whether))|from scratch|change of topic)\b"
)
_COUNTED = regex(r"\bhow many\b|\bcount\b|\bnumber of\b")
_ASKS_THESE = regex(
    r"\b(?:which|what|any|how many|are any|is any|do any|is one|some) of (?:these|those|them|the ones"
    r"|the results|that list)\b|\b(?:these|those|them|ones?)\b|^\W*(?:and |but |so |also |now )*(?:only"
    r"|just|but only|now only|limit|restrict|keep|filter|narrow|without|with|excluding|sort|order|rank"
    r"|the (?:newest|latest|largest|smallest|oldest|finest)|how many)\b"
)
# a new value in one of a family of properties takes the place of the others
_RIVALS = (
    frozenset({"mission", "platform"}),
    frozenset({"license", "commercial_use"}),
    frozenset({"sensor"}),
    frozenset({"input_sensor"}),
)


_NEIGHBOUR = regex(
    r"\b(?:(?:the )?(?P<u>day|week|month|year) (?P<w>before|after|earlier|later)(?: that| this| it)?"
    r"|(?:the )?(?P<w2>previous|preceding|following|next) (?P<u2>day|week|month|year)"
    r"|(?:one|a) (?P<u3>day|week|month|year) "
    r"(?P<w3>earlier|later|before|after))\W*$"
)


_WHOLE = regex(r"\b(?:the |that )?(?:whole|entire|full|complete|all of (?:the|that)|all) (?:of (?:the|that) )?year\b")


def _shifted(reading: Reading, old: Draft) -> None:
    """`and the year before?`: the period of the talk, moved by one unit."""
    match = _NEIGHBOUR.search(reading.norm)
    if (whole_year := _WHOLE.search(reading.norm)) is not None and len(old.times) == 1 and not reading.draft.times:
        start, end = old.times[0]
        if start and end and start[:4] == end[:4]:
            reading.use(*reading.span_of(whole_year), "time")
            reading.draft.times = [(f"{start[:4]}-01-01", f"{end[:4]}-12-31")]
        return
    if match is None or len(old.times) != 1 or None in old.times[0]:
        return
    unit = match["u"] or match["u2"] or match["u3"]
    word = match["w"] or match["w2"] or match["w3"]
    step = -1 if word in ("before", "earlier", "previous", "preceding") else 1
    first, last = (date.fromisoformat(str(one)) for one in old.times[0])
    whole = last.day == calendar.monthrange(last.year, last.month)[1]
    try:
        if unit in ("day", "week"):
            days = timedelta(step if unit == "day" else 7 * step)
            moved = [first + days, last + days]
        else:
            months = step * (12 if unit == "year" else 1)
            moved = [_by_months(first, months, False), _by_months(last, months, whole)]
    except (ValueError, OverflowError):
        return
    for mark in reading.of_kind("time"):
        mark.used = True
    reading.use(*reading.span_of(match), "time")
    reading.draft.times = [(moved[0].isoformat(), moved[1].isoformat())]


def _by_months(day: date, months: int, ends: bool) -> date:
    """A day some months away; the end of a month stays one."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    length = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, length if ends else min(day.day, length))


def _exchanged(reading: Reading, old: Draft) -> bool:
    """`and on DOTA?`: another record takes the place of the one that the talk is about."""
    new = reading.draft
    found = reading.find(_BARE_RECORD)
    if found is None or found.match.start() > 1 or len(list(reading.of_kind("record", "family"))) != 1:
        return False
    if [one for one in new.filters if one.property != "name"] or new.returns or new.compare or new.order:
        return False
    mark = found.marks(1, "record")[0]
    places = [one for one in old.filters if one.property in _RELATIONS and isinstance(one.value, str)]
    places = places or [one for one in old.filters if one.property == "name" and one.op == "=" and old.returns]
    if len(places) != 1:
        return False
    taken = places[0]
    for name in Draft.__dataclass_fields__:
        if name not in ("refusals", "clarify", "assumptions", "cleared"):
            value = getattr(old, name)
            setattr(new, name, list(value) if isinstance(value, list) else value)
    new.filters = [Filter(one.property, one.op, str(mark.value)) if one is taken else one for one in old.filters]
    reading.take(mark, taken.property)
    found.use("talk")
    return True


def keep_target(reading: Reading, earlier: Draft) -> None:
    """The target of the talk, unless the follow-up names another thing."""
    draft = reading.draft
    if _FRESH.search(reading.norm) or draft.returns or draft.compare:
        return
    heads = [one.kind for one in reading.of_kind("dataset", "model", "product") if not one.info.get("taken")]
    if draft.target is None or not heads:
        named = any(one.kind in ("record",) and not one.used for one in reading.marks)
        if not named or _has_reference(reading):
            draft.target = earlier.target
    elif earlier.target in ("dataset", "model") and heads == ["product"] and not any(reading.of_kind("sensor")):
        # "ones with at least 1000 images": images are what the datasets hold
        draft.target = earlier.target
    elif (
        earlier.target == "product"
        and set(heads) <= {"dataset"}
        and all(
            reading.tokens[one.end - 1].norm in ("samples", "sample", "labels") for one in reading.of_kind("dataset")
        )
    ):
        draft.target = "product"


def _has_reference(reading: Reading) -> bool:
    return bool(re.search(r"\b(?:it|its|they|their|them|these|those|that one|this one|ones?)\b", reading.norm))


def merge(reading: Reading) -> None:
    """Fill the slots that the follow-up leaves open from the earlier question."""
    old = reading.earlier
    new = reading.draft
    if old is None or _FRESH.search(reading.norm) or _stands_alone(reading, old):
        return
    if _exchanged(reading, old):
        return
    for pattern, slots in CLEARS:
        if pattern.search(reading.norm):
            new.cleared |= set(slots)
            _use_match(reading, pattern)
    if new.compare:
        return
    if any(one.info.get("pronoun") and one.used for one in reading.marks):
        new.cleared.add("name")  # `trained on it`: the name stands in the relation now
    _shifted(reading, old)
    _published_again(reading, old)
    if new.target is None:
        new.target = old.target
    adds = bool(_ADDS.search(reading.norm)) and not _INSTEAD.search(reading.norm)
    if new.returns:
        _merge_returns(reading, old)
        return
    _new_number(reading, old)
    kept = [one for one in old.filters if one.property not in new.cleared]
    kept = [one for one in (_mapped(one, new.target) for one in kept) if one is not None]
    mine = {
        one.property
        for one in new.filters
        if one.op not in ("!=", "not_contains", "not_exists") or _INSTEAD.search(reading.norm)
    }
    replaced = set(mine)
    for rivals in _RIVALS:
        if mine & rivals and not adds:
            replaced |= rivals
    if _asks_about_one(reading, old):
        replaced -= {"name"}
    if adds:
        replaced = {one for one in replaced if PROPERTIES[one].is_number}
    elif not _INSTEAD.search(reading.norm):
        replaced = {one for one in replaced if not _widens(one, old, new)}
    _without_old(old, new)
    merged = [one for one in kept if one.property not in replaced]
    if adds and new.target == "product":
        merged = [_either(one, new.filters) for one in merged]
    new.filters = [*merged, *[one for one in new.filters if one not in merged]]
    _merge_slots(reading, old, adds)


def _published_again(reading: Reading, old: Draft) -> None:
    """`and 2024?` after a year of publication: another one, unless imagery is spoken of."""
    new = reading.draft
    years = [one for one in old.filters if one.property == "publication_year" and one.op == "="]
    if len(years) != 1 or len(new.times) != 1 or old.times or re.search(r"\bima|\btaken|\brecorded", reading.norm):
        return
    start, end = new.times[0]
    if start and end and start[:4] == end[:4] and start.endswith("01-01") and end.endswith("12-31"):
        new.add("publication_year", "=", int(start[:4]))
        new.times, new.time_relation = [], None


def _without_old(old: Draft, new: Draft) -> None:
    """`drop Sentinel-2, show Landsat 9`: what the talk asked for is no longer asked for, rather than excluded."""
    for one in [one for one in new.filters if one.op in ("!=", "not_contains")]:
        rivals = next((some for some in _RIVALS if one.property in some), frozenset({one.property}))
        positive = any(other.property in rivals and other.op in ("=", "in", "contains") for other in new.filters)
        asked = any(other.property in rivals and other.value == one.value and other.op == "=" for other in old.filters)
        if positive and asked:
            new.filters.remove(one)


_CHOSEN = frozenset(
    ("mission", "platform", "instrument", "product_type", "processing_level", "tile_id", "relative_orbit")
)


def _either(old: Filter, new: list[Filter]) -> Filter:
    """`and Sentinel-3 as well`: a scene is of one mission, so another one widens the choice."""
    if old.property not in _CHOSEN or old.op not in ("=", "in"):
        return old
    more = [one for one in new if one.property == old.property and one.op in ("=", "in")]
    if not more:
        return old
    values: list[Scalar] = []
    for one in (old, *more):
        for value in one.value if isinstance(one.value, tuple) else (one.value,):
            if isinstance(value, (str, int, float)) and value not in values:
                values.append(value)
    for one in more:
        new.remove(one)
    return Filter(old.property, "in", tuple(values)) if len(values) > 1 else old


def _new_number(reading: Reading, old: Draft) -> None:
    """`make that 10`: a bare number takes the place of the only one in the talk."""
    new = reading.draft
    bounds = [
        one for one in reading.of_kind("bound", unused=True) if not one.info.get("property") and not one.value[-1].kind
    ]
    numeric = [
        one
        for one in old.filters
        if PROPERTIES[one.property].is_number and isinstance(one.value, (int, float)) and one.op != "between"
    ]
    if len(bounds) != 1 or len(numeric) != 1 or new.filters or new.limit is not None:
        if not (len(bounds) == 1 and not numeric and old.limit and not new.limit):
            return
        new.limit = max(1, int(bounds[0].value[-1].value))
        reading.take(bounds[0], "limit")
        return
    value, op = bounds[0].value[-1].value, bounds[0].info["op"]
    number = int(value) if value == int(value) else value
    new.add(numeric[0].property, numeric[0].op if op in ("=", "between") else op, number)
    reading.take(bounds[0], numeric[0].property)


def _widens(name: str, old: Draft, new: Draft) -> bool:
    """A further condition on a property with many values, of another kind, is added: `and not from Landsat`."""
    ours = [one.op for one in new.filters if one.property == name]
    theirs = [one.op for one in old.filters if one.property == name]
    return bool(theirs) and all(op in ("not_contains", "!=", "not_only") for op in ours)


def _use_match(reading: Reading, pattern: re.Pattern[str]) -> None:
    match = pattern.search(reading.norm)
    if match:
        reading.use(*reading.span_of(match), "talk")


def _stands_alone(reading: Reading, old: Draft) -> bool:
    """A full question about something else: own head noun and own conditions, no word that points back."""
    new = reading.draft
    norm = reading.norm
    if (
        _has_reference(reading)
        or _INSTEAD.search(norm)
        or _ASKS_THESE.search(norm)
        or re.match(
            r"^\W*(?:and|or|but|also|only|just|same|what about|how about|now|then|ok|okay|with|without)\b", norm
        )
    ):
        return False
    heads = [one for one in reading.of_kind("dataset", "model", "product") if one.used or not one.info.get("taken")]
    named = bool(new.filters) and any(one.property == "name" and one.op in ("=", "in") for one in new.filters)
    if named and new.target:
        return True
    if not heads or new.target is None:
        return False
    changed = new.target != old.target
    rich = len(new.filters) + len(new.places) + len(new.times) >= 1
    starts = (
        re.match(
            r"^\W*(?:which|what|show|find|list|give|are there|is there|do you|how many|i need|i want|we "
            r"need|looking for|search|get)\b",
            norm,
        )
        is not None
    )
    if changed:
        return rich and starts
    return (
        rich
        and starts
        and len(new.filters) + len(new.places) + len(new.times) >= 2
        and bool(new.places or old.places or any(one.property in ("topic", "task") for one in new.filters))
    )


def _mapped(item: Filter, target: str | None) -> Filter | None:
    """A filter in the words of another target; None where it does not apply."""
    name = item.property
    row = PROPERTIES[name]
    if target is None or target == "any" or target in row.targets:
        return item
    other = (FOR_MODELS if target == "model" else FOR_DATASETS).get(name)
    if other is None or target not in PROPERTIES[other].targets:
        return None
    op = "contains" if other in ("sensor", "input_sensor") and item.op == "=" else item.op
    return Filter(other, op, item.value)


def _asks_about_one(reading: Reading, old: Draft) -> bool:
    return _has_reference(reading) and any(one.property == "name" for one in old.filters)


def _merge_returns(reading: Reading, old: Draft) -> None:
    new = reading.draft
    if any(one.property == "name" for one in new.filters):
        return
    new.target = old.target
    names = [one for one in old.filters if one.property == "name"]
    new.filters = [*(names or old.filters), *new.filters]
    if not names:
        new.places, new.relation, new.place_op, new.distance_km = (
            old.places,
            old.relation,
            old.place_op,
            old.distance_km,
        )
        new.times, new.months, new.time_relation, new.order, new.limit, new.offset = (
            old.times,
            old.months,
            old.time_relation,
            old.order,
            old.limit,
            old.offset,
        )


def _merge_slots(reading: Reading, old: Draft, adds: bool) -> None:
    new = reading.draft
    norm = reading.norm
    if "place" not in new.cleared:
        if not new.places:
            fresh = new.relation not in (None, "intersects")
            new.places, new.place_op = old.places, old.place_op
            new.relation = new.relation if fresh else old.relation
            reach = next(
                (one for one in reading.of_kind("bound", unused=True) if one.info.get("property") == "distance"), None
            )
            if reach is not None and old.places:
                new.relation, new.distance_km = "distance", round(float(reach.info["distance_km"]), 3)
                reading.take(reach, "distance_km")
            if new.distance_km is None:
                new.distance_km = old.distance_km
        elif adds and old.places:
            new.places = [*old.places, *[one for one in new.places if one not in old.places]]
            new.place_op = new.place_op or ("or" if new.target == "product" else "and")
    dated = [one for one in new.times if one != (None, None)]
    if "time" not in new.cleared:
        if not dated and not new.time_same_as and not new.months:
            new.times, new.months, new.time_relation, new.time_same_as = (
                old.times,
                old.months,
                old.time_relation,
                old.time_same_as,
            )
        elif new.months and not dated and old.times:
            _months_in_years(reading, old)
        elif adds and dated:
            new.times = [*old.times, *dated]
    if new.order is None and new.aggregate is None and not new.group_by:
        new.order = old.order
        if new.limit is None and "limit" not in new.cleared:
            new.limit, new.offset = old.limit, old.offset
    if new.aggregate is None and not new.group_by and new.order is None:
        listing = re.search(r"\b(?:show|list|which|what are they|give)\b", norm)
        if old.aggregate and not listing and not new.limit:
            new.aggregate, new.group_by = old.aggregate, old.group_by
            if old.aggregate == "ask" and not re.search(r"\?|\band\b|\bwhat about\b", norm):
                new.aggregate = "ask"
    if new.having is None:
        new.having = old.having
    if not new.either and not {one.property for one in old.either} & {one.property for one in new.filters}:
        new.either = [] if {one.property for one in old.either} & new.cleared else list(old.either)


def _months_in_years(reading: Reading, old: Draft) -> None:
    """`make that April to June`: months of the year that the talk is about."""
    import calendar

    new = reading.draft
    years = {int(one[:4]) for interval in old.times for one in interval if one}
    repeated = bool(old.months) or re.search(r"\b(?:every|each|all)\b", reading.norm)
    if len(years) == 1 and not repeated:
        year = years.pop()
        first, last = new.months[0], new.months[-1]
        if sorted(new.months) == [1, 2, 12]:
            # a winter crosses the year
            new.times = [(f"{year}-12-01", f"{year + 1}-02-{calendar.monthrange(year + 1, 2)[1]:02d}")]
        elif new.months == list(range(first, last + 1)):
            new.times = [(f"{year}-{first:02d}-01", f"{year}-{last:02d}-{calendar.monthrange(year, last)[1]:02d}")]
        else:
            new.times = [
                (f"{year}-{one:02d}-01", f"{year}-{one:02d}-{calendar.monthrange(year, one)[1]:02d}")
                for one in new.months
            ]
        new.months = []
    else:
        new.times = old.times
