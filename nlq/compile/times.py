"""Times of a question: periods of datasets, which may be open, and moments of scenes."""

from __future__ import annotations

from datetime import date, timedelta

from nlq.compile.frame import Frame
from nlq.compile.numbers import moment
from nlq.compile.text import block, day, oneof, term
from nlq.question import Interval
from ontology.errors import NotAnswerable
from ontology.namespaces import concept_iri

_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)


def add_times(frame: Frame) -> None:
    """Writes the patterns of the time slots."""
    question = frame.question
    if not (question.times or question.months or question.time_same_as):
        return
    about = f"time: {question.time_relation or 'intersects'} {times_text(question.times, question.months)}"
    if question.time_same_as is not None:
        about = f"time: the period of {question.time_same_as}"
    lines = _scene_times(frame) if frame.target == "product" else _periods(frame)
    frame.say(about, lines, "time", "months", "time_relation")


def times_text(times: tuple[Interval, ...], months: tuple[int, ...]) -> str:
    """Intervals and months in plain form."""
    parts = [f"{start or 'any'} to {end or 'any'}" for start, end in times]
    if months:
        parts.append("months " + ", ".join(map(str, months)))
    return "; ".join(parts)


def acquisition(frame: Frame) -> list[str]:
    """The pattern that binds the acquisition time of scenes, unless it is there already."""
    if frame.time:
        return []
    frame.time = frame.body.fresh("time")
    return [f"{frame.subject} sosa:resultTime {frame.time} ."]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotAnswerable(f"{text[:40]!r} is not a date.", "Give it as 2021-05-31.") from None


def _scene_times(frame: Frame) -> list[str]:
    question = frame.question
    lines = acquisition(frame)
    time = frame.time
    times = question.times
    if question.time_same_as is not None:
        times = (_known_period(frame, question.time_same_as),)
    tests = []
    for start, end in times:
        bounds = [f"{time} >= {moment(_day(start))}"] if start else []
        if end and _day(end) < _LAST:
            bounds.append(f"{time} < {moment(_day(end) + timedelta(days=1))}")
        tests.append(" && ".join(bounds))
    tests = [test for test in tests if test]
    if len(tests) == 1:
        lines.append(f"FILTER({tests[0]})")
    elif tests:
        lines.append(f"FILTER({' || '.join(f'({test})' for test in tests)})")
    if question.months:
        lines.append(f"FILTER(MONTH({time}) IN ({', '.join(map(str, sorted(question.months)))}))")
    return lines


def _known_period(frame: Frame, name: str) -> Interval:
    """First and last day of a named record's imagery: constants, so that the scenes tier can use its columns."""
    more, start, end = _period_of(frame, name)
    rows = frame.names.rows(f"SELECT (MIN({start}) AS ?first) (MAX({end}) AS ?last) WHERE {{ {' '.join(more)} }}")
    first, last = rows[0] if rows else (None, None)
    if first is None or last is None:
        raise NotAnswerable(f"The catalogue does not know the period of {name}.", "Give the dates instead.")
    return str(first), str(last)


def _period_of(frame: Frame, name: str) -> tuple[list[str], str, str]:
    iris = frame.names.records(name) or frame.names.family(name)
    if not iris:
        frame.miss(name)
        iris = (concept_iri("unknown", name),)
    same, start, end = frame.body.fresh("same"), frame.body.fresh("from"), frame.body.fresh("until")
    return (
        [
            oneof(same, map(term, iris)),
            f"{same} dct:temporal/dcat:startDate {start} ; dct:temporal/dcat:endDate {end} .",
        ],
        start,
        end,
    )


def _periods(frame: Frame) -> list[str]:
    """Datasets: the whole period counts; an absent start or end is open."""
    question = frame.question
    path = "dct:temporal"
    if frame.target == "model":
        frame.note("The area and period of a model are those of its training data.")
        path = "(it6:trainedOn|ed:fineTunedOn)/dct:temporal"
    period, start, end = frame.body.fresh("period"), frame.body.fresh("start"), frame.body.fresh("end")
    lines = [
        f"{frame.subject} {path} {period} .",
        *block("OPTIONAL", [f"{period} dcat:startDate {start} ."]),
        *block("OPTIONAL", [f"{period} dcat:endDate {end} ."]),
    ]
    relation = question.time_relation or "intersects"
    if question.time_same_as is not None:
        more, low, high = _period_of(frame, question.time_same_as)
        return [*lines, *more, f"FILTER({_relation(relation, start, end, low, high)})"]
    tests = []
    for first, last in question.times:
        low = day(_day(first).isoformat()) if first else ""
        high = day(_day(last).isoformat()) if last else ""
        test = _relation(relation, start, end, low, high)
        if question.months and relation == "intersects":
            test = " && ".join(filter(None, [test, _in_months(question.months, start, end, low, high)]))
        tests.append(test)
    if question.months and (not question.times or relation != "intersects"):
        tests = [*tests, _in_months(question.months, start, end, "", "")] if not question.times else tests
    tests = [test for test in tests if test]
    if tests:
        lines.append(f"FILTER({tests[0] if len(tests) == 1 else ' || '.join(f'({test})' for test in tests)})")
    return lines


def _relation(relation: str, start: str, end: str, low: str, high: str) -> str:
    """The test between a period and an interval whose absent ends are empty texts."""
    if relation == "within":
        parts = [
            f"BOUND({start}) && {start} >= {low}" if low else "",
            f"BOUND({end}) && {end} <= {high}" if high else "",
        ]
    elif relation == "contains":
        parts = [
            f"(!BOUND({start}) || {start} <= {low})" if low else f"!BOUND({start})",
            f"(!BOUND({end}) || {end} >= {high})" if high else f"!BOUND({end})",
        ]
    else:
        parts = [f"(!BOUND({start}) || {start} <= {high})" if high else "",
                 f"(!BOUND({end}) || {end} >= {low})" if low else ""]  # fmt: skip
    return " && ".join(filter(None, parts))


def _in_months(months: tuple[int, ...], start: str, end: str, low: str, high: str) -> str:
    """Whether a period, cut to an interval, reaches one of the months; open periods of unknown length do."""
    first = f"IF({start} < {low}, {low}, {start})" if low else start
    last = f"IF({end} > {high}, {high}, {end})" if high else end
    length = f"(YEAR({last}) - YEAR({first})) * 12 + MONTH({last}) - MONTH({first})"
    tests = [
        f"IF({month} >= MONTH({first}), {month} - MONTH({first}), {month + 12} - MONTH({first})) <= {length}"
        for month in sorted(months)
    ]
    return f"(!BOUND({start}) || !BOUND({end}) || {' || '.join(tests)})"
