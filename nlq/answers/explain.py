"""What was understood, as a sentence in plain words, such as `Datasets about crop type in Austria.`."""

from __future__ import annotations

from datetime import date

from nlq.answers.place_sentence import place_sentence
from nlq.question import Having, Interval, PlaceClass, Question
from nlq.wording import class_text, condition, label, labels, listing, order_text, place_text, quantity, thing

_RELATIONS = {"intersects": "in or touching", "within": "wholly inside", "contains": "covering all of",
              "near": "near", "disjoint": "outside", "touches": "bordering", "crosses": "crossing"}  # fmt: skip
_MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def time_text(times: tuple[Interval, ...], months: tuple[int, ...]) -> str:
    """Intervals in words: `in 2019`, `from 2018-03-01 to 2018-03-31`."""
    parts = []
    for start, end in times:
        if start and end:
            parts.append(_span(start, end))
        elif start:
            parts.append(f"since {start}")
        elif end:
            parts.append(f"until {end}")
    text = " or ".join(parts)
    if months:
        text = f"{text}, each {listing(_MONTHS[one] for one in months)}".removeprefix(", ")
    return text


def _span(start: str, end: str) -> str:
    if start == end:
        return f"on {start}"
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError:
        return f"from {start} to {end}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"in {first.year}" if first.year == last.year else f"in {first.year} to {last.year}"
    whole = first.day == 1 and (last.toordinal() + 1 == _next_month(last).toordinal())
    if whole and (first.year, first.month) == (last.year, last.month):
        return f"in {_MONTHS[first.month]} {first.year}"
    return f"from {start} to {end}"


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) if day.year < 9999 else day


def where_text(question: Question) -> str:
    """The place slot in words."""
    if not question.places:
        return ""
    relation = question.relation or "intersects"
    words = _RELATIONS.get(relation, relation)
    if relation == "distance":
        words = f"within {question.distance_km or 0:g} km of"
    if relation == "intersects":
        words = "showing" if question.target == "product" else "with places in"
    names = [class_text(one) if isinstance(one, PlaceClass) else place_text(one) for one in question.places]
    return f"{words} {listing(names, 'and' if question.place_op == 'and' else 'or')}"


def bound_text(having: Having) -> str:
    """`at least 3`."""
    words = {">=": "at least", "<=": "at most", ">": "more than", "<": "fewer than", "!=": "other than"}
    return f"{words.get(having.op, 'exactly')} {having.value}"


def conditions(question: Question) -> list[str]:
    """Every condition in words, in the order of reading."""
    named = [one for one in question.filters if one.property in ("topic", "task")]
    rest = [one for one in question.filters if one.property not in ("topic", "task")]
    parts = [condition(one) for one in [*named, *rest]]
    if question.either:
        parts.append(f"either {listing((condition(one) for one in question.either), 'or')}")
    if question.places:
        parts.append(where_text(question))
    if question.time_same_as is not None:
        parts.append(f"from the period of {question.time_same_as}")
    elif question.times or question.months:
        verb = {"within": "with all imagery", "contains": "with imagery that spans all of the time"}
        start = "taken" if question.target == "product" else verb.get(question.time_relation or "", "with imagery")
        parts.append(f"{start} {time_text(question.times, question.months)}")
    if question.having is not None and not question.group_by:
        parts.append(f"with {bound_text(question.having)} values of {label(question.having.count)}")
    return parts


def understood(question: Question) -> str:
    """The whole question in words, as it was understood."""
    if question.target == "place":
        return place_sentence(question)
    if question.compare is not None:
        compare = question.compare
        sign = {"<": "below", ">": "above", "<=": "at most", ">=": "at least", "!=": "other than"}.get(
            compare.op, "equal to"
        )
        return f"Whether the {label(compare.property)} of {compare.left} is {sign} that of {compare.right}."
    target = question.target
    if target is None and len(question.places) == 1 and isinstance(question.places[0], PlaceClass):
        target = "place"
        body = class_text(question.places[0])
    elif target is None:
        return ""
    else:
        body = " ".join([thing(target), *conditions(question)])
        if question.returns and _only_names(question):
            body = listing((quantity("name", name) for name in _names(question)), "and")
    if question.returns:
        body = f"{listing(labels(one) for one in question.returns)} of {body}"
    function, _, rest = (question.aggregate or "").partition("(")
    groups = f", for each {listing(label(one) for one in question.group_by)}" if question.group_by else ""
    if groups and question.having is not None:
        groups += f" with {bound_text(question.having)} of them"
    match function:
        case "count":
            body = f"how many {body}{groups}"
        case "ask":
            body = f"whether there are {body}"
            if target != "place" and _names(question):
                others = [one for one in conditions(question) if not one.startswith("named ")]
                body = f"whether {listing(_names(question))} is a {' '.join([thing(target, 1), *others])}"
        case "sum" | "avg" | "min" | "max":
            words = {"sum": "total", "avg": "average", "min": "smallest", "max": "largest"}[function]
            body = f"the {words} {label(rest.rstrip(')'))} of {body}{groups}"
        case _:
            body += groups
    if question.order is not None:
        body = f"{body}; {order_text(question.order, question.limit, question.offset)}"
    elif question.limit is not None:
        body = f"{body}; at most {question.limit}"
    return body[0].upper() + body[1:] + "."


def _only_names(question: Question) -> bool:
    """Whether the question is about records that it names, and says no more about them."""
    return len(conditions(question)) == 1 and bool(_names(question))


def _names(question: Question) -> list[str]:
    found = [one for one in question.filters if one.property == "name" and one.op in ("=", "in")]
    return [str(value) for one in found for value in (one.value if isinstance(one.value, tuple) else (one.value,))]
