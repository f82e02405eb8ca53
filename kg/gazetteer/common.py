"""English words that are also places: a question means the place only with a capital or a preposition before it."""

from __future__ import annotations

COMMON_WORDS: frozenset[str] = frozenset(
    [
        "of",
        "nice",
        "reading",
        "split",
        "bath",
        "mobile",
        "orange",
        "most",
        "man",
        "male",
        "chad",
        "jordan",
        "turkey",
        "china",
        "japan",
        "wells",
    ]
)
