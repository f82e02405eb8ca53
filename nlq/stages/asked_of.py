"""Questions for a property in other words: of each thing of a list, after a yes or no, as a choice of two values."""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading
from ontology.properties import PROPERTIES

AND_ASKS = regex(
    r"^(?:is there|are there|does|do|has|have) .{3,90}?,? and (?:where|who|when|under (?:which|what)|in (?:which"
    r"|what)|how (?:big|many|large"
    r"|fine)) (?:do|does|did|can|is|are|was|were|has|i|one)\b"
)
_OF_LIST = regex(
    r"^\s*(?:(?:and|so|but|now|then|ok|okay|,|please) )*(?:how (?:big|large|old|heavy|fine|coarse)|when|who|where"
    r"|(?:under |in |at |with |by |from )?(?:what|which)(?: (?:\{(?:attr|counted|sensor|class|license)\}|[a-z]+)){1,3})"
    r"(?: (?:are|is|were|was|do|does|did|have|has))? (?:they|these|those|them|the ones|each of (?:them|these|those))"
    r"(?: (?:[a-z]+|\{attr\})){0,3} ?\??\s*$"
    r"|^\s*(?:(?:and|so|but|now|then|ok|okay|,|please|show|list|give|tell|me) )*(?:what (?:are|is) )?their"
    r"(?: \{(?:attr|counted)\}(?: (?:and|,|&|plus))?(?: their)?)+ ?(?:please)? ?\??\s*$"
)


def asks_of_list(reading: Reading) -> bool:
    """Whether a follow-up asks for a property of each thing of the list: `and how big are they`."""
    return _OF_LIST.match(reading.sheet()) is not None and not any(reading.of_kind("bound"))


_YEARS = regex(r"(?:,|\band|&|\+) ?(?:the )?(years?)(?= ?(?:$|[,?.;&]|and\b))")


def years_listed(reading: Reading) -> list[str]:
    """`X paper, year`: the year of publication in a list of properties; `years` are those of the imagery."""
    found = _YEARS.search(reading.norm)
    if found is None or any(reading.of_kind("time", "date")):
        return []
    reading.use(*reading.span_of(found, 1), "return")
    return ["publication_year"] if found[1] == "year" else ["time_start", "time_end"]


_CHOICE = regex(r"^\W*(?:(?:and|so|hi|hello|well) )*(?:is|are|was|were|does|do|did|has|have|can)\b.*\bor\b")
_NOT_ASKED = ("name", "topic", "class_label", "commercial_use", "coverage")


def read_choice(reading: Reading) -> None:
    """`Is X free or do I need an account`: which of the two values it has; needs the conditions."""
    draft = reading.draft
    named = [one for one in draft.filters if one.property == "name" and one.op == "="]
    rest = [one for one in draft.filters if one.property != "name"]
    if draft.aggregate != "ask" or len(named) != 1 or not _CHOICE.match(reading.norm) or draft.places or draft.times:
        return
    names = {one.property for one in rest}
    if len(names) != 1 or draft.having or draft.compare or names & set(_NOT_ASKED):
        return
    values = [value for one in rest for value in (one.value if isinstance(one.value, tuple) else (one.value,))]
    if len(values) < 2 or any(one.op not in ("=", "in", "contains") for one in rest):
        return
    if PROPERTIES[rest[0].property].kind not in ("concept", "sensor", "text"):
        return
    draft.filters, draft.returns, draft.aggregate = named, [rest[0].property], None
