"""Natural Earth's tables (naturalearthdata.com, public domain) as drafts of places.

Read are the 1:10m, 1:50m and 1:110m tables of countries (`admin_0`), first-level areas (`admin_1_states_provinces`),
populated places, physical regions, elevation points, marine areas, lakes, rivers and parks, by these columns:
`featurecla`, `name`, `name_en` and the other `name_*`, `namealt`/`name_alt`, `iso_a2`/`iso_a2_eh`, `iso_3166_2`,
`gn_id`/`geonameid`, `type_en`, `pop_max`, `elevation`, `rivernum`. Upper and lower case are the same.

Tables of one's own have `name`, `place_kind` (a label of the scheme `place-kind`) and, if wanted, `alias` with other
names between semicolons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ingest.place_draft import Draft, tidy
from ingest.place_files import Row
from kg.gazetteer.distil_shapes import area_km2, as_area, valid
from kg.gazetteer.names import key
from kg.gazetteer.words import MERGED, OVERSEAS

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

CREDIT = "Natural Earth (public domain)."
_KINDS = {
    "ocean": "ocean", "sea": "sea", "gulf": "gulf", "bay": "bay", "strait": "strait", "sound": "sound",
    "channel": "strait", "lagoon": "lagoon", "fjord": "fjord", "inlet": "bay", "reef": "reef", "river": "river",
    "lake centerline": "river", "mountain": "mountain", "range/mtn": "mountain range", "foothills": "mountain range",
    "plateau": "plateau", "pass": "mountain pass", "cape": "cape", "pen/cape": "peninsula", "peninsula": "peninsula",
    "island": "island", "island group": "archipelago", "desert": "desert", "geoarea": "geoarea", "coast": "coast",
    "plain": "plain", "lowland": "plain", "delta": "delta", "basin": "basin", "depression": "basin",
    "valley": "valley", "gorge": "valley", "isthmus": "isthmus", "tundra": "tundra", "wetlands": "wetland",
    "lake": "lake", "alkaline lake": "lake", "reservoir": "reservoir", "playa": "salt flat", "waterfall": "waterfall",
    "national park service": "national park", "glaciated areas": "glacier", "antarctic ice shelf": "ice shelf",
    "scientific station": "research site", "meteorological station": "research site", "historic place": "geoarea",
    "continent": "continent",
}  # fmt: skip
_RIVER_REACH = 2.5
# Language columns without English, and columns that only look like one.
_NOT_LANGUAGES = frozenset({"name_en", "name_alt", "name_len", "name_long", "name_sort", "name_ciawf", "name_local"})


class Skip(ValueError):
    """A row that is left out; the text is the reason."""


def drafts(rows: Iterator[Row]) -> Iterator[tuple[int, Draft | Skip]]:
    """(line, draft or why there is none) of the rows of a table; parts of one country or river become one draft."""
    countries: dict[str, list[tuple[Row, BaseGeometry]]] = {}
    rivers: dict[tuple[str, str], list[tuple[int, Draft]]] = {}
    for row in rows:
        try:
            if row.problem:
                raise Skip(row.problem)
            fields = {name: value for name, value in row.fields.items() if _filled(value)}
            if "iso_a2_eh" in row.fields or "sovereignt" in row.fields:
                countries.setdefault(_country_code(fields), []).append((row, _area(row)))
                continue
            draft = _read(fields, row)
        except Skip as skip:
            yield row.line, skip
            continue
        if draft.shape is not None and "Line" in draft.shape.geom_type:
            rivers.setdefault((key(draft.name), str(fields.get("rivernum") or "")), []).append((row.line, draft))
        else:
            yield row.line, draft
    yield from _join_rivers(rivers)
    yield from _join_countries(countries)


def _filled(value: object) -> bool:
    return value is not None and str(value).strip() not in ("", "-99", "-99.0", "-1", "None", "nan")


def _read(fields: dict[str, Any], row: Row) -> Draft:
    if "adm1_code" in row.fields or "iso_3166_2" in row.fields:
        return _area_of_country(fields, row)
    feature = str(fields.get("place_kind") or fields.get("featurecla") or "").casefold()
    if "pop_max" in row.fields and feature not in _KINDS:
        return _town(fields, row)
    kind = _own_kind(feature) if "place_kind" in fields else _KINDS.get(feature)
    if kind is None:
        raise Skip(f"no kind of place that is kept: {feature[:40]}" if feature else "no featurecla")
    name = _name(fields)
    if not name:
        raise Skip("no name")
    shape = _shape(row)
    point = shape.representative_point()
    figures = {}
    if (height := _number(fields.get("elevation"))) is not None:
        figures["elevation"] = height
    if fields.get("unit_type") and not key(name).endswith("park"):
        name = f"{name} {fields['unit_type']}"
    draft = Draft(name, kind, point.x, point.y, _aliases(fields, name), _foreign(fields, name), figures=figures)
    draft.shape = None if shape.geom_type.endswith("Point") else shape
    return draft


def _own_kind(label: str) -> str | None:
    """The kind that a label or synonym of the vocabulary names."""
    from ontology.vocabulary import Vocabulary

    vocabulary = Vocabulary.load()
    found = vocabulary.find("place-kind", label)
    return next((one for one in vocabulary.labels("place-kind") if vocabulary.find("place-kind", one) == found), None)


def _town(fields: dict[str, Any], row: Row) -> Draft:
    name = _name(fields)
    if not name:
        raise Skip("no name")
    point = _shape(row).representative_point()
    number = _number(fields.get("geonameid"))
    people = _number(fields.get("pop_max"))
    code = str(fields.get("iso_a2", ""))
    draft = Draft(name, "city", point.x, point.y, _aliases(fields, name), _foreign(fields, name), country=code[:2])
    if number is not None and number > 0:
        draft.codes = (f"gn:{number:.0f}",)
        draft.fresh = f"city/{number:.0f}"
    if people:
        draft.figures["population"] = int(people)
    draft.capital = str(fields.get("featurecla", "")).casefold() == "admin-0 capital"
    return draft


def _area_of_country(fields: dict[str, Any], row: Row) -> Draft:
    name = _name(fields)
    code = str(fields.get("iso_3166_2", ""))
    if not name or not code or code.startswith("-"):
        raise Skip("no name or ISO code")
    shape = _area(row)
    point = shape.representative_point()
    number = _number(fields.get("gn_id"))
    codes = [f"iso:{code}"] + ([f"gn:{number:.0f}"] if number and number > 0 else [])
    draft = Draft(name, "county", point.x, point.y, _aliases(fields, name), _foreign(fields, name), shape)
    draft.word = str(fields.get("type_en") or "district").casefold()
    draft.codes = tuple(codes)
    draft.country = str(fields.get("iso_a2") or code[:2])[:2]
    draft.fresh = f"admin2/{code}"
    return draft


def _country_code(fields: dict[str, Any]) -> str:
    name = str(fields.get("name", ""))
    code = MERGED.get(name) or str(fields.get("iso_a2_eh") or fields.get("iso_a2") or "")
    if name == "Kosovo" or fields.get("adm0_a3") == "KOS":
        return "XK"
    if len(code) != 2:
        raise Skip("a country without ISO code")
    return code


def _join_countries(countries: dict[str, list[tuple[Row, BaseGeometry]]]) -> Iterator[tuple[int, Draft | Skip]]:
    import shapely

    shapes = {code: as_area(shapely.union_all([shape for _, shape in rows])) for code, rows in countries.items()}
    donors = {"France": "FR", "Norway": "NO", "Netherlands": "NL", "New Zealand": "NZ", "Morocco": "MA"}
    for code, (donor, window) in OVERSEAS.items():
        mother = donors.get(donor)
        if mother not in shapes or (code in shapes and code != "EH"):
            continue
        frame = shapely.box(*window)
        taken = as_area(valid(shapes[mother].intersection(frame)))
        if not taken.is_empty:
            shapes[mother] = as_area(valid(shapes[mother].difference(frame)))
            shapes[code] = as_area(shapely.union_all([taken, shapes[code]])) if code in shapes else taken
    for code, shape in shapes.items():
        rows = countries.get(code)
        if shape.is_empty:
            continue
        point = max(getattr(shape, "geoms", [shape]), key=lambda one: one.area).representative_point()
        fields = {k: v for k, v in rows[0][0].fields.items() if _filled(v)} if rows else {}
        name = _name(fields) or code
        try:
            shape = tidy(shape)
        except ValueError as error:
            yield 0, Skip(f"geometry: {error}")
            continue
        draft = Draft(name, "country", point.x, point.y, shape=shape, ref=f"country/{code}", country=code)
        if rows:
            more = [fields.get(one) for one in ("name", "name_long", "formal_en")]
            draft.aliases = [str(one) for one in dict.fromkeys(more) if one and one != name]
            draft.foreign = _foreign(fields, name)
        yield rows[0][0].line if rows else 0, draft


def _join_rivers(rivers: dict[tuple[str, str], list[tuple[int, Draft]]]) -> Iterator[tuple[int, Draft]]:
    """Pieces of one name that lie near one another are one river."""
    import shapely

    for pieces in rivers.values():
        groups: list[list[tuple[int, Draft]]] = []
        for line, draft in pieces:
            near = [
                group
                for group in groups
                if any(one.shape is not None and one.shape.distance(draft.shape) < _RIVER_REACH for _, one in group)
            ]
            joined = [(line, draft), *(piece for group in near for piece in group)]
            groups = [group for group in groups if group not in near] + [joined]
        for group in groups:
            line, first = min(group, key=lambda piece: piece[0])
            parts = [p for _, one in group for p in getattr(one.shape, "geoms", [one.shape])]
            first.shape = shapely.MultiLineString(parts) if len(parts) > 1 else parts[0]
            first.aliases = list(dict.fromkeys(text for _, one in group for text in one.aliases))
            first.foreign = list(dict.fromkeys(text for _, one in group for text in one.foreign))
            longest = max(parts, key=lambda one: one.length)
            middle = longest.interpolate(0.5, normalized=True)
            first.lon, first.lat = middle.x, middle.y
            yield line, first


def _name(fields: dict[str, Any]) -> str:
    text = str(fields.get("name_en") or fields.get("name") or "").strip()
    if text.isupper() and len(text) > 3:
        small = {"of", "the", "and", "de", "la"}
        words = text.lower().split()
        text = " ".join(one if one in small and at else one.capitalize() for at, one in enumerate(words))
    return text[:120]


def _aliases(fields: dict[str, Any], name: str) -> list[str]:
    found: list[str] = []
    for column in ("name", "namealt", "name_alt", "nameascii", "name_local", "alias"):
        for text in re.split(r"[/|;]", str(fields.get(column) or "")):
            text = text.strip()
            if 1 < len(text) <= 80 and text != name and text not in found:
                found.append(text)
    return found


def _foreign(fields: dict[str, Any], name: str) -> list[str]:
    found = [
        str(value).strip()[:80]
        for column, value in fields.items()
        if column.startswith("name_") and column not in _NOT_LANGUAGES and len(column) <= 8
    ]
    return [text for text in dict.fromkeys(found) if text and text != name]


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if number == number and abs(number) < 1e12 else None


def _shape(row: Row) -> BaseGeometry:
    if row.shape is None or row.shape.is_empty:
        raise Skip("no geometry")
    try:
        return tidy(row.shape)
    except ValueError as error:
        raise Skip(f"geometry: {error}") from error


def _area(row: Row) -> BaseGeometry:
    shape = _shape(row)
    if not shape.area or area_km2(shape) <= 0:
        raise Skip("no area")
    return shape
