"""The forms of an answer: a list, values, a count, yes or no, groups, a comparison."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from kg.solutions import Solutions
from nlq.answers.of_places import about_places, fill
from nlq.answers.rows import Row, group_rows, names_of_things, record_rows, scene_rows
from nlq.answers.running import Runner, cell, number
from nlq.answers.unknowns import passed_over, unranked
from nlq.answers.values import asked_properties, value_rows
from nlq.compile.frame import Query, by_name
from nlq.compile.query import compile_question, new_frame
from nlq.question import Filter, Question
from nlq.wording import label, labels, listing, thing
from ontology.errors import NotAnswerable
from ontology.properties import PROPERTIES
from ontology.terms import IRI

MOST_ROWS = 200
_MOST_EVIDENCE = 5
_MOST_LOOKUPS = 25
_NEGATIONS = ("!=", "not_contains", "not_exists")


@dataclass(slots=True)
class Draft:
    """An answer while it is put together; see `nlq.answer.Answer` for the fields of the same name.

    Attributes:
        missing: names of the question that the graph does not hold.
        decided: the reason is known; nothing is to be relaxed.
    """

    kind: str
    target: str
    sparql: str
    found: int = 0
    value: Any = None
    unit: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    suggestions: list[str] = field(default_factory=list)
    reason: str = ""
    decided: bool = False

    @classmethod
    def of(cls, query: Query) -> Draft:
        """An empty draft of a query's form."""
        return cls(query.kind, query.target, query.sparql, notes=list(query.notes), missing=query.missing)


def draft(runner: Runner, question: Question, most: int = MOST_ROWS) -> Draft:
    """Runs a question in the form it asks for; lists have at most `most` rows.

    Raises:
        NotAnswerable: the question asks for what its target does not have.
        EarthdexError: a query cannot be run.
    """
    if about_places(question):
        query = runner.compile(question, title=question.text, most=most)
        return fill(Draft.of(query), runner, question, query)
    if question.compare is not None:
        return _compared(runner, question)
    if _is_lookup(question):
        return _looked_up(runner, question)
    # groups are few, and how many there are is part of the answer
    bound = max(most, MOST_ROWS) if question.group_by else most
    query = runner.compile(question, title=question.text, most=bound)
    if query.kind == "yesno":
        return _yes_or_no(runner, question, query)
    solutions = runner.solutions(query)
    match query.kind:
        case "count":
            found = _counted(solutions, query)
            found.notes += passed_over(runner, question)
            return found
        case "value":
            return _calculated(runner, solutions, question, query)
        case "groups":
            return _grouped(solutions, question, query)
        case _:
            return _listed(runner, solutions, question, query, most)


def _is_lookup(question: Question) -> bool:
    """Whether values of named records are asked for."""
    plain = not question.aggregate and not question.group_by and question.target in ("dataset", "model", "any")
    return bool(question.returns) and plain and by_name(question)


# --- lists -------------------------------------------------------------------------------------------------------


def _listed(runner: Runner, solutions: Solutions, question: Question, query: Query, most: int = MOST_ROWS) -> Draft:
    found = Draft.of(query)
    if query.target == "product":
        found.rows, found.columns = scene_rows(runner, question, solutions)
    else:
        found.rows, found.columns = record_rows(runner, question, query.target, solutions)
        found.found = len(found.rows)
        _rank_and_rest(runner, question, found)
        if found.kind != "list":
            return found
    found.found = len(found.rows)
    if found.found >= most and (question.limit or most + 1) > most:
        skipped = question.offset or 0
        every = runner.count_at_least(question, found.found + skipped) - skipped
        found.found = min(every, question.limit or every)
    if found.rows and query.target in ("dataset", "model", "any"):
        found.suggestions.append(f"earthdex show {_shell(found.rows[0])}")
    return found


def _shell(row: Row) -> str:
    """A name as an argument of the command line."""
    name = str(row["name"])
    return name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def _rank_and_rest(runner: Runner, question: Question, found: Draft) -> None:
    """Says what a ranking or a condition passed over because it is not known."""
    if question.order is None or question.limit is None:
        found.notes += passed_over(runner, question)
        return
    lacking = unranked(runner, question)
    if not lacking:
        return
    name = label(question.order.by)
    if found.rows and not by_name(question):
        found.notes.append(f"Ranked are those whose {name} is known; of {lacking:,} more it is not.")
        return
    found.reason = f"The {name} of none of the {lacking:,} that fit is known."
    if by_name(question):
        frame = new_frame(question, runner.names)
        bare = replace(
            question, order=None, limit=None, filters=(*question.filters, Filter(question.order.by, "not_exists"))
        )
        rows = runner.solutions(compile_question(bare, runner.names, most=_MOST_LOOKUPS)).rows
        found.reason = f"The catalogue does not know the {name} of {listing(str(row[1]) for row in rows)}."
        known = [(str(row["iri"]), str(row["name"]), str(row["kind"])) for row in found.rows]
        found.rows = value_rows(runner, known, asked_properties(frame, [question.order.by]))
        found.columns = _value_columns(found.rows, True, False)
        found.kind, found.found = "value", 0
    found.decided = True


def _counted(solutions: Solutions, query: Query) -> Draft:
    found = Draft.of(query)
    found.value = found.found = number(solutions.rows[0][0]) if solutions.rows else 0
    found.rows = [{"count": found.value}]
    found.columns = ["count"]
    return found


def _calculated(runner: Runner, solutions: Solutions, question: Question, query: Query) -> Draft:
    """sum, avg, min, max: the figure, and of how many records it is known."""
    found = Draft.of(query)
    value, known = solutions.rows[0] if solutions.rows else (None, None)
    function, _, rest = (question.aggregate or "").partition("(")
    prop = PROPERTIES[rest.rstrip(")")]
    found.found, found.unit = number(known), prop.unit
    if found.found and value is not None:
        plain = cell(value)
        found.value = round(plain, 6 if abs(plain) < 1000 else 1) if isinstance(plain, float) else plain
        if isinstance(found.value, float) and found.value.is_integer():
            found.value = int(found.value)
    else:
        found.reason = f"The {label(prop.name)} of none of them is known."
    found.rows = [
        {"property": prop.name, "function": function, "value": found.value, "unit": prop.unit, "known": found.found}
    ]
    found.columns = ["property", "value", "unit", "known"]
    if found.found:
        every = runner.advised_count(question)
        of = f" of {every:,}" if every else ""
        found.notes.append(f"Only those whose {label(prop.name)} is known count: {found.found:,}{of}.")
    return found


def _grouped(solutions: Solutions, question: Question, query: Query) -> Draft:
    found = Draft.of(query)
    found.rows, found.columns = group_rows(question, solutions)
    found.found = len(found.rows)
    return found


# --- values ------------------------------------------------------------------------------------------------------


def _looked_up(runner: Runner, question: Question) -> Draft:
    """The values that named records have, each with its sources."""
    props = asked_properties(new_frame(question, runner.names), question.returns)
    plain = replace(question, returns=(), order=None, limit=question.limit)
    query = compile_question(plain, runner.names, title=question.text, most=_MOST_LOOKUPS)
    solutions = runner.solutions(query)
    found = Draft.of(query)
    found.kind = "value"
    kinds = runner.names.kinds([str(row[0]) for row in solutions.rows]) if query.target == "any" else {}
    things = [(str(row[0]), str(row[1]), kinds.get(str(row[0]), query.target)) for row in solutions.rows]
    found.rows = value_rows(runner, things, props)
    found.found = len(found.rows)
    words = listing(labels(prop.name) for prop in props)
    if not things:
        _not_held(runner, found, question)
        return found
    if not found.rows:
        found.reason = f"The catalogue does not know the {words} of {listing(name for _, name, _ in things)}."
    for prop in props:
        if found.rows and not any(row["property"] == prop.name for row in found.rows):
            found.notes.append(f"Not known: {labels(prop.name)}.")
    values = [row["value"] for row in found.rows]
    if len(props) == 1 and values:
        found.value = values[0] if len(values) == 1 else values
        found.unit = props[0].unit
    if any(row["disputed"] for row in found.rows):
        found.notes.append("The sources disagree: every value is shown with its source.")
    found.columns = _value_columns(found.rows, len(things) > 1, len(props) > 1)
    found.suggestions.append(f"earthdex show {_shell({'name': things[0][1]})}")
    return found


def _value_columns(rows: list[Row], several: bool, many: bool) -> list[str]:
    columns = ["name", "property"]
    if any("number" in row for row in rows):
        columns.append("number")
    columns += [name for name in ("metric", "on") if any(name in row for row in rows)]
    columns += ["value"]
    columns += ["unit"] if any(row.get("unit") for row in rows) else []
    if any(row["disputed"] for row in rows):
        for row in rows:
            row["source"] = "; ".join(row["sources"])
        columns.append("source")
    return columns


def _not_held(runner: Runner, found: Draft, question: Question) -> None:
    """The named record is not in the catalogue."""
    names = [str(one.value) for one in question.filters if one.property == "name"]
    found.reason = f"The catalogue holds no {thing(question.target, 1)} called {listing(names, 'or')}."
    near = [near for name in names for near in runner.names.near_records(name)]
    if near:
        found.suggestions.append(f"Did you mean {listing(near, 'or')}?")


# --- yes or no ---------------------------------------------------------------------------------------------------


def _yes_or_no(runner: Runner, question: Question, query: Query) -> Draft:
    """Yes with the evidence; no; or unknown, where the catalogue does not say."""
    found = Draft.of(query)
    asked = tuple(one.property for one in question.filters if one.property != "name" and one.op not in _NEGATIONS)
    shown = replace(question, aggregate=None, order=question.order, returns=(*question.returns, *asked))
    evidence = runner.compile(shown, most=question.limit or _MOST_EVIDENCE)
    solutions = runner.solutions(evidence)
    listed = _listed(runner, solutions, shown, evidence)
    found.rows, found.columns = listed.rows, listed.columns
    found.value = bool(listed.rows)
    found.found = len(listed.rows)
    if found.found == _MOST_EVIDENCE:
        found.found = runner.count_at_least(question, found.found)
    if not found.value and by_name(question) and not query.missing:
        _no_or_unknown(runner, question, found)
    return found


def _no_or_unknown(runner: Runner, question: Question, found: Draft) -> None:
    """Tells a no about a named record from a fact that the catalogue does not hold."""
    names = tuple(one for one in question.filters if one.property == "name")
    bare = Question(question.text, target=question.target, filters=names)
    query = compile_question(bare, runner.names, most=_MOST_EVIDENCE)
    things = runner.solutions(query).rows
    if not things:
        _not_held(runner, found, question)
        found.value, found.decided = None, True
        return
    rest = [one.property for one in question.filters if one.property != "name" and one.op != "not_exists"]
    rest += ["coverage"] if question.places else []
    rest += ["time_start", "time_end"] if question.times or question.months else []
    frame = new_frame(question, runner.names)
    try:
        props = asked_properties(frame, list(dict.fromkeys(rest)))
    except NotAnswerable:
        return
    kinds = runner.names.kinds([str(row[0]) for row in things])
    named = [(str(row[0]), str(row[1]), kinds.get(str(row[0]), query.target)) for row in things]
    found.rows = value_rows(runner, named, props)
    found.columns = ["name", "property", "value"]
    unknown = [labels(prop.name) for prop in props if not any(row["property"] == prop.name for row in found.rows)]
    found.decided = True
    if unknown:
        found.value = None
        found.reason = f"The catalogue does not know the {listing(unknown)} of {named[0][1]}."
    else:
        found.reason = f"What the catalogue knows about {named[0][1]} says otherwise."


def _compared(runner: Runner, question: Question) -> Draft:
    """Whether a comparison of two records holds, with the values of both."""
    query = compile_question(question, runner.names, title=question.text)
    found = Draft.of(query)
    solutions = runner.solutions(query)
    compare = question.compare
    if compare is None:
        raise NotAnswerable("There is nothing to compare.", "Name two records.")
    frame = new_frame(question, runner.names)
    prop = frame.property(compare.property)
    iris = [*(runner.names.records(compare.left) or runner.names.family(compare.left)),
            *(runner.names.records(compare.right) or runner.names.family(compare.right))]  # fmt: skip
    names, kinds = names_of_things(runner, map(IRI, iris)), runner.names.kinds(iris)
    things = [
        (str(iri), names.get(str(iri), str(iri)), kinds.get(str(iri), query.target)) for iri in dict.fromkeys(iris)
    ]
    found.rows = value_rows(runner, things, [prop])
    found.columns = _value_columns(found.rows, True, False)
    found.found, found.decided = len(found.rows), True
    verdicts = {cell(row[-1]) for row in solutions.rows}
    if verdicts in ({True}, {False}):
        found.value = verdicts == {True}
    elif len(verdicts) > 1:
        found.reason = "The sources disagree, and the answer depends on whom one follows."
    elif found.missing:
        _not_held(runner, found, replace(question, filters=()))
        found.reason = f"The catalogue holds nothing called {listing(found.missing, 'or')}."
    else:
        known = {row["name"] for row in found.rows}
        lacking = [name for _, name, _ in things if name not in known]
        found.reason = f"The catalogue does not know the {label(prop.name)} of {listing(lacking)}."
    return found
