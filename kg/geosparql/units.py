"""Units of length, angle and area by IRI: OGC, QUDT and EPSG."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from ontology.errors import GeometryError
from ontology.namespaces import PREFIXES

_UOM = PREFIXES["uom"]
_QUDT = "http://qudt.org/vocab/unit/"
_EPSG = re.compile(r"(?:https?://www\.opengis\.net/def/uom/EPSG/[\d.]*/?|urn:ogc:def:uom:EPSG:[\d.]*:)(\d+)")
_OGC = re.compile(r"https?://www\.opengis\.net/def/uom/OGC/[\d.]+/(\w+)|urn:ogc:def:uom:OGC:[\d.]*:(\w+)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit.

    Attributes:
        kind: "length" (metres), "angle" (degrees) or "area" (square metres).
        size: how many of these it is.
    """

    kind: str
    size: float


_LENGTHS = {
    "metre": 1.0, "meter": 1.0, "kilometre": 1000.0, "kilometer": 1000.0, "decimetre": 0.1, "centimetre": 0.01,
    "centimeter": 0.01, "millimetre": 0.001, "millimeter": 0.001, "foot": 0.3048, "yard": 0.9144, "inch": 0.0254,
    "mile": 1609.344, "statuteMile": 1609.344, "nauticalMile": 1852.0, "surveyFootUS": 1200 / 3937,
    "footSurveyUS": 1200 / 3937, "fathom": 1.8288, "hectometre": 100.0, "micrometre": 1e-6,
}  # fmt: skip
_ANGLES = {
    "degree": 1.0, "radian": math.degrees(1.0), "minute": 1 / 60, "second": 1 / 3600, "grad": 0.9, "gon": 0.9,
    "microRadian": math.degrees(1e-6), "arcMinute": 1 / 60, "arcSecond": 1 / 3600,
}  # fmt: skip
_AREAS = {
    "squareMetre": 1.0, "squareMeter": 1.0, "squareKilometre": 1e6, "squareKilometer": 1e6, "hectare": 1e4,
    "are": 100.0, "acre": 4046.8564224, "squareMile": 1609.344**2, "squareFoot": 0.3048**2,
    "squareYard": 0.9144**2, "squareCentimetre": 1e-4, "squareMillimetre": 1e-6,
}  # fmt: skip
_BY_QUDT = {
    "M": ("length", 1.0), "KiloM": ("length", 1000.0), "HectoM": ("length", 100.0), "DecaM": ("length", 10.0),
    "DeciM": ("length", 0.1), "CentiM": ("length", 0.01), "MilliM": ("length", 0.001), "MicroM": ("length", 1e-6),
    "FT": ("length", 0.3048), "YD": ("length", 0.9144), "IN": ("length", 0.0254), "MI": ("length", 1609.344),
    "MI_N": ("length", 1852.0), "MI_US": ("length", 5280 * 1200 / 3937), "FT_US": ("length", 1200 / 3937),
    "FATH": ("length", 1.8288),
    "DEG": ("angle", 1.0), "RAD": ("angle", math.degrees(1.0)), "ARCMIN": ("angle", 1 / 60),
    "ARCSEC": ("angle", 1 / 3600), "MIN_Angle": ("angle", 1 / 60), "SEC_Angle": ("angle", 1 / 3600),
    "GON": ("angle", 0.9), "GRAD": ("angle", 0.9), "MicroRAD": ("angle", math.degrees(1e-6)),
    "M2": ("area", 1.0), "KiloM2": ("area", 1e6), "HA": ("area", 1e4), "ARE": ("area", 100.0),
    "AC": ("area", 4046.8564224), "MI2": ("area", 1609.344**2), "FT2": ("area", 0.3048**2),
    "YD2": ("area", 0.9144**2), "IN2": ("area", 0.0254**2), "CentiM2": ("area", 1e-4), "MilliM2": ("area", 1e-6),
}  # fmt: skip
METRE = Unit("length", 1.0)


@lru_cache(maxsize=256)
def unit_of(iri: str) -> Unit:
    """The unit that an IRI names.

    Raises:
        GeometryError: nobody knows it; the remedy names the nearest.
    """
    ogc = _OGC.fullmatch(iri)
    if ogc is not None:
        name = ogc[1] or ogc[2]
        for kind, table in (("length", _LENGTHS), ("angle", _ANGLES), ("area", _AREAS)):
            if name in table:
                return Unit(kind, table[name])
    if iri.startswith(_QUDT) and iri.removeprefix(_QUDT) in _BY_QUDT:
        return Unit(*_BY_QUDT[iri.removeprefix(_QUDT)])
    epsg = _EPSG.fullmatch(iri)
    found = _by_epsg(epsg[1]) if epsg is not None else None
    if found is None:
        raise GeometryError(f"The unit <{iri[:100]}> is unknown.", _nearest(iri))
    return found


def _nearest(iri: str) -> str:
    from difflib import get_close_matches

    name = re.split(r"[/#:]", iri)[-1]
    close = get_close_matches(name, [*_LENGTHS, *_ANGLES, *_AREAS], 1, 0.6)
    return f"Use uom:{close[0] if close else 'metre'}, in <{_UOM}>."


@lru_cache(maxsize=1)
def _epsg_units() -> dict[str, Unit]:
    from pyproj.database import get_units_map

    found = {}
    for category, kind in (("linear", "length"), ("angular", "angle")):
        for one in get_units_map(auth_name="EPSG", category=category, allow_deprecated=True).values():
            size = math.degrees(one.conv_factor) if kind == "angle" else one.conv_factor
            found[one.code] = Unit(kind, size)
    return found


def _by_epsg(code: str) -> Unit | None:
    common = {"9001": METRE, "9036": Unit("length", 1000.0), "9102": Unit("angle", 1.0), "9122": Unit("angle", 1.0)}
    return common.get(code) or _epsg_units().get(code)


def metres_of(unit: object) -> float:
    """Metres in a unit of length.

    Raises:
        GeometryError: unknown, or no unit of length.
    """
    found = unit_of(str(unit))
    if found.kind != "length":
        raise GeometryError(f"<{str(unit)[:100]}> is no unit of length.", "Use uom:metre.")
    return found.size


def square_metres_of(unit: object) -> float:
    """Square metres in a unit of area, or in the square of a unit of length.

    Raises:
        GeometryError: unknown, or an angle.
    """
    found = unit_of(str(unit))
    if found.kind == "angle":
        raise GeometryError(f"<{str(unit)[:100]}> is no unit of area.", "Use uom:squareMetre.")
    return found.size if found.kind == "area" else found.size**2
