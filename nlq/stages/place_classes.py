"""All places of a kind: `glaciers near Anchorage`, `Polish cities with more than 300 000 inhabitants`."""

from __future__ import annotations

from dataclasses import replace

from nlq.lexis.attributes import PLACE_PROPERTIES
from nlq.question import Filter, NamedPlace, Order, PlaceClass
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading
from nlq.sheet.tokens import key
from nlq.stages.degrees import SUPERLATIVES
from nlq.stages.numbers import ORDINALS
from nlq.stages.place_rank import nth_place
from nlq.stages.places import Places, named_place, place_kind
from nlq.stages.quantity_words import convert

_RELATIONS = (
    ("touches", regex(
        r"\b(?:border|borders|bordering|share a border|shares a border|sharing a border|adjoin|adjoins"
        r"|adjoining|adjacent|touch|touches|touching|neighbour|neighbours|neighbouring|neighbor|neighboring"
        r"|next to|abut|abutting|common border|share a frontier|frontier)\b")),
    ("crosses", regex(
        r"\b(?:cross|crosses|crossing|crossed|run through|runs through|running through|flow through|flows "
        r"through|flowing through|traverse|traverses|traversed|traversing|pass through|passes through"
        r"|passing through|cut through|through which)\b")),
    ("west_of", regex(r"\b(?:west|westward)(?:ern side)? (?:of|from)\b")),
    ("east_of", regex(r"\b(?:east|eastward) (?:of|from)\b")),
    ("north_of", regex(r"\b(?:north|northward) (?:of|from)\b")),
    ("south_of", regex(r"\b(?:south|southward) (?:of|from)\b")),
    ("disjoint", regex(r"\b(?:outside|not in|outside of)\b")),
    ("intersects", regex(
        r"\b(?:overlap|overlaps|overlapping|intersect|intersects|partly in|reach into|reaching into|along"
        r"|on the banks of|on)$")),
)  # fmt: skip
_NEAR = regex(r"\b(?:near|close to|around|vicinity|next to|surrounding|not far from|nearby|in the neighbourhood)\b")
_IN = regex(
    r"(?:^|\b)(?:in|of|within|inside|across|from|on|throughout|at|lying in|that lie in)(?: the)?(?: whole of| all of)?$"
)
# `the nearest airport to Geneva`, `the airport nearest to Geneva`
_NEAREST = regex(r"(?P<first>\b(?:nearest|closest)) \|.*\b(?:to|from|of)$|\| .*\b(?:nearest|closest)(?: to)?$")
_NEIGHBOURS = regex(r"\b(?:neighbou?rs?|neighbou?ring|adjacent|bordering|adjoining)\b")
_WATERS = frozenset({"river", "lake", "reservoir", "sea", "ocean", "gulf", "bay", "strait", "canal", "fjord", "lagoon"})
_BIG = {
    "city": "population",
    "capital": "population",
    "town": "population",
    "country": "area_km2",
    "river": "length_km",
    "mountain": "elevation_m",
    "volcano": "elevation_m",
}


def read_place_classes(reading: Reading, places: Places) -> None:
    """Turn kinds of place into `placeclass` marks with their conditions.

    Args:
        reading: the question.
        places: tells which lake is the second largest of a country.
    """
    draft = reading.draft
    if draft.target in ("product", "place"):
        _promote_topics(reading)
        _free_countries(reading)
    for mark in list(reading.of_kind("placekind")):
        if mark.used or mark.info.get("taken") or mark not in reading.marks or mark.kind != "placekind":
            continue
        if _before_kinds(reading, mark) and reading.draft.target == "product":
            continue
        found = _class_of(reading, mark)
        if found is None:
            continue
        value, start, end, used = found
        further = _further(reading, value, end)
        if (nth := mark.info.get("nth")) is not None:
            named = nth_place(reading, places, value, nth)
            if named is None:
                continue
        for one in used:
            reading.take(one, "place")
        reading.use(start, end, "place")
        reading.take(mark, "place")
        mark.used = False
        mark.kind, mark.value = "placeclass", named if nth is not None else value
        reading._version += 1
        for one in _same_kinds(reading, mark):
            reading.take(one, "place")
            one.used, one.kind, one.value = False, "placeclass", replace(value, type=str(one.value))
            reading._version += 1
        for one in further:
            place = named_place(reading, one)
            one.kind, one.value = "placeclass", replace(value, within=place)
            reading._version += 1


def _same_kinds(reading: Reading, mark: Mark) -> list[Mark]:
    """`lakes and reservoirs in Portugal`: kinds before this one that share its conditions."""
    found: list[Mark] = []
    index = mark.start
    while index >= 2 and reading.tokens[index - 1].norm in ("and", "or", ",", "&"):
        owner = reading.owner(index - 2)
        if owner is None or owner.kind != "placekind" or owner.used or not owner.info.get("plural"):
            break
        found.append(owner)
        index = owner.start
    return found


def _before_kinds(reading: Reading, mark: Mark) -> bool:
    """Whether a further kind follows that has the conditions of both."""
    owner = reading.owner(mark.end + 1)
    return (
        mark.end + 1 < len(reading.tokens)
        and reading.tokens[mark.end].norm in ("and", "or", ",", "&")
        and owner is not None
        and owner.kind == "placekind"
        and bool(owner.info.get("plural"))
    )


def _further(reading: Reading, value: PlaceClass, end: int) -> list[Mark]:
    """`parks in Kenya and Tanzania`: the same kind in further places."""
    found: list[Mark] = []
    while (
        value.within is not None
        and value.of is None
        and end < len(reading.tokens)
        and reading.tokens[end].norm in ("and", "or", ",")
    ):
        owner = reading.owner(end + 1)
        if owner is None or owner.kind != "place" or owner.used:
            break
        found.append(owner)
        end = owner.end
    return found


def _free_countries(reading: Reading) -> None:
    """For scenes, `the two smallest countries` are places, not a number of countries with samples."""
    for bound in reading.of_kind("bound"):
        noun = bound.info.get("noun")
        if noun is not None and noun.kind == "placekind" and bound.info.get("property") == "num_countries":
            del bound.info["noun"], bound.info["property"]
            noun.info["taken"] = False


def _promote_topics(reading: Reading) -> None:
    """For scenes, `glaciers`, `lakes` and `volcanoes` are places, not topics."""
    for mark in reading.of_kind("topic", "class", "scene_type"):
        words = reading.words(mark.start, mark.end)
        kind = place_kind(words)
        if kind is None or mark.used or mark.info.get("taken"):
            continue
        plural = key(words).endswith("s")
        reading.retag(mark, "placekind", kind)
        mark.info["plural"] = plural


def _class_of(reading: Reading, mark: Mark) -> tuple[PlaceClass, int, int, list[Mark]] | None:
    kind = str(mark.value)
    used: list[Mark] = []
    start, end = mark.start, mark.end
    slots: dict[str, NamedPlace | None] = {"within": None, "near": None, "of": None}
    relation: str | None = None
    distance: float | None = None
    filters: list[Filter] = []
    order, limit, singular = _ranking(reading, mark)
    if order is not None:
        start = singular
    # "Polish cities", "Sweden's lakes", "Norway fjords"
    if start and mark.info.get("nth") and reading.owner(start - 1) is None and reading.tokens[start - 1].norm == "the":
        start -= 1
    left = reading.owner(start - 1) or (
        reading.owner(start - 3) if start >= 3 and reading.tokens[start - 1].norm == "s" else None
    )
    if left is None and order is not None and start >= 1:
        left = reading.owner(start - 1)
    if left is not None and left.kind == "place" and not left.used and left.end >= start - 2:
        slots["of" if kind == "capital" and not mark.info.get("plural") else "within"] = named_place(reading, left)
        used.append(left)
        start = left.start
    index = mark.end
    words: list[str] = []
    neighbours = _NEIGHBOURS.search(reading.words(max(0, start - 1), mark.end).casefold()) is not None
    while index < len(reading.tokens):
        owner = reading.owner(index)
        if owner is None:
            word = reading.tokens[index].norm
            if word in (",", ";", ".", "?", "!", ":") and not _goes_on(reading, index):
                break
            words.append(word)
            index += 1
            continue
        text = " ".join(words)
        if owner.kind == "bound" and owner.info.get("property") == "distance" and not owner.used:
            distance = round(float(owner.info["distance_km"]), 3)
            used.append(owner)
        elif owner.kind == "bound" and not owner.used:
            name = _place_property(reading, owner, kind)
            if name is None:
                break
            filters.append(_place_filter(owner, name))
            used.append(owner)
            if "noun" in owner.info:
                used.append(owner.info["noun"])
        elif owner.kind == "place" and owner.used and owner is not left and not text.replace("in", "").strip(" ,"):
            # `cities south of Rome in Italy`: Italy says which Rome is meant, and holds the cities as well
            if relation is not None and slots["within"] is None and relation.endswith("_of"):
                slots["within"] = named_place(reading, owner)
            words = []
        elif owner.kind == "place" and not owner.used:
            tail = text[-60:].removesuffix(" the")
            named = named_place(reading, owner)
            direction = next((name for name, pattern in _RELATIONS if pattern.search(tail)), None)
            if direction == "intersects" and tail.endswith("on") and owner.value[0].place.kind not in _WATERS:
                direction = None
            if neighbours and direction is None and tail.split()[-1:] in (["of"], ["to"], ["with"]):
                direction = "touches"
            nearest = _NEAREST.search(f"{_before(reading, mark)} | {tail}")
            if nearest is not None and slots["near"] is None and order is None:
                slots["near"], order, limit = named, Order("distance", "asc"), 1
                if nearest["first"]:
                    start -= 1
            elif distance is not None and slots["near"] is None and (not direction or "of" in tail.split()[-1:]):
                slots["near"] = named
            elif direction is not None and slots["of"] is None:
                relation, slots["of"] = direction, named
            elif _NEAR.search(tail) and slots["near"] is None:
                slots["near"] = named
            elif (
                kind == "capital"
                and slots["of"] is None
                and tail.endswith(("of", "in"))
                and not (mark.info.get("plural") and owner.value[0].place.kind in ("continent", "region"))
            ):
                slots["of"] = named
            elif (_IN.search(tail) or tail in ("", ",")) and slots["within"] is None:
                slots["within"] = named
            else:
                break
            used.append(owner)
            words = []
        elif owner.kind in ("attr", "counted", "topic") and any(one in PLACE_PROPERTIES for one in _attr_values(owner)):
            if not owner.info.get("taken") and owner.kind != "topic":
                used.append(owner)
        elif (
            owner.kind == "time"
            or owner.kind in ("product", "dataset", "sensor", "model")
            or owner.kind not in ("placekind",)
        ):
            break
        else:
            break
        index = owner.end
        end = index
    plural = bool(mark.info.get("plural"))
    if not (plural or used or order is not None):
        return None
    if not plural and not order and kind not in ("capital",) and not (filters or relation or distance):
        # "lake in Finland", "state of Victoria": a single word describes no class unless "a", "any" or "every" says so
        before = reading.tokens[mark.start - 1].norm if mark.start else ""
        if before not in ("any", "every", "each", "all", "some"):
            return None
    if not used and order is None and reading.draft.target not in ("product", "place"):
        return None
    if kind in ("region", "area") and not used:
        return None
    value = PlaceClass(
        kind, slots["within"], slots["near"], distance, relation, slots["of"], tuple(filters), order, limit
    )
    return value, start, end, used


def _before(reading: Reading, mark: Mark) -> str:
    return reading.tokens[mark.start - 1].norm if mark.start and not mark.info.get("plural") else ""


def _attr_values(mark: Mark) -> list[str]:
    return [one.value for one in mark.info.get("entries", ()) if one.kind in ("attr", "counted")]


def _goes_on(reading: Reading, index: int) -> bool:
    following = [one.norm for one in reading.tokens[index + 1 : index + 3]]
    owner = reading.owner(index + 1)
    if owner is not None and owner.kind == "bound":
        return owner.value[-1].kind == "area" or owner.info.get("property") in PLACE_PROPERTIES
    return bool(following) and following[0] in (
        "each",
        "all",
        "that",
        "which",
        "with",
        "near",
        "larger",
        "bigger",
        "over",
    )


def _ranking(reading: Reading, mark: Mark) -> tuple[Order | None, int | None, int]:
    """`the five largest lakes`: order, limit and first token."""
    index = mark.start - 1
    while index >= 0 and reading.tokens[index].norm in ("single", "natural", "big", "major", "active"):
        index -= 1
    word = reading.tokens[index].norm if index >= 0 else ""
    if word == "populous" and index and reading.tokens[index - 1].norm == "most":
        word, index = "most populous", index - 1
    if word == "populated" and index and reading.tokens[index - 1].norm == "most":
        word, index = "most populous", index - 1
    table, direction = SUPERLATIVES.get(word, ({}, ""))
    if "place" not in table or table["place"] == "distance":
        return None, None, mark.start
    name = table["place"]
    if name == "area_km2" and word in ("largest", "biggest", "greatest", "smallest", "tiniest"):
        name = (
            _BIG.get(str(mark.value), "area_km2") if str(mark.value) not in ("country", "mountain", "volcano") else name
        )
    limit: int | None = 1 if not mark.info.get("plural") else None
    first = index
    if index and reading.tokens[index - 1].norm == "-" and index > 1 and reading.tokens[index - 2].norm in ORDINALS:
        index -= 1
    if index and (nth := ORDINALS.get(reading.tokens[index - 1].norm, 1)) > 1 and not mark.info.get("plural"):
        mark.info["nth"] = nth
        first = index - 1
    owner = reading.owner(index - 1)
    if owner is not None and owner.kind in ("bound", "number") and not owner.value[-1].kind:
        limit = int(owner.value[-1].value)
        reading.take(owner, "place")
        first = owner.start
    if first and reading.tokens[first - 1].norm == "the":
        first -= 1
    return Order(name, direction), limit, first


def size_of(kind: str) -> str:
    """The property that tells which of a kind is the largest: inhabitants of cities, length of rivers."""
    return _BIG.get(kind, "area_km2") if kind != "country" else "area_km2"


def convert_bound(reading: Reading, mark: Mark, kind: str) -> Filter | None:
    """A bound as a condition on places of a kind; None where it bounds nothing of them."""
    name = _place_property(reading, mark, kind)
    return _place_filter(mark, name) if name is not None else None


def _place_property(reading: Reading, mark: Mark, kind: str) -> str | None:
    name = mark.info.get("property")
    after = [one.norm for one in reading.tokens[mark.end : mark.end + 2]]
    if name in PLACE_PROPERTIES:
        return str(name)
    noun = mark.info.get("noun")
    if noun is not None:
        for one in _attr_values(noun):
            if one in PLACE_PROPERTIES:
                return one
    quantity = mark.value[-1]
    if quantity.kind == "area":
        return "area_km2"
    if quantity.kind == "length":
        if any("deep" in word or "depth" in word for word in (str(mark.info.get("words", "")), *after)):
            return "depth_m"
        return {
            "river": "length_km",
            "canal": "length_km",
            "glacier": "length_km",
            "coast": "length_km",
        }.get(kind, "elevation_m")
    if (
        not quantity.kind
        and kind in ("city", "town", "capital", "country", "state", "village")
        and quantity.value >= 1000
        and name in (None, "population", "num_countries")
    ):
        return "population"
    return None


def _place_filter(mark: Mark, name: str) -> Filter:
    values = [convert(name, one.value) for one in mark.value]
    if mark.info["op"] == "between":
        return Filter(name, "between", (values[0], values[-1]))
    op = str(mark.info["op"])
    return Filter(name, ">" if op == "=" and str(mark.info.get("words", "")).startswith("over") else op, values[-1])
