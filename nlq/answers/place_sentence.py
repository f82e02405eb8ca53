"""What was understood of a question about places, as a sentence."""

from __future__ import annotations

from nlq.question import PlaceClass, Question
from nlq.wording import class_text, label, listing, order_text, place_text

_VERBS = {
    "north_of": "lies north of", "south_of": "lies south of", "east_of": "lies east of", "west_of": "lies west of",
    "touches": "borders", "crosses": "crosses", "within": "lies in", "contains": "holds", "near": "is near",
    "intersects": "meets",
}  # fmt: skip
_FUNCTIONS = {"sum": "total", "avg": "average", "min": "smallest", "max": "largest"}


def place_sentence(question: Question) -> str:
    """The whole question in words."""
    text = _text(question)
    return f"{text[0].upper()}{text[1:]}."


def _text(question: Question) -> str:
    names = [place_text(one) for one in question.places if not isinstance(one, PlaceClass)]
    if question.compare is not None:
        compare = question.compare
        sign = "above" if compare.op.startswith(">") else "below"
        return f"whether the {label(compare.property)} of {compare.left} is {sign} that of {compare.right}"
    first = question.places[0] if question.places else None
    if isinstance(first, PlaceClass):
        return _of_kind(question, first)
    if question.aggregate == "ask" and len(names) == 2:
        verb = _VERBS.get(question.relation or "", "meets")
        if question.relation == "distance":
            verb = f"lies within {question.distance_km:g} km of"
        return f"whether {names[0]} {verb} {names[1]}"
    if "distance" in question.returns:
        return f"the distance between {listing(names)}"
    if question.order is not None:
        return f"which of {listing(names)} has the {order_text(question.order, 1).removeprefix('the one with the ')}"
    asked = listing("where it lies" if one == "location" else label(one) for one in question.returns)
    return f"where {listing(names)} lies" if question.returns == ("location",) else f"{asked} of {listing(names)}"


def _of_kind(question: Question, place: PlaceClass) -> str:
    kind = class_text(place)
    function, _, rest = (question.aggregate or "").partition("(")
    if question.group_by:
        key = {"state": "state or region"}.get(question.group_by[0], question.group_by[0])
        more = ""
        if question.having is not None:
            words = {">=": "at least", "<=": "at most", ">": "more than", "<": "fewer than"}
            more = f", where there are {words.get(question.having.op, 'exactly')} {question.having.value}"
        if question.order is not None:
            more += f"; the {'one' if question.limit == 1 else 'ones'} with the " + (
                "most first" if question.order.dir == "desc" else "fewest first"
            )
        return f"how many places are {kind}, for each {key}{more}"
    if function == "count":
        return f"how many places are {kind}"
    if function == "ask":
        return f"whether there is {kind}"
    if function in _FUNCTIONS:
        return f"the {_FUNCTIONS[function]} {label(rest.rstrip(')'))} of {kind}"
    return f"places: {kind}"
