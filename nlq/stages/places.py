"""Places: gazetteer linking, kinds of place, adjectives of countries, points and boxes, as marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from nlq.lexis.demonyms import DEMONYMS
from nlq.lexis.grammar import STOP, english
from nlq.lexis.words import listed
from nlq.question import NamedPlace, Point
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading
from nlq.sheet.tokens import key


class PlaceLike(Protocol):
    """What the reader needs of a gazetteer's place."""

    @property
    def iri(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def lat(self) -> float: ...  # noqa: D102
    @property
    def country(self) -> str | None: ...  # noqa: D102
    @property
    def admin1(self) -> str | None: ...  # noqa: D102
    @property
    def population(self) -> int | None: ...  # noqa: D102


class MatchLike(Protocol):
    """A candidate for a name."""

    @property
    def place(self) -> PlaceLike: ...  # noqa: D102
    @property
    def score(self) -> float: ...  # noqa: D102
    @property
    def distance(self) -> int: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102


class GazetteerLike(Protocol):
    """The part of the gazetteer that the reader uses."""

    def longest_match(self, tokens: Sequence[str], start: int) -> tuple[int, Sequence[MatchLike]] | None:
        """The longest name that begins at a token, with its candidates."""

    def lookup(self, name: str, *, limit: int = 5, within: str | None = None) -> Sequence[MatchLike]:
        """Places of a name."""

    def fuzzy(self, name: str, *, limit: int = 5) -> Sequence[MatchLike]:
        """Places whose name is nearly this."""

    def get(self, iri: str) -> PlaceLike | None:
        """The place with an IRI."""

    def of_kind(self, kind: str, within: str | None = None, limit: int | None = None) -> Sequence[PlaceLike]:
        """Places of a kind."""


NAME_BEGINNINGS = frozenset(("new", "great", "little", "big", "long", "high", "low", "lower", "upper", "good"))


@dataclass(slots=True)
class PlaceHit:
    """Tokens that name a place or a kind of place."""

    start: int
    end: int
    kind: str
    value: Any
    info: dict[str, Any] = field(default_factory=dict)


# kinds of place that questions range over: singular forms
KINDS = """lake|river|dam|reservoir|glacier|ice cap|island|islet|volcano|mountain|peak|summit|mountain range|city
|capital|capital city|town|village|port|harbour|harbor|seaport|airport|country|state|province|region|county
|district|municipality|national park|nature reserve|protected area|park|desert|peninsula|strait|bay|gulf|sea
|ocean|canal|waterfall|valley|canyon|delta|estuary|lagoon|reef|coral reef|atoll|archipelago|fjord|cape|coast
|beach|basin|catchment|plateau|plain|forest|rainforest|savanna|wetland|swamp|marsh|oasis|island group
|island state|power station|power plant|nuclear power plant|mine|open pit mine|quarry|stadium|bridge|crater
|cave|hill|continent|metropolis|megacity|capitals of states|world heritage site|oil field|wind farm
|salt flat|salt lake|prefecture|department|canton|territory|fortress|castle|railway station|airfield
|military base|refugee camp|border crossing|crater lake|active volcano|hydroelectric dam|ski resort
|tributary|stream|loch|lough|ice shelf|ice sheet|ice field|sound|headland|isthmus|bight|moor|heath|polder
|sandbank|mountain pass|hot spring|geyser|dune|island chain|rift valley|channel|neighbour|neighbor
|neighbouring country|neighbour country""".replace("\n", "").split("|")
_KIND_NAME = {
    "harbor": "harbour",
    "seaport": "port",
    "summit": "mountain",
    "peak": "mountain",
    "capital city": "capital",
    "islet": "island",
    "active volcano": "volcano",
    "metropolis": "city",
    "megacity": "city",
    "stream": "river",
    "loch": "lake",
    "lough": "lake",
    "neighbour": "country",
    "neighbor": "country",
    "neighbouring country": "country",
    "neighbour country": "country",
    "hydroelectric dam": "dam",
    "airfield": "airport",
    "power plant": "power station",
}
_KINDS = {key(one): _KIND_NAME.get(one, one) for one in KINDS}
_PLURALS = {
    "cities": "city",
    "countries": "country",
    "counties": "county",
    "valleys": "valley",
    "provinces": "province",
    "municipalities": "municipality",
    "volcanoes": "volcano",
    "volcanos": "volcano",
    "peaks": "mountain",
    "estuaries": "estuary",
    "coasts": "coast",
    "territories": "territory",
    "quarries": "quarry",
    "ice shelves": "ice shelf",
    "iceshelves": "ice shelf",
}
_UP_FRONT = regex(
    r"(?:over|in|near|around|at|of|from|to|above|across|inside|within|outside|covering|covers|cover"
    r"|between|touching|bordering"
    r"|for|showing|show|displaying|northern|southern|eastern|western|central|city|reach|into|downtown"
    r"|over the|depicting|not|across the|imaging) $"
)
_NEVER = frozenset(
    listed(
        "north south east west central upper lower northern southern eastern western can may will was are man "
        "both most than same sun far best us god mine era date data net label labels map set sets open model "
        "models train test image images scene sensor size band bands class task cloud clouds water snow ice "
        "ramadan solstice equinox monsoon carnival "
        "forest urban less least sites site lands land sample samples mission missions"
    )
)


# common nouns that are also short for one region
_GENERAL = frozenset(listed("atlas highlands lowlands uplands midlands heartland outback interior"))


def _is_relation(reading: Reading, index: int, end: int) -> bool:
    """`to the west of Sumatra` is beside it; `in the west of Sumatra` is a part of it."""
    words = [one.norm for one in reading.tokens[index:end]]
    if len(words) < 3 or words[0] not in ("north", "south", "east", "west") or words[1] != "of":
        return False
    return [one.norm for one in reading.tokens[max(0, index - 2) : index]] != ["in", "the"]


class Places:
    """Finds places in a question."""

    def __init__(self, gazetteer: GazetteerLike) -> None:
        self.gazetteer = gazetteer
        self._last: tuple[int, list[str]] = (0, [])

    def longest(self, reading: Reading, index: int) -> PlaceHit | None:
        """The longest place, country adjective or kind of place that begins at a token."""
        token = reading.tokens[index]
        if not token.is_word or (token.norm in STOP and not token.is_capital):
            return self._in_lower_case(reading, index) or self._kind(reading, index)
        limit = index
        while limit < len(reading.tokens) and reading.is_free(limit, limit + 1):
            limit += 1
        kind = self._kind(reading, index)
        words = self._tokens(reading)[:limit]
        found = self.gazetteer.longest_match(words, index)
        named = None
        if found is not None and found[0] == index + 1 and token.norm in DEMONYMS:
            found = None  # `Brazilian` alone is of Brazil, not the Brazilian Highlands
        if found is not None and _is_relation(reading, index, found[0]):
            found = None
        if found is not None and found[1]:
            end, matches = found
            while end > index + 1 and not reading.tokens[end - 1].is_word:
                end -= 1
            inner = reading.words(index + 1, end)
            if ((token.norm in DEMONYMS and inner[-1:] == "s") or token.text == "the") and place_kind(
                inner
            ) is not None:
                end = index  # `Indonesian islands` are a kind of place inside Indonesia, not one place
            if end > index and self._is_name(reading, index, end, matches):
                named = PlaceHit(index, end, "place", list(matches))
                named.info["strong"] = end - index > 1
        if named is None and (token.norm in DEMONYMS or token.text == "US"):
            country = self.gazetteer.lookup(DEMONYMS.get(token.norm, "United States"))
            if country:
                named = PlaceHit(index, index + 1, "place", list(country)[:1], {"adjective": True})
        if named is not None and (kind is None or named.end - named.start > kind.end - kind.start):
            return named
        if kind is not None:
            return kind
        return named

    def _in_lower_case(self, reading: Reading, index: int) -> PlaceHit | None:
        """`new zealand`, `great britain`: a name that begins with an everyday word, typed without capitals."""
        if reading.tokens[index].norm not in NAME_BEGINNINGS or index + 1 >= len(reading.tokens):
            return None
        if not reading.is_free(index, index + 2):
            return None
        found = self.gazetteer.longest_match(self._tokens(reading), index)
        if found is None or found[0] < index + 2 or not found[1] or not reading.is_free(index, found[0]):
            return None
        best = found[1][0]
        rest = [one.norm for one in reading.tokens[index + 1 : found[0]] if one.is_word]
        if best.role not in ("name", "alias") or all(one in english() or one in STOP for one in rest):
            return None
        return PlaceHit(index, found[0], "place", list(found[1]), {"strong": True})

    def _tokens(self, reading: Reading) -> list[str]:
        if self._last[0] != id(reading.tokens):
            self._last = (id(reading.tokens), [one.norm if one.corrected else one.text for one in reading.tokens])
        return self._last[1]

    def forget(self) -> None:
        """Drop what was kept for one question."""
        self._last = (0, [])

    @staticmethod
    def _kind(reading: Reading, index: int) -> PlaceHit | None:
        best: PlaceHit | None = None
        text = ""
        for end in range(index, min(len(reading.tokens), index + 4)):
            token = reading.tokens[end]
            if not token.is_word or not reading.is_free(end, end + 1):
                break
            text += key(token.norm)
            for candidate in (text, _PLURALS.get(text, ""), *singulars(text)):
                if candidate in _KINDS or candidate in _PLURALS.values():
                    name = _KINDS.get(candidate, candidate)
                    plural = candidate != text or text == "people"
                    best = PlaceHit(index, end + 1, "placekind", name, {"plural": plural})
                    break
        return best

    @staticmethod
    def _is_name(reading: Reading, start: int, end: int, matches: Sequence[MatchLike]) -> bool:
        words = [one for one in reading.tokens[start:end] if one.is_word]
        if not words or (
            all(len(one.norm) < 3 and one.norm.islower() for one in words)
            and not all(one.text.isupper() for one in words)
        ):
            return False
        before = reading.norm[: reading._starts[start]]
        common = english()
        if len(words) == 1 and words[0].norm.isalpha() and not words[0].norm.isupper() and not words[0].norm.islower():
            return True  # scripts without capitals, where two signs are a whole name: `北京`
        if len(words) > 1:
            # `In A` and the like: function words in small letters are no names
            return not all(one.norm in STOP for one in words)
        word = words[0]
        size = max((one.place.population or 0) for one in matches)
        known = any(
            one.place.kind in ("country", "continent", "sea", "ocean", "earth") or one.place.kind == "region"
            for one in matches
        )
        if word.is_capital and start > 0 and not (word.text.isupper() and len(word.text) < 4 and size < 1_000_000):
            return word.norm not in _NEVER and (word.norm not in STOP or bool(_UP_FRONT.search(before)))
        if word.norm in _NEVER or word.norm in STOP or word.norm in _GENERAL:
            return False
        if word.norm in common and not known:
            return bool(_UP_FRONT.search(before)) and size > 100_000
        if len(word.norm) < 4 and not word.is_capital:
            return known or bool(_UP_FRONT.search(before))
        return True


_OF = regex(
    r"^(?:the )?(?:state|city|town|province|country|region|county|district|prefecture|republic|island) "
    r"of (?:the )?",
    re.I,
)


# English names of cities and regions whose entry in the gazetteer bears the local one
_ENGLISH = {
    "Köln": "Cologne",
    "Sevilla": "Seville",
    "Brugge": "Bruges",
    "Gent": "Ghent",
    "Århus": "Aarhus",
    "Makkah": "Mecca",
    "Fes": "Fez",
    "Québec": "Quebec City",
    "Kärnten": "Carinthia",
    "Skåne": "Scania",
    "Zaporizhzhya": "Zaporizhzhia",
    "Ulan Bator": "Ulaanbaatar",
}


def _keeps_words(reading: Reading, mark: Mark, words: str, name: str) -> bool:
    """Whether the typed name is shown: people ask in English, and gazetteers prefer local names (Köln)."""
    info = mark.info
    if (
        mark.value[0].role == "adjective"
        or info.get("adjective")
        or info.get("fuzzy")
        or info.get("name")
        or info.get("qualified")
        or key(words) == key(name)
    ):
        return False
    if any(one.corrected for one in reading.tokens[mark.start : mark.end]) or not words.isascii():
        return False
    best = mark.value[0]
    if (
        best.role == "foreign"
        and best.place.kind in ("city", "country", "state", "region")
        and name.isascii()
        and not name.casefold().startswith(f"{words.casefold()} ")
    ):
        # a name of another language, or nearly the English one: Wien, Istambul
        return False
    return len(words) > 4 or not (words.isupper() or len(words) < 4)


def named_place(reading: Reading, mark: Mark) -> NamedPlace:
    """The place of a mark as a question holds it."""
    matches: Sequence[MatchLike] = mark.value
    best = matches[0].place
    name = mark.info.get("name") or _ENGLISH.get(best.name, best.name)
    words = _OF.sub("", reading.words(mark.start, mark.end))
    if _keeps_words(reading, mark, words, name):
        name = words if words != words.lower() else " ".join(one.capitalize() for one in words.split())
    if mark.info.get("qualifier"):
        name = f"{name}, {mark.info['qualifier']}"
    elif mark.info.get("shown") and not mark.info.get("kind"):
        name = f"{name}, {mark.info['shown']}"
        reading.draft.assume(f"{words} is read as {name}; there is also {', '.join(mark.info['rivals'])}")
        if mark.info.get("tie") and not reading.draft.clarify:
            reading.draft.clarify = f"Which {words} do you mean: {name} or {' or '.join(mark.info['rivals'])}?"
    elif mark.info.get("kind"):
        name = f"{name} ({mark.info['kind']})"
    return NamedPlace(name, best.iri, tuple(mark.info.get("others", ())) if not mark.info.get("qualifier") else ())


def is_southern(reading: Reading) -> bool:
    """Whether the places of a question lie south of the equator."""
    for mark in reading.of_kind("place"):
        matches: Sequence[MatchLike] = mark.value
        return matches[0].place.lat < 0
    for mark in reading.of_kind("point", "box"):
        return (mark.value.lat if isinstance(mark.value, Point) else (mark.value.south + mark.value.north) / 2) < 0
    return False


def place_kind(words: str) -> str | None:
    """The kind of place that a phrase names, also in the plural."""
    bare = key(words)
    for candidate in (bare, key(_PLURALS.get(bare, "")), *singulars(bare)):
        if candidate in _KINDS:
            return _KINDS[candidate]
    return None


def singulars(word: str) -> tuple[str, ...]:
    """What a word may be the plural of."""
    return (word[:-1], f"{word[:-3]}y") if word.endswith("ies") else (word[:-1],) if word.endswith("s") else ()
