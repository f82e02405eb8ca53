"""Answers about places themselves: lists, figures, positions, distances, yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.solutions import Solutions
from nlq.answers.rows import Row, group_rows, place_rows, scaled
from nlq.answers.running import Runner, cell, number
from nlq.compile.frame import Query
from nlq.compile.places import NOT_RANKED
from nlq.compile.text import oneof, term
from nlq.question import PlaceClass, Question
from nlq.sheet.patterns import regex
from nlq.wording import class_text, label, listing
from ontology.properties import PROPERTIES

if TYPE_CHECKING:
    from nlq.answers.forms import Draft

_POINT = regex(r"POINT ?\(([-\d.]+) ([-\d.]+)\)")


def about_places(question: Question) -> bool:
    """Whether a question asks for places themselves."""
    if question.target == "place":
        return True
    return question.target is None and len(question.places) == 1 and isinstance(question.places[0], PlaceClass)


def fill(found: Draft, runner: Runner, question: Question, query: Query) -> Draft:
    """Runs the query and fills the answer's draft.

    Raises:
        EarthdexError: the query cannot be run.
    """
    if query.kind == "yesno" and not query.columns:
        found.value = runner.ask(query.sparql)
        found.found, found.decided = int(found.value), True
        return found
    solutions = runner.solutions(query)
    if question.compare is not None:
        _compared(found, question, solutions)
    elif query.kind == "count":
        found.value = found.found = number(solutions.rows[0][0]) if solutions.rows else 0
        found.rows, found.columns = [{"count": found.value}], ["count"]
        _nothing(found, runner, question)
    elif query.kind == "groups":
        found.rows, found.columns = group_rows(question, solutions)
        found.found = len(found.rows)
        if not found.found:
            found.reason, found.decided = "There is none with that many.", True
    elif "distance_km" in query.columns:
        _distance(found, question, solutions)
    elif query.kind == "value" and "known" in query.columns:
        _figure(found, question, solutions)
    elif query.kind == "value":
        _facts(found, runner, question, solutions)
    else:
        _listed(found, runner, question, solutions)
    return found


def _listed(found: Draft, runner: Runner, question: Question, solutions: Solutions) -> None:
    place = question.places[0]
    kind = place.type if isinstance(place, PlaceClass) else "place"
    order = (place.order if isinstance(place, PlaceClass) else None) or question.order
    if not isinstance(place, PlaceClass) and question.order is not None:
        name = question.order.by
        found.rows = [
            {"iri": str(row["place"]), "name": str(row.get("name", "")), "kind": "place", name: cell(row.get(name))}
            for row in solutions.dicts()
        ]
        found.columns = [name]
    else:
        by = order.by if order is not None and order.by in PROPERTIES else ""
        found.rows, found.columns = place_rows(runner, solutions, kind, by)
        if not by and "key" in solutions.variables:
            for row, solution in zip(found.rows, solutions.dicts(), strict=True):
                row["distance_km"] = cell(solution.get("key"))
            found.columns = ["distance_km"]
    found.found = len(found.rows)
    _nothing(found, runner, question)
    if order is not None and found.rows and order.by != "distance":
        found.notes.append(NOT_RANKED.format(label(order.by)))


def _nothing(found: Draft, runner: Runner, question: Question) -> None:
    """Why no place was found: the gazetteer holds none of the kind at all, or none there."""
    place = question.places[0]
    if found.found or not isinstance(place, PlaceClass):
        return
    found.decided = True
    held = _held(runner, place.type)
    if place.type == "place" or held:
        found.reason = (
            f"The gazetteer knows no place that is {class_text(place)}; it holds {held:,} of the kind in all."
        )
    else:
        found.reason = f"The gazetteer holds no places of the kind {place.type}."


def _held(runner: Runner, kind: str) -> int:
    iris = [narrow for iri in runner.names.concepts("place-kind", kind) for narrow in runner.names.narrower(iri)]
    if not iris:
        return 0
    body = (
        f"SELECT (COUNT(DISTINCT ?place) AS ?n) WHERE {{ {oneof('?kind', map(term, iris))} ?place ed:placeKind ?kind }}"
    )
    rows = runner.rows(body)
    return number(rows[0][0]) if rows else 0


def _figure(found: Draft, question: Question, solutions: Solutions) -> None:
    function, _, rest = (question.aggregate or "").partition("(")
    prop = PROPERTIES[rest.rstrip(")")]
    value, known = solutions.rows[0] if solutions.rows else (None, None)
    found.found, found.unit = number(known), prop.unit
    plain = cell(value)
    if found.found and isinstance(plain, (int, float)) and not isinstance(plain, bool):
        found.value = round(plain, 1) if isinstance(plain, float) else plain
    else:
        found.reason, found.decided = f"The {label(prop.name)} of none of them is known.", True
    found.rows = [
        {"property": prop.name, "function": function, "value": found.value, "unit": prop.unit, "known": found.found}
    ]
    found.columns = ["property", "value", "unit", "known"]
    if found.found:
        found.notes.append(f"Only places whose {label(prop.name)} is known count: {found.found:,}.")


def _distance(found: Draft, question: Question, solutions: Solutions) -> None:
    value = cell(solutions.rows[0][0]) if solutions.rows else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found.value, found.unit, found.found = round(float(value), 1), "km", 1
        found.rows = [{"property": "distance", "value": found.value, "unit": "km"}]
        found.columns = ["property", "value", "unit"]
    else:
        found.reason, found.decided = "The position of one of them is not known.", True


def _facts(found: Draft, runner: Runner, question: Question, solutions: Solutions) -> None:
    """Rows of figures; a position with what holds the place."""
    lacking: list[str] = []
    seen: set[str] = set()
    for solution in solutions.dicts():
        iri, name = str(solution["place"]), str(solution.get("name", ""))
        if iri in seen:
            continue
        seen.add(iri)
        for asked in question.returns:
            if asked == "location":
                found.rows.append(_position(runner, iri, name, str(solution.get("point", ""))))
                continue
            prop = PROPERTIES[asked]
            value = scaled(prop, solution[asked]) if solution.get(asked) is not None else None
            if value is None:
                lacking.append(f"{label(asked)} of {name}")
                continue
            row: Row = {"iri": iri, "name": name, "kind": "place", "property": asked, "value": value, "unit": prop.unit}
            found.rows.append(row)
    found.found = len(found.rows)
    found.columns = ["name", "property", "value", *(["unit"] if any("unit" in row for row in found.rows) else [])]
    if lacking:
        text = f"The gazetteer does not know the {listing(lacking)}."
        if found.rows:
            found.notes.append(text)
        else:
            found.reason, found.decided = text, True
    if len(found.rows) == 1:
        found.value, found.unit = found.rows[0]["value"], str(found.rows[0].get("unit", ""))


def _position(runner: Runner, iri: str, name: str, point: str) -> Row:
    match = _POINT.search(point)
    lon, lat = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    text = f"{abs(lat):.2f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.2f}° {'E' if lon >= 0 else 'W'}"
    holders = runner.names.holders(iri)
    if holders:
        text += f", in {', '.join(holders)}"
    return {"iri": iri, "name": name, "kind": "place", "property": "location", "value": text, "lon": lon, "lat": lat}


def _compared(found: Draft, question: Question, solutions: Solutions) -> None:
    compare = question.compare
    if compare is None or not solutions.rows:
        return
    prop = PROPERTIES[compare.property]
    row = solutions.dicts()[0] if isinstance(solutions.dicts(), list) else next(iter(solutions.dicts()))
    for side, name in (("left", compare.left), ("right", compare.right)):
        value = cell(row.get(f"{side}_value"))
        if value is None:
            found.reason = f"The gazetteer does not know the {label(prop.name)} of {name}."
            continue
        found.rows.append(
            {"iri": str(row.get(side)), "name": name, "kind": "place", "property": prop.name, "value": value,
             "unit": prop.unit}
        )  # fmt: skip
    found.columns = ["name", "property", "value", "unit"]
    found.found, found.decided = len(found.rows), True
    found.value = cell(row.get("holds")) if len(found.rows) == 2 else None
