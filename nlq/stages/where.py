"""Place marks -> places, their relation and distance (conventions 14 and 15)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from nlq.question import NamedPlace, PlaceClass, Where
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading, Rule, rule
from nlq.sheet.tokens import key
from nlq.stages.place_classes import read_place_classes
from nlq.stages.places import Places, named_place
from nlq.stages.sides import read_sides

_P = r"\{(?:place|point|box|placeclass)\}"
_WITHIN = rule(
    r"(?:entirely|completely|fully|wholly|totally|only|strictly|exclusively|solely|purely|nothing but"
    r"|just|limited to|restricted to|confined to|contained|lying|exclusively in|all(?= (?:in|inside|within"
    r"|lying|lie|contained|located|situated|samples) (?!\{placeclass)))(?: (?:in|inside"
    r"|within|over|from|of|on|contained|entirely|completely|wholly|fully|lying|lie|lies|located"
    r"|situated|samples|the|area|bounds|borders|territory|enclosed by|to|for|cover|covers|covering))* "
    rf"{_P}",
    rf"(?:limited|restricted|confined) to (?:the )?(?:(?:area|borders?|land|\{{placekind\}}) of (?:the )?)?{_P}",
    r"(?:nothing|no \{product\}|none|not|never|no samples?|without anything)(?: (?:is|lies|located"
    r"|reaching|extending|extends?|going|goes|sticking out))* (?:outside|beyond)(?: of)?(?: the)?(?: "
    rf"borders of)? {_P}",
    rf"(?:within|inside) the (?:borders|boundaries|bounds|limits|territory) of {_P}",
    rf"{_P} (?:only|alone|exclusively|and nowhere else|and nothing else|and nothing beyond)",
)
_CONTAINS = rule(
    r"(?:covers?|covering|contains?|containing|shows?|showing|spans?|include|enclose|encloses|captures?"
    r"|holds?|takes? in|hold|see|sees|seeing)(?: (?:all of|all|the whole of|the whole|the entire|whole of|whole"
    rf"|entirely|completely|fully|the full|the complete|in full|every part of|the entirety of))+ {_P}",
    r"(?:covers?|covering|contains?|containing|shows?|showing|spans?|include|enclose|captures?"
    rf"|holds?)(?: the)? {_P} (?:completely|entirely|fully|wholly|in full|in its entirety|as a whole|in "
    r"one piece|in one|whole)",
    rf"(?:the whole of|all of|the entirety of|the whole|the entire) {_P} (?:in one|in a single|on one|on a single)",
)
# `scenes that fully cover Jamaica`: the scene holds the place, not the other way round
_COVERED = rule(
    r"(?:fully|completely|entirely|wholly|totally) (?:covers?|covering|contains?|containing|includes?|including|shows?"
    rf"|showing|encloses?|enclosing)(?: the| all of| whole)* {_P}"
)
_DISJOINT = rule(
    rf"(?:but |and )?not {_P}",
    r"(?:outside|outside of|not in|not of|not over|not from|not within|not inside|not covering|not "
    r"showing|excluding|exclude|excludes|except|except for|except in|other than in|other than|beyond"
    r"|away from|far from|leaving out|leave out|leaves out|leave aside|leaving aside|set aside|put aside|without"
    r"|anywhere but|but not|but not in|not "
    r"touch|not touching|not include|not including|not covering|not cover|not overlap|not overlapping"
    r"|not intersecting|avoid|avoids|avoiding|apart from|omit|omits|omitting|skip|skips|nothing from"
    r"|nothing in|nothing of|no samples from|no samples in|no \{product\} of|no \{product\} from|no "
    r"data from|no site in|no sites in|never|not about|not reach|not reach into|not reaching|stay clear "
    r"of|not located in|not lie in|not lying in|not situated in|no part of|anything but|elsewhere than "
    r"in|miss|spare|ignore|ignores)(?: (?:any|the|a single|single|samples?|in|from|of|at all|all|parts?|sites?|areas?"
    r"|data|a|anything|everything|all that is|images?|imagery|labels?|scenes?|patch(?:es)?|\{(?:product|dataset"
    r"|counted)\}"
    rf"|into|over))* {_P}",
    r"(?:n ' t|never|not|no \{[a-z]+\})(?!(?: (?:any|the|from|by|with|of|data|images?|scenes?))* \{(?:sensor|modality"
    r"|product_type|processing_level|platform|polarisation|sensor_mode|orbit_direction|time)\})"
    r"(?: (?:be|any|samples|are|is|come|comes|at all|lie|lies"
    r"|located|taken|recorded|situated|have|has|cover|covers|show|shows|include|includes|touch|overlap"
    r"|reach|contain|contains|hold|holds|intersect|extend|the|data|sites|parts|imagery|from|of|over|in"
    r"|inside|within|into|\{[a-z]+\}))* (?:in|inside|over|of|from|within|cover|covers|show|shows"
    rf"|include|includes|touch|overlap|reach|contain|contains|into) (?:the )?{_P}",
)
_NEAR = rule(
    r"(?:near|nearby|near to|close to|closeby|around|in the vicinity of|vicinity of|next to|beside"
    r"|surrounding|surroundings of|the surroundings of|in the surroundings of|in the neighbourhood of"
    r"|in the neighborhood of|neighbourhood of|not far from|not too far from|adjacent to|in the area "
    r"around|the area around|area around|region around|the region around|outskirts of|on the outskirts "
    r"of|proximity of|in proximity to|in the proximity of|in the environs of|environs of|by|off"
    r"|alongside|along|off the coast of|round|a stone ' s throw from|at|within reach of|in the area of"
    r"|in the region of|within easy reach of)(?: (?:the|city of|town of|island of|coast of|mount|lake"
    r"|river|shore of|shores of|(?:land )?(?:borders?|frontiers?|boundary)(?: (?:between|of|from))?))* "
    rf"({_P})"
)
_NEAR_WORDS = regex(r"^(?:at|by|off|along|alongside|in the area of|in the region of|round)\b")
_ALL = regex(
    r"\b(?:all (?:in view|at once|together|three|of them|at the same time|visible|in one|on one|in the "
    r"same|in frame|in the picture|four|shown|covered|inside)|both|at once|together|simultaneously|at "
    r"the same time|in one (?:image|scene|frame|picture|shot)|on one (?:image|scene|frame|picture)|in "
    r"the same (?:image|scene|frame|picture)|as well as|in a single)\b"
)
_OR = regex(r"\b(?:or|either|any of|one of|at least one)\b")
_CLOSE_DEGREES = 1.5
_BESIDE = frozenset(("near", "close", "next", "around", "beside", "along"))


def settle_places(reading: Reading, places: Places) -> None:
    """Fill the place slots of the draft."""
    draft = reading.draft
    if draft.target is None:
        return
    qualify(reading, places)
    _apposition(reading)
    read_place_classes(reading, places)
    marks = [one for one in reading.of_kind("place", "point", "box", "placeclass") if not one.used]
    if len(marks) > 1:
        # `I study lakes. ... scenes of Lake Chad`: a kind without any condition says nothing beside a named place
        kept = [one for one in marks if not _is_bare(one)] or marks
        for one in marks:
            if one not in kept and reading.tokens[min(one.end, len(reading.tokens) - 1)].norm in _BESIDE:
                # `rivers near ports`: not one kind near another, which is told as unused
                reading.slots[one.start : one.end] = [None] * (one.end - one.start)
        marks = kept
    if not marks:
        return
    marks, at_once = read_sides(reading, places, marks)
    disjoint = [one for one in marks if _is_in(reading, _DISJOINT, one)]
    kept = [one for one in marks if one not in disjoint]
    if disjoint and draft.target == "dataset":
        for mark in disjoint:
            if mark.kind == "place":
                draft.add("coverage", "not_intersects", named_place(reading, mark).name)
                reading.take(mark, "coverage")
        _use_rule(reading, _DISJOINT, "coverage")
        marks = kept
    elif disjoint and not kept:
        draft.relation = "disjoint"
        _use_rule(reading, _DISJOINT, "relation")
    elif disjoint:
        marks = kept
    if not marks:
        return
    marks = _beyond(reading, _spelt_out(reading, _asked_once(reading, marks)))
    for mark in marks:
        value = mark.value if mark.kind != "place" else named_place(reading, mark)
        if value not in draft.places and not _is_known(value, draft.places):
            draft.places.append(value)
        reading.take(mark, "place")
    if len(draft.places) > 1:
        draft.place_op = "and" if at_once or _nested(reading, marks) else _op(reading, marks)
    _relation(reading, marks)


def _asked_once(reading: Reading, marks: list[Mark]) -> list[Mark]:
    """A place of the story that the asking clause names again stands there only."""
    last = {one.value[0].place.iri: one for one in marks if one.kind == "place"}
    twice = [one for one in marks if one.kind == "place" and last[one.value[0].place.iri] is not one]
    for one in marks:
        # `the Derna flood ... Derna, Libya`: what happened there is no second place
        if one.kind == "place" and one.value[0].place.kind == "disaster site":
            twice += [one for other in marks if other is not one and other.kind == "place" and _close(one, other)][:1]
    for mark in twice:
        reading.take(mark, "place")
    return [one for one in marks if one not in twice]


_THAT_IS = regex(
    r"^(?:[,(;:-] ?)?(?:that is(?: to say)?|i ?\. ?e ?\.?|ie|namely|viz \.?|meaning|in other words|to be precise|to wit"
    r"|specifically|by which (?:i|we) mean|i mean|we mean)(?: [,:])?(?: (?:from|in|of|the))*$"
)
_LISTED = regex(r"^[(:](?: the)?$")


def _spelt_out(reading: Reading, marks: list[Mark]) -> list[Mark]:
    """`the Baltic states, that is Estonia, Latvia and Lithuania`: those that are named after it are meant."""
    for at, mark in enumerate(marks[:-1]):
        between = " ".join(one.norm for one in reading.tokens[mark.end : marks[at + 1].start])
        if _THAT_IS.match(between) or (_LISTED.match(between) and len(marks) - at > 2):
            reading.take(mark, "place")
            return [*marks[:at], *marks[at + 1 :]]
    return marks


_NOT_JUST = regex(
    r"(?:^|,|and|but) ?(?:not|n ' t)(?: (?:just|only|merely|simply|exclusively|solely)(?: (?:in|from|of|on|over|the"
    r"|around))*)$"
)


def _beyond(reading: Reading, marks: list[Mark]) -> list[Mark]:
    """`from Norway and not just Svalbard`: a part of what is named is no place of its own."""
    kept = list(marks)
    for before, mark in pairwise(marks):
        between = " ".join(one.norm for one in reading.tokens[before.end : mark.start])
        if mark.kind == "place" and _NOT_JUST.search(between):
            reading.use(before.end, mark.end, "place")
            mark.used = True
            kept.remove(mark)
    return kept


def _close(left: Mark, right: Mark) -> bool:
    one, other = left.value[0].place, right.value[0].place
    return bool(abs(one.lat - other.lat) < _CLOSE_DEGREES and abs(one.lon - other.lon) < _CLOSE_DEGREES)


def _is_known(value: Where, places: list[Where]) -> bool:
    """Whether a place is in the list by another of its names: `the Lofoten islands ... the Lofoten`."""
    return isinstance(value, NamedPlace) and any(
        isinstance(one, NamedPlace) and one.iri == value.iri and key(one.name)[:5] == key(value.name)[:5]
        for one in places
    )


def _is_bare(mark: Mark) -> bool:
    return mark.kind == "placeclass" and mark.value == PlaceClass(mark.value.type)


def _apposition(reading: Reading) -> None:
    """`the islands of Crete, Rhodes and Cyprus`: the kind of the places that are named, not islands inside of them."""
    marks = list(reading.of_kind("place"))
    for kind in list(reading.of_kind("placekind")):
        named = [one for one in marks if one.start >= kind.end]
        if len(named) < 2 or not kind.info.get("plural"):
            continue
        if not re.fullmatch(r"(?:of|:|,|-|such as|like|called|named)?", reading.words(kind.end, named[0].start)):
            continue
        run = [named[0]]
        for one in named[1:]:
            between = " ".join(token.norm for token in reading.tokens[run[-1].end : one.start])
            if between not in (",", "and", "or", ", and", ", or", "&"):
                break
            run.append(one)
        wanted = (str(kind.value), *_KIND_WORDS.get(str(kind.value), ()))
        fits = sum(any(place.place.kind in wanted for place in one.value) for one in run)
        if len(run) > 1 and 2 * fits > len(run):
            kind.info["taken"] = True
            reading.take(kind, "place")
            for one in run:
                of_kind = [place for place in one.value if place.place.kind in wanted]
                one.value = of_kind or one.value


def _is_in(reading: Reading, pattern: Rule, mark: Mark) -> bool:
    for found in reading.find_all(pattern):
        start, end = found.span()
        if start <= mark.start < end:
            return True
    return False


def _use_rule(reading: Reading, pattern: Rule, slot: str) -> None:
    for found in reading.find_all(pattern):
        found.use(slot)


def _relation(reading: Reading, marks: list[Mark]) -> None:
    draft = reading.draft
    if draft.relation == "disjoint":
        return
    distance = next(
        (one for one in reading.of_kind("bound") if one.info.get("property") == "distance" and not one.used), None
    )
    if distance is not None:
        draft.relation = "distance"
        draft.distance_km = round(float(distance.info["distance_km"]), 3)
        reading.take(distance, "distance_km")
        return
    draft.relation = "intersects"
    first = marks[0]
    if _is_in(reading, _COVERED, first):
        draft.relation = "contains"
        _use_rule(reading, _COVERED, "relation")
        return
    if _is_in(reading, _WITHIN, first) and not _about_time(reading, first):
        draft.relation = "within"
        _use_rule(reading, _WITHIN, "relation")
        return
    if _is_in(reading, _CONTAINS, first):
        draft.relation = "contains"
        _use_rule(reading, _CONTAINS, "relation")
        return
    for found in reading.find_all(_NEAR):
        start, _ = found.span(1)
        if start != first.start:
            continue
        text = found.text(0)
        if _NEAR_WORDS.match(text) and not text.startswith(("off the coast", "round")):
            continue
        draft.relation = "near"
        found.use("relation")
        return


def _about_time(reading: Reading, mark: Mark) -> bool:
    """`only images from 2019 of X`: the word belongs to something else."""
    return False


_HELD = regex(
    r"(?:,? ?(?:on|of|in|at|along|by|near|over)(?: the)?)(?: (?:coast|shores?|part|side|border)(?: of)?)?(?: the)?"
)


def _nested(reading: Reading, marks: list[Mark]) -> bool:
    """`the Cerrado of Goias`, `over Italy, on the Latium coast`: one area within or across another, not either."""
    return len(marks) > 1 and all(
        left.kind == right.kind == "place"
        and _HELD.fullmatch(" ".join(one.norm for one in reading.tokens[left.end : right.start]))
        for left, right in pairwise(marks)
    )


def _op(reading: Reading, marks: list[Mark]) -> str:
    between = " ".join(one.norm for one in reading.tokens[marks[0].start : marks[-1].end])
    if _OR.search(between) or (
        _OR.search(reading.norm) and re.search(r"\beither\b|no matter which|any of", reading.norm)
    ):
        return "or"
    if _ALL.search(reading.norm):
        return "and"
    if re.search(r"\b(?:at least one|one or more|any one|any) of(?: the)?$", words_to(reading, marks[0].start)):
        return "or"
    if " and " in f" {between} " or "&" in between:
        return "and" if reading.draft.target == "dataset" else "or"
    return "or"


def words_to(reading: Reading, end: int, count: int = 5) -> str:
    """The words before a token, marked or not."""
    return " ".join(one.norm for one in reading.tokens[max(0, end - count) : end])


def qualify(reading: Reading, places: Places) -> None:
    """`Toledo, Ohio`, `Naples, the one in Florida`, `the city of Luxembourg`."""
    marks = list(reading.of_kind("place"))
    for left, right in pairwise(marks):
        if left not in reading.marks or right not in reading.marks:
            continue
        between = " ".join(one.norm for one in reading.tokens[left.end : right.start])
        if between == "" and not _is_outer(right):
            continue
        if not re.fullmatch(
            r"|,|\(|, \(|in|, in|,? ?(?:but |and |i mean |namely |that is |i ' m talking about |meaning "
            r"|i . e \. ?)*,? ?(?:the one|the city|the town|that one|that|the place|the state|the lake"
            r"|the river|one)? ?(?:located |lying |situated )?(?:in|of|that lies in|which is in"
            r"|from)(?: the)?|of|/|in the|, in the|, the one in the",
            between,
        ):
            continue
        if between in (",", "(", "/") and not _is_pair(reading, left, right, marks):
            continue
        chosen = _inside(places, left, right, reading.words(left.start, left.end))
        if not chosen and between == "":
            continue
        if not chosen:
            _elsewhere(reading, left, right, between)
            continue
        top = left.value[0].place
        if between in ("", "of", "in", "in the") and top.kind in ("country", "continent", "ocean", "sea"):
            continue
        left.value = chosen
        left.info["qualifier"] = right.value[0].place.name
        left.info["ambiguous"] = False
        end = right.end
        if end < len(reading.tokens) and reading.tokens[end].norm == ")":
            reading.use(end, end + 1, "place")
        reading.take(right, "place")
        reading.use(left.end, right.start, "place")
    for mark in list(reading.of_kind("place")):
        _by_kind(reading, mark)


def _is_outer(mark: Mark) -> bool:
    """Whether a place without a comma before it may say where the one before it lies: `London Ontario`."""
    return any(one.place.kind in ("state", "country") for one in mark.value) and not mark.info.get("adjective")


def _elsewhere(reading: Reading, left: Mark, right: Mark, between: str) -> None:
    """`Quincy, Washington` where the gazetteer has other Quincys only: the outer place stands for it."""
    outer = next((one for one in right.value if one.place.kind in ("state", "country")), None)
    top = left.value[0].place
    if outer is None or between not in (",", "in") or top.kind not in ("city", "capital") or left.info.get("adjective"):
        return
    if not (reading.tokens[left.start].is_capital and reading.tokens[right.start].is_capital):
        return
    name = reading.words(left.start, left.end)
    reading.draft.assume(f"The gazetteer has no {name} in {outer.place.name}; {outer.place.name} stands for it")
    left.value = [outer]
    left.info.update(name=name, qualifier=outer.place.name, ambiguous=False, instead=True)
    reading.take(right, "place")
    reading.use(left.end, right.start, "place")


def _is_pair(reading: Reading, left: Mark, right: Mark, marks: list[Mark]) -> bool:
    """A comma joins a place and its country, unless it stands in a list (`Sicily, Sardinia and Corsica`)."""
    after = reading.tokens[right.end].norm if right.end < len(reading.tokens) else ""
    follower = next((one for one in marks if one.start > right.start), None)
    return not (
        follower is not None
        and after in ("and", "or", ",")
        and follower.start - right.end <= 2
        and right.value[0].place.kind == left.value[0].place.kind
    )


def _inside(places: Places, left: Mark, right: Mark, typed: str) -> list[Any]:
    """Candidates of the left name that lie in the right place."""
    name = left.value[0].place.name
    outer = right.value[0].place
    if outer.kind not in (
        "country",
        "state",
        "region",
        "province",
        "county",
        "continent",
        "island",
        "admin1",
        "dependency",
        "archipelago",
        "sea",
        "ocean",
    ):
        states = [one for one in right.value if one.place.kind in ("state", "country", "admin1", "dependency")]
        if not states:
            return []
        outer = states[0].place
    if outer.iri == left.value[0].place.iri:
        return []
    words = left.info.get("words") or (name if left.info.get("fuzzy") else typed)
    return list(
        places.gazetteer.lookup(words, within=outer.iri, limit=5)
        or places.gazetteer.lookup(name, within=outer.iri, limit=5)
    )


_KIND_WORDS = {
    "city": ("city", "town", "capital"),
    "town": ("city", "town"),
    "state": ("state", "admin1", "province"),
    "province": ("state", "admin1"),
    "country": ("country",),
    "lake": ("lake", "reservoir"),
    "island": ("island",),
    "river": ("river",),
    "volcano": ("volcano",),
    "republic": ("country",),
    "region": ("region", "state", "admin1"),
    "county": ("county",),
}
_KIND_BEFORE = rule(
    r"(?:the )?(city|town|state|province|country|lake|island|river|volcano|republic|region"
    r"|\{placekind\}) (?:of )?(\{place\})",
    r"(\{place\})(?: ,| \()?(?: the)? (city|town|state|province|country|island|\{placekind\})(?: \))?",
    r"(\{place\})(?: [a-z]+| \{[a-z]+\}| ,){0,6}? (?:i mean|i meant|meaning|namely|i ' m talking about|that is|as in"
    r"|i \. e \.)(?: ,)?(?: the)? (city|town|state|province|country|island|\{placekind\})",
)


def _by_kind(reading: Reading, mark: Mark) -> None:
    """The kind a question states picks among places of one name."""
    for found in reading.find_all(_KIND_BEFORE):
        if mark not in found.marks(0, "place"):
            continue
        kindmark = next(iter(found.marks(0, "placekind")), None)
        if kindmark is not None and (
            kindmark.info.get("plural") or reading.tokens[kindmark.start].norm.startswith("neighb")
        ):
            continue
        word = (
            str(kindmark.value)
            if kindmark is not None
            else next((found.text(one) for one in range(1, 7) if found.text(one) in _KIND_WORDS), "")
        )
        kinds = _KIND_WORDS.get(word, (word,))
        fitting = [one for one in mark.value if one.place.kind in kinds]
        gap = found.match.end() < len(reading.sheet()) and False
        if not fitting or gap:
            continue
        if mark.value[0].place.kind not in kinds:
            mark.value = fitting
            mark.info["kind"] = word
            mark.info["ambiguous"] = len(fitting) > 1 and mark.info.get("ambiguous", False)
        elif len({one.place.kind for one in mark.value}) > 1:
            mark.info["kind"] = word
        if kindmark is not None:
            kindmark.info["taken"] = True
            reading.take(kindmark, "place")
        found.use("place")


def place_names(reading: Reading) -> list[NamedPlace]:
    """The named places of the draft."""
    return [one for one in reading.draft.places if isinstance(one, NamedPlace)]
