"""Publishers, makers, funders and projects: `published by X`, `funded by the Y Foundation`, `by IBM and NASA`."""

from __future__ import annotations

from collections.abc import Iterator

from nlq.lexis.grammar import STOP
from nlq.lexis.words import listed
from nlq.sheet.reading import Found, Mark, Reading, rule
from nlq.sheet.tokens import key
from nlq.stages.negation import negation

_ROLES = (
    (
        "publisher",
        r"(?:published|released|issued|provided|hosted|distributed|uploaded|offered|put out|maintained|publication"
        r"|made available|supplied|shared|brought out)(?: [a-z]+)? by|(?:hosted|published|uploaded|released"
        r"|distributed|deposited|shared) (?:on|at|via)|publishers? (?:is|are|being|was|:|="
        r"|named|called)|(?:from|by|of) (?:the )?publisher|publisher ?:?",
    ),
    (
        "creator",
        r"(?:made(?! available)|created|built|developed|produced|compiled|authored|prepared|written|annotated|assembled"
        r"|designed|collected|trained|constructed|work of|put together)(?: [a-z]+)? by|(?:authors?"
        r"|creators?) (?:is|are|named|:|include|includes)|by (?:the )?authors?",
    ),
    (
        "funder",
        r"(?:funded|paid for|financed|sponsored|supported|bankrolled|funding|financing|money)(?: [a-z]+)? "
        r"(?:by|from|of)|funders? (?:is|are|:)",
    ),
    (
        "project",
        r"(?:project|programme|program|initiative)(?: called| named|:)?|in the (?:frame|framework|context) "
        r"of|part of the project|(?:came|come|comes|coming|stems?|arose|resulted|originat\w+|born|out) "
        r"(?:from|out of|of|in) the",
    ),
)
_NAME = r"((?:\{agent\}|\{[a-z_]+\}|[^ {},.?!;:()]+)(?: (?:\{agent\}|[^ {},.?!;:()]+)){0,5})"
_AGENT = [(role, rule(rf"(?:{cue}) (?:the |a |an )?{_NAME}")) for role, cue in _ROLES]
_PROJECT_AFTER = rule(r"(?:the )?([^ {},.?!;:()]+|\{[a-z_]+\}) (?:project|programme|initiative|\{attr\})(?: ' s)?")
# `NASA flood datasets`, `not the NASA ones`
_BEFORE_HEAD = rule(
    r"(\{agent\})(?: ' s)?(?: (?:[a-z]+|\{(?:topic|task|sensor|modality|license|temporal|access|band|format)\})){0,3}? "
    r"(?:\{(?:dataset|model)\}|ones|sets|data)(?= |$)",
)
_DENIED = rule(
    r"(?:not|no|without|except|except for|excluding|only|just|other than|besides|apart from|also)(?: (?:the|those|any"
    r"|ones|things|stuff|from|by|of))* (\{agent\})",
)
_BY = rule(r"(?:by|from|of|at) (?:the )?(\{agent\})")
_PROMPT = frozenset(
    listed(
        "by from with in of the a an and or which that is are was were for on at to published released "
        "since after before please"
    )
)


_AGENT_VERB = rule(r"(\{agent\}) ?- ?(funded|financed|sponsored|paid|published|released|made|built|created|produced)")
_SUBJECT = rule(
    r"(?:did|has|have|does|do|that|which|what|whatever|everything|all|stuff|\{dataset\}|\{model\})(?: the)? (\{agent\})"
    r"(?:(?: ,)?(?: (?:and|or|&|with|together with))+(?: the)? \{agent\})*"
    r"(?: (?:has|have|had|ever|itself|already|also|yet))* (publish\w*|releas\w*|fund\w*|financ\w*|sponsor\w*|made|make"
    r"|makes|built|build|creat\w*|produc\w*|develop\w*|compil\w*|host\w*|distribut\w*|provid\w*|offer\w*|paid for"
    r"|pay for|pay|pays for|put out|share[sd]?|issu\w*|maintain\w*|label\w*|annotat\w*|train\w*)(?= |$)"
)
_STEM_ROLE = (
    ("fund financ sponsor paid pay", "funder"),
    ("publish releas host distribut provid offer put share issu maintain", "publisher"),
)
_VERB_ROLE = {
    "funded": "funder",
    "financed": "funder",
    "sponsored": "funder",
    "paid": "funder",
    "published": "publisher",
    "released": "publisher",
}


def read_agents(reading: Reading) -> None:
    """Conditions on who made, published or paid for a record; needs the target."""
    for role, pattern in _AGENT:
        for found in reading.find_all(pattern):
            mark = next(
                (
                    one
                    for one in found.marks(1)
                    if any(e.kind == "agent" for e in one.info.get("entries", ())) or one.kind == "agent"
                ),
                None,
            )
            start, end = found.span(1)
            if mark is not None and not mark.used and mark.start <= start + 1:
                _agent(reading, mark, role, found)
                continue
            if role == "project" or start >= len(reading.tokens):
                continue
            if any(one.used for one in found.marks(1)):
                continue
            last = start
            while (
                last < end
                and (owner := reading.owner(last)) is None
                and reading.tokens[last].norm not in _PROMPT
                and (reading.tokens[last].is_capital or (last == start and reading.tokens[last].norm not in STOP))
            ):
                last += 1
                _ = owner
            if (
                last == start + 1
                and reading.tokens[start].text.islower()
                and reading.tokens[start].norm.endswith("ing")
            ):
                continue  # `made by relabelling X`: how, not by whom
            if last == start:
                owner = reading.owner(start)
                if (
                    owner is None
                    or owner.kind not in ("place", "record", "family", "sensor")
                    or not reading.tokens[start].is_capital
                    or owner.used
                ):
                    continue
                last = owner.end
                reading.take(owner, role)
            last = _whole_name(reading, start, last)
            text = reading.words(start, last)
            if len(key(text)) < 2 or (reading.tokens[start].norm in STOP and not reading.tokens[start].is_capital):
                continue
            more, either = _unknown_others(reading, last)
            if more:
                reading.draft.add(role, "in" if either else "contains_all", [text, *more])
            else:
                reading.draft.add(role, "not_contains" if negation(reading, found.span()[0]) else "=", text)
            reading.use(*found.span(0), role)
            reading.use(start, last, role)
    for found in reading.find_all(_AGENT_VERB):
        mark = found.marks(1)[0]
        if not mark.used:
            _agent(reading, mark, _VERB_ROLE.get(found.text(2), "creator"), found)
    for found in reading.find_all(_SUBJECT):
        mark, verb = found.marks(1)[0], found.text(2)
        if not mark.used:
            role = next((role for stems, role in _STEM_ROLE if verb.startswith(tuple(stems.split()))), "creator")
            _agent(reading, mark, role, found)
    for found in reading.find_all(_PROJECT_AFTER):
        mark = next(iter(found.marks(1)), None)
        start, end = found.span(1)
        word = next((one for one in found.marks(0, "attr") if one is not mark), None)
        if word is not None and word.value != "project":
            continue
        if mark is not None and (mark.used or mark.kind in ("dataset", "model", "topic", "attr", "product", "task")):
            continue
        if mark is None and (not reading.tokens[start].is_capital or reading.tokens[start].norm in STOP):
            continue
        value = _agent_value(mark, "project") or reading.words(start, end)
        reading.draft.add("project", "=", value)
        if mark is not None:
            reading.take(mark, "project")
        found.use("project")
    for found in reading.find_all(_BY):
        mark = found.marks(1)[0]
        if not mark.used:
            _agent(reading, mark, "", found)
    if reading.draft.returns or reading.draft.compare:
        return
    for pattern in (_BEFORE_HEAD, _DENIED):
        for found in reading.find_all(pattern):
            mark = found.marks(1, "agent")[0]
            if not mark.used and not mark.info.get("taken"):
                _agent(reading, mark, "", found)


_ORGANISATIONS = frozenset(
    listed(
        "foundation university institute agency fund trust council centre center commission ministry department office "
        "laboratory laboratories society association company consortium academy administration bank union survey"
    )
)
_INSIDE = frozenset(("and", "&", "of", "for", "the", "de", "la", "on", "-"))


def _whole_name(reading: Reading, start: int, last: int) -> int:
    """The end of a name of several words: `Bill and Melinda Gates Foundation`, where it names an organisation."""
    index, end = last, last
    while index < len(reading.tokens) and index < last + 8:
        token = reading.tokens[index]
        if token.norm in _ORGANISATIONS and token.is_capital:
            end = index + 1
        elif not (token.is_capital or token.norm in _INSIDE) or (
            reading.owner(index) is not None and not token.is_capital
        ):
            break
        index += 1
    organised = any(one.norm in _ORGANISATIONS for one in reading.tokens[start:last])
    if organised and last < index and reading.tokens[last].norm in ("of", "for"):
        end = max(end, last + 1 + sum(1 for _ in _capitals(reading, last + 1)))
    for at in range(last, end):
        owner = reading.owner(at)
        if owner is not None:
            owner.info["taken"] = owner.used = True
    return end


def _capitals(reading: Reading, start: int) -> Iterator[int]:
    for index in range(start, len(reading.tokens)):
        if not reading.tokens[index].is_capital:
            return
        yield index


def _unknown_others(reading: Reading, last: int) -> tuple[list[str], bool]:
    """Names after the first: `hosted on Hugging Face or on Zenodo`; and whether one of them is enough."""
    found, either, at = [], False, last
    while at < len(reading.tokens) and reading.tokens[at].norm in ("or", "and"):
        joined = reading.tokens[at].norm
        start = at + 1
        while start < len(reading.tokens) and reading.tokens[start].norm in ("on", "by", "at", "via", "the"):
            start += 1
        end = start + sum(1 for index in _capitals(reading, start) if reading.is_free(index, index + 1))
        if end == start:
            break
        found.append(reading.words(start, end))
        reading.use(at, end, "publisher")
        either, at = either or joined == "or", end
    return found, either


def _agent_value(mark: Mark | None, role: str) -> str | None:
    if mark is None:
        return None
    entries = [one for one in mark.info.get("entries", ()) if one.kind == "agent"]
    best = next((one for one in entries if one.level == role), entries[0] if entries else None)
    return best.value if best is not None else None


def _agent(reading: Reading, mark: Mark, role: str, found: Found) -> None:
    entries = [one for one in mark.info.get("entries", ()) if one.kind == "agent"]
    if not role:
        role = next(
            (one for one in ("publisher", "creator", "project", "funder") if any(e.level == one for e in entries)),
            "publisher",
        )
    value = _agent_value(mark, role)
    if value is None:
        return
    listed_, either = _further(reading, mark)
    values = []
    for one in (mark, *listed_):
        words, full = reading.words(one.start, one.end), _agent_value(one, role) or ""
        values.append(words if key(words) in key(full) else full)
        reading.take(one, role)
    if negation(reading, found.span()[0]) or negation(reading, mark.start):
        for one_value in values:
            reading.draft.add(role, "not_contains", one_value)
    elif len(values) == 1:
        reading.draft.add(role, "=", values[0])
    else:
        reading.draft.add(role, "in" if either else "contains_all", values)
    found.use(role)


_TOGETHER = rule(
    r"\{agent\}(?:(?: ,|,)?(?: (?:and|or|as well as|&|/|plus|\+|together with|jointly with|along with|in cooperation "
    r"with|in collaboration with|with|,))+(?: (?:also|the|by|from|either|both))* \{agent\})+"
)


def _further(reading: Reading, mark: Mark) -> tuple[list[Mark], bool]:
    """Agents that stand in a list after one: `by IBM together with NASA`; and whether one of them is enough."""
    for found in reading.find_all(_TOGETHER):
        marks = found.marks(0, "agent")
        if marks and marks[0] is mark and not any(one.used for one in marks):
            return marks[1:], " or " in found.text(0)
    return [], False
