"""Identifiers of collections, as catalogues of scenes write them: `landsat-c2-l2`, `S2_L2A-1`, `CBERS4-WFI-16D-2`.

A run of pieces without spaces that begins with a sensor is such an identifier where a later piece is neither a sensor,
level, type, mode, band, year nor unit: `Sentinel-2-L2A` is a mission and a level, `sentinel-2-c1-l2a` a collection.
"""

from __future__ import annotations

import re

from nlq.lexis.lexicon import Entry, Lexicon
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading

_JOINTS = frozenset("-_.")
_PLAIN = regex(
    r"(?:19|20)\d\d|b(?:0?[1-9]|1[0-2]|8a)|\d+(?:\.\d+)?(?:m|km|cm|mm|px|gb|mb|bit|d|x\d+)|[a-z]|[a-z]+|\d{2}[a-z]{3}"
)
_SENSORY = frozenset(
    {"sensor", "processing_level", "product_type", "sensor_mode", "timeliness", "band", "polarisation"}
)
_SCENES = regex(
    r"\b(?:images?|imagery|scenes?|items?|composites?|tiles?|mosaics?|products?|granules?|acquisitions?|pictures?)\b"
)


def read_collection_ids(reading: Reading, lexicon: Lexicon) -> None:
    """Mark identifiers of collections: as such beside scenes, else as names of records."""
    index = 0
    while index < len(reading.tokens):
        end = _run(reading, index)
        if end - index >= 5 and reading.is_free(index, end) and _is_collection(reading, lexicon, index, end):
            _mark(reading, index, end)
        index = max(end, index + 1)


def _run(reading: Reading, start: int) -> int:
    """The end of a run of pieces that are joined without spaces."""
    tokens, end = reading.tokens, start + 1
    if not tokens[start].is_word:
        return end
    while (
        end + 1 < len(tokens)
        and tokens[end].text in _JOINTS
        and not tokens[end].space
        and not tokens[end - 1].space
        and tokens[end + 1].is_word
    ):
        end += 2
    return end


def _is_collection(reading: Reading, lexicon: Lexicon, start: int, end: int) -> bool:
    pieces = [one.norm for one in reading.tokens[start:end] if one.is_word]
    if lexicon.get("".join(pieces)):
        return False
    at = next((at for at in range(len(pieces), 0, -1) if _is_sensor(lexicon, "".join(pieces[:at]))), 0)
    rest = pieces[at:]
    if not at or not rest:
        return False
    strange = [
        number
        for number, one in enumerate(rest)
        if not _PLAIN.fullmatch(one) and not any(entry.kind in _SENSORY for entry in lexicon.get(one))
    ]
    codes = [one for one in strange if not rest[one].isdigit()]
    # a lone number at the end is a version where it follows a code: `S2_L2A-1`
    version = rest[-1].isdigit() and len(rest[-1]) < 4 and len(rest) > 1 and not rest[-2].isalpha()
    dated = bool(re.fullmatch(r"\d{1,2}d", rest[-2])) if len(rest) > 1 else False
    return bool(codes) or version or dated


def _is_sensor(lexicon: Lexicon, text: str) -> bool:
    return any(one.kind == "sensor" for one in lexicon.get(text))


def _mark(reading: Reading, start: int, end: int) -> None:
    name = reading.words(start, end)
    if _SCENES.search(reading.norm):
        reading.mark(start, end, "identifier", name, property="collection")
        reading.draft.assume(f"{name} is read as the identifier of a collection of scenes")
        return
    entry = Entry("record", name, name, "dataset")
    reading.mark(start, end, "record", name, entries=[entry], entry=entry, unknown=True)
    reading.draft.assume(f"{name} is read as the name of a dataset or collection")
