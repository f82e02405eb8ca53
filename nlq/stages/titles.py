"""Words in the name of a record: `whose name contains "flood"`, `with mosaic in the title`."""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading

_WORD = r"[\"']?(?P<@>[\w][\w +./-]{0,40}?)[\"']?"
_IN_TITLE = regex(
    r"\b(?:mention(?:s|ing)?|contain(?:s|ing)?|hav(?:e|ing)|has|with|includ(?:e|es|ing)|us(?:e|es|ing))(?: the)?"
    rf"(?: (?:word|term|string|text))? ?{_WORD.replace('@', 'a')} in (?:the|their|its|his) (?:title|name)s?\b"
    r"|\b(?:whose|with a|having a|where the) (?:title|name)s? (?:that )?(?:contains?|includes?|mentions?|has|have|"
    rf"containing|including|starts? with|begins? with|ends? (?:with|in))(?: the)?(?: (?:word|term|string|text))? ?"
    rf"{_WORD.replace('@', 'b')}(?=[,.;?!]|$| and | or | that | with )"
)


def read_titles(reading: Reading) -> None:
    """Bound the name; comes before names and phrases are linked, since the word is meant as written."""
    for match in _IN_TITLE.finditer(reading.norm):
        group = "a" if match["a"] else "b"
        start, end = reading.span_of(match, group)
        whole = reading.span_of(match)
        if not reading.is_free(*whole):
            continue
        reading.mark(*whole, "title", reading.words(start, end))


def settle_titles(reading: Reading) -> None:
    """Turn the marks into conditions."""
    for mark in reading.of_kind("title", unused=True):
        reading.draft.add("name", "contains", str(mark.value))
        reading.take(mark, "name")
        if reading.draft.target is None:
            reading.draft.target = "any"
