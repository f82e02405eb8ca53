"""Ranking: by a property (its finest or largest value), by distance, or by how specific a place is."""

from __future__ import annotations

from nlq.compile.frame import Frame, is_measured, ordering, shares_measurement
from nlq.compile.text import block, comment, step
from nlq.wording import order_text
from ontology.errors import NotAnswerable

_UNKNOWN_REACH_KM2 = 1_000_000


def add_order(frame: Frame) -> None:
    """Binds `?key`, by which the question ranks.

    With a limit only things whose value is known can be ranked; a plain list shows the others last.
    """
    order = frame.question.order
    if order is None or order.by == "count":
        return
    if order.by == "distance":
        _add_distance(frame)
        return
    prop = frame.property(order.by)
    if frame.time and prop.name == "acquisition_time":
        return
    path = f"{frame.subject} {step(prop.path)} ?key ."
    if is_measured(prop.name) and shares_measurement(frame.question):
        path = f"{frame.measured()} dqv:value ?key ."
    if frame.question.limit is not None:
        frame.say(f"order: by {prop.name}", [path], "order", order.by)
    else:
        frame.say(f"order: by {prop.name}, unknown last", block("OPTIONAL", [path]), "order", order.by)


def _add_distance(frame: Frame) -> None:
    if not frame.area:
        raise NotAnswerable("There is no place to measure the distance to.", "Name a place.")
    if frame.target == "product":
        lines = [f"BIND(geof:distance({frame.footprint}, {frame.area}, uom:metre) AS ?key)"]
    else:
        place, extent = frame.body.fresh("place"), frame.body.fresh("extent")
        lines = [
            f"{frame.subject} dct:spatial {place} .",
            f"{place} geo:hasGeometry/geo:asWKT {extent} .",
            f"BIND(geof:distance({extent}, {frame.area}, uom:metre) AS ?key)",
        ]
    frame.say("order: distance in metres", lines, "order")


def order_comment(frame: Frame) -> list[str]:
    """The ranking in words as a comment, with the words that it came from; nothing where none was asked for."""
    question = frame.question
    if question.order is None and question.limit is None:
        return []
    about = f"at most {question.limit}"
    if question.order is not None:
        about = order_text(question.order, question.limit, question.offset)
    return [comment(frame.said(f"order: {about}", "order", "limit", "offset"))]


def order_terms(frame: Frame, name: str) -> tuple[list[str], list[str]]:
    """What is added to SELECT, and the terms of ORDER BY.

    Args:
        frame: the query.
        name: the variable that settles ties: the name, or the time of scenes.
    """
    order = frame.question.order
    if frame.target == "product":
        if order is None or order.by in ("acquisition_time", "count"):
            return [], [f"{ordering(order) if order else 'DESC'}({frame.time})", frame.subject]
        unknown = [] if frame.question.limit is not None else ["DESC(BOUND(?key))"]
        return [], [*unknown, f"{ordering(order)}(?key)", f"DESC({frame.time})", frame.subject]
    select, terms = [], []
    if order is not None and order.by != "count":
        finest = order.by in ("resolution_m", "output_resolution_m", "distance")
        pick = "MIN" if finest or order.dir == "asc" else "MAX"
        select.append(f"({pick}(?key) AS ?rank)")
        terms += ["DESC(BOUND(?rank))", f"{ordering(order)}(?rank)"]
    if frame.reach:
        select.append("(MIN(?reach) AS ?area_km2)")
        terms.append(f"COALESCE(?area_km2, {_UNKNOWN_REACH_KM2})")
    return select, [*terms, name, frame.subject]
