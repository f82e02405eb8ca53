"""One form for all spellings of a name: what is looked up is the key of a name, never the name itself.

The key drops case, accents, apostrophes and punctuation, writes `Mt` as `mount` and `St` as `saint`, and leaves out a
leading `the`. Scripts other than Latin keep their letters (`Москва` -> `москва`, `東京` -> `東京`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose, in the spelling that people without the key on their keyboard use.
_LETTERS = str.maketrans(
    {
        "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n", "ə": "e", "þ": "th",
        "æ": "ae", "œ": "oe", "ß": "ss", "ĸ": "k", "ɓ": "b", "ɗ": "d", "ƙ": "k",
        "ё": "е", "ی": "ي", "ک": "ك", "ى": "ي", "أ": "ا", "إ": "ا", "آ": "ا", "ـ": "",
    }
)  # fmt: skip
_APOSTROPHES = re.compile(r"['’‘`´ʻʼʿʾʹ′ʺ״׳\u200c\u200d\u200e\u200f]")
_WORDS = re.compile(r"\w+")
_WORD_FORMS = {"mt": "mount", "mtn": "mountain", "mtns": "mountains", "st": "saint", "ste": "sainte", "is": "islands"}
_WORD_FORMS_FIRST = {"mt": "mount", "st": "saint", "ste": "sainte", "ft": "fort", "pt": "point"}


@lru_cache(maxsize=4096)
def fold(word: str) -> tuple[str, ...]:
    """The folded words inside a token: `Baden-Württemberg` -> `("baden", "wurttemberg")`, `-` -> `()`."""
    if word.isascii():
        text = word.lower()
    else:
        # Marks are dropped from Latin, Greek and Cyrillic letters only: in Thai or Devanagari they are vowels.
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word.casefold()).casefold())
        text = "".join(c for c in text if not ("\u0300" <= c <= "\u036f" or "\u064b" <= c <= "\u0652"))
        text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    text = _APOSTROPHES.sub("", text)
    return tuple(_WORDS.findall(text.replace("_", " ")))


def join(words: list[str] | tuple[str, ...]) -> str:
    """The key of folded words."""
    while len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1:
        first = _WORD_FORMS_FIRST.get(words[0], words[0])
        last = _WORD_FORMS.get(words[-1], words[-1]) if words[-1] != "st" else "st"
        words = (first, *words[1:-1], last)
    return " ".join(words)


def key(name: str) -> str:
    """The key of a name: `Mt. Etna`, `MOUNT ETNA` and `mount-etna` all give `mount etna`."""
    return join([part for token in name.split() for part in fold(token)])
