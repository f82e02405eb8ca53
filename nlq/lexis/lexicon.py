"""Phrases -> meanings, built from the graph's own labels, with a longest-match lookup over tokens.

A phrase is compared by its bare letters and digits, so `Pattern Net`, `pattern-net` and `PatternNet` are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nlq.lexis.words import listed
from nlq.sheet.reading import Token
from nlq.sheet.tokens import key

MAX_TOKENS = 14
_LEAST_AGENT = 3
_LONG = 12  # letters from which a slip in a word that is written together leaves no doubt
_SKIP = frozenset("-_'./’#()&:")
_FUNCTION = frozenset(
    listed(
        "a an the of in on at to for from by with and or not no is are was were be do does did has have "
        "had it its this that these those which what who where when how as if than then there here i we "
        "you me us my our your all any each every some more most less least per"
    )
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One meaning of a phrase.

    Attributes:
        kind: concept scheme with `_` for `-` (topic, annotation_type), sensor, record, family, licence, agent, class.
        value: preferred label or name, as interpretations write it.
        phrase: the phrase as its source writes it.
        level: for sensors family, mission, spacecraft or instrument; for records dataset or model.
        parents: preferred labels of the broader sensors, nearest first.
        modalities: kinds of sensor.
    """

    kind: str
    value: str
    phrase: str = ""
    level: str = ""
    parents: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()


@dataclass(slots=True)
class Hit:
    """Tokens `start` to `end` are a phrase."""

    start: int
    end: int
    entries: list[Entry]
    letters: int


# after these, the plural is -es; "imges" is no plural of "img"
SIBILANTS = ("ses", "xes", "zes", "ches", "shes", "oes")


def singulars(word: str) -> Iterator[str]:
    """Candidates for the singular of a key."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
        if word.endswith("ies"):
            yield word[:-3] + "y"
        if word.endswith(SIBILANTS):
            yield word[:-2]


@dataclass(slots=True)
class Lexicon:
    """All phrases of the vocabularies and records."""

    _keys: dict[str, list[Entry]] = field(default_factory=dict)
    _starts: set[str] = field(default_factory=set)
    _words: set[str] = field(default_factory=set)
    _longest: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Lexicon:
        """A lexicon of these entries."""
        lexicon = cls()
        for entry in entries:
            lexicon.add(entry)
        return lexicon

    @classmethod
    def restored(cls, keys: dict[str, list[Entry]], words: set[str]) -> Lexicon:
        """A lexicon from what another one held."""
        longest = max((len(one) for one in keys), default=0)
        return cls(keys, {one[:2] for one in keys}, words, longest)

    def exactly(self, phrase: str) -> list[Entry]:
        """Meanings of a phrase that is given as bare letters and digits."""
        return self._keys.get(phrase, [])

    def add(self, entry: Entry) -> None:
        """Add one meaning of one phrase."""
        phrase = key(entry.phrase or entry.value)
        if not phrase:
            return
        known = self._keys.setdefault(phrase, [])
        if all((one.kind, one.value) != (entry.kind, entry.value) for one in known):
            known.append(entry)
        self._starts.add(phrase[:2])
        self._longest = max(self._longest, len(phrase))
        for word in (entry.phrase or entry.value).replace("-", " ").split():
            bare = key(word)
            if bare:
                self._words.add(bare)

    @property
    def words(self) -> set[str]:
        """Every word of every phrase, folded."""
        return self._words

    def names(self) -> set[str]:
        """Every name of a record, sensor or architecture, as bare letters and digits."""
        kinds = ("record", "family", "sensor", "architecture")
        return {phrase for phrase, entries in self._keys.items() if any(one.kind in kinds for one in entries)}

    def agents_from(self, word: str) -> list[Entry]:
        """The organisations whose name of several words begins with a word: `Google` of Google Research."""
        begun = [
            one
            for phrase, entries in self._keys.items()
            if phrase.startswith(word) and len(word) > _LEAST_AGENT
            for one in entries
            if one.kind == "agent" and key((one.phrase or one.value).split()[0]) == word
        ]
        return begun

    def compounds(self) -> set[str]:
        """Every theme and task of two words or more, written as one: `superresolution`."""
        return {
            phrase
            for phrase, entries in self._keys.items()
            if len(phrase) >= _LONG and any(one.kind in ("topic", "task") and phrase.isalpha() for one in entries)
        }

    def phrases(self) -> Iterable[str]:
        """Every phrase, as bare letters and digits."""
        return self._keys.keys()

    def get(self, phrase: str) -> list[Entry]:
        """Meanings of a whole phrase, also in the plural."""
        bare = key(phrase)
        found = list(self._keys.get(bare, ()))
        for single in () if found else singulars(bare):
            found += self._keys.get(single, ())
        return found

    def _singular(self, text: str) -> list[Entry] | None:
        for single in singulars(text):
            if (entries := self._keys.get(single)) is not None:
                return entries
        return None

    def longest(self, tokens: Sequence[Token], start: int) -> Hit | None:
        """The longest phrase that begins at a token."""
        first = tokens[start]
        if not first.is_word:
            return None
        text, best, count, content = "", None, 0, False
        for index in range(start, min(len(tokens), start + 2 * MAX_TOKENS)):
            token = tokens[index]
            if token.norm == "+":
                piece = "plus"
            elif token.is_word:
                piece = key(token.norm)
                content = content or token.norm not in _FUNCTION
            elif token.norm in _SKIP and index > start:
                continue
            else:
                break
            text += piece
            count += 1
            if len(text) > self._longest + 2 or count > MAX_TOKENS:
                break
            if count == 1 and len(text) >= 2 and text[:2] not in self._starts:
                break
            entries = self._keys.get(text)
            if (
                index > start
                and len(piece) == 1
                and piece.isalpha()
                and tokens[index - 1].space
                and not token.is_capital
            ):
                continue  # "Sentinel-2 a" and "Sentinel-2 as" name no Sentinel-2A
            if token.is_word and len(piece) > 2 and (plural := self._singular(text)):
                entries = [*(entries or ()), *[one for one in plural if one not in (entries or ())]]
            if entries and (content or count == 1):
                best = Hit(start, index + 1, entries, len(text))
        return best
