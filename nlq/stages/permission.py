"""May one do business with a named dataset or model, as in `may I sell what I trained on X?`."""

from __future__ import annotations

from nlq.sheet.reading import Reading, rule

_MAY = (
    r"(?:(?:may|can|could|might|am|are|is|would|do|does|will|should|must)(?: ?n ' t)?(?: (?:i|we|you|one|it|they|my|our"
    r"|a|an|any|the|also|legally|ever|be|ok|okay|fine|legal|allowed|permitted|possible|safe|have|the right|startups?"
    r"|start ?- ?ups?|company|companies|firms?|business(?:es)?|employer|customers?|people|someone|somebody|anyone|to"
    r"|for|us|me|if|law))*)"
)
_TRADE = (
    r"(?:sell|sold|resell|market|commerciali[sz]e|monetise|monetize|profit from|earn money|make money|charge for"
    r"|make a profit|do business)"
)
_SOLD = rule(
    rf"{_MAY} {_TRADE}(?: [a-z]+| \{{(?:product|model|task|topic)\}}|,)*? (\{{record\}})",
    rf"{_MAY} (?:use|used|take|train|trained|put|include|ship|build|deploy)(?: [a-z]+| \{{(?:product|model)\}}|,)*?"
    r" (\{record\})(?: [a-z]+|,)*? (?:(?:in|into|for|inside|by|at|to)(?: (?:a|an|my|our|the|any"
    r"|some))*(?: (?:commercial"
    r"|paid|own))* (?:\{product\}|product|products|company|companies|business|firm|app|apps|service|services|startup"
    r"|start - up|profit|sale|sell|customers?|clients?|make money|earn money)|commercially)",
    r"(?:may|can|could) (?:a|any|my|our|the) (?:company|firm|business|start ?- ?up|startup|corporation|enterprise)"
    r"(?: [a-z]+)*? (?:use|take|train on|work with|build on)(?: the)? (\{record\})",
)


def read_permission(reading: Reading) -> None:
    """Whether the licence of a named record allows commercial use, where that is all that is asked."""
    found = reading.find(_SOLD)
    records = list(reading.of_kind("record"))
    if found is None or len(records) != 1 or found.match.start() > _STARTS or reading.has_context:
        return
    mark = records[0]
    entry = mark.info.get("entry")
    draft = reading.draft
    draft.target = (entry.level if entry is not None else "") or "dataset"
    if any(one.kind in ("topic", "place", "time", "sensor") for one in reading.marks) or draft.target == "product":
        draft.target = None
        return
    draft.add("name", "=", str(mark.value))
    draft.add("commercial_use", "=", True)
    draft.aggregate = "ask"
    if any(reading.of_kind("model", "product")):
        draft.assume(f"what may be sold depends on the licence of {mark.value}")
    for one in reading.marks:
        one.info["taken"] = True
    reading.take(mark, "name")
    found.use("commercial_use")
    reading.settled = True


_STARTS = 30  # characters of courtesy before the question
