"""Misspelt words: corrected only where the word is not known as it stands, and only to words that questions use."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlq.lexis.attributes import COUNTED, NOUNS
from nlq.lexis.demonyms import DEMONYMS
from nlq.lexis.grammar import HEADS, STOP, english, frequent
from nlq.lexis.inflection import stems
from nlq.lexis.lexicon import Lexicon
from nlq.lexis.words import listed
from nlq.sheet.patterns import Regex, regex
from nlq.sheet.reading import Reading, Token, rule_vocabulary, rule_words
from nlq.stages.dates import MONTHS, SEASONS
from nlq.stages.degrees import COMPARATIVES, SUPERLATIVES
from nlq.stages.numbers import NUMBER_WORDS, UNITS
from nlq.stages.places import KINDS, GazetteerLike

# words of the rules that neither the lexicon nor the other word lists hold
RULE_WORDS = frozenset(
    listed(
        "largest smallest biggest newest oldest latest earliest recent finest coarsest highest lowest "
        "cloudiest clearest fewest nearest closest heaviest lightest average mean total combined number "
        "between before after since until during without excluding except around within near outside over "
        "under above below least most more less fewer than every per each published released licensed "
        "trained evaluated tuned derived covering taken acquired winter summer spring autumn yesterday "
        "month year week quarter both either neither commercial allowed percent cloudless cloud free "
        "million thousand billion hundred labelled annotated segmentation detection classification change "
        "temporal series benchmark first second third compare smaller larger bigger newer older finer "
        "coarser better images pictures scenes entirely resolution million thousand dataset datasets model "
        "sixties seventies eighties nineties noughties "
        "models northern southern eastern western northernmost southernmost austral boreal hemisphere nautical miles"
    )
)
_THEN = frozenset(
    listed(
        "less more fewer greater smaller larger bigger better other rather higher lower newer older finer "
        "coarser later earlier"
    )
)
# three letters are too few to search by; these are words of no language that questions are asked in
_SHORT = {
    "atleast": "at least",
    "atmost": "at most",
    "morethan": "more than",
    "lessthan": "less than",
    "upto": "up to",
    "opn": "open",
    "mny": "many",
    "hwo": "how",
    "hte": "the",
    "teh": "the",
    "adn": "and",
    "nad": "and",
    "wiht": "with",
    "frm": "from",
    "fo": "of",
    "ovr": "over",
    "wth": "with",
    "waht": "what",
    "hvae": "have",
}
# a year with letters for digits: `2O19`
_YEAR = regex(r"(?:19|2[0o])[\dol]{2}|(?:l9|20)\d\d")
# words that are right, and another one is meant before these beginnings
_CONFUSED = {
    "areal": ("aerial", ("imag", "imgr", "phot", "pict", "pic", "survey", "scene", "view", "data")),
    "arial": ("aerial", ("imag", "imgr", "phot", "pict", "pic", "survey", "scene", "view", "data")),
}
# before `than` only
_COMPARED = {
    "les": "less",
    "mor": "more",
    "lss": "less",
    "moer": "more",
    "lesss": "less",
    "fwer": "fewer",
    "mroe": "more",
}
_MAX_UNKNOWN = 25
_SHORT_PLURAL = 5  # letters: a stem of four letters is a word for many things


@lru_cache(maxsize=1)
def _grammar_words() -> frozenset[str]:
    """Every word of the rules, nouns, months, units and country adjectives."""
    text = "|".join([*NOUNS.values(), *COUNTED.values(), *HEADS.values(), *KINDS])
    phrases = frozenset(re.findall(r"[a-z0-9]+", text.casefold()))
    kinds = {word for one in KINDS for word in one.split()}
    phrases |= {f"{one}s" for one in kinds if one.isalpha() and len(one) > 3 and one[-1] not in "sxy"}
    return phrases | RULE_WORDS | STOP | {*COMPARATIVES, *SUPERLATIVES, *MONTHS, *SEASONS, *UNITS, *DEMONYMS}


@lru_cache(maxsize=1)
def _pattern_words() -> frozenset[str]:
    """The words of the plain patterns of the stages: decades, units, sides of the sky and the like."""
    stages = [module for name, module in list(sys.modules.items()) if name.startswith(f"{__package__}.")]
    held = [one for module in stages for one in vars(module).values() if isinstance(one, (Regex, re.Pattern))]
    patterns = {one.pattern for one in held}
    return frozenset(word for one in patterns for word in rule_words(re.sub(r"\\b|\?P<\w+>|\?:", " ", str(one))))


@lru_cache(maxsize=1)
def _ranks() -> dict[str, int]:
    """How much a word is used in questions: its place in the list of frequent words; the closed words come last."""
    ranks = {word: number for number, word in enumerate(frequent())}
    usual = len(ranks)
    for word in (*RULE_WORDS, *MONTHS, *SEASONS, *UNITS, *NUMBER_WORDS):
        ranks.setdefault(word, usual)
    for word in (*STOP, *rule_vocabulary(), *_pattern_words()):
        ranks.setdefault(word, usual + 1)
    return ranks


@lru_cache(maxsize=1)
def _nouns() -> tuple[str, ...]:
    """The nouns that name properties and things, with their plurals."""
    text = "|".join([*NOUNS.values(), *HEADS.values()])
    bare = {one for one in re.findall(r"[a-z]+", text.casefold()) if len(one) > 4 and one not in STOP}
    bare |= {"sensor", "satellite", "raster"}
    return tuple(sorted(bare | {f"{one}s" for one in bare}))


class Speller:
    """Corrects tokens towards the words of a lexicon."""

    def __init__(self, lexicon: Lexicon, gazetteer: GazetteerLike) -> None:
        """Collect the words that are right.

        Args:
            lexicon: its phrases give the words to correct to.
            gazetteer: knows names of places.
        """
        self._lexicon = lexicon
        self._known = _grammar_words() | english() | lexicon.words | rule_vocabulary() | _ranks().keys()
        self._lists: tuple[list[str], list[str], frozenset[str]] | None = None
        self._gazetteer = gazetteer
        self._cache: dict[tuple[str, bool], str | None] = {}

    def correct(self, reading: Reading) -> None:
        """Replace misspelt tokens of a question."""
        unknown = 0
        changed = False
        for index, token in enumerate(reading.tokens):
            if token.norm == "then" and index and reading.tokens[index - 1].norm in _THEN:
                token.norm, token.corrected, changed = "than", True, True
            if (
                token.norm in _COMPARED
                and index + 1 < len(reading.tokens)
                and (reading.tokens[index + 1].norm in ("than", "then", "thn", "tahn"))
            ):
                token.norm, token.corrected, changed = _COMPARED[token.norm], True, True
                continue
            if _YEAR.fullmatch(token.norm) and not token.norm.isdigit():
                token.norm, token.corrected, changed = re.sub("o", "0", token.norm).replace("l", "1"), True, True
                reading.draft.assume(f"{token.text} is read as {token.norm}")
                continue
            if (
                token.norm in _CONFUSED
                and index + 1 < len(reading.tokens)
                and (reading.tokens[index + 1].norm.startswith(_CONFUSED[token.norm][1]))
            ):
                token.norm, token.corrected, changed = _CONFUSED[token.norm][0], True, True
                continue
            if token.norm in _SHORT:
                token.norm, token.corrected, changed = _SHORT[token.norm], True, True
                continue
            if not token.norm.isalpha() or not 4 <= len(token.norm) <= 24 or self.knows(token.norm):
                continue
            if not token.norm.isascii() or unknown > _MAX_UNKNOWN or _is_part(reading.tokens, index):
                continue
            unknown += 1
            if (month := _month(reading.tokens, index)) is not None:
                token.norm, token.corrected, changed = month, True, True
                continue
            if self._names_place(reading, index):
                continue
            if any(c.isupper() for c in token.text[1:]) and not token.text.isupper():
                near = (
                    process.extractOne(token.norm, self._targets_and_names()[1], scorer=OSA.distance, score_cutoff=1)
                    if len(token.norm) > 5
                    else None
                )
                found = str(near[0]) if near else None
            else:
                found = self._best(token, index, reading)
            if found is not None and found != token.norm:
                token.norm, token.corrected, changed = found, True, True
        if changed:
            reading.retext()

    def _targets_and_names(self) -> tuple[list[str], list[str], frozenset[str]]:
        """Words to correct to, names to correct to, and these names as a set; made for the first unknown word."""
        if self._lists is None:
            words = self._lexicon.words | _grammar_words() | rule_vocabulary() | _ranks().keys()
            words = words | set(_nouns())
            targets = sorted(word for word in words if len(word) > 3 and word.isascii() and word.isalpha())
            names = sorted({one for one in self._lexicon.names() if len(one) > 4} | self._lexicon.compounds())
            self._lists = (targets, names, frozenset(names))
        return self._lists

    def knows(self, word: str) -> bool:
        """Whether a word is right as it stands."""
        if word in self._known or word in self._targets_and_names()[2]:
            return True
        if word.endswith(("er", "ers", "ar", "ars", "est", "es")) and len(word) > 5:
            near = process.extractOne(word, _nouns(), scorer=OSA.distance, score_cutoff=1)
            if near is not None and near[0][0] == word[0]:
                return False  # "sensers" is no form of "sense", "datasest" none of "data"
        if f"{word}t" in SUPERLATIVES:
            return False  # `lates`
        if word.endswith("st") and any(OSA.distance(word, one) == 1 for one in SUPERLATIVES):
            return False  # `lattest` is no form of latte
        if len(word) == _SHORT_PLURAL and word[-1] == "s" and word not in english():
            close = process.extract(word, _nouns(), scorer=OSA.distance, score_cutoff=1, limit=8)
            if any(one[0][:2] == word[:2] and one[0].endswith("es") for one in close):
                return False  # `imags` is no plural of `imag`
        return any(
            stem in self._known and (len(stem) > 3 or (stem not in STOP and stem not in MONTHS)) for stem in stems(word)
        )

    def _best(self, token: Token, index: int, reading: Reading) -> str | None:
        named = token.is_capital and index > 0
        if (phrase := self._in_phrase(reading, index, named)) is not None:
            return phrase
        known = (token.norm, named)
        if known not in self._cache:
            if len(self._cache) > 5000:
                self._cache.clear()
            self._cache[known] = self._search(token.norm, named)
        return self._cache[known]

    def _in_phrase(self, reading: Reading, index: int, named: bool) -> str | None:
        """The correction that makes a phrase of the lexicon with the word before or after: `tree secies`."""
        word = reading.tokens[index].norm
        if named or self._is_place(word, named):
            return None
        near = process.extract(word, self._targets_and_names()[0], scorer=OSA.distance, score_cutoff=1, limit=40)
        tokens = reading.tokens
        beside = [tokens[at].norm for at in (index - 1, index + 1) if 0 <= at < len(tokens)]
        around = [one for one in beside if one.isalpha() and one not in STOP]
        before = tokens[index - 1].norm if index else ""
        found = [
            one
            for one, _, _ in near
            if any(self._lexicon.get(f"{other} {one}" if other == before else f"{one} {other}") for other in around)
        ]
        return min(found, key=lambda one: _likeness(word, str(one), 1), default=None)

    def _names_place(self, reading: Reading, index: int) -> bool:
        """Whether a word is part of a name of several words: `San José`, or nearly: `Thre Gorges Dam`."""
        if reading.tokens[index].is_capital and (run := capital_run(reading, index)) is not None:
            text = " ".join(one.norm for one in reading.tokens[slice(*run)] if one.is_word)
            if self._near_place(text, 2) > _PLACE_SCORE:
                return True
        texts = [one.text for one in reading.tokens]
        for start in range(max(0, index - 2), index + 1):
            found = self._gazetteer.longest_match(texts, start) if reading.tokens[start].is_word else None
            if found is not None and found[0] > index and found[0] - start > 1:
                return True
        return False

    def _search(self, word: str, named: bool) -> str | None:
        """The correction of a word, if there is one."""
        if f"{word}t" in SUPERLATIVES:
            return f"{word}t"  # `lates`
        if word.endswith("r") and f"{word[:-1]}er" in COMPARATIVES:
            return f"{word[:-1]}er"  # `newr`
        if self._is_place(word, named):
            return None
        limit = 1 if len(word) < 7 else 2
        choices = process.extract(word, self._targets_and_names()[0], scorer=OSA.distance, score_cutoff=limit, limit=40)
        ranked = sorted((_likeness(word, str(one[0]), int(one[1])), str(one[0])) for one in choices)
        near, distance = (ranked[0][1], ranked[0][0][0]) if ranked else ("", 9)
        slip = is_slip(word, near)
        if distance == 1 and (len(word) > 4 or (near[0] == word[0] and (len(near) > 4 or slip or near in STOP))):
            rival = self._near_place(word, 1) if named else 0.0
            usual = near in MONTHS or (near in _ranks() and slip)
            if rival < _PLACE_SCORE or (usual and rival < _FAMOUS):
                return near
        if not named and (plain := next((one for one in _slips(word) if one in english()), None)) is not None:
            return plain
        if len(word) > 5:
            found = process.extractOne(word, self._targets_and_names()[1], scorer=OSA.distance, score_cutoff=1)
            if found:
                return str(found[0])
        if self._near_place(word, 1 if len(word) < 9 else 2) > _PLACE_SCORE:
            return None
        return near if len(word) > 7 and near[:1] == word[0] and not named else None

    def _is_place(self, word: str, named: bool) -> bool:
        """Whether a word that is not English names a place that people speak of."""
        places = self._gazetteer.lookup(word, limit=3)
        if named:
            return bool(places)
        if len(word) < 5:
            places = [one for one in places if one.role == "name"]  # "cver" is no way to write Tver
        size = max((one.place.population or 0 for one in places), default=0)
        other = [one for one in places if one.place.kind not in ("city", "village", "town")]
        return size > 100_000 or any(one.score > _KNOWN for one in other)

    def _near_place(self, word: str, limit: int) -> float:
        """Score of the best place whose name is nearly a word; 0 where there is none."""
        return max((one.score for one in self._gazetteer.fuzzy(word, limit=1) if one.distance <= limit), default=0.0)


_PLACE_SCORE = 0.5
_KNOWN = 0.45
_FAMOUS = 0.75


def capital_run(reading: Reading, index: int) -> tuple[int, int] | None:
    """The words in capitals around a token that may be one name, with small words between them; None if it is alone."""
    tokens = reading.tokens

    def belongs(at: int) -> bool:
        if not 0 <= at < len(tokens) or not tokens[at].is_word or not tokens[at].is_capital:
            return False
        owner = reading.owner(at)
        return owner is None or (owner.kind in _PLACE_MARKS and owner.end - owner.start == 1)

    start, end = index, index + 1
    while belongs(start - 1) or (start > 1 and tokens[start - 1].norm in JOINS and belongs(start - 2)):
        start -= 1
    while belongs(end) or (end < len(tokens) and tokens[end].norm in JOINS and belongs(end + 1)):
        end += 1
    if reading.text.isupper() or not 1 < end - start <= _LONGEST_NAME:
        return None
    return start, end


_PLACE_MARKS = ("place", "placekind", "placeclass", "topic")
JOINS = frozenset({"of", "da", "de", "do", "del", "di", "the", "el", "la", "van", "al"})
_LONGEST_NAME = 5


def _slips(word: str) -> Iterator[str]:
    """What a word would be with two neighbouring letters exchanged, or a letter that was struck twice dropped."""
    for at in range(1, len(word)):
        if word[at] == word[at - 1]:
            yield word[:at] + word[at + 1 :]
        else:
            yield word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def is_slip(word: str, other: str) -> bool:
    """Whether a word differs by a slip, the surest of mistakes, or by the `e` of a participle."""
    return any(one == other for one in _slips(word)) or (word[-1:] == "d" and other == f"{word[:-1]}ed")


def _likeness(word: str, other: str, distance: int) -> tuple[int, bool, bool, bool, int, int, int]:
    """Order of corrections: few letters, slips, the same first letter, words that questions use most."""
    participle = other.endswith("ed") and not word.endswith("d")
    rank = _ranks().get(other, len(_ranks()))
    # words of four letters have too many neighbours for a slip to be told from another mistake
    slip = is_slip(word, other) and len(word) > 4
    forgotten = len(other) > len(word)
    return (
        distance,
        not slip,
        other[0] != word[0] or participle,
        _far_key(word, other),
        -forgotten,
        rank,
        -_common(word, other),
    )


_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiouy")
_KEYS = {letter: (row, at) for row, letters in enumerate(_ROWS) for at, letter in enumerate(letters)}


def _far_key(word: str, other: str) -> bool:
    """Whether two words of one length differ by letters that do not lie beside each other on the keyboard."""
    if len(word) != len(other):
        return False
    pairs = [(one, two) for one, two in zip(word, other, strict=True) if one != two]
    if len(pairs) == 2 and pairs[0] == pairs[1][::-1]:
        return False
    # vowels are also mistaken by ear: `tipe`
    places = [(_KEYS.get(one), _KEYS.get(two)) for one, two in pairs if not {one, two} <= _VOWELS]
    return any(
        one is None or two is None or abs(one[0] - two[0]) > 1 or abs(one[1] - two[1]) > 1 for one, two in places
    )


def _month(tokens: list[Token], index: int) -> str | None:
    """The month that is meant between a day and a year: `20 Mach`, `Apirl 2020`."""
    before = tokens[index - 1].norm if index else ""
    after = tokens[index + 1].norm if index + 1 < len(tokens) else ""
    day = before.isdigit() and len(before) < 3 and 0 < int(before) < 32
    if not day and not re.fullmatch(r"(?:19|20)\d\d", after):
        return None
    word = tokens[index].norm
    near = [one for one in MONTHS if len(one) > 3 and one[0] == word[0] and OSA.distance(word, one, score_cutoff=1) < 2]
    return near[0] if len(near) == 1 else None


def _is_part(tokens: list[Token], index: int) -> bool:
    """Whether a word is a piece of a code: `S2_foo`, `a.b`."""
    around = [tokens[at].text for at in (index - 1, index + 1) if 0 <= at < len(tokens)]
    return any(one in ("_", "@", "\\") for one in around)


def _common(a: str, b: str) -> int:
    count = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        count += 1
    return count
