"""Text -> tokens: cleaning, bounds and the split into words, numbers and signs.

Letters and digits that stand together are one token (`31TCJ`, `L2A`), every sign is one of its own (`S`, `-`, `2`),
so that names can be matched whatever spaces and hyphens their writer used.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from nlq.lexis.grammar import STOP
from nlq.sheet.courtesy import without_courtesy
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Token

MAX_CHARACTERS = 4000
MAX_WORDS = 500
MAX_TOKENS = 800
_SHOUTED = 4  # words in capitals that make a text shouted
_ACRONYM = 4
_JOINER = "\u2060"
_PIECE = regex(rf"[^\W_]+(?:{_JOINER}+[^\W_]+)*|\S")
_TERMINAL = regex(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
# zero-width space, joiners, soft hyphen and byte order mark within a word
_WIDTHLESS = regex(r"(?<=\w)[\u200b-\u200d\u2060\u00ad\ufeff]+(?=\w)")
_SAME = {
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "−": "-",
    "‒": "-",
    "×": "x",
    "≥": "≥",
    "≤": "≤",
    "ø": "o",
    "Ø": "o",
    "đ": "d",
    "Đ": "d",
    "ł": "l",
    "Ł": "l",
    "ı": "i",
    "ß": "ss",
    "æ": "ae",
    "Æ": "ae",
    "œ": "oe",
    "Œ": "oe",
    "þ": "th",
    "ð": "d",
}
# Letters of other scripts that look Latin; used only inside words that also hold Latin letters.
_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕԁкмтвнАВЕКМНОРСТХІЈЅοαερτυνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijsdkmtbhABEKMHOPCTXIJSoaeptuvikABEZHIKMNOPTYX",
        strict=True,
    )
)


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """A word without case and accents: `København` -> `kobenhavn`."""
    out = []
    for sign in unicodedata.normalize("NFKC", word):
        sign = _SAME.get(sign, sign)
        out.append("".join(c for c in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(c)))
    return "".join(out).casefold()


def key(text: str) -> str:
    """Bare letters and digits of a phrase: the form in which names are compared. `Pattern-Net` -> `patternnet`."""
    return "".join(re.findall(r"[^\W_]+", fold(text.replace("+", " plus "))))


def _latin(word: str) -> str:
    """A word whose look-alike letters of other scripts are replaced, where it also holds Latin letters."""
    if word.isascii() or not any("a" <= c.casefold() <= "z" for c in word):
        return word
    return "".join(_LOOKALIKES.get(c, c) for c in word)


def clean(text: str) -> str:
    """The text with control and invisible characters as spaces; the length stays the same.

    Codes that colour a terminal go as a whole; what has no width stays within words, for `tokenize` to leave out.
    """
    text = _TERMINAL.sub(lambda match: " " * len(match[0]), text)
    text = _WIDTHLESS.sub(lambda match: _JOINER * len(match[0]), text)
    return "".join(
        " " if c not in ("\n", _JOINER) and unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp") else c
        for c in text
    )


def tokenize(text: str) -> list[Token]:
    """Tokens of a cleaned text."""
    found = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        space = end >= len(text) or text[end].isspace()
        word = _latin(match[0].replace(_JOINER, ""))
        found.append(Token(word, fold(word) or word, start, end, space))
    return found


def quiet(tokens: list[Token]) -> list[Token]:
    """The tokens of a text in capitals with its longer words in small letters: there capitals mark no names."""
    words = [one for one in tokens if one.text.isalpha()]
    if len(words) >= _SHOUTED and all(one.text.isupper() for one in words):
        for one in words:
            if len(one.text) > _ACRONYM or one.norm in STOP:
                one.text = one.text.lower()
    return tokens


def words_of(text: str) -> list[Token]:
    """Tokens of a question as it was typed: cleaned, without its courtesies, at most `MAX_TOKENS`."""
    return quiet(tokenize(without_courtesy(clean(text)))[:MAX_TOKENS])
