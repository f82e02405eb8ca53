"""Shares of a scene that stand alone: `Sentinel-2 of Rome under 5 %`, `where more than a third is snow`."""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading
from nlq.stages.quantities import bind_quantity

_SHARE_WORDS = (
    ("snow_cover", regex(r"\b(?:snow|ice|snowy|snow - covered)\b")),
    ("water_percentage", regex(r"\b(?:water|under water)\b")),
    ("vegetation_percentage", regex(r"\b(?:vegetation|vegetated|plants|green)\b")),
    ("bare_soil_percentage", regex(r"\b(?:bare|soil|bare soil)\b")),
    ("nodata_percentage", regex(r"\b(?:no ?- ?data|missing|black|empty)\b")),
)


def read_bare_shares(reading: Reading) -> None:
    """Bind a share of scenes without a noun beside it: that of the one word that names a share, else of clouds.

    Args:
        reading: the question, after its other quantities.
    """
    if reading.draft.target != "product" or reading.draft.values_of("cloud_cover"):
        return
    shares = [
        one
        for one in reading.of_kind("bound", unused=True)
        if one.value[-1].kind == "percent" and one.info.get("property") is None
    ]
    if len(shares) != 1:
        return
    named = [(name, match) for name, words in _SHARE_WORDS if (match := words.search(reading.norm))]
    if not named:
        bind_quantity(reading, shares[0], "cloud_cover")
        reading.draft.assume("a share that is not named = cloud cover")
    elif len(named) == 1 and not reading.draft.values_of(named[0][0]):
        bind_quantity(reading, shares[0], named[0][0])
        reading.use(*reading.span_of(named[0][1]), named[0][0])
