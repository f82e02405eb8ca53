"""Names of places beyond plain look-up: misspelt ones, ambiguous ones, and where the asker happens to live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapidfuzz.distance import OSA

from nlq.lexis.grammar import STOP
from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading, rule
from nlq.sheet.tokens import key
from nlq.stages.places import NAME_BEGINNINGS, Places
from nlq.stages.spelling import JOINS, Speller, capital_run, is_slip

_ASKER = rule(
    r"(?:i|we|my [a-z]+|our [a-z]+|this is [a-z]+)(?: ' m| ' re| am| are| is| was| work| works| live| "
    r"lives| study| sit| come| comes| teach| run)(?: (?!looking|need|want|interested|searching|train"
    r"|mapping|after|trying|seeking|hoping|studying|analysing|analyzing|monitoring|working on|writing"
    r"|doing|planning|missing|using|going|getting|hunting|about|researching|comparing|preparing"
    r"|investigating|covering|reporting|tracking|assessing|surveying|documenting|responding|following|examining"
    r"|observing|watching|exploring|describing|filming|drawing|checking|covers|cover|reports|maps|monitors)"
    r"(?:[a-z]+|-|'|,|\{(?:agent|topic|model|dataset|product|sensor|task)\})){0,9}? "
    r"(?:from|in|at|near|of|outside|based in)(?: the)? (\{(?:place|agent)\})",
    r"(?:student|students|researcher|researchers|team|group|lab|laboratory|institute|university|company"
    r"|start ?- ?up|startup|office|farmer|farmers|ngo|agency|department|colleagues|teacher|friend|phd"
    r"|postdoc|employer|boss|professor|class|hackathon|workshop|course|conference|seminar|meetup|pupils|girls|boys|kids"
    r"|lecture|exhibition|school|newspaper|magazine|radio)(?: (?:of|at|here|based|located|sitting|working|living|in"
    r"|from|the))*? (?:from|in|at|of|near|based in|for) (?:the )?(\{(?:place|agent)\})(?= (?:and|,|who"
    r"|that|we|i|\.|need|would|looking|want|is|are|has|have|which|works|wants|-|wonder|asking|asks"
    r"|doing|trying))",
    r"(?<!made )(?<!created )(?<!developed )(?<!produced )(?<!labelled )at (?:the |a )?(?:technical )?(?:university"
    r"|institute"
    r"|college|school|academy)(?: of(?: applied sciences| technology)?)?(?: (?:in|of))? (\{(?:place|agent)\})",
    r"(?:with|for|at|from|in|of|by) (?:a|an|our|my|the) (?:[a-z]+ )?(\{place\}) (?:[a-z]+ )?(?:newspaper|magazine|daily"
    r"|weekly|broadcaster|radio|company|start ?- ?up|startup|university|agency|ministry|ngo|institute|team|consultancy"
    r"|insurer|bank|school|firm|embassy|museum)",
    r"(?:greetings|hello|hi|regards|cheers|best wishes) from (?:the )?(\{place\})",
)
# who asks, and who signs: `my name is Ana`, `Best regards, Florence`
_CALLED = regex(
    r"\b(?:my name ' ?s|my name is|name ' s|i am called|they call me|i ' m|i am|regards|best wishes|cheers|yours"
    r"|sincerely"
    r"|thanks|thank you|thx|greetings) ?,? (?P<who>[a-z-]+(?: [a-z-]+)?)(?= ?(?:[,.!(-]|and\b|from\b|a\b|an\b|$))"
)
_SIGNED = regex(r"(?:regards|best wishes|cheers|yours|sincerely|thanks|thank you|thx|greetings)\b")
_SIGNED_AFTER = 10
_SCHOOLS = frozenset(listed("university institute college school academy department"))
_BEFORE = frozenset(
    listed(
        "of over in near around at from covering showing above across inside within for to between and or "
        ", the off towards"
    )
)
_SECOND_PART = frozenset(
    listed(
        "canal valley delta basin gulf bay strait desert mountains mountain peninsula plain plateau "
        "glacier island islands reef forest rainforest park river lake sea coast fjord archipelago lagoon "
        "volcano airport port harbour dam estuary wetlands steppe highlands")
)  # fmt: skip
_EVEN_SMALL = frozenset(
    listed("canal delta valley basin estuary floodplain catchment watershed canyon gorge peninsula glacier lagoon")
)
_NEAR_TIE = 0.97
_RIVAL = 0.62
_CLOSE_KM = 0.6
_FAMOUS = 0.7
_LIKELY, _POSSIBLE = 0.5, 0.42


def read_place_names(reading: Reading, places: Places, speller: Speller) -> None:
    """Mend and rank the place marks of a question."""
    _names_of_people(reading)
    _misspelt(reading, places, speller)
    for mark in list(reading.of_kind("place")):
        if reading.words(mark.start, mark.end).casefold() in _SCHOOLS:
            reading.unmark(mark)
    for found in reading.find_all(_ASKER):
        for number in range(1, found.match.re.groups + 1):
            for mark in found.marks(number, "place", "agent"):
                if mark.end == found.span(number)[1]:
                    mark.info["taken"] = True
                    mark.used = True
                    reading.use(mark.start, mark.end, "asker")
                    reading.draft.assume(
                        f"{reading.words(mark.start, mark.end)} is where the asker is, not a condition"
                    )
    for mark in list(reading.of_kind("place")):
        _extend(reading, mark)
    for mark in reading.of_kind("place"):
        _rivals(mark, places)


def _names_of_people(reading: Reading) -> None:
    """Words in capitals that name the asker are no places, nor nearly."""
    for match in _CALLED.finditer(reading.norm):
        start, end = reading.span_of(match, "who")
        while end > start and not reading.tokens[end - 1].is_capital:
            end -= 1
        if end == start or not reading.tokens[start].is_capital or reading.text.isupper():
            continue
        inside = [one for one in reading.marks if start <= one.start < end]
        signed = end >= len(reading.tokens) - 1 and _SIGNED.match(match[0]) and start > _SIGNED_AFTER
        if any((one.kind != "place" and not signed) or one.end > end for one in inside):
            continue
        for mark in inside:
            reading.unmark(mark)
        reading.mark(start, end, "person").used = True
        reading.use(start, end, "asker")


def _misspelt(reading: Reading, places: Places, speller: Speller) -> None:
    tries = 0
    for index, token in enumerate(reading.tokens):
        if tries > 12:
            return
        free = reading.owner(index) is None
        if (
            not free
            or not token.norm.isalpha()
            or len(token.norm) < 4
            or token.norm in STOP
            or speller.knows(token.norm)
        ):
            continue
        tries += 1
        around = [(index - 1, index + 1), (index, index + 2), (index - 1, index + 2), (index, index + 1)]
        if any(one.norm == "-" for one in reading.tokens[index + 1 : index + 2]):
            around.insert(0, (index, index + 3))  # `Emjlia-Romagna`
        run = capital_run(reading, index)
        for start, end in [run, *around] if run is not None else around:
            if start < 0 or end > len(reading.tokens) or not _may_join(reading, start, end, index):
                continue
            matches = _near(places, " ".join(one.norm for one in reading.tokens[start:end] if one.is_word))
            if matches and matches[0].distance > 1 and end - start == 1 and _has_namesake(reading, start):
                continue
            if not matches or not (_may_stand(reading, start, end) or _is_sure(reading, start, end, matches[0])):
                continue
            for at in range(start, end):
                if (owner := reading.owner(at)) is not None:
                    reading.unmark(owner)
            mark = reading.mark(start, end, "place", matches, fuzzy=True)
            name = _meant(places, matches[0], reading.words(start, end))
            if name != matches[0].place.name:
                mark.info["name"] = name
            reading.draft.assume(f"{reading.typed(start, end)} is read as {name}")
            break


def _may_join(reading: Reading, start: int, end: int, centre: int) -> bool:
    for at in range(start, end):
        if at == centre or (reading.tokens[at].norm == "-" and start < at < end - 1):
            continue
        token = reading.tokens[at]
        owner = reading.owner(at)
        if (
            not token.is_word
            or (
                token.norm in STOP
                and not (token.norm in JOINS and start < at < end - 1)
                and not (at == start and token.norm in NAME_BEGINNINGS)
            )
            or (
                owner is not None
                and (
                    owner.end - owner.start > 1
                    or owner.kind in ("sensor", "record", "date", "dataset", "model", "product", "number")
                )
            )
        ):
            return False
    return True


def _has_namesake(reading: Reading, index: int) -> bool:
    """`Makhtesh Ramon`: two words in capitals are rather one name that is not known."""
    around = [reading.owner(at) for at in (index - 1, index + 1)]
    return any(
        one is not None and one.kind == "place" and reading.tokens[one.start].is_capital and not reading.text.istitle()
        for one in around
    )


def _may_stand(reading: Reading, start: int, end: int) -> bool:
    """Whether a misspelt word stands where a place may stand."""
    if end - start > 1:
        return True
    before = reading.tokens[start - 1].norm if start else ""
    if before in _BEFORE or reading.tokens[start].is_capital or any(reading.of_kind("sensor")):
        return True
    return len(reading.tokens[start].norm) > 5 and any(reading.of_kind("dataset", "product"))


def _is_sure(reading: Reading, start: int, end: int, match: Any) -> bool:  # noqa: ANN401 - MatchLike
    """Whether a misspelt word is a well-known place wherever it stands, or stands beside a place."""
    if match.distance > 1 or len(reading.tokens[start].norm) < 5:
        return False
    around = [reading.owner(at) for at in (start - 1, start - 2, end, end + 1)]
    return match.score >= _FAMOUS or any(one is not None and one.kind == "place" for one in around)


def _meant(places: Places, match: Any, typed: str) -> str:  # noqa: ANN401 - MatchLike
    """The name of a place that is nearest to what was typed: people say Chernobyl, not the exclusion zone."""
    alternates = getattr(places.gazetteer, "alternates", None)
    if match.role != "alias" or alternates is None:
        return str(match.place.name)
    names = [str(one) for one in alternates(match.place.iri)]
    return min(names, key=lambda one: OSA.distance(key(one), key(typed)), default=str(match.place.name))


def _near(places: Places, name: str) -> list[Any]:
    bare = key(name)
    limit = 1 if len(bare) < 8 else 2
    return [
        one
        for one in places.gazetteer.fuzzy(name, limit=4)
        if one.distance <= limit
        and one.score > (_POSSIBLE if is_slip(bare, key(one.place.name)) else _LIKELY)
        and (
            one.role == "alias"
            or (one.role == "foreign" and one.distance == 1 and len(bare) > 6)
            or (
                one.role == "name"
                and key(one.place.name)[:1] == bare[:1]
                and abs(len(key(one.place.name)) - len(bare)) <= limit
            )
        )
    ]


def _extend(reading: Reading, mark: Mark) -> None:
    """`Suez Canal` where only Suez is known: the kind word belongs to the name."""
    end = mark.end
    if end >= len(reading.tokens) or mark.info.get("adjective") or mark.info.get("fuzzy"):
        return
    token = reading.tokens[end]
    owner = reading.owner(end)
    if (
        token.norm not in _SECOND_PART
        or not (token.is_capital or token.norm in _EVEN_SMALL)
        or (owner is not None and owner.end - owner.start > 1)
    ):
        return
    if mark.value[0].place.kind in ("country", "continent", "region"):
        return
    if owner is not None:
        reading.unmark(owner)
    values, info, start = mark.value, mark.info, mark.start
    reading.unmark(mark)
    made = reading.mark(start, end + 1, "place", values, **info)
    made.info["name"] = reading.words(start, end + 1)
    reading.draft.assume(f"{made.info['name']} is not in the gazetteer; {values[0].place.name} stands for it")


def _rivals(mark: Mark, places: Places) -> None:
    """Note other places of the same name, and how to tell the chosen one apart."""
    matches: Sequence[Any] = mark.value
    if len(matches) < 2 or mark.info.get("adjective") or mark.info.get("qualifier"):
        return
    best = matches[0]
    others = [one for one in matches[1:] if _is_rival(best, one)]
    if not others:
        return
    top = others[0].score / best.score if best.score else 0
    mark.info["ambiguous"] = True
    mark.info["others"] = [one.place.iri for one in others[:5]]
    mark.info["shown"] = _qualifier(best.place, places)
    mark.info["tie"] = top >= _NEAR_TIE
    own = f"{best.place.name}, {mark.info['shown']}"
    labels = [(f"{one.place.name}, {_qualifier(one.place, places)}", one.place.kind) for one in others[:3]]
    mark.info["rivals"] = [f"{text} ({kind})" if text == own else text for text, kind in labels]


def _is_rival(best: Any, other: Any) -> bool:  # noqa: ANN401 - MatchLike
    if other.role not in ("name", "alias") or other.score < _RIVAL * best.score:
        return False
    if key(other.place.name) != key(best.place.name) and other.role == "name":
        return False
    return not (abs(best.place.lat - other.place.lat) < _CLOSE_KM and abs(best.place.lon - other.place.lon) < _CLOSE_KM)


def _qualifier(place: Any, places: Places) -> str:  # noqa: ANN401 - PlaceLike
    """Where a place lies: its state in countries of many homonyms, else its country, else its kind."""
    stem = place.iri.split("/place/")[0] + "/place/"
    if place.country in ("US", "CA", "AU", "MX", "BR") and place.admin1 and place.kind not in ("state", "country"):
        state = places.gazetteer.get(f"{stem}admin1/{place.admin1}")
        if state is not None and key(state.name) != key(place.name):
            return str(state.name)
    if place.country and place.kind != "country":
        country = places.gazetteer.get(f"{stem}country/{place.country}")
        if country is not None:
            return str(country.name)
    return str(place.kind)
