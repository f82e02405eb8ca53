"""What each rule about places makes of a question: facts of named places, lists, counts and groups of a kind."""

from __future__ import annotations

import re
from dataclasses import replace

from nlq.lexis.words import listed
from nlq.question import Compare, Having, NamedPlace, Order, PlaceClass, Where
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading
from nlq.stages.place_classes import read_place_classes
from nlq.stages.place_line import PlaceLine, as_kind
from nlq.stages.place_words import (
    ADJECTIVES,
    ATTRIBUTES,
    GROUPS,
    ORDERS,
    attribute_names,
    held_kinds,
    kind_count,
    rank_of,
    relation_of,
)
from nlq.stages.places import Places, named_place

ASK = (
    r"\W*(?:(?:please|hi|hello|hey|ok|so|and|well|now|could you|can you|would you|tell me|show me|let me know|do "
    r"you know"
    r"|i want to know|i would like to know|i ' d like to know|i wonder|i am wondering|give me|say|just) ?,? ?)*"
)


def _prefer(mark: Mark, having: tuple[str, ...]) -> None:
    """Of places of one name, those that have a figure: a mountain has a height, a district has none."""
    for name in having:
        fitting = [one for one in mark.value if getattr(one.place, name, None) is not None]
        if fitting and len(fitting) < len(mark.value):
            mark.value = fitting
            first = fitting[0].place
            if all(abs(one.place.lat - first.lat) < 1 and abs(one.place.lon - first.lon) < 1 for one in fitting):
                for key in ("shown", "tie", "rivals", "others"):
                    mark.info.pop(key, None)


class Maker:
    """Fills the draft of one question about places."""

    def __init__(self, reading: Reading, places: Places) -> None:
        """Keep the question and write its line."""
        self.reading = reading
        self.places = places
        self.line = PlaceLine(reading)
        self.draft = reading.draft

    def named(self, match: re.Match[str], group: int | str = 0, having: tuple[str, ...] = ()) -> list[Where]:
        """The places of a group, as a question holds them; of several, one that has the figures asked for."""
        found: list[Where] = []
        for mark in self.line.marks(match, group):
            if mark.kind == "point":
                found.append(mark.value)
            elif mark.kind == "place":
                _prefer(mark, having)
                if mark.info.get("instead"):
                    self.draft.refuse(
                        f"The gazetteer has no {mark.info.get('name')} in {mark.info.get('qualifier')}; what holds it "
                        "says nothing about it."
                    )
                found.append(named_place(self.reading, mark))
            else:
                continue
            self.reading.take(mark, "place")
        return found

    def kind(self, match: re.Match[str], group: int | str) -> str:
        """The kind of place of a group."""
        for mark in self.line.marks(match, group):
            if mark.kind not in ("place", "point", "bound", "number"):
                self.reading.take(mark, "place")
                return as_kind(self.reading, mark)
        return ""

    def number(self, match: re.Match[str], group: int | str) -> Mark | None:
        """The number or bound of a group."""
        return next((one for one in self.line.marks(match, group) if one.kind in ("bound", "number")), None)

    def settle(self, places: list[Where], slot: str = "place", **slots: object) -> bool:
        """Fill the slots: the question is understood, and no further rule reads it."""
        self.draft.target = "place"
        self.draft.places = places
        for name, value in slots.items():
            setattr(self.draft, name, value)
        self.reading.settled = True
        for index, token in enumerate(self.reading.tokens):
            if token.norm in _SAYING:
                self.reading.use(index, index + 1, slot)
        return True


_SAYING = frozenset(
    listed(
        "locate located location where far distance population inhabitants people live area surface elevation altitude "
        "height high tall long deep large big length depth capital coordinates border borders bordering larger bigger "
        "higher longer deeper populous nearest closest average total combined sum north south east west crosses flows "
        "runs through along between lies lie situated number contain neighbouring neighbours cross flow run pass share "
        "km kilometers kilometres miles smaller lower shorter shallower taller per most fewest"
    )
)


# --- named places ------------------------------------------------------------------------------------------------


def where_(maker: Maker, match: re.Match[str]) -> bool:
    """Where a place lies."""
    return maker.settle(maker.named(match, "p"), returns=["location"])


def lies_in(maker: Maker, match: re.Match[str]) -> bool:
    """`In which country is X`, `which countries does X lie in or flow through`."""
    kind = maker.kind(match, "k")
    inner = maker.named(match, "p")
    if not kind or len(inner) != 1 or not isinstance(inner[0], NamedPlace):
        return False
    within = maker.named(match, "w") if "w" in match.re.groupindex else []
    verb = match.groupdict().get("verb") or ""
    relation = "touches" if relation_of(verb) == "touches" else "contains"
    holder = next((one for one in within if isinstance(one, NamedPlace)), None)
    aggregate = "count" if "how many" in match[0] else None
    return maker.settle([PlaceClass(kind, within=holder, relation=relation, of=inner[0])], aggregate=aggregate)


def facts(maker: Maker, match: re.Match[str]) -> bool:
    """Figures of named places, or the capital of one."""
    if any(one.info.get("plural") or one.kind == "placeclass" for one in _kinds_in(maker, match)):
        return False  # `the area of the lakes of Sweden` asks for all of them
    names = attribute_names(match["attr"])
    places = maker.named(match, "p", tuple(names))
    if not places or not names:
        return False
    if names == ["capital"]:
        owner = places[0]
        return isinstance(owner, NamedPlace) and maker.settle([PlaceClass("capital", of=owner)])
    return maker.settle(places, returns=names)


def _kinds_in(maker: Maker, match: re.Match[str]) -> list[Mark]:
    found = [one for one in maker.line.marks(match, "p") if one.kind not in ("place", "point")]
    for one in found:
        as_kind(maker.reading, one)
    return found


def how(maker: Maker, match: re.Match[str]) -> bool:
    """`How high is X`: the figure of the adjective."""
    name = ADJECTIVES[match["adj"]]
    places = maker.named(match, "p", (name,))
    one = next(iter(maker.line.marks(match, "p")), None)
    if (
        name == "area_km2"
        and one is not None
        and one.kind == "place"
        and one.value[0].place.kind in ("city", "capital")
    ):
        name = "population"
        maker.draft.assume("how large a city is = its population")
    return maker.settle(places, returns=[name])


def people(maker: Maker, match: re.Match[str]) -> bool:
    """How many people live somewhere."""
    return maker.settle(maker.named(match, "p"), returns=["population"])


def distance(maker: Maker, match: re.Match[str]) -> bool:
    """How far two places are apart."""
    places = [*maker.named(match, "p"), *maker.named(match, "q")]
    if len(places) != 2:
        return False
    return maker.settle(places, returns=["distance"])


def is_(maker: Maker, match: re.Match[str]) -> bool:
    """`Is A north of B`, `does A border B`, `is A in B`."""
    relation = relation_of(match["rel"])
    kinds = [one for one in maker.line.marks(match, "rel") if one.kind not in ("bound", "number")]
    if kinds and not all("neighb" in maker.reading.tokens[one.start].norm for one in kinds):
        return False
    for one in kinds:
        maker.reading.take(one, "relation")
    places = [*maker.named(match, "p"), *maker.named(match, "q")]
    if relation is None or len(places) != 2:
        return False
    number = maker.number(match, "rel")
    kilometres = None
    if relation == "distance":
        if number is None or "distance_km" not in number.info:
            return False
        kilometres = round(float(number.info["distance_km"]), 3)
        maker.reading.take(number, "distance_km")
    return maker.settle(places, relation=relation, distance_km=kilometres, aggregate="ask")


def is_kind(maker: Maker, match: re.Match[str]) -> bool:
    """`Is Rhodes an island`."""
    places, kind = maker.named(match, "p"), maker.kind(match, "k")
    if len(places) != 1 or not isinstance(places[0], NamedPlace) or not kind:
        return False
    return maker.settle([PlaceClass(kind, relation="is", of=places[0])], aggregate="ask")


def is_more(maker: Maker, match: re.Match[str]) -> bool:
    """Whether one place has more of something than another."""
    places = [*maker.named(match, "p"), *maker.named(match, "q")]
    if len(places) != 2 or not all(isinstance(one, NamedPlace) for one in places):
        return False
    name, up = rank_of(match["comp"], [one.value[0].place.kind for one in maker.line.marks(match, "p")][:1])
    left, right = (str(getattr(one, "name", "")).split(",")[0] for one in places)
    return maker.settle(places, compare=Compare(left, name, ">" if up else "<", right), aggregate="ask")


def either(maker: Maker, match: re.Match[str]) -> bool:
    """Which of two places has more of something."""
    places = [*maker.named(match, "p"), *maker.named(match, "q")]
    if len(places) < 2:
        return False
    name, up = rank_of(match["comp"], [one.value[0].place.kind for one in maker.line.marks(match, "p")][:1])
    return maker.settle(places, order=Order(name, "desc" if up else "asc"), limit=1)


# --- places of a kind --------------------------------------------------------------------------------------------


def near_any(maker: Maker, match: re.Match[str]) -> bool:
    """`What is within 20 km of X`, `which places are near X`."""
    near = maker.named(match, "p")
    if len(near) != 1 or not isinstance(near[0], NamedPlace):
        return False
    bound, kilometres = maker.number(match, "n"), None
    if bound is not None:
        if "distance_km" not in bound.info:
            return False
        kilometres = round(float(bound.info["distance_km"]), 3)
        maker.reading.take(bound, "place")
    return maker.settle([PlaceClass("place", near=near[0], distance_km=kilometres)])


def nearest(maker: Maker, match: re.Match[str]) -> bool:
    """The nearest places of a kind."""
    kind, near = maker.kind(match, "k"), maker.named(match, "p")
    if not kind or len(near) != 1 or not isinstance(near[0], NamedPlace):
        return False
    several, limit = maker.number(match, "n"), 1
    if several is not None:
        limit = int(several.value[-1].value)
        maker.reading.take(several, "place")
    return maker.settle([PlaceClass(kind, near=near[0], order=Order("distance", "asc"), limit=limit)])


def along(maker: Maker, match: re.Match[str]) -> bool:
    """`Cities along the Danube`: near its course."""
    kind, near = maker.kind(match, "k"), maker.named(match, "p")
    if not kind or len(near) != 1 or not isinstance(near[0], NamedPlace):
        return False
    within = maker.named(match, "w")
    holder = within[0] if within and isinstance(within[0], NamedPlace) else None
    maker.draft.assume("along = within 10 km of its course")
    value = PlaceClass(kind, within=holder, near=near[0], distance_km=10.0)
    return maker.settle([value], aggregate=_form(match[0]))


def groups(maker: Maker, match: re.Match[str]) -> bool:
    """`Which country has the most volcanoes`, `which regions of Greece have more than two airports`."""
    marks = maker.line.kinds()
    if len(marks) < 2:
        return False
    key_mark, thing = marks[0], marks[1]
    group = GROUPS.get(as_kind(maker.reading, key_mark))
    if group is None:
        return False
    maker.reading.take(key_mark, "group_by")
    kind = as_kind(maker.reading, thing)
    maker.reading.take(thing, "place")
    within = next((one for one in maker.named(match, "w") if isinstance(one, NamedPlace)), None)
    value = PlaceClass(kind, within=within)
    order, limit, having = None, None, None
    if match["most"]:
        order = Order("count", "asc" if match["most"].startswith(("fewest", "least")) else "desc")
        limit = None if key_mark.info.get("plural") else 1
    bound = maker.number(match, "n")
    if bound is not None:
        having = Having("count", str(bound.info.get("op", ">=")).replace("between", ">="), int(bound.value[-1].value))
        maker.reading.take(bound, "having")
    return maker.settle([value], aggregate="count", group_by=[group], order=order, limit=limit, having=having)


def per(maker: Maker, match: re.Match[str]) -> bool:
    """`The number of lakes per country of Africa`."""
    marks = maker.line.kinds()
    group = GROUPS.get(as_kind(maker.reading, marks[-1])) if len(marks) > 1 else None
    if group is None:
        return False
    maker.reading.take(marks[-1], "group_by")
    kind = as_kind(maker.reading, marks[0])
    maker.reading.take(marks[0], "place")
    within = next((one for one in maker.named(match, "w") if isinstance(one, NamedPlace)), None)
    return maker.settle([PlaceClass(kind, within=within)], aggregate="count", group_by=[group])


def _form(text: str) -> str | None:
    if re.search(r"\b(?:how many|number of|count)\b", text):
        return "count"
    return "ask" if re.match(rf"{ASK}(?:is|are) there\b|{ASK}does\b", text) else None


def of_kind(maker: Maker, match: re.Match[str]) -> bool:
    """Lists, counts, sums and rankings of the places of a kind."""
    reading, draft = maker.reading, maker.draft
    head = next((one for one in maker.line.marks(match, "k")), None)
    if head is None:
        return False
    as_kind(reading, head)
    draft.target = "place"
    read_place_classes(reading, maker.places)
    if head.kind != "placeclass" or not isinstance(head.value, PlaceClass):
        head.info["plural"] = True  # `which country of Africa`: one of all
        read_place_classes(reading, maker.places)
    if head.kind != "placeclass" or not isinstance(head.value, PlaceClass):
        draft.target = None
        return False
    value = _owned(maker, head.value)
    value = _ranked(maker, value)
    function = match.groupdict().get("function")
    aggregate = _form(maker.line.text[match.start() :])
    if function and match["fattr"]:
        names = attribute_names(match["fattr"])
        aggregate = f"{FUNCTIONS[function]}({names[0]})" if names else aggregate
    reading.take(head, "place")
    more = [one for one in reading.of_kind("placeclass") if one is not head and isinstance(one.value, PlaceClass)]
    for one in more:
        reading.take(one, "place")
    return maker.settle([value], aggregate=aggregate)


def _owned(maker: Maker, value: PlaceClass) -> PlaceClass:
    """`How many airports does Brazil have`, `islands that belong to Portugal`: the one place named holds them."""
    rest = [one for one in maker.reading.of_kind("place") if not one.used and not one.info.get("taken")]
    if len(rest) != 1 or any((value.within, value.near, value.of)):
        return value
    maker.reading.take(rest[0], "place")
    return replace(value, within=named_place(maker.reading, rest[0]))


def soft(maker: Maker, match: re.Match[str]) -> bool:
    """Without a question word: `show me volcanoes in Italy` is a topic (convention 2), `the highest volcano` is not."""
    head = next((one for one in maker.line.marks(match, "k")), None)
    plain = head is None or head.kind in ("topic", "class", "task")
    if plain and not match["rank"] and "{n}" not in maker.line.text:
        return False
    return of_kind(maker, match)


FUNCTIONS = {
    "average": "avg", "mean": "avg", "total": "sum", "combined": "sum", "sum": "sum", "overall": "sum",
    "maximum": "max", "minimum": "min", "greatest": "max", "highest": "max", "lowest": "min",
}  # fmt: skip
_HAS_MOST = regex(rf"\b(?:has|have|with|by) (?:the )?(?P<most>{ORDERS}) (?P<attr>{ATTRIBUTES})\b")


def _ranked(maker: Maker, value: PlaceClass) -> PlaceClass:
    """`Which country has the largest population`, `the ten countries with the most inhabitants`."""
    found = _HAS_MOST.search(maker.line.text)
    if found is None or value.order is not None:
        return value
    names = attribute_names(found["attr"])
    if not names or names[0] in ("location", "capital"):
        return value
    up = not found["most"].startswith(("small", "low", "few", "least", "short", "shallow", "min"))
    count = kind_count(maker.line.text)
    limit = count if count is not None else (1 if not re.search(r"\bare\b", maker.line.text) else None)
    head = next(iter(maker.line.kinds()), None)
    if count is None and head is not None and head.info.get("plural"):
        limit = None
    for mark in maker.reading.of_kind("bound", "number"):
        if count is not None and not mark.used and mark.value[-1].value == count:
            maker.reading.take(mark, "limit")
    return replace(value, order=Order(names[0], "desc" if up else "asc"), limit=limit)


def not_held(maker: Maker, match: re.Match[str]) -> bool:
    """Things that no gazetteer of this size holds: say what it has instead."""
    topics = list(maker.reading.of_kind("topic", "task"))
    if topics and not re.match(r"\W*(?:in |at |on )?(?:which|what|where|how|who)\b", maker.reading.norm):
        return False  # `roads or buildings in Khartoum`: datasets about them (convention 2)
    maker.draft.refuse(f"The gazetteer holds no {match['thing']}; it has {held_kinds()}.")
    maker.reading.settled = True
    return True


def no_property(maker: Maker, match: re.Match[str]) -> bool:
    """Figures that the gazetteer has not."""
    maker.draft.refuse(
        f"The gazetteer does not know the {match['thing'].strip()} of places; it has their position, population, area, "
        "elevation, length, depth, neighbours, and what lies in what."
    )
    maker.reading.settled = True
    return True
