"""Place marks that must not stand alone: storms, postal codes of states, names of points, doubled kinds."""

from __future__ import annotations

from nlq.lexis.words import listed
from nlq.sheet.reading import Mark, Reading
from nlq.sheet.tokens import key
from nlq.stages.places import Places, place_kind

_STORMS = frozenset(listed("hurricane typhoon cyclone storm superstorm depression tempest"))
_FIRST_LEVEL = frozenset(listed("state province region prefecture canton department"))
_KINDLY = frozenset(listed("placekind topic class scene_type"))
_STEM = "/place/"


def mend_places(reading: Reading, places: Places) -> None:
    """Mend the place marks of a question, before anything weighs them."""
    for mark in list(reading.of_kind("place")):
        if _is_storm(reading, mark):
            reading.unmark(mark)
            continue
        _postal(reading, mark, places)
        _appositive(reading, mark, places)
        _own_kind(reading, mark)
    for mark in list(reading.of_kind("point", "box")):
        _called(reading, mark)


def _is_storm(reading: Reading, mark: Mark) -> bool:
    """`Hurricane Harvey` is no town."""
    before = reading.tokens[mark.start - 1].norm if mark.start else ""
    if before not in _STORMS or mark.end - mark.start > 1:
        return False
    return reading.tokens[mark.start - 1].end + 1 >= reading.tokens[mark.start].start


def _postal(reading: Reading, mark: Mark, places: Places) -> None:
    """`Austin, TX`, `Portland OR` and `Washington DC`: the two letters are a state."""
    best = mark.value[0].place
    last = reading.tokens[mark.end - 1]
    if mark.end - mark.start > 1 and best.admin1 == f"US.{last.text}":
        mark.info.update(qualifier=last.text, ambiguous=False)
        return
    at = mark.end
    if at < len(reading.tokens) and reading.tokens[at].norm == ",":
        at += 1
    if at >= len(reading.tokens) or (reading.owner(at) is not None and reading.text.isupper()):
        return
    token = reading.tokens[at]
    if not (len(token.text) == 2 and token.text.isalpha() and token.text.isupper()) or reading.text.isupper():
        return
    state = places.gazetteer.get(best.iri.split(_STEM)[0] + f"{_STEM}admin1/US.{token.text}")
    if state is None:
        return
    inside = list(places.gazetteer.lookup(reading.words(mark.start, mark.end), within=state.iri, limit=5))
    if not inside:
        return
    owner = reading.owner(at)
    if owner is not None:
        if owner.end - owner.start > 1:
            return
        reading.unmark(owner)
    mark.value = inside
    mark.info.update(qualifier=state.name, ambiguous=False)
    mark.info.pop("shown", None)
    reading.use(mark.end, at + 1, "place")


def _own_kind(reading: Reading, mark: Mark) -> None:
    """`the Pacific oceans`, `the Danube river`: the kind of the place itself, not all places of the kind in it."""
    following = reading.owner(mark.end)
    if following is None or following.kind not in _KINDLY or mark.info.get("adjective"):
        return
    best = mark.value[0].place
    if place_kind(reading.words(following.start, following.end)) == best.kind and key(best.kind) not in (
        "state",
        "country",
        "city",
    ):
        mark.info["kindword"] = True
        reading.unmark(following)
        reading.use(mark.end, following.end, "place")


def _called(reading: Reading, mark: Mark) -> None:
    """`at -49.5, -15.7 (Goiania)`: the name in brackets says what the point is called."""
    tokens = reading.tokens
    at = mark.end
    if at < len(tokens) and tokens[at].norm in (")", "]"):
        at += 1
    if at + 1 >= len(tokens) or tokens[at].norm != "(":
        return
    owner = reading.owner(at + 1)
    if owner is None or owner.kind != "place" or owner.end >= len(tokens) or tokens[owner.end].norm != ")":
        return
    reading.draft.assume(f"{reading.words(owner.start, owner.end)} is what the coordinates are called")
    reading.take(owner, "place")
    owner.info["taken"] = True
    reading.use(at, owner.end + 1, "place")


def _appositive(reading: Reading, mark: Mark, places: Places) -> None:
    """`Georgia, the US state`, `Luxembourg, the Belgian province`: the kind and the country pick the place."""
    tokens, at = reading.tokens, mark.end
    if mark not in reading.marks or at + 2 >= len(tokens) or tokens[at].norm not in (",", "("):
        return
    at += 1 + (tokens[at + 1].norm in ("the", "a"))
    country, kind = reading.owner(at), None
    if country is not None and country.kind == "place" and len(country.value):
        kind = reading.owner(country.end)
    if country is None or kind is None or kind.kind not in _KINDLY or kind.info.get("plural"):
        return
    wanted = place_kind(reading.words(kind.start, kind.end))
    words = reading.words(mark.start, mark.end)
    inside = [
        one
        for one in places.gazetteer.lookup(words, within=country.value[0].place.iri, limit=5)
        if one.place.kind == wanted or (wanted in _FIRST_LEVEL and one.place.kind == "state")
    ]
    if not inside:
        return
    mark.value = inside
    mark.info.update(qualifier=country.value[0].place.name, ambiguous=False)
    for name in ("shown", "tie", "rivals", "others"):
        mark.info.pop(name, None)
    reading.take(country, "place")
    country.info["taken"] = True
    kind.info["taken"] = True
    reading.take(kind, "place")
    reading.use(mark.end, kind.end, "place")
