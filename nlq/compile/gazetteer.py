"""Questions about places themselves as GeoSPARQL: places of a kind, facts of named places, relations and distances.

Places that the graph does not hold (towns below 100,000 inhabitants) are brought along with what the gazetteer knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nlq.compile.frame import Frame, Query, ordering
from nlq.compile.places import borders, class_patterns, half_of
from nlq.compile.text import block, oneof, query, quote, term, union, wkt
from nlq.compile.where import area_of, near_km, place_iri
from nlq.question import NamedPlace, Order, PlaceClass, Point, Where
from ontology.errors import NotAnswerable
from ontology.properties import PROPERTIES
from ontology.terms import IRI

_COMPARES = ("=", "!=", "<", "<=", ">", ">=")
_SIDES = ("north_of", "south_of", "east_of", "west_of")
_GROUPS = {"country": ("country",), "state": ("state", "region"), "continent": ("continent",)}
_HELD = {"population": "population", "area_km2": "area_km2", "elevation_m": "elevation_m"}


def compile_places(frame: Frame, title: str, most: int | None) -> Query:
    """The query of a question about places.

    Raises:
        NotAnswerable: no place is named, or places have no such property.
    """
    question = frame.question
    first = question.places[0] if question.places else None
    if question.compare is not None:
        return _compare(frame, title)
    if isinstance(first, PlaceClass):
        if question.group_by:
            return _groups(frame, first, title, most)
        if "(" in (question.aggregate or ""):
            return _figure(frame, first, title)
        return _of_kind(frame, first, title, most)
    if not question.places:
        raise NotAnswerable("The question names no place.", "Name a place, or a kind of place.")
    if question.aggregate == "ask":
        return _related(frame, title)
    if "distance" in question.returns:
        return _distance(frame, title)
    return _facts(frame, title, most)


def _done(frame: Frame, text: str, columns: Sequence[str], kind: str) -> Query:
    return Query(text, tuple(columns), kind, "place", tuple(frame.notes), tuple(frame.missing))


# --- places of a kind --------------------------------------------------------------------------------------------


def _of_kind(frame: Frame, place: PlaceClass, title: str, most: int | None) -> Query:
    question = frame.question
    order = place.order or question.order
    lines, one, area = class_patterns(frame, replace(place, order=_kept(place), limit=None), area_of)
    if question.aggregate == "ask":
        return _done(frame, query("ASK", lines, title=title), (), "yesno")
    if question.aggregate == "count":
        form = f"SELECT (COUNT(DISTINCT {one}) AS ?count)"
        return _done(frame, query(form, lines, title=title), ("count",), "count")
    columns = [one, "?name"]
    lines.append(f"{one} rdfs:label ?name .")
    outline = f"{one} geo:hasGeometry/geo:asWKT {area} ."
    if outline in lines and "".join(lines).count(area) == 1 and place.near is None:
        lines.remove(outline)  # nothing is measured
    tail = ["ORDER BY ?name"]
    if order is not None and order.by == "distance" and place.near is not None:
        more, other = area_of(frame, place.near)
        lines += [*more, f"BIND(ROUND(geof:distance({area}, {other}, uom:metre) / 100) / 10 AS ?key)"]
        if place.type != "place":
            lines.append(f"FILTER({one} != {term(place_iri(frame, place.near))})")
    elif order is not None and order.by in PROPERTIES:
        lines.append(f"{one} {PROPERTIES[order.by].path} ?key .")
    elif place.near is not None and place.type == "place":
        more, other = area_of(frame, place.near)
        lines += [*more, f"BIND(ROUND(geof:distance({area}, {other}, uom:metre) / 100) / 10 AS ?key)"]
        tail = ["ORDER BY ?key ?name"]
    if any(line.endswith("?key .") or line.endswith("AS ?key)") for line in lines):
        columns.append("?key")
    if order is not None:
        tail = [f"ORDER BY {'DESC' if order.dir == 'desc' else 'ASC'}(?key) ?name"]
    bounds = [number for number in (place.limit or question.limit, most) if number is not None]
    tail += [f"LIMIT {min(bounds)}"] if bounds else []
    text = query(f"SELECT DISTINCT {' '.join(columns)}", lines, tail, title)
    return _done(frame, text, [column[1:] for column in columns], "list")


def _kept(place: PlaceClass) -> Order | None:
    """A ranking by distance stays: it says that `near` is no limit."""
    return place.order if place.order is not None and place.order.by == "distance" else None


def _figure(frame: Frame, place: PlaceClass, title: str) -> Query:
    """sum, avg, min, max of a figure over the places of a kind."""
    function, _, rest = (frame.question.aggregate or "").partition("(")
    prop = PROPERTIES.get(rest.rstrip(")"))
    if prop is None or "place" not in prop.targets or function not in ("sum", "avg", "min", "max"):
        raise NotAnswerable("Places have no such figure.", "Ask for population, area, elevation, length or depth.")
    lines, one, _area = class_patterns(frame, replace(place, order=None, limit=None), area_of)
    inner = block(f"{{ SELECT DISTINCT {one} ?each WHERE", [*lines, f"{one} {prop.path} ?each ."])
    inner[-1] = "} }"
    form = f"SELECT ({function.upper()}(?each) AS ?value) (COUNT(?each) AS ?known)"
    return _done(frame, query(form, inner, title=title), ("value", "known"), "value")


def _groups(frame: Frame, place: PlaceClass, title: str, most: int | None) -> Query:
    """How many places of a kind lie in each country, state or continent."""
    question = frame.question
    kinds = [
        iri for label in _GROUPS.get(question.group_by[0], ()) for iri in frame.names.concepts("place-kind", label)
    ]
    if not kinds:
        raise NotAnswerable("Places can be counted by country, state or continent.", "Name one of these.")
    lines, one, _area = class_patterns(frame, replace(place, order=None, limit=None), area_of)
    key, name, kind = "?holder", "?holder_name", "?holder_kind"
    within = place.within
    holders = [oneof(kind, map(term, kinds)), f"{key} ed:placeKind {kind} ; rdfs:label {name} ."]
    if within is not None:
        holders.append(f"{key} geo:sfWithin+ {term(place_iri(frame, within))} .")
    lines += [f"{one} geo:sfWithin+ {key} .", *holders]
    having = question.having
    tail = [f"GROUP BY {key} {name}"]
    if having is not None:
        op = having.op if having.op in _COMPARES else ">="
        tail.append(f"HAVING(COUNT(DISTINCT {one}) {op} {having.value})")
    up = question.order is not None and question.order.dir == "asc"
    tail.append(f"ORDER BY {'ASC' if up else 'DESC'}(?count) {name}")
    bounds = [number for number in (question.limit, most) if number is not None]
    tail += [f"LIMIT {min(bounds)}"] if bounds else []
    if up:
        frame.note("Those without any are not counted.")
    form = f"SELECT {key} {name} (COUNT(DISTINCT {one}) AS ?count)"
    return _done(frame, query(form, lines, tail, title), (key[1:], name[1:], "count"), "groups")


# --- named places ------------------------------------------------------------------------------------------------


def _facts(frame: Frame, title: str, most: int | None) -> Query:
    """What is asked of named places: figures, or where they lie."""
    question = frame.question
    props = [PROPERTIES[name] for name in question.returns if name in PROPERTIES]
    if question.order is not None and question.order.by in PROPERTIES:
        props.append(PROPERTIES[question.order.by])
    if any("place" not in prop.targets for prop in props):
        raise NotAnswerable("Places have no such property.", "Ask for population, area, elevation, length or depth.")
    columns = ["?place", "?name", *(f"?{prop.name}" for prop in props)]
    if "location" in question.returns or not props:
        columns += ["?point", "?kind"]
    held: list[IRI] = []
    brought: list[str] = []
    for place in question.places:
        if not isinstance(place, NamedPlace):
            raise NotAnswerable("Only named places have facts.", "Name a place.")
        iri = place_iri(frame, place)
        if frame.names.outline(iri):
            brought.append(_brought(frame, iri, columns))
        else:
            held.append(iri)
    groups: list[list[str]] = []
    if held:
        lines = [oneof("?place", map(term, held)), "?place rdfs:label ?name ."]
        lines += [f"OPTIONAL {{ ?place {prop.path} ?{prop.name} . }}" for prop in props]
        if "?point" in columns:
            lines.append("?place geo:hasCentroid/geo:asWKT ?point ; ed:placeKind/skos:prefLabel ?kind .")
        groups.append(lines)
    if brought:
        groups.append([f"VALUES ({' '.join(columns)}) {{ {' '.join(brought)} }}"])
        frame.note("Towns below 100,000 inhabitants are not in the graph; the gazetteer's facts are brought along.")
    tail = []
    if question.order is not None:
        key = columns[-1]
        groups[0].append(f"FILTER(BOUND({key}))")
        tail = [f"ORDER BY {ordering(question.order)}({key})"]
    bounds = [number for number in (question.limit, most) if number is not None]
    tail += [f"LIMIT {min(bounds)}"] if bounds else []
    text = query(f"SELECT DISTINCT {' '.join(columns)}", union(groups), tail, title)
    return _done(frame, text, [column[1:] for column in columns], "list" if question.order else "value")


def _brought(frame: Frame, iri: IRI, columns: Sequence[str]) -> str:
    """A row of VALUES with what the gazetteer knows of a place."""
    facts = frame.names.facts(iri)
    cells = []
    for column in columns:
        value = facts.get(column[1:])
        if column == "?place":
            cells.append(term(iri))
        elif value is None:
            cells.append("UNDEF")
        elif column == "?point":
            cells.append(wkt(str(value)))
        else:
            cells.append(quote(str(value)) if isinstance(value, str) else str(value))
    return f"({' '.join(cells)})"


def middle_of(frame: Frame, place: Where, variable: str) -> list[str]:
    """Patterns that bind the middle of a place."""
    match place:
        case Point(lon, lat):
            return [f"BIND({wkt(f'POINT({lon:g} {lat:g})')} AS {variable})"]
        case NamedPlace():
            iri = place_iri(frame, place)
            if frame.names.outline(iri):
                return [f"BIND({wkt(str(frame.names.facts(iri)['point']))} AS {variable})"]
            return [f"{term(iri)} geo:hasCentroid/geo:asWKT {variable} ."]
        case _:
            raise NotAnswerable("A distance needs two places or points.", "Name both.")


def _distance(frame: Frame, title: str) -> Query:
    """The distance between the middles of two places, in kilometres."""
    left, right = _two(frame)
    lines = [*middle_of(frame, left, "?from"), *middle_of(frame, right, "?to")]
    frame.note("Distance = between the middles of the two, along the surface.")
    form = "SELECT (ROUND(geof:distance(?from, ?to, uom:metre) / 100) / 10 AS ?distance_km)"
    return _done(frame, query(form, lines, title=title), ("distance_km",), "value")


def _two(frame: Frame) -> tuple[Where, Where]:
    places = frame.question.places
    if len(places) != 2:
        raise NotAnswerable("This needs two places.", "Name both.")
    return places[0], places[1]


def _related(frame: Frame, title: str) -> Query:
    """Whether two places stand in a relation."""
    left, right = _two(frame)
    relation = frame.question.relation or "intersects"
    if relation in _SIDES and isinstance(right, NamedPlace):
        side = relation.replace("_of", "")
        frame.note(f"{side.capitalize()} of {right.name} = the middle lies {side} of the middle of {right.name}.")
        lines = middle_of(frame, left, "?middle")
        lines.append(f"FILTER(geof:sfWithin(?middle, {wkt(half_of(frame, relation, right))}))")
        return _done(frame, query("ASK", lines, title=title), (), "yesno")
    one, area = area_of(frame, left)
    two, other = area_of(frame, right)
    lines = [*one, *two]
    if relation in ("near", "distance"):
        kilometres = frame.question.distance_km if relation == "distance" else near_km(frame, right)
        if relation == "near":
            frame.note(f"Near = within {kilometres:g} km.")
        lines.append(f"FILTER(geof:distance({area}, {other}, uom:metre) <= {(kilometres or 0) * 1000:.0f})")
    elif relation in ("within", "contains"):
        inner, outer = (left, right) if relation == "within" else (right, left)
        inside, around = (area, other) if relation == "within" else (other, area)
        lines = [*lines, f"FILTER({_holds(frame, inner, outer, inside, around)})"]
    elif relation == "touches":
        lines.append(f"FILTER({_beside(frame, left, right, area, other)})")
    else:
        lines.append(f"FILTER(geof:sfIntersects({area}, {other}))")
    return _done(frame, query("ASK", lines, title=title), (), "yesno")


def _holds(frame: Frame, inner: Where, outer: Where, inside: str, around: str) -> str:
    """A test: one place lies in another, as recorded or by their outlines."""
    if not (isinstance(inner, NamedPlace) and isinstance(outer, NamedPlace)):
        return f"geof:sfWithin({inside}, {around})"
    within, of = place_iri(frame, inner), place_iri(frame, outer)
    if frame.names.outline(within):
        return f"geof:sfIntersects({inside}, {around})"
    return f"geof:sfWithin({inside}, {around}) || EXISTS {{ {term(within)} geo:sfWithin+ {term(of)} }}"


def _beside(frame: Frame, left: Where, right: Where, area: str, other: str) -> str:
    if isinstance(left, NamedPlace) and isinstance(right, NamedPlace):
        return borders(term(place_iri(frame, left)), term(place_iri(frame, right)), area, other)
    return f"geof:sfTouches({area}, {other})"


def _compare(frame: Frame, title: str) -> Query:
    """The figures of two places and whether the comparison holds."""
    compare = frame.question.compare
    left, right = _two(frame)
    prop = PROPERTIES.get(compare.property) if compare is not None else None
    if compare is None or prop is None or "place" not in prop.targets:
        raise NotAnswerable("Places cannot be compared by that.", "Compare population, area, elevation or length.")
    lines: list[str] = []
    for side, place in (("left", left), ("right", right)):
        if not isinstance(place, NamedPlace):
            raise NotAnswerable("Only named places can be compared.", "Name both.")
        iri = place_iri(frame, place)
        value = frame.names.facts(iri).get(prop.name) if frame.names.outline(iri) else None
        lines.append(f"BIND({term(iri)} AS ?{side})")
        if value is not None:
            lines.append(f"BIND({value} AS ?{side}_value)")
        else:
            lines.append(f"OPTIONAL {{ {term(iri)} {prop.path} ?{side}_value . }}")
    op = compare.op if compare.op in _COMPARES else "="
    form = f"SELECT ?left ?left_value ?right ?right_value (?left_value {op} ?right_value AS ?holds)"
    columns = ("left", "left_value", "right", "right_value", "holds")
    return _done(frame, query(form, lines, title=title), columns, "yesno")
