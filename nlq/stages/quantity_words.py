"""What the words around a bounded number add: `fits in 16 GB` is an upper bound, `20 land use classes` a theme."""

from __future__ import annotations

from nlq.sheet.reading import Mark, Reading, rule

_FITS = rule(
    r"(?:fits?|fitting|run|runs|running|load|loads|squeezed?|loaded|works?|working) (?:in|into|on|within|with|inside)"
    r"(?: a| an| the| my| our| only| just| \{hardware\}| single| card| machine| with| of)* (\{bound\})"
)


def fit_in(reading: Reading) -> None:
    """`fits in 16 GB`: no more than that."""
    for found in reading.find_all(_FITS):
        for mark in found.marks(1, "bound"):
            if mark.info.get("op") == "=" and mark.info.get("property") in ("gpu_memory_gb", "size_gb", "size_mb"):
                mark.info["op"] = "<="


_COUNTED_THEMES = {
    "land cover": "land cover",
    "land use": "land use",
    "crop": "crop type",
    "tree species": "tree species",
}


def counted_theme(reading: Reading, noun: Mark) -> None:
    """`20 land use classes`: what is counted says what the data is about."""
    if any(reading.of_kind("topic", "record", "family")):
        return
    words = " ".join(one.norm for one in reading.tokens[noun.start : noun.end])
    for start, topic in _COUNTED_THEMES.items():
        if words.startswith(start):
            reading.draft.add("topic", "=", topic)
