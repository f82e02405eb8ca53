"""Misspelt words: corrected only where the word is not known as it stands, and only to words that questions use."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlq.lexis.attributes import COUNTED, NOUNS
from nlq.lexis.demonyms import DEMONYMS
from nlq.lexis.grammar import HEADS, STOP, english
from nlq.lexis.lexicon import SIBILANTS, Lexicon
from nlq.lexis.words import listed
from nlq.sheet.reading import RULE_VOCABULARY, Reading, Token
from nlq.stages.dates import MONTHS, SEASONS
from nlq.stages.degrees import COMPARATIVES, SUPERLATIVES
from nlq.stages.numbers import UNITS
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
        "models"
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
_MAX_UNKNOWN = 25
_ENDINGS = (
    "s",
    "es",
    "ed",
    "d",
    "ing",
    "er",
    "r",
    "est",
    "st",
    "ly",
    "ness",
    "ment",
    "ies",
    "able",
    "ful",
    "less",
    "al",
    "ally",
    "ers",
    "ings",
)


@lru_cache(maxsize=1)
def _grammar_words() -> frozenset[str]:
    """Every word of the rules, nouns, months, units and country adjectives."""
    text = "|".join([*NOUNS.values(), *COUNTED.values(), *HEADS.values(), *KINDS])
    phrases = frozenset(re.findall(r"[a-z0-9]+", text.casefold()))
    phrases |= {f"{one}s" for one in KINDS if one.isalpha() and len(one) > 4 and one[-1] not in "sxy"}
    return phrases | RULE_WORDS | STOP | {*COMPARATIVES, *SUPERLATIVES, *MONTHS, *SEASONS, *UNITS, *DEMONYMS}


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
        self._known = _grammar_words() | english() | lexicon.words | RULE_VOCABULARY
        self._lists: tuple[list[str], list[str], frozenset[str]] | None = None
        self._gazetteer = gazetteer
        self._cache: dict[tuple[str, bool], tuple[str, bool] | None] = {}

    def correct(self, reading: Reading) -> None:
        """Replace misspelt tokens of a question."""
        unknown = 0
        changed = False
        for index, token in enumerate(reading.tokens):
            if token.norm == "then" and index and reading.tokens[index - 1].norm in _THEN:
                token.norm, token.corrected, changed = "than", True, True
            if token.norm in _SHORT:
                token.norm, token.corrected, changed = _SHORT[token.norm], True, True
                continue
            if not token.norm.isalpha() or not 4 <= len(token.norm) <= 24 or self.knows(token.norm):
                continue
            if not token.norm.isascii() or unknown > _MAX_UNKNOWN or _is_part(reading.tokens, index):
                continue
            unknown += 1
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
            words = self._lexicon.words | (_grammar_words() - STOP)
            words |= {word for word in STOP if len(word) > 3 and word.isalpha()}
            targets = sorted(word for word in words if len(word) > 3 and not any(c.isdigit() for c in word))
            names = sorted(one for one in self._lexicon.names() if len(one) > 4)
            self._lists = (targets, names, frozenset(names))
        return self._lists

    def knows(self, word: str) -> bool:
        """Whether a word is right as it stands."""
        if word in self._known or word in self._targets_and_names()[2]:
            return True
        if word.endswith(("er", "ers", "ar", "ars")) and len(word) > 5:
            near = process.extractOne(word, _nouns(), scorer=OSA.distance, score_cutoff=1)
            if near is not None and near[0][0] == word[0]:
                return False  # "sensers" is no form of "sense"
        if f"{word}t" in SUPERLATIVES:
            return False  # `lates`
        if word.endswith("st") and any(OSA.distance(word, one) == 1 for one in SUPERLATIVES):
            return False  # `lattest` is no form of latte
        for ending in _ENDINGS:
            if ending == "es" and not word.endswith(SIBILANTS):
                continue
            if word.endswith(ending) and len(word) - len(ending) > (2 if ending in ("s", "ing", "es", "ed") else 3):
                stem = word[: -len(ending)]
                if ending[0] in "aei" and stem[-1] == "e" and stem[-2] not in "eoy":
                    continue  # "mineing" is no form of "mine"
                if (
                    stem in self._known
                    or (ending[0] in "aei" and stem + "e" in self._known)
                    or (ending == "ies" and stem + "y" in self._known)
                ):
                    return True
                doubled = ending[0] in "aei" and len(stem) > 3 and stem[-1] == stem[-2]
                if doubled and stem[:-1] in english() - STOP:
                    return True
        return any(
            word.startswith(one) and word[len(one) :] in self._known
            for one in ("un", "non", "re", "over", "sub", "pre", "multi", "micro")
        )

    def _best(self, token: Token, index: int, reading: Reading) -> str | None:
        named = token.is_capital and index > 0
        known = (token.norm, named)
        if known not in self._cache:
            if len(self._cache) > 5000:
                self._cache.clear()
            self._cache[known] = self._search(token.norm, named)
        found = self._cache[known]
        return found[0] if found else None

    def _names_place(self, reading: Reading, index: int) -> bool:
        """Whether a word is part of a name of several words: `San José`."""
        texts = [one.text for one in reading.tokens]
        for start in range(max(0, index - 2), index + 1):
            found = self._gazetteer.longest_match(texts, start) if reading.tokens[start].is_word else None
            if found is not None and found[0] > index and found[0] - start > 1:
                return True
        return False

    def _search(self, word: str, named: bool) -> tuple[str, bool] | None:
        """The correction of a word, and whether it is certain."""
        places = self._gazetteer.lookup(word, limit=3)
        if len(word) < 5 and not named:
            places = [one for one in places if one.role == "name"]  # "cver" is no way to write Tver
        size = max((one.place.population or 0 for one in places), default=0)
        if places and (
            named or size > 100_000 or any(one.place.kind not in ("city", "village", "town") for one in places)
        ):
            return None
        limit = 1 if len(word) < 7 else 2
        choices = process.extract(word, self._targets_and_names()[0], scorer=OSA.distance, score_cutoff=limit, limit=16)
        ranked = sorted(choices, key=lambda one: _likeness(word, str(one[0]), int(one[1])))
        near = ranked[0] if ranked else None
        sure = near is not None and near[1] == 1 and (len(word) > 4 or (near[0][0] == word[0] and len(near[0]) > 4))
        if len(word) == 4 and not named and near is not None and near[1] == 1 and near[0][0] == word[0]:
            sure = sure or (sorted(near[0]) == sorted(word) and near[0] in STOP)
        if sure and near is not None and not (named and self._near_place(word, 1)):
            return str(near[0]), False
        if len(word) > 5:
            found = process.extractOne(word, self._targets_and_names()[1], scorer=OSA.distance, score_cutoff=1)
            if found:
                return str(found[0]), False
        if self._near_place(word, 1 if len(word) < 9 else 2):
            return None
        if near is not None and len(word) > 7 and near[0][0] == word[0] and not named:
            return str(near[0]), False
        return None

    def _near_place(self, word: str, limit: int) -> bool:
        return any(one.distance <= limit and one.score > _PLACE_SCORE for one in self._gazetteer.fuzzy(word, limit=1))


_PLACE_SCORE = 0.5


def _likeness(word: str, other: str, distance: int) -> tuple[int, bool, bool, int, int]:
    """Order of corrections: few letters, same first letter, a letter forgotten before a letter mistaken."""
    participle = other.endswith("ed") and not word.endswith("d")
    swapped = sorted(word) == sorted(other)  # two letters changed places: the surest mistake
    return distance, not swapped, other[0] != word[0] or participle, -(len(other) > len(word)), -_common(word, other)


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
