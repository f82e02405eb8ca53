"""Groups of a size: `which topics have only one dataset`, `publishers with more than five models`."""

from __future__ import annotations

from nlq.question import Having
from nlq.sheet.reading import Found, Reading, rule
from nlq.stages.grouping import KEY, key_of
from ontology.properties import PROPERTIES

_HEAD = r"\{(?:dataset|model|product)\}"
_ONE = r"(?:only one|just one|exactly one|a single|one single|only a single|just a single|one)"
_SEVERAL = r"(?:more than one|several|multiple|two or more)"
_SIZE = rf"(\{{bound\}}|{_ONE}|{_SEVERAL})"
_VERB = (
    r"(?: (?:that|which|who|is|are|was|were|has|have|had|been|do|does|did|with|having|in|by|for|on|of|under|from|to|at"
    r"|occurs?|appears?|covered|used|uses?|shared|found|addressed|treated|represented|supported|served|come|comes|up"
    r"|published|publish|publishes|released|releases|made|provided|hosted|behind|contributed|only|there|exist|exists"
    r"|us|the|found|gets?|got|accepted|taken|shown|attached|assigned|featured?|features?|mentioned|listed|known))+"
)
_BOUNDED = rule(
    rf"(?:the |all |any |those |of )?(?:different )?{KEY}{_VERB} {_SIZE}(?: (?:different|of the|of our|of your|of|known"
    rf"|single|\{{[a-z_]+\}}))* ({_HEAD})",
)
_EXACT = ("only", "just", "exactly", "a", "one")


_DISTINCT = rule(
    rf"how many (?:different|distinct|unique|various) {KEY}(?: (?:[a-z]+|\{{[a-z_]+\}})){{0,8}}? ({_HEAD})",
    rf"number of (?:different|distinct|unique) {KEY}(?: (?:[a-z]+|\{{[a-z_]+\}})){{0,8}}? ({_HEAD})",
)


def read_distinct(reading: Reading) -> bool:
    """`how many different licences do the datasets use`: the values, each with its count."""
    draft = reading.draft
    if draft.group_by or draft.having or draft.returns or draft.compare or (found := reading.find(_DISTINCT)) is None:
        return False
    owners = found.marks(1)
    name = key_of(reading, found.text(1), owners if found.text(1).startswith("{") else [])
    if name is None or draft.values_of("name") or _is_named(found) or any(reading.of_kind("record", unused=True)):
        return False
    if name in PROPERTIES and PROPERTIES[name].is_number and name != "publication_year":
        return False
    draft.group_by, draft.aggregate = [name], "count"
    for mark in owners:
        mark.info["taken"] = True
        reading.take(mark, "group_by")
    found.use("group_by")
    return True


_LARGE_ONLY = rule(
    r"(?:(?:but|and|only|just|show|keep|list|where|if|for|all) )*(?:those|ones|the ones|groups|where there (?:is|are)"
    r"|with|having|that have|which have|there are)"
    r"(?: (?:with|having|that have|which have|that occur|of|there are|has|have))*"
    rf" (\{{bound\}})(?: (?:or more))?(?: (?:{_HEAD}|of them|entries|members|records|each|in it))?(?= ?(?:[.,?!]|$))",
)


def read_group_size(reading: Reading) -> None:
    """`models per architecture, only those with more than two`: a condition on the size of a group."""
    draft = reading.draft
    if draft.having is not None:
        return
    for found in reading.find_all(_LARGE_ONLY):
        mark = found.marks(1, "bound")[0]
        if mark.used or mark.value[-1].kind or str(mark.info.get("property") or "").startswith("num_"):
            continue
        draft.having = Having("name", str(mark.info["op"]), int(mark.value[-1].value))
        reading.take(mark, "having")
        found.use("having")
        return


def read_group_bounds(reading: Reading) -> bool:
    """Groups with a condition on how many they hold; whether there is one."""
    draft = reading.draft
    if draft.group_by or draft.having or draft.returns or draft.compare or draft.aggregate == "ask":
        return False
    for found in reading.find_all(_BOUNDED):
        number = next((one for one in range(2, found.match.re.groups) if found.text(one)), 2)
        heads = found.marks(found.match.re.groups)
        before = [
            one
            for one in reading.of_kind("dataset", "model", "product")
            if one.start < found.span(1)[0] and not one.used
        ]
        if not heads or any(one.kind == heads[0].kind for one in before) or _is_named(found):
            continue
        owners, size = found.marks(1), _size(found, number)
        if size is None or not _is_key(reading, found) or any(one.kind == heads[0].kind for one in owners):
            continue
        kept, draft.target = draft.target, heads[0].kind
        name = key_of(reading, found.text(1), owners if found.text(1).startswith("{") else [])
        if name is None or (name in PROPERTIES and heads[0].kind not in PROPERTIES[name].targets):
            draft.target = kept
            continue
        for mark in [*owners, *found.marks(number, "bound"), *heads]:
            mark.info["taken"] = True
            reading.take(mark, "group_by")
        found.use("group_by")
        draft.group_by, draft.aggregate = [name], "count"
        draft.having = Having("name", *size)
        return True
    return False


def _is_named(found: Found) -> bool:
    return any(found.marks(0, "record", "family"))


def _is_key(reading: Reading, found: Found) -> bool:
    """Whether the key is what is looked for: `which topics`, `publishers` at the start."""
    start = found.span(1)[0]
    before = [one.norm for one in reading.tokens[max(0, start - 3) : start]]
    asked = any(
        one in ("which", "what", "list", "name", "show", "give", "many", "the", "all", "are", "me") for one in before
    )
    return asked or start == 0


def _size(found: Found, number: int) -> tuple[str, int] | None:
    bounds = found.marks(number, "bound")
    if bounds:
        last = bounds[0].value[-1]
        return None if bounds[0].used or last.kind else (str(bounds[0].info["op"]), int(last.value))
    text = found.text(number)
    if text.startswith(_EXACT):
        return "=", 1
    return (">", 1) if text == "more than one" else (">=", 2)
