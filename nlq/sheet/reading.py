"""The work sheet of the pipeline: tokens of a question, marks on them, and the draft that the rules fill.

Every stage takes the sheet, adds marks or fills slots, and says which tokens it used; nothing else is shared.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from nlq.question import Compare, Filter, Having, Interval, Order, Scalar, ValueOf, Where
from nlq.sheet.patterns import compiled

FilterValue: TypeAlias = Scalar | ValueOf | Sequence[Scalar] | None


@dataclass(slots=True)
class Token:
    """A word, number or sign: `text` as typed from `start` to `end`, `norm` as the rules see it."""

    text: str
    norm: str
    start: int
    end: int
    space: bool
    corrected: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it is a word or number rather than a sign."""
        return self.norm[:1].isalnum()

    @property
    def is_capital(self) -> bool:
        """Whether it starts with a capital letter."""
        return self.text[:1].isupper()


@dataclass(slots=True, eq=False)
class Mark:
    """Tokens `start` to `end` (exclusive) mean something.

    Attributes:
        kind: topic, task, sensor, record, place, time, number, ... (see `nlq.lexis.lexicon`).
        value: the meaning: a label, a name, a number, an interval.
        info: whatever else the recogniser knows.
    """

    start: int
    end: int
    kind: str
    value: Any = None
    info: dict[str, Any] = field(default_factory=dict)
    used: bool = False


@dataclass(slots=True)
class Draft:
    """The slots of a question while they are being filled."""

    target: str | None = None
    filters: list[Filter] = field(default_factory=list)
    either: list[Filter] = field(default_factory=list)
    places: list[Where] = field(default_factory=list)
    place_op: str | None = None
    relation: str | None = None
    distance_km: float | None = None
    times: list[Interval] = field(default_factory=list)
    time_same_as: str | None = None
    months: list[int] = field(default_factory=list)
    time_relation: str | None = None
    order: Order | None = None
    limit: int | None = None
    offset: int | None = None
    aggregate: str | None = None
    group_by: list[str] = field(default_factory=list)
    having: Having | None = None
    compare: Compare | None = None
    returns: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    clarify: str = ""
    assumptions: list[str] = field(default_factory=list)
    cleared: set[str] = field(default_factory=set)

    def add(self, property_: str, op: str, value: FilterValue = None) -> None:
        """Add a condition once."""
        kept = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        found = Filter(property_, op, kept)
        if found not in self.filters:
            self.filters.append(found)

    def values_of(self, *names: str) -> list[Filter]:
        """The conditions on these properties."""
        return [one for one in self.filters if one.property in names]

    def refuse(self, reason: str) -> None:
        """Note a reason why no true answer can exist."""
        if reason not in self.refusals:
            self.refusals.append(reason)

    def assume(self, sentence: str) -> None:
        """Note an assumption."""
        if sentence not in self.assumptions:
            self.assumptions.append(sentence)


class Reading:
    """One question on its way through the pipeline."""

    def __init__(self, text: str, tokens: list[Token], reference_date: date) -> None:
        self.text = text
        self.tokens = tokens
        self.today = reference_date
        self.has_context = False
        self.settled = False  # understood as a whole: no later stage reads it
        self.earlier: Draft | None = None
        self.marks: list[Mark] = []
        self.told: list[int] = []  # tokens of sentences that only tell about the work
        self.slots: list[str | None] = [None] * len(tokens)
        self.draft = Draft()
        self._owner: list[Mark | None] = [None] * len(tokens)
        self._version = 0
        self._sheet: tuple[int, str, list[int], list[int]] | None = None
        self.retext()

    def retext(self) -> None:
        """Rebuild the normalised text after tokens have been corrected."""
        parts: list[str] = []
        self._starts: list[int] = []
        at = 0
        for token in self.tokens:
            self._starts.append(at)
            piece = token.norm + (" " if token.space else "")
            parts.append(piece)
            at += len(piece)
        self.norm = "".join(parts)
        self._version += 1

    def token_at(self, offset: int) -> int:
        """Index of the token at a character of `norm`."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def drop(self, start: int, end: int) -> None:
        """Take tokens out, before anything has marked them."""
        for line in (self.tokens, self.slots, self._owner):
            del line[start:end]
        self.retext()

    def span_of(self, match: re.Match[str], group: int | str = 0) -> tuple[int, int]:
        """Token range [start, end) of a match on `norm`."""
        first, last = match.span(group)
        while last > first and self.norm[last - 1] == " ":
            last -= 1
        return self.token_at(first), self.token_at(max(first, last - 1)) + 1

    def is_free(self, start: int, end: int) -> bool:
        """Whether no mark covers any of these tokens."""
        return all(self._owner[index] is None for index in range(start, end))

    def owner(self, index: int) -> Mark | None:
        """The mark on a token."""
        return self._owner[index] if 0 <= index < len(self.tokens) else None

    def mark(self, start: int, end: int, kind: str, value: object = None, **info: object) -> Mark:
        """Put a mark on free tokens."""
        found = Mark(start, end, kind, value, info)
        for index in range(start, end):
            self._owner[index] = found
        at = 0
        while at < len(self.marks) and self.marks[at].start < start:
            at += 1
        self.marks.insert(at, found)
        self._version += 1
        return found

    def unmark(self, mark: Mark) -> None:
        """Take a mark away again."""
        self.marks.remove(mark)
        for index in range(mark.start, mark.end):
            self._owner[index] = None
        self._version += 1

    def retag(self, mark: Mark, kind: str, value: object = None) -> None:
        """Give a mark another kind (and value)."""
        mark.kind = kind
        if value is not None:
            mark.value = value
        self._version += 1

    def use(self, start: int, end: int, slot: str) -> None:
        """Say that the interpretation uses these tokens for a slot."""
        for index in range(start, end):
            if self.slots[index] is None:
                self.slots[index] = slot

    def take(self, mark: Mark, slot: str) -> None:
        """Say that the interpretation uses a mark for a slot."""
        mark.used = True
        self.use(mark.start, mark.end, slot)

    def of_kind(self, *kinds: str, unused: bool = False) -> Iterator[Mark]:
        """Marks of some kinds, from left to right."""
        for mark in list(self.marks):
            if mark.kind in kinds and not (unused and mark.used):
                yield mark

    def words(self, start: int, end: int) -> str:
        """The typed text of a token range, misspelt words as they were corrected."""
        if not any(one.corrected for one in self.tokens[start:end]):
            return self.typed(start, end)
        parts = []
        for one, after in zip(self.tokens[start:end], [*self.tokens[start + 1 : end], None], strict=True):
            parts.append(one.norm if one.corrected else one.text)
            parts.append("" if after is None else self.text[one.end : after.start])
        return "".join(parts)

    def typed(self, start: int, end: int) -> str:
        """The text of a token range just as it was typed."""
        if end <= start:
            return ""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    # ------------------------------------------------------------- the sheet: words and marks as one line of text

    def sheet(self) -> str:
        """The question with every mark written as `{kind}`: rules are regular expressions over this line."""
        if self._sheet is None or self._sheet[0] != self._version:
            parts: list[str] = [" "]
            starts, indexes = [0], [0]
            at, index = 1, 0
            while index < len(self.tokens):
                owner = self._owner[index]
                starts.append(at)
                indexes.append(index)
                piece = f"{{{owner.kind}}}" if owner is not None else self.tokens[index].norm
                index = owner.end if owner is not None else index + 1
                parts.append(piece + " ")
                at += len(piece) + 1
            self._sheet = (self._version, "".join(parts), starts, indexes)
        return self._sheet[1]

    def find(self, pattern: Rule, at: int = 0) -> Found | None:
        """First match of a rule on the sheet."""
        match = pattern.search(self.sheet(), at)
        return Found(self, match) if match else None

    def find_all(self, pattern: Rule) -> list[Found]:
        """All matches of a rule on the sheet."""
        return [Found(self, match) for match in pattern.finditer(self.sheet())]

    def locate(self, match: re.Match[str], group: int | str) -> tuple[int, int]:
        """Token range of a match on the sheet."""
        self.sheet()
        if self._sheet is None:
            return (0, 0)
        _, line, starts, indexes = self._sheet
        first, last = match.span(group)
        if first < 0:
            return (0, 0)
        while last > first and line[last - 1] == " ":
            last -= 1
        while first < last and line[first] == " ":
            first += 1
        if first >= last:
            return (0, 0)
        begin = indexes[bisect_right(starts, first) - 1]
        final = indexes[bisect_right(starts, last - 1) - 1]
        owner = self._owner[final]
        return begin, owner.end if owner is not None else final + 1


class Found:
    """A rule's match on the sheet, in tokens and marks."""

    def __init__(self, reading: Reading, match: re.Match[str]) -> None:
        self.reading = reading
        self.match = match
        # Ranges are fixed now: later marks change the sheet.
        self._spans = {0: reading.locate(match, 0)}
        for number in range(1, match.re.groups + 1):
            self._spans[number] = reading.locate(match, number)

    def span(self, group: int | str = 0) -> tuple[int, int]:
        """Token range of a group; (0, 0) where it did not take part."""
        number = self.match.re.groupindex[group] if isinstance(group, str) else group
        return self._spans[number]

    def text(self, group: int | str = 0) -> str:
        """Text of a group on the sheet, empty where it did not take part."""
        return (self.match[group] or "").strip()

    def marks(self, group: int | str = 0, *kinds: str) -> list[Mark]:
        """Marks inside a group."""
        start, end = self.span(group)
        return [one for one in self.reading.marks if start <= one.start < end and (not kinds or one.kind in kinds)]

    def use(self, slot: str, group: int | str = 0) -> None:
        """Say that the words of a group are used."""
        self.reading.use(*self.span(group), slot)


_RECORDS = ("{record}", "{family}", "{benchmark}")


_SHORTEST_STEM = 4
_WHOLE_WORD = re.compile(r"(?:(?<=[ |(:>])|^)([a-z]{3,})([a-z]\?|)(?=[ |)]|$)")


def rule_words(pattern: str) -> Iterator[str]:
    """The whole words of a pattern; of `splits?` both forms."""
    for stem, last in set(_WHOLE_WORD.findall(pattern)):
        yield from (one for one in (stem, stem + last.rstrip("?")) if len(one) > 3)


_LETTERS = re.compile(r"[a-z]{2,}")
_written: list[str] = []  # the alternatives of all rules


@lru_cache(maxsize=1)
def rule_vocabulary() -> frozenset[str]:
    """The words that rules are written in: right as they stand, whatever they resemble.

    To be asked for when all rules are there: not while modules are imported.
    """
    return frozenset(rule_words("|".join(_written)))


@lru_cache(maxsize=1)
def _rule_stems() -> frozenset[str]:
    """The same and the beginnings that rules write words with: `creat(?:ed|or)`."""
    return rule_vocabulary().union(_LETTERS.findall("|".join(_written)))


def in_rules(word: str) -> bool:
    """Whether some rule is written with a word or its beginning; what is not can only have been jumped over."""
    stems = _rule_stems()
    return word in stems or any(word[:length] in stems for length in range(_SHORTEST_STEM, len(word)))


class Rule:
    """A regular expression over the sheet, compiled when it is first needed.

    Rules are many and long, and most questions need few of them: a rule about named records is not even compiled
    while no question names one.
    """

    __slots__ = ("_compiled", "_records_only", "_text")

    def __init__(self, patterns: tuple[str, ...]) -> None:
        """Keep the alternatives.

        Args:
            patterns: alternatives; a space stands for the gap between two words, ` ?- ?` for an optional hyphen.
        """
        whole = "|".join(f"(?:{one})" for one in patterns).replace(" ?- ?", "(?: - | -|- | |-)?")
        self._text = rf"(?<![^\s])(?:{whole})(?:(?<=\s)|(?![\w']))"
        _written.extend(patterns)
        self._records_only = all(r"\{(?:record|family" in one and "that one|" not in one for one in patterns)
        self._compiled: re.Pattern[str] | None = None

    def _ready(self, line: str) -> re.Pattern[str] | None:
        if self._records_only and not any(one in line for one in _RECORDS):
            return None
        if self._compiled is None:
            self._compiled = compiled(self._text)
        return self._compiled

    def search(self, line: str, at: int = 0) -> re.Match[str] | None:
        """The first match from a character on."""
        pattern = self._ready(line)
        return pattern.search(line, at) if pattern is not None else None

    def finditer(self, line: str) -> Iterator[re.Match[str]]:
        """All matches."""
        pattern = self._ready(line)
        return pattern.finditer(line) if pattern is not None else iter(())


def rule(*patterns: str) -> Rule:
    """A rule over the sheet; a space in a pattern stands for the gap between two words."""
    return Rule(patterns)


def words(items: Iterable[str]) -> str:
    """Alternatives of a rule, longest first."""
    return "(?:" + "|".join(sorted((re.escape(one) for one in items), key=len, reverse=True)) + ")"
