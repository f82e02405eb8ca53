"""Copies of questions as hurried people write them; what is expected of them stays the same.

Each kind changes a question in one way, drawn from a generator seeded by the question's identifier: typing errors,
case, punctuation, politeness, order of phrases, words that carry no meaning. A copy that equals the question is none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nlq.evaluation.lines import Line
from nlq.lexis.grammar import english
from ontology.errors import EarthdexError

_SHORT = 5
_TRIES = 8
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    letter: "".join(
        other
        for number, row in enumerate(_ROWS)
        for at, other in enumerate(row)
        if other != letter and abs(number - mine) <= 1 and abs(at - place) <= 1
    )
    for mine, keys in enumerate(_ROWS)
    for place, letter in enumerate(keys)
}
_WORD = re.compile(r"[^\W\d_]+")


def _typos(rng: random.Random, text: str, _: Mapping[str, Any]) -> str:
    """Two to three errors of the fingers, one a word, never in numbers, codes and short words.

    An error that makes another English word is drawn again: nobody can tell it from what was meant.
    """
    words = [one for one in _WORD.finditer(text) if _may_err(text, one)]
    for word in sorted(rng.sample(words, min(len(words), rng.randint(2, 3))), key=lambda one: -one.start()):
        text = text[: word.start()] + _slip(rng, word[0]) + text[word.end() :]
    return text


def _may_err(text: str, word: re.Match[str]) -> bool:
    """Whether a word is long, plain, and no part of a code such as `Sentinel-2` or `EuroSAT`."""
    around = text[max(0, word.start() - 1) : word.start()] + text[word.end() : word.end() + 2]
    plain = word[0].islower() or word[0].istitle()
    return len(word[0]) >= _SHORT and plain and word[0].isascii() and not re.search(r"[\d_/]|^-|-\d", around)


def _slip(rng: random.Random, word: str) -> str:
    for _ in range(_TRIES):
        slipped = _once(rng, word)
        if slipped != word and slipped.casefold() not in english():
            return slipped
    return word


def _once(rng: random.Random, word: str) -> str:
    at = rng.randrange(1, len(word) - 1)  # the first letter is seldom wrong
    letter = word[at]
    match rng.randrange(4):
        case 0:
            near = _NEIGHBOURS.get(letter.lower(), letter)
            return word[:at] + rng.choice(near) + word[at + 1 :]
        case 1:
            return word[:at] + letter + word[at:]
        case 2:
            return word[:at] + word[at + 1 :]
        case _:
            return word[:at] + word[at + 1] + letter + word[at + 2 :]


def _case(rng: random.Random, text: str, _: Mapping[str, Any]) -> str:
    """All capitals, or none."""
    return text.upper() if rng.random() < 0.5 else text.lower()


def _punctuation(_: random.Random, text: str, __: Mapping[str, Any]) -> str:
    """No punctuation but what stands within words and numbers, or means something."""
    text = re.sub(r"(?<!\d)[,;:!?\"“”„()\[\]]|[,;:!?\"“”()](?!\s?[-+]?\d)|\.(?=\s|$)", " ", text)
    return re.sub(r"\s+", " ", text).strip()


_BEFORE = (
    "Please ",
    "Could you please help me: ",
    "Hi there, ",
    "Good morning! ",
    "Hello, I have a quick question. ",
    "Dear team, ",
)
_AFTER = (", please", " Thanks!", " Thank you very much in advance.", " Cheers", ", if possible", " Many thanks!")


def _politeness(rng: random.Random, text: str, _: Mapping[str, Any]) -> str:
    """Kind words before or after, or both."""
    before, after = rng.choice(_BEFORE), rng.choice(_AFTER)
    which = rng.randrange(3)
    if which != 1:
        text = before + (text[:1].lower() + text[1:] if re.match(r"[A-Z][a-z]+ [a-z]", text) else text)
    if which != 0:
        mark = "?" if text.endswith("?") else ""
        if after.startswith(","):
            text = text.rstrip(".? ") + after + mark
        else:
            text = text.rstrip(". ") + ("" if text.endswith(("?", "!")) else ".") + after
    return text


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)"
)
_WHEN = re.compile(
    rf"\s+(?P<phrase>(?:in|during|from|since|between|before|after|until)\s+(?:(?:the|early|mid|late|summer|winter|spring|"
    rf"autumn|of|and|to|until|\d{{1,2}}|{_MONTH})\s+)*(?:19|20)\d\d(?:\s+(?:and|to|until)\s+(?:{_MONTH}\s+)?(?:19|20)\d\d)?)"
    r"[.?!]?$"
)
_WHERE = re.compile(
    r"\s+(?P<phrase>(?:over|in|near|around|across|within \d+ km of)\s+(?:the\s+)?"
    r"[A-ZÀ-Þ][\w'’-]+(?:\s+(?:of|de|and|the|[A-ZÀ-Þ][\w'’-]+))*)[.?!]?$"
)
# what stands before such a phrase and makes it say something else
_BOUND = re.compile(
    r"\b(?:published|released|updated|created|made|launched|trained|out|new|and|or|than|not|only|entirely|outside|data|"
    r"available|added|founded|first|lie|lies|lying|located|is|are|was|were|be|period|solely|whole|all|weeks|days|"
    r"months|years|(?:19|20)\d\d|than \d+ [a-z0-9²]+)$",
    re.IGNORECASE,
)
_TAKEN = re.compile(r"\s+(?:acquired|taken|captured|recorded|sensed|made)$", re.IGNORECASE)
_TERSE_WHEN = re.compile(
    rf"\b(?:(?:{_MONTH}|summer|winter|spring|autumn|fall)\s+)?(?:19|20)\d\d\b(?!\s*[-/+])", re.IGNORECASE
)
_TERSE_BOUND = re.compile(
    r"(?:\b(?:in|of|since|from|until|to|and|or|before|after|between|for|early|mid|late|southern|northern|all|whole|q[1-4]|"
    r"published|released|newer|older|than)|[-/\d<>=])\s*$",
    re.IGNORECASE,
)


def _order(_: random.Random, text: str, line: Mapping[str, Any]) -> str:
    """The time or the place, where it ends the question, moved to the front."""
    expected = line["expect"]
    if line["style"] == "terse" and isinstance(expected.get("time"), list):
        dates = list(_TERSE_WHEN.finditer(text))
        before = text[: dates[0].start()] if len(dates) == 1 else ""
        # keywords stand in any order
        if before and not _TERSE_BOUND.search(before):
            return f"{dates[0][0]} {before.rstrip(' ,')}{text[dates[0].end() :]}"
        return text
    for slot, pattern in (("time", _WHEN), ("place", _WHERE)):
        found = pattern.search(text) if expected.get(slot) else None
        if found is None or _BOUND.search(text[: found.start()]):
            continue
        rest = text[: found.start()]
        if len(rest.split()) < 2 or re.match(r"(?:and|what about|how about|now|also|same)\b", rest, re.IGNORECASE):
            continue
        phrase, rest = found["phrase"], _TAKEN.sub("", rest)
        head = rest[:1].lower() + rest[1:] if re.match(r"[A-Z][a-z]+ [a-z]", rest) else rest
        return f"{phrase[:1].upper()}{phrase[1:]}, {head}{'?' if text.endswith('?') else ''}"
    return text


_ASKING = re.compile(
    r"^(?:(?:please )?(?:find|show|list|get|give|search for|look for|i need|i want|i(?:'m| am) looking for|looking for)"
    r"(?: me)?(?: all)?)\s+(?!out\b|how\b|if\b|whether\b|that\b|which\b|what\b|where\b|the number\b|the same\b)",
    re.IGNORECASE,
)
_WAYS = (
    "Find ",
    "Show me ",
    "Give me ",
    "I need ",
    "I'm looking for ",
    "List ",
    "Can you find ",
    "Get me ",
    "Search for ",
)
_NOUNS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "product": ((r"\b(?:scenes|images|acquisitions|imagery)\b", ("scenes", "images", "acquisitions")),),
    "dataset": ((r"\b(?:data ?sets)\b", ("datasets", "data sets", "training datasets")),),
}


def _paraphrase(rng: random.Random, text: str, line: Mapping[str, Any]) -> str:
    """Other words for `find` and `show`, and for the kind of thing that is looked for."""
    asked = _ASKING.match(text)
    if asked is not None:
        ways = [one for one in _WAYS if one.casefold() != asked[0].casefold()]
        text = rng.choice(ways) + text[asked.end() :]
    text = re.sub(r"^Which (?!of\b|is\b|are\b|one)", "What ", text)
    for pattern, nouns in _NOUNS.get(str(line["expect"].get("target")), ()):
        found = re.search(pattern, text)
        if found is not None:
            others = [one for one in nouns if one != found[0]]
            text = text[: found.start()] + rng.choice(others) + text[found.end() :]
    return text


KINDS: dict[str, Callable[[random.Random, str, Mapping[str, Any]], str]] = {
    "typos": _typos,
    "case": _case,
    "punctuation": _punctuation,
    "politeness": _politeness,
    "order": _order,
    "paraphrase": _paraphrase,
}
"""The kinds of copies, by name."""


def perturbed(lines: Iterable[Line], kinds: Sequence[str], *, seed: int = 0) -> list[Line]:
    """Copies of questions, each changed in one way; the same for the same seed.

    Args:
        lines: question lines.
        kinds: names of `KINDS`.
        seed: gives other copies of each question.

    Returns:
        Lines whose `perturbation` names the kind. A question that a kind does not change has no copy of it.

    Raises:
        EarthdexError: there is no such kind.
    """
    unknown = [one for one in kinds if one not in KINDS]
    if unknown:
        raise EarthdexError(f"There is no perturbation {', '.join(unknown)}.", f"There are {', '.join(KINDS)}.")
    found = []
    for line in lines:
        for kind in kinds:
            if kind == "typos" and line["style"] == "typo":
                continue  # it is misspelt as it is
            text = KINDS[kind](random.Random(f"{seed} {line['id']} {kind}"), line["question"], line)
            if text != line["question"]:
                found.append({**line, "question": text, "perturbation": kind})
    return found
