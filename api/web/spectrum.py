"""Bands of a record, with their wavelengths drawn on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.web.graph import rows
from kg.describe import natural
from ontology.terms import Literal, Term

if TYPE_CHECKING:
    from kg.home import Home

WIDTH = 1000.0
_ROW = 20.0
_LEAST, _MOST_NM = 380.0, 14_000.0
_TICKS = (400, 500, 600, 700, 900, 1200, 1600, 2200, 4000, 8000, 12000)
_GAP = 4.0


@dataclass(frozen=True, slots=True)
class Band:
    """A band: wavelengths in nanometres and resolution in metres, 0 where not known."""

    iri: str
    name: str
    common: str = ""
    centre: float = 0
    width: float = 0
    resolution: float = 0
    sensor: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A band in the drawing: a bar from `x` on, `wide` wide, in row `y`, with its name."""

    band: Band
    x: float
    y: float
    wide: float
    hue: str


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The drawing: bars, ticks of the scale (place, words), and its height."""

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    height: float


def bands_of(home: Home, record: str) -> list[Band]:
    """The bands of a record, from the shortest wavelength on; those without one last."""
    body = f"""SELECT ?band ?name ?short ?common ?centre ?width ?resolution ?sensor WHERE {{
  <{record}> ed:band ?band OPTIONAL {{ ?band skos:prefLabel ?name }} OPTIONAL {{ ?band skos:notation ?short }}
  OPTIONAL {{ ?band skos:broader/skos:prefLabel ?common }} OPTIONAL {{ ?band ed:centreWavelengthNm ?centre }}
  OPTIONAL {{ ?band ed:bandwidthNm ?width }} OPTIONAL {{ ?band dcat:spatialResolutionInMeters ?resolution }}
  OPTIONAL {{ ?band ed:onSensor ?on . ?on a ed:Mission ; skos:prefLabel ?sensor }} }} LIMIT 2000"""
    found: dict[str, Band] = {}
    for iri, name, short, common, centre, width, resolution, sensor in rows(home, body):
        text = str(short or name or str(iri).rsplit("/", 1)[-1])
        found.setdefault(
            str(iri),
            Band(str(iri), text, str(common or ""), _number(centre), _number(width), _number(resolution),
                 str(sensor or "")),
        )  # fmt: skip
    return sorted(found.values(), key=lambda one: (one.centre == 0, one.centre, natural(one.name)))


def _number(term: Term | None) -> float:
    value = term.to_python() if isinstance(term, Literal) else 0
    return float(value) if isinstance(value, (int, float)) else 0.0


def spectrum_of(bands: Sequence[Band]) -> Spectrum | None:
    """The drawing of those bands whose wavelength is known; None where they are none.

    The scale is logarithmic, from the shortest to the longest wavelength that occurs.
    """
    known = [one for one in bands if _LEAST <= one.centre <= _MOST_NM]
    if not known:
        return None
    low = min(min(one.centre - one.width / 2 for one in known), 420.0)
    high = max(max(one.centre + one.width / 2 for one in known), 720.0)
    low, high = max(low * 0.97, 300.0), high * 1.03

    def place(wavelength: float) -> float:
        return WIDTH * math.log(max(wavelength, low) / low) / math.log(high / low)

    ends: list[float] = []
    marks = []
    for one in known:
        x = place(one.centre - one.width / 2)
        wide = max(place(one.centre + one.width / 2) - x, 3.0)
        room = max(wide, 9.5 * len(one.name) + 6)
        row = next((at for at, end in enumerate(ends) if end + _GAP <= x), len(ends))
        ends[row : row + 1] = [x + room]
        marks.append(Mark(one, round(x, 1), round(row * _ROW, 1), round(wide, 1), _hue(one.centre)))
    ticks = tuple((round(place(one), 1), _words(one)) for one in _TICKS if low <= one <= high)
    return Spectrum(tuple(marks), _apart(ticks), len(ends) * _ROW)


def _apart(ticks: tuple[tuple[float, str], ...]) -> tuple[tuple[float, str], ...]:
    found: list[tuple[float, str]] = []
    for x, text in ticks:
        if (not found or x - found[-1][0] > 60) and x < WIDTH - 20:
            found.append((x, text))
    return tuple(found)


def _words(nanometres: int) -> str:
    return f"{nanometres} nm" if nanometres < 1000 else f"{nanometres / 1000:g} µm"


def _hue(nanometres: float) -> str:
    """The colour class of a wavelength."""
    for limit, name in ((450, "violet"), (500, "blue"), (580, "green"), (620, "yellow"), (690, "red"), (760, "edge"),
                        (1000, "nir"), (3000, "swir")):  # fmt: skip
        if nanometres < limit:
            return name
    return "thermal"
