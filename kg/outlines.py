"""Outlines of what an answer lists: scenes exactly, places and what records cover simplified for maps and exchange."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from kg.solutions import Solutions
from ontology.errors import EarthdexError
from ontology.namespaces import BASE, sparql_prologue
from ontology.terms import Term

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from kg.home import Home

EARTH = BASE + "place/earth"
_WORLD = shapely.box(-180.0, -90.0, 180.0, 90.0)
_SAFE = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+").fullmatch
_STEPS = 200  # parts of its own size to which an outline is simplified
_AT_ONCE = 500
_MOST_PLACES = 60  # of one record; beyond, their common box stands for all


def outlines(home: Home, iris: Iterable[str]) -> dict[str, BaseGeometry]:
    """Outlines in degrees (CRS84) by IRI; what has none is left out.

    Args:
        home: an open catalogue.
        iris: of scenes, places, datasets and models. A record's outline is what it covers: all its places together,
            the whole world where it is global.
    """
    scenes: list[str] = []
    places: list[str] = []
    records: list[str] = []
    for iri in dict.fromkeys(iris):
        if _SAFE(iri):
            kind = iri.removeprefix(BASE).partition("/")[0] if iri.startswith(BASE) else ""
            (scenes if kind == "scene" else places if kind == "place" else records).append(iri)
    found = _of_scenes(home, scenes) | place_outlines(home, places)
    covered = coverage(home, records)
    of_place = place_outlines(home, {place for held in covered.values() for place in held})
    for iri, held in covered.items():
        parts = [of_place[place] for place in held if place in of_place]
        if parts:
            found[iri] = _together(parts)
    return found


def coverage(home: Home, iris: Sequence[str]) -> dict[str, list[str]]:
    """IRIs of the places that each record covers."""
    found: dict[str, list[str]] = {}
    for iri, place in _rows(home, "?thing dct:spatial ?place", "?thing ?place", iris):
        found.setdefault(str(iri), []).append(str(place))
    return found


def geojson(geometry: BaseGeometry, digits: int = 6) -> dict[str, Any]:
    """A GeoJSON geometry (RFC 7946: outer rings counter-clockwise) with so many decimals."""
    made = shapely.orient_polygons(geometry)
    step = 10.0**-digits
    rounded = shapely.set_precision(made, step, mode="pointwise")
    mapping: dict[str, Any] = shapely.geometry.mapping(made if rounded.is_empty else rounded)
    return mapping


def _rows(home: Home, pattern: str, variables: str, iris: Sequence[str]) -> Iterable[tuple[Term | None, ...]]:
    for start in range(0, len(iris), _AT_ONCE):
        values = " ".join(f"<{one}>" for one in iris[start : start + _AT_ONCE])
        body = f"SELECT DISTINCT {variables} WHERE {{ VALUES ?thing {{ {values} }} {pattern} }}"
        found = home.graph.query(sparql_prologue(body) + body)
        yield from found.rows if isinstance(found, Solutions) else ()


def _of_scenes(home: Home, iris: Sequence[str]) -> dict[str, BaseGeometry]:
    found: dict[str, BaseGeometry] = {}
    for start in range(0, len(iris), _AT_ONCE):
        values = " ".join(f"<{one}>" for one in iris[start : start + _AT_ONCE])
        body = f"SELECT ?scene ?wkt WHERE {{ VALUES ?scene {{ {values} }} ?scene geo:hasGeometry/geo:asWKT ?wkt }}"
        result = home.query(sparql_prologue(body) + body)
        for iri, wkt in result.rows if isinstance(result, Solutions) else ():
            made = _read(str(wkt))
            if made is not None:
                found[str(iri)] = made
    return found


def place_outlines(home: Home, iris: Iterable[str]) -> dict[str, BaseGeometry]:
    """Simplified outlines of places by IRI; what has none is left out."""
    found: dict[str, BaseGeometry] = {}
    rest = []
    for iri in dict.fromkeys(iris):
        made = _WORLD if iri == EARTH else _of_gazetteer(home.path, iri)
        if made is not None:
            found[iri] = made
        else:
            rest.append(iri)
    for thing, wkt in _rows(home, "?thing geo:hasGeometry/geo:asWKT ?wkt", "?thing ?wkt", rest):
        made = _read(str(wkt))
        if made is not None:
            found.setdefault(str(thing), _simple(made))
    return found


@lru_cache(maxsize=2000)
def _of_gazetteer(path: Path, iri: str) -> BaseGeometry | None:
    from kg.gazetteer import open_gazetteer

    made = open_gazetteer(path).geometry(iri)
    return None if made is None or made.is_empty else _simple(made)


def _read(wkt: str) -> BaseGeometry | None:
    from kg.geometry import normalise

    try:
        made: BaseGeometry | None = normalise(wkt).geometry
    except EarthdexError:
        return None
    return made


def _simple(geometry: BaseGeometry) -> BaseGeometry:
    west, south, east, north = geometry.bounds
    made = geometry.simplify(max(east - west, north - south) / _STEPS)
    return geometry if made.is_empty else made


def _together(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    if len(parts) == 1:
        return parts[0]
    if len(parts) > _MOST_PLACES:
        boxes = [one.bounds for one in parts]
        return shapely.box(*(pick(one[at] for one in boxes) for at, pick in enumerate((min, min, max, max))))
    return shapely.union_all(list(parts))
