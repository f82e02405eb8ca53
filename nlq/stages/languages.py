"""Questions in other languages: told so in that language, instead of an English reading of half of their words.

What belongs to a name (of a place, a record, a publisher) says nothing of the language of a question, so this is
decided when all names are known.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from nlq.lexis.grammar import HEADS, STOP
from nlq.lexis.languages import HALF, SAY, WORDS
from nlq.sheet.reading import Reading, Token

_NAMES = frozenset(("place", "record", "family", "benchmark", "agent", "sensor", "instrument", "identifier"))
_SCRIPTS = {"GREEK": "el", "CYRILLIC": "ru", "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "ARABIC": "ar"}
_OTHER_SCRIPTS = frozenset(("HEBREW", "HANGUL", "DEVANAGARI", "THAI", "BENGALI", "TAMIL", "GEORGIAN", "ARMENIAN"))
_KANA = frozenset(("HIRAGANA", "KATAKANA"))
# English is assumed unless this much speaks for another language, in small words
_LEAST = 1.5
_HEADS = frozenset(word for text in HEADS.values() for phrase in text.split("|") for word in phrase.split())
_ENGLISH = (STOP | _HEADS | {f"{one}s" for one in _HEADS}) - frozenset[str]().union(*WORDS.values())


def read_language(reading: Reading) -> None:
    """Refuse a question that is not in English, in its own language; say which letters were taken for Latin ones."""
    alike = [one.text for one in reading.tokens if one.text.isascii() and _script(reading.text[one.start : one.end])]
    if alike:
        reading.draft.assume(f"Letters of another script are read as the Latin ones they look like: {alike[0][:40]}.")
    found = language(reading)
    if found is not None:
        reading.draft.refusals[:] = [SAY[found]]
        reading.draft.clarify = ""


def language(reading: Reading) -> str | None:
    """The language of a question; None for English and for what has none, empty for one that is not told apart."""
    words = list(_free(reading))
    english = sum(1 for one in words if one.text.casefold() in STOP)
    foreign = [one for one in words if not one.norm.isascii() and _script(one.text)]
    if foreign:
        # a name in another script is no question in it: `images of 北京`
        if len(foreign) > english or len(foreign) * 2 > len(words):
            return _of_script([_script(one.text) for one in foreign])
        return None
    typed = [one.text.casefold() for one in words]
    told = {name: sum(0.5 if one in HALF else 1.0 for one in typed if one in known) for name, known in WORDS.items()}
    best = max(told, key=lambda name: told[name])
    own = sum(one in _ENGLISH for one in typed)
    return best if told[best] >= (_LEAST if own else 1) and told[best] >= own else None


def _free(reading: Reading) -> Iterator[Token]:
    """The words that are no names."""
    for index, token in enumerate(reading.tokens):
        owner = reading.owner(index)
        if any(c.isalpha() for c in token.text) and not (owner is not None and owner.kind in _NAMES):
            yield token


def _script(word: str) -> str:
    """The script of a word of another than Latin letters; kana before other signs, empty for Latin."""
    names = {unicodedata.name(sign, "").split(" ")[0] for sign in word if not sign.isascii()}
    known = sorted(names & (_SCRIPTS.keys() | _OTHER_SCRIPTS), key=lambda one: (one not in _KANA, one))
    return known[0] if known else ""


def _of_script(scripts: list[str]) -> str:
    """Kana tells Japanese from Chinese; else what most words are written in."""
    if _KANA & set(scripts):
        return "ja"
    return _SCRIPTS.get(max(set(scripts), key=scripts.count), "")
