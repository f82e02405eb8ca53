"""Regular English inflections: which words a word may be a form of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlq.sheet.patterns import regex

_LEAST = 3
_SIBILANT = ("s", "x", "z", "ch", "sh", "o")
# consonant, vowel, consonant: what is doubled before an ending (`plan`, `planned`)
_SHORT = regex(r"(?:^|[^aeiou])[aeiouy][bdglmnprt]$")
_UNSTRESSED = ("er", "en", "on", "al", "el", "or", "it", "et", "om", "in")
_VOWEL_ENDINGS = ("ed", "ing", "er", "ers", "est", "able", "ings")
_ENDINGS = ("ness", "ment", "ments", "ful", "less", "al", "ally")
_PREFIXES = ("un", "non", "re", "over", "sub", "pre", "multi", "micro")
_LEAST_AFTER_PREFIX = 4


def stems(word: str) -> Iterator[str]:
    """Words of which a word would be a regular form; whether they exist is for others to say.

    Args:
        word: lower case, letters only.
    """
    for one in _stems(word):
        if len(one) >= _LEAST:
            yield one
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _LEAST_AFTER_PREFIX:
            yield word[len(prefix) :]


def _stems(word: str) -> Iterator[str]:
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        base = word[:-1]
        if not base.endswith(("s", "x", "z", "ch", "sh")) and not re.search(r"[^aeiou]y$", base):
            yield base
    if word.endswith("es") and word[:-2].endswith(_SIBILANT):
        yield word[:-2]
    if word.endswith(("ies", "ied", "ier", "iest", "ily")):
        yield re.sub(r"i(?:es|ed|er|est|ly)$", "y", word)
    for ending in _VOWEL_ENDINGS:
        if word.endswith(ending):
            base = word[: -len(ending)]
            if base[-1:] and base[-1] != "e":
                if not _SHORT.search(base) or (len(base) > _LEAST + 1 and base.endswith(_UNSTRESSED)):
                    yield base
                yield base + "e"
            if len(base) > _LEAST and base[-1] == base[-2] and _SHORT.search(base[:-1]):
                yield base[:-1]
            if base.endswith("ee"):
                yield base
    if word.endswith("ly"):
        yield word[:-2]
        if word.endswith("bly"):
            yield word[:-1] + "e"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > _LEAST:
            yield word[: -len(ending)]
