"""All places of a kind - `lakes of Sweden over 100 km2`, `cities near Gdansk` - as patterns over the gazetteer."""

from __future__ import annotations

from collections.abc import Callable

from nlq.compile.buffers import candidates, inside, nearest
from nlq.compile.frame import Frame, ordering
from nlq.compile.text import block, comment, number, oneof, step, term, wkt
from nlq.question import Filter, NamedPlace, PlaceClass, Where
from nlq.wording import class_text
from ontology.errors import NotAnswerable
from ontology.namespaces import concept_iri, record_iri, slug
from ontology.properties import PROPERTIES

AreaOf = Callable[[Frame, Where], tuple[list[str], str]]

_ANY = "place"
_SIDES = ("north_of", "south_of", "east_of", "west_of")
_FUNCTIONS = {"crosses": "sfCrosses", "disjoint": "sfDisjoint"}
_MEETING = ("touches", "crosses", "contains", "intersects")
_NEAR_KM = 50.0
_CITIES = ("city", "cities", "town", "towns", "village", "capital", "capitals", "municipality")
# kinds of which the gazetteer holds every place
_WHOLE = frozenset(
    ("country", "continent", "ocean", "state", "province", "department", "canton", "prefecture", "county", "district",
     "region", "territory", "island-state", "neighbour", "neighbor", "neighbouring-country", "neighbour-country")
)  # fmt: skip
_ADMINISTRATIVE = frozenset(("state", "province", "department", "canton", "prefecture"))
_RECORDED = ("/place/country/", "/place/admin1/")
NOT_RANKED = "Only places whose {} is known are ranked."
_COMPARES = ("=", "!=", "<", "<=", ">", ">=")


def is_all(frame: Frame, place: Where) -> bool:
    """Whether a place is the whole Earth."""
    return isinstance(place, NamedPlace) and frame.names.place(place) == record_iri("place", "earth")


def class_area(frame: Frame, place: PlaceClass, area_of: AreaOf) -> tuple[list[str], str]:
    """Patterns that bind the geometry of each place of the class, and the variable that holds it."""
    if place in frame.resolved:
        one, area = frame.body.fresh("feature"), frame.body.fresh("area")
        known = oneof(one, map(term, frame.resolved[place]))
        about = comment(f"{class_text(place)}: {len(frame.resolved[place])} known")
        return [about, known, f"{one} geo:hasGeometry/geo:asWKT {area} ."], area
    lines, one, area = class_patterns(frame, place, area_of)
    if place.order is None or place.limit is None:
        return lines, area
    rank = frame.body.fresh("rank")
    if place.order.by == "distance" and place.near is not None:
        more, other = area_of(frame, place.near)
        inner = [*lines, *more, f"BIND(geof:distance({area}, {other}, uom:metre) AS {rank})"]
        wrapped = block(f"{{ SELECT {one} {area} WHERE", inner)
        wrapped[-1] = f"}} ORDER BY {ordering(place.order)}({rank}) LIMIT {place.limit} }}"
        return wrapped, area
    prop = PROPERTIES.get(place.order.by)
    if prop is None or "place" not in prop.targets:
        raise NotAnswerable(f"Places cannot be ranked by {place.order.by!r}.", "Rank them by area or population.")
    inner = [f"{one} {prop.path} {rank} .", *lines]
    head = f"{{ SELECT DISTINCT {one} {area} WHERE"
    wrapped = block(head, inner)
    wrapped[-1] = f"}} ORDER BY {ordering(place.order)}({rank}) LIMIT {place.limit} }}"
    wrapped[0] = head.replace("DISTINCT ", "") + " {"
    return wrapped, area


def class_patterns(frame: Frame, place: PlaceClass, area_of: AreaOf) -> tuple[list[str], str, str]:
    """The patterns of a class of places, its place variable and its geometry variable."""
    one, area = frame.body.fresh("feature"), frame.body.fresh("area")
    kinds = frame.names.concepts("place-kind", place.type)
    if place.type == _ANY:
        kinds = ()
    elif not kinds:
        frame.miss(place.type)
        kinds = (concept_iri("place-kind", place.type),)
    kind = frame.body.fresh("kind")
    lines = [comment(f"each {place.type}")]
    # the narrower kinds are written out: there are many more places than kinds
    every = tuple(dict.fromkeys(narrow for iri in kinds for narrow in frame.names.narrower(iri)))
    lines += [oneof(kind, map(term, every))] if every else []
    lines.append(f"{one} ed:placeKind {kind} .")
    labels = frozenset(frame.names.label(iri) for iri in every) | {place.type} if every else None
    holders = [place.within] if place.within is not None else []
    holders += [place.of] if place.relation is None and place.of is not None else []
    lines += [line for each in place.filters for line in _place_filter(frame, one, each)]
    if slug(place.type) in _CITIES:
        frame.note("Towns below 100,000 inhabitants are not among the places that are compared.")
    elif slug(place.type) not in _WHOLE and place.type != _ANY:
        frame.note(f"Of the kind {place.type} the gazetteer holds only the larger and better known ones.")
    lines.append(f"{one} geo:hasGeometry/geo:asWKT {area} .")
    for holder in holders:
        iri = _iri(frame, holder)
        if _is_recorded(place, iri, [frame.names.label(each) for each in every]):
            # those of the holder first, then their kinds: there are many cities
            lines = [line for line in lines if not line.startswith(f"VALUES {kind} ")]
            lines.insert(1, f"{one} geo:sfWithin+ {iri} .")
            if every:
                lines.append(f"FILTER({kind} IN ({', '.join(map(term, every))}))")
        else:
            known = frame.names.place(holder)
            some = inside(known, labels, frame.names.folder) if known is not None and labels is not None else None
            if some is not None and place.near is None:
                lines.insert(1, oneof(one, map(term, some)))
                lines.insert(1, comment(f"what the gazetteer has in the box of {holder.name}"))
            lines += _held(frame, one, area, holder, area_of)
    if place.near is not None and not (place.order is not None and place.order.by == "distance"):
        distance = place.distance_km
        if distance is None:
            distance = _NEAR_KM
            frame.note(f"Near {place.near.name} = within {distance:g} km.")
        more, other = area_of(frame, place.near)
        test = f"geof:distance({area}, {other}, uom:metre) <= {distance * 1000:.0f}"
        known = frame.names.place(place.near)
        close = candidates(known, distance, labels, frame.names.folder) if known is not None else None
        if close is not None:
            lines.insert(1, oneof(one, map(term, close)))
            lines.insert(1, comment(f"what the gazetteer has about {distance:g} km around {place.near.name}"))
        lines += [*more, f"FILTER({test} && {one} != {_iri(frame, place.near)})"]
    if place.near is not None and place.order is not None and place.order.by == "distance" and labels is not None:
        known = frame.names.place(place.near)
        asked = (place.limit or 1) if not place.filters and not holders and place.relation is None else 0
        close = nearest(known, asked, labels, frame.names.folder) if known is not None and asked else None
        if close is not None:
            lines.insert(1, oneof(one, map(term, close)))
            lines.insert(1, comment(f"what the gazetteer has around {place.near.name}"))
    if place.relation is not None and place.of is not None:
        known = frame.names.place(place.of) if place.relation in _MEETING and labels is not None else None
        some = inside(known, labels, frame.names.folder) if known is not None and labels is not None else None
        if some is not None and not holders and place.near is None:
            # what meets the place meets its box, too
            lines.insert(1, oneof(one, map(term, some)))
            lines.insert(1, comment(f"what the gazetteer has in the box of {place.of.name}"))
        lines += _related(frame, place.relation, place.of, one, area, area_of)
    return lines, one, area


def _is_recorded(place: PlaceClass, holder: str, kinds: list[str]) -> bool:
    """Whether the holder of the places is on record, so that no outlines are compared: of cities and of states."""
    if slug(place.type) in _CITIES:
        return any(part in holder for part in _RECORDED)
    return bool(kinds) and set(kinds) <= _ADMINISTRATIVE and _RECORDED[0] in holder


def _held(frame: Frame, one: str, area: str, holder: NamedPlace, area_of: AreaOf) -> list[str]:
    """Patterns: a place lies in another: as recorded for cities of countries, else also by its outline."""
    iri = _iri(frame, holder)
    more, other = area_of(frame, holder)
    meets = f"geof:sfIntersects({area}, {other}) && !geof:sfTouches({area}, {other})"
    return [*more, f"FILTER(({meets}) || EXISTS {{ {one} geo:sfWithin+ {iri} }})"]


def _related(frame: Frame, relation: str, of: NamedPlace, one: str, area: str, area_of: AreaOf) -> list[str]:
    if relation == "is":
        return [f"FILTER({one} = {_iri(frame, of)})"]
    if relation == "contains":
        lines, other = area_of(frame, of)
        test = f"geof:sfIntersects({area}, {other}) && !geof:sfTouches({area}, {other})"
        return [*lines, f"FILTER(({test}) || EXISTS {{ {_iri(frame, of)} geo:sfWithin+ {one} }})"]
    if relation in _SIDES:
        side = relation.replace("_of", "")
        frame.note(
            f"{side.capitalize()} of {of.name} = the middle lies {side} of the middle of {of.name}, and outside it."
        )
        more, other = area_of(frame, of)
        middle = frame.body.fresh("middle")
        half = wkt(half_of(frame, relation, of))
        test = f"geof:sfWithin({middle}, {half}) && !geof:sfIntersects({middle}, {other}) && {one} != {_iri(frame, of)}"
        return [f"{one} geo:hasCentroid/geo:asWKT {middle} .", *more, f"FILTER({test})"]
    lines, other = area_of(frame, of)
    if relation == "touches":
        return [*lines, f"FILTER({borders(one, _iri(frame, of), area, other)})"]
    if relation in _FUNCTIONS:
        test = f"geof:{_FUNCTIONS[relation]}({area}, {other})"
    else:
        test = f"geof:sfIntersects({area}, {other}) && !geof:sfTouches({area}, {other})"
    return [*lines, f"FILTER({test} && {one} != {_iri(frame, of)})"]


def borders(one: str, other: str, area: str, its: str) -> str:
    """A test: two places meet, and neither lies in the other.

    Outlines of different makers overlap by slivers along a border, and a shore lies within the outline of its country:
    `sfTouches` alone would miss them.

    Args:
        one: the first place, as a term.
        other: the second place.
        area: the geometry of the first.
        its: the geometry of the second.
    """
    return (
        f"{one} != {other} && geof:sfIntersects({area}, {its}) && !geof:sfWithin({area}, {its}) && "
        f"!geof:sfWithin({its}, {area}) && NOT EXISTS {{ {one} geo:sfWithin+ {other} }} && "
        f"NOT EXISTS {{ {other} geo:sfWithin+ {one} }}"
    )


def half_of(frame: Frame, relation: str, of: NamedPlace) -> str:
    """The half of the Earth on one side of the middle of a place, as WKT.

    Raises:
        NotAnswerable: the extent of the place is not known.
    """
    found = frame.names.place(of)
    bounds = frame.names.bounds(found) if found is not None else None
    if bounds is None:
        raise NotAnswerable(f"The extent of {of.name} is not known.", "Name another place.")
    west, south, east, north = bounds
    lon, lat = round((west + (east if east >= west else east + 360)) / 2, 3), round((south + north) / 2, 3)
    left, low, right, high = {
        "north_of": (-180, lat, 180, 90),
        "south_of": (-180, -90, 180, lat),
        "east_of": (lon, -90, 180, 90),
        "west_of": (-180, -90, lon, 90),
    }[relation]
    corners = ((left, low), (right, low), (right, high), (left, high), (left, low))
    return f"POLYGON(({', '.join(f'{x} {y}' for x, y in corners)}))"


def _iri(frame: Frame, place: NamedPlace) -> str:
    found = frame.names.place(place)
    if found is None:
        frame.miss(place.name)
        found = concept_iri("unknown", place.name)
    return term(found)


def _place_filter(frame: Frame, one: str, each: Filter) -> list[str]:
    prop = PROPERTIES.get(each.property)
    if prop is None or "place" not in prop.targets:
        raise NotAnswerable(f"Places have no property {each.property!r}.", "Ask for area, population or elevation.")
    variable = frame.body.fresh(prop.name)
    values = each.value if isinstance(each.value, tuple) else (each.value,)
    figures = [number(value) for value in values if isinstance(value, (int, float))]
    if not figures:
        raise NotAnswerable(f"'{prop.name.replace('_', ' ')}' needs a number.", "Give one.")
    if each.op == "between" and len(figures) == 2:
        test = f"{variable} >= {figures[0]} && {variable} <= {figures[1]}"
    else:
        test = f"{variable} {each.op if each.op in _COMPARES else '='} {figures[0]}"
    return [f"{one} {step(prop.path)} {variable} .", f"FILTER({test})"]
