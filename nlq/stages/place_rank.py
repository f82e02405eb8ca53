"""The n-th place of a ranking by its name: `the second largest lake of Africa` is Lake Tanganyika."""

from __future__ import annotations

from nlq.question import NamedPlace, PlaceClass
from nlq.sheet.reading import Reading
from nlq.stages.places import Places


def nth_place(reading: Reading, places: Places, value: PlaceClass, nth: int) -> NamedPlace | None:
    """The place at a rank of its kind.

    Args:
        reading: the question; what was found is noted among its assumptions.
        places: the gazetteer.
        value: kind, holder and order.
        nth: 2 for the second.

    Returns:
        None where the gazetteer has not so many places of the kind, or knows no such figure of them.
    """
    holder = value.within or (value.of if value.relation is None else None)
    if value.order is None or value.near is not None or value.relation is not None or value.filters:
        return None
    within = holder.iri if holder is not None else None
    found = [
        (float(figure), one)
        for one in places.gazetteer.of_kind(value.type, within)
        if (figure := getattr(one, value.order.by, None)) is not None
    ]
    found.sort(key=lambda pair: pair[0], reverse=value.order.dir == "desc")
    if not 1 <= nth <= len(found):
        return None
    chosen = found[nth - 1][1]
    reading.draft.assume(f"number {nth} of these is {chosen.name}")
    return NamedPlace(chosen.name, chosen.iri)
