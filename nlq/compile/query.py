"""Question -> GeoSPARQL: one readable query in standard SPARQL 1.1 with GeoSPARQL 1.1 functions.

The parts are written by their own modules (filters, classes, numbers, places, times); this one puts them together by
the form of the answer: a list, a count, groups, a yes or no, a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from nlq.compile.best_of import add_best_of_each, is_best_of_each
from nlq.compile.filters import add_either, add_filter, describe
from nlq.compile.frame import SUBJECTS, Frame, Query, by_name
from nlq.compile.gazetteer import compile_places
from nlq.compile.groups import bind_group, compile_groups, compile_having
from nlq.compile.names import Names
from nlq.compile.order import add_order, order_comment, order_terms
from nlq.compile.text import Body, comment, oneof, query, step, term, union
from nlq.compile.times import acquisition, add_times
from nlq.compile.where import add_places
from nlq.question import PlaceClass, Question
from ontology.errors import NotAnswerable
from ontology.namespaces import concept_iri
from ontology.properties import PROPERTIES, Property
from ontology.terms import IRI

SCENE_COLUMNS = (("id", "dct:identifier"), ("mission", "ed:mission"), ("platform", "ed:platform"),
                 ("cloud_cover", "ed:cloudCover"))  # fmt: skip


Resolved: TypeAlias = Mapping[PlaceClass, tuple[IRI, ...]]


def compile_question(
    question: Question, names: Names, *, title: str = "", most: int | None = None, resolved: Resolved | None = None
) -> Query:
    """The query of an understood question.

    Args:
        question: what was understood; `answerable` is not looked at.
        names: the names of the graph that will be asked.
        title: first comment of the query, such as the question itself.
        most: bound on the rows of a list.
        resolved: the places of a kind that are already looked up; they are named instead of described.

    Raises:
        NotAnswerable: the question names no target, or a property or comparison that the target does not have.
    """
    frame = new_frame(question, names)
    frame.resolved = resolved or {}
    if frame.target == "place":
        return compile_places(frame, title, most)
    if question.compare is not None:
        return _compare(frame, title)
    write_conditions(frame)
    if question.aggregate == "ask":
        return _finish(frame, query("ASK", frame.body.lines, title=title), (), "yesno")
    if question.group_by and not (frame.target == "product" and is_best_of_each(question)):
        return compile_groups(frame, title, most)
    if question.aggregate == "count":
        return _count(frame, title)
    if question.aggregate:
        return _number(frame, title)
    return _list(frame, title, most)


def compile_count(question: Question, names: Names, resolved: Resolved | None = None) -> Query:
    """The query that counts what a question's conditions leave, whatever form of answer it asks for.

    Raises:
        NotAnswerable: as `compile_question`.
    """
    plain = replace(question, aggregate="count", group_by=(), compare=None, order=None, limit=None, offset=None)
    frame = new_frame(plain, names)
    frame.resolved = resolved or {}
    write_conditions(frame)
    return _count(frame, "")


def new_frame(question: Question, names: Names) -> Frame:
    """An empty frame for the question's target.

    Raises:
        NotAnswerable: the question has no target.
    """
    target = question.target
    if target is None and len(question.places) == 1 and isinstance(question.places[0], PlaceClass):
        target = "place"
    if target is None:
        raise NotAnswerable(
            "The question asks for nothing that the catalogue holds.", "Ask for datasets, models or satellite scenes."
        )
    return Frame(question, names, target, Body(SUBJECTS[target]))


def write_conditions(frame: Frame) -> None:
    """Writes everything that limits what is found."""
    question, body = frame.question, frame.body
    match frame.target:
        case "dataset":
            kind = "dcat:Dataset" if by_name(question) else "ed:TrainingDataset"
            frame.say("target: datasets", [f"{body.subject} a {kind} ."], "target")
        case "model":
            frame.say("target: models", [f"{body.subject} a it6:MachineLearningModel ."], "target")
        case "product":
            frame.say("target: satellite scenes", [f"{body.subject} a ed:Scene ."], "target")
        case _:
            kinds = ("ed:TrainingDataset", "it6:MachineLearningModel")
            lines = [oneof("?type", kinds), f"{body.subject} a ?type ."]
            frame.say("target: datasets and models", lines, "target")
    for one in question.filters:
        if frame.target == "any" and len(PROPERTIES[frame.property(one.property).name].targets) == 1:
            _either(frame, one.property)
        add_filter(frame, one)
    add_either(frame)
    add_times(frame)
    add_places(frame)
    if question.having is not None:
        compile_having(frame, question.having)


def _either(frame: Frame, name: str) -> None:
    """Says that a property of one kind narrows a question about any kind."""
    prop = frame.property(name)
    frame.note(f"Only {prop.targets[0]}s have the property '{prop.name.replace('_', ' ')}'.")


def _finish(frame: Frame, sparql: str, columns: tuple[str, ...], kind: str) -> Query:
    return Query(
        sparql, columns, kind, frame.target, tuple(frame.notes), tuple(frame.missing), frame.target == "product"
    )


# --- forms -------------------------------------------------------------------------------------------------------


def _count(frame: Frame, title: str) -> Query:
    form = f"SELECT (COUNT(DISTINCT {frame.subject}) AS ?count)"
    frame.body.lines.insert(0, comment(frame.said("aggregate: how many", "aggregate")))
    return _finish(frame, query(form, frame.body.lines, title=title), ("count",), "count")


def _number(frame: Frame, title: str) -> Query:
    """sum, avg, min, max: one value a record first, since sources may disagree."""
    function, _, rest = (frame.question.aggregate or "").partition("(")
    prop = frame.property(rest.rstrip(")"))
    if not prop.is_number or function not in ("sum", "avg", "min", "max"):
        raise NotAnswerable(f"'{prop.name.replace('_', ' ')}' has no {function}.", "Ask for a property with numbers.")
    one, value = frame.body.fresh("value"), frame.body.fresh("each")
    pick = representative(frame, prop)
    inner = [*frame.body.lines, f"{frame.subject} {step(prop.path)} {one} ."]
    lines = [
        "# one value for each record: of several, " + ("the finest" if pick == "MIN" else "the largest"),
        f"{{ SELECT {frame.subject} ({pick}({one}) AS {value}) WHERE {{",
        *(f"  {line}" for line in inner),
        f"}} GROUP BY {frame.subject} }}",
    ]
    scale = f" / {prop.scale}" if prop.scale != 1 else ""
    form = f"SELECT ({function.upper()}({value}){scale} AS ?value) (COUNT({value}) AS ?known)"
    return _finish(frame, query(form, lines, title=title), ("value", "known"), "value")


def representative(frame: Frame, prop: Property) -> str:
    """Which of several values of a property stands for a record: the finest resolution, else the largest."""
    return "MIN" if prop.path == "dcat:spatialResolutionInMeters" else "MAX"


def _list(frame: Frame, title: str, most: int | None) -> Query:
    question, body = frame.question, frame.body
    if frame.target == "product":
        return _scene_list(frame, title, most)
    name = body.fresh("name")
    body.say("shown: its name", [f"{body.subject} dct:title {name} ."])
    add_order(frame)
    select, order = order_terms(frame, name)
    tail = [f"GROUP BY {body.subject} {name}", *order_comment(frame), f"ORDER BY {' '.join(order)}"]
    tail += _page(question, most)
    form = " ".join([f"SELECT {body.subject} {name}", *select])
    columns = (body.subject[1:], name[1:], *(one.rsplit("?", 1)[1].rstrip(")") for one in select))
    return _finish(frame, query(form, body.lines, tail, title), columns, "list")


def _scene_list(frame: Frame, title: str, most: int | None) -> Query:
    """Scenes with the columns that people look at; newest first unless asked otherwise."""
    question, body = frame.question, frame.body
    body.say("shown: when it was taken", acquisition(frame))
    columns = [body.subject, frame.time]
    each: list[str] = []
    if is_best_of_each(question):
        each = add_best_of_each(frame, bind_group)
        question = replace(question, limit=None)
        columns += each
    else:
        add_order(frame)
    if question.order is not None and any("?key" in line for line in body.lines):
        columns.append("?key")
    asked = [frame.property(one.property).name for one in question.filters]
    bound = [
        f"?{name}" for name in asked if PROPERTIES[name].is_number and any(f" ?{name} ." in line for line in body.lines)
    ]
    columns += [one for one in dict.fromkeys(bound) if one not in columns]
    for stem, path in SCENE_COLUMNS:
        if f"?{stem}" in columns or (stem == "mission" and set(asked) & {"mission", "platform", "instrument"}):
            continue
        variable = body.fresh(f"its_{stem}") if f"?{stem} " in "\n".join(body.lines) else body.fresh(stem)
        body.lines.append(f"OPTIONAL {{ {body.subject} {path} {variable} . }}")
        columns.append(variable)
    _, order = order_terms(frame, frame.time)
    order = [*each, *order]
    distinct = "DISTINCT " if question.places and not _one_area(question) else ""
    key = [one for one in _order_variables(order) if one not in columns] if distinct else []
    form = f"SELECT {distinct}{' '.join([*columns, *key])}"
    tail = [*order_comment(frame), f"ORDER BY {' '.join(order)}", *_page(question, most)]
    return _finish(frame, query(form, body.lines, tail, title), tuple(one[1:] for one in [*columns, *key]), "list")


def _order_variables(order: list[str]) -> list[str]:
    return [one.rsplit("(", 1)[-1].rstrip(")") for one in order if "?" in one]


def _one_area(question: Question) -> bool:
    return len(question.places) == 1 and not isinstance(question.places[0], PlaceClass)


def _page(question: Question, most: int | None) -> list[str]:
    bounds = [one for one in (question.limit, most) if one is not None]
    lines = [f"LIMIT {min(bounds)}"] if bounds else []
    return [*lines, f"OFFSET {question.offset}"] if question.offset else lines


def _compare(frame: Frame, title: str) -> Query:
    """The values of both records and whether the comparison holds for them."""
    compare = frame.question.compare
    if compare is None:
        raise NotAnswerable("There is nothing to compare.", "Name two records.")
    prop = frame.property(compare.property)
    lines = []
    for side, name in (("left", compare.left), ("right", compare.right)):
        iris: tuple[IRI, ...] = frame.names.records(name) or frame.names.family(name)
        if not iris:
            frame.miss(name)
            iris = (concept_iri("unknown", name),)
        lines += [oneof(f"?{side}", map(term, iris)), f"?{side} {step(prop.path)} ?{side}_value ."]
    op = compare.op if compare.op in ("=", "!=", "<", "<=", ">", ">=") else "="
    form = f"SELECT ?left ?left_value ?right ?right_value (?left_value {op} ?right_value AS ?holds)"
    frame.say(f"aggregate: {compare.left} {prop.name} {op} {compare.right}", lines, "compare")
    columns = ("left", "left_value", "right", "right_value", "holds")
    return _finish(frame, query(form, frame.body.lines, title=title), columns, "yesno")


__all__ = ["Query", "compile_count", "compile_question", "describe", "union"]
