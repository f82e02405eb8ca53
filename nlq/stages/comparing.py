"""Comparisons with named records: `Is A newer than B`, `A or B`, `lighter than B` (convention 18)."""

from __future__ import annotations

import re

from nlq.lexis.words import listed
from nlq.question import Compare, Order, ValueOf
from nlq.sheet.reading import Mark, Reading, rule, words
from nlq.stages.degrees import COMPARATIVES, FLIP, GRADABLE, LOWER_IS_BETTER, counted_property, property_of, ranked
from nlq.stages.relations import records
from nlq.stages.several_bounds import read_several
from ontology.properties import PROPERTIES

_R = r"\{(?:record|family)\}"
_COMP = words(COMPARATIVES)
_GRADE = words([*GRADABLE, "lightweight", "parameters"])
_NOUNS = ("attr", "counted")
_NOUN = r"\{(?:attr|counted|metric|product|dataset|model|band|topic|class|task|sensor|placekind)\}"
_MORE = (
    r"(more|fewer|less|higher|lower|larger|bigger|smaller|greater|better|worse|finer|coarser|longer|shorter"
    r"|newer|older|later|earlier|most|fewest|highest|lowest|least|largest|smallest|finest|coarsest)"
)
_MID = (
    r"(?: (?:number|amount|count) of)?(?: (?:labelled|labeled|annotated|training|spatial|ground|different"
    r"|distinct|of|the|a|trainable|spectral))*"
)
_HOW = [
    ("noun", rule(rf"{_MORE}{_MID} ({_NOUN})")),
    (
        "time",
        rule(
            r"(?:published|released|out|come out|came out|appear|appeared|available|made public"
            r"|introduced|launched|issued|presented|put out)(?: (?:first|any|much|a year))? (before"
            r"|after|earlier|later|sooner|first|last)"
        ),
    ),
    ("grade", rule(rf"(more|less|most|least) ({_GRADE})")),
    (
        "adjective",
        rule(rf"({_COMP}|newest|oldest|largest|smallest|biggest|finest|coarsest|lightest|heaviest|latest|earliest)"),
    ),
    ("time", rule(r"(precedes?|predates?|antedates?|older|newer|earlier|later|before|after|first)(?: than)?")),
]
_TAKES = rule(
    r"(?:needs?|takes?|takes up|occup(?:y|ies)|requires?|uses?|eats?) (?:up )?(more|less|most|least|the "
    r"most|the least)(?: of)?(?: \{attr\}| memory| room| disk| \{[a-z]+\})*"
)
_THAN = rule(
    r"(?:than|as|to)(?: (?:the|that|those|one|ones|in|of|does"
    rf"|\{{(?:dataset|model|attr|product|counted)\}}))* ({_R})(?: (?:has|have|does|do|is|was|needs|holds"
    r"|contains|offers|uses|did))?",
             rf"(?:than|before|after|since) (?:the )?({_R})")  # fmt: skip
_EQUAL = rule(
    r"(?:at least|no less than|just|about|exactly)? ?as (?:[a-z]+|\{[a-z_]+\}) (?:[a-z]+ "
    rf"|\{{[a-z_]+\}} )?as (?:the )?({_R})"
)
_TERMS = rule(
    r"(?:in terms of|measured by|measured in|counted in|when it comes to|judged by|with respect to|as measured by)"
    r"(?: (?:the|number of|its|their|total))* (\{(?:attr|counted|product|metric)\})",
    r"(?:larger|bigger|smaller|greater|heavier|lighter|less|more|biggest|largest|smallest) (?:in|by) (gigabytes|gb"
    r"|megabytes|mb"
    r"|terabytes|tb|disk space|bytes|\{(?:attr|counted|product)\})",
    r"(?:larger|bigger|smaller|heavier|lighter|less|more)(?: space)? (?:on|in) (disk|disc|storage)",
)
_POSITIVE = {
    "new": "newer",
    "recent": "newer",
    "old": "older",
    "large": "larger",
    "big": "larger",
    "small": "smaller",
    "fine": "finer",
    "sharp": "finer",
    "detailed": "finer",
    "coarse": "coarser",
    "light": "lighter",
    "heavy": "heavier",
    "many": "more",
    "much": "more",
    "few": "fewer",
}
_ALIKE = rule(
    rf"({_NOUN})(?: (?:of|in|for|that|does|has|have|used|by|the))* {_R}(?: (?:has|have|uses|is|are|was|\{{dataset\}}))*"
    rf" (?:(?:exactly |just )?the same|equal|identical|equivalent|no different)(?: (?:as|to|with|than|from|that|the one"
    rf"|of|in|for|the))* {_R}",
    rf"(?:do|does|did|have|has|are|is) {_R} (?:and|or|,) {_R}(?: (?:have|has|share|equal|both|exactly|the|a|an))*"
    rf" (?:same|identical|equal) ({_NOUN})",
)
_SAME = rule(rf"(?:the )?(?:same|equal|identical|equally|as many|as much)(?: number of| amount of)? ({_NOUN}|[a-z]+)")
_PAIR = rule(
    rf"{_R}(?: (?:or|vs|vs \.|versus|and|against|with|,|, or|as well as|compared to|to|compared with)(?: "
    rf"(?:the|that of|is|does|in))* {_R})+"
)
_OF_TWO = rule(r"(?:of|between|from|among) (?:the|these|those) \{(?:bound|number)\}")
_NOUN_FIRST = rule(
    rf"(\{{(?:attr|counted)\}})(?: (?:of|in|for|that|does|has|have|used|by))* (?:the )?{_R}"
    r"(?: (?:has|have|uses|contains))? "
    rf"(?:is |are |was )?(?:any |much )?{_MORE}"
)
_UP = frozenset(
    listed("more higher larger bigger greater longer later newer most highest largest after last finest_not better")
)


def read_comparisons(reading: Reading) -> None:
    """Comparisons of two records, or of everything with one."""
    draft = reading.draft
    marks = records(reading)
    if not marks or draft.returns:
        return
    if len(marks) == 1 and _with_earlier(reading, marks[0]):
        return
    marks = _scored_on(reading, marks)
    target = _target(reading, marks)
    line = reading.sheet()
    if _has_list_head(reading, marks[0]) and read_several(reading, marks, target, _HOW, _one_way):
        return
    if len(marks) >= 2:
        for of_two in reading.find_all(_OF_TWO):
            for mark in of_two.marks(0, "bound", "number"):
                mark.used = True
        if _yes_no(reading, marks, target):
            return
        pair = reading.find(_PAIR)
        if pair is not None and _which(reading, marks, target):
            return
    than = reading.find(_THAN) or reading.find(_EQUAL)
    if than is not None and len(marks) == 1 and _has_list_head(reading, marks[0]):
        if re.search(r"\b(?:trained|derived|evaluated|tested)\b [a-z ]*$", line[: than.match.start()]):
            return
        _with_one(reading, marks[0], target)
    _ = draft


_SCORED_ON = rule(rf"(?:on|for|against|over)(?: (?:the|both|dataset|data|benchmark))* ({_R})")


def _scored_on(reading: Reading, marks: list[Mark]) -> list[Mark]:
    """`Does A score higher than B on D`: the models are compared, D says where."""
    models = [one for one in marks if "entry" in one.info and one.info["entry"].level == "model"]
    if not models or len(models) == len(marks):
        return marks
    for found in reading.find_all(_SCORED_ON):
        for mark in found.marks(1):
            if mark in marks and mark not in models and (len(models) > 1 or reading.find(rule(r"\{metric\}|scores?"))):
                reading.draft.add("evaluated_on", "=", str(mark.value))
                reading.take(mark, "evaluated_on")
                found.use("evaluated_on")
    return [one for one in marks if not one.used]


def _with_earlier(reading: Reading, record: Mark) -> bool:
    """`Is it newer than X`: `it` is the record of the talk."""
    earlier = reading.earlier
    if earlier is None or not re.search(r"\b(?:it|that one|this one)\b", reading.norm):
        return False
    name = next(
        (
            one.value
            for one in earlier.filters
            if one.property == "name" and one.op == "=" and isinstance(one.value, str)
        ),
        None,
    )
    if name is None or not reading.find(_THAN):
        return False
    target = _target(reading, [record])
    how = _how(reading, target)
    if how is None:
        return False
    draft = reading.draft
    draft.compare = Compare(name, how[0], ">" if how[1] == "desc" else "<", str(record.value))
    draft.target, draft.aggregate = target, "ask"
    draft.add("name", "in", [name, str(record.value)])
    reading.take(record, "compare")
    return True


def _target(reading: Reading, marks: list[Mark]) -> str:
    levels = [one.info["entry"].level or "dataset" for one in marks if "entry" in one.info]
    heads = [one.kind for one in reading.of_kind("dataset", "model") if not one.info.get("taken")]
    if levels and len(set(levels)) == 1:
        return str(levels[0])
    return heads[0] if heads else (levels[0] if levels else "dataset")


def _has_list_head(reading: Reading, record: Mark) -> bool:
    if any(
        one.kind in ("dataset", "model") and one.start < record.start for one in reading.of_kind("dataset", "model")
    ):
        return True
    first = reading.sheet().strip().split()[:1]
    return first not in (["is"], ["does"], ["was"], ["are"], ["do"], ["did"])


def _how(reading: Reading, target: str) -> tuple[str, str] | None:
    """What is compared, and which way: (property, `desc` for more)."""
    if (found := reading.find(_TERMS)) is not None:
        mark = next(iter(found.marks(0, "attr", "counted", "product")), None)
        name = counted_property(mark, target) if mark is not None else None
        if mark is None and (found.text(2) or found.text(3)):
            name = "size_mb" if target == "model" else "size_gb"
        if name is not None and PROPERTIES[name].is_number:
            found.use("compare")
            if mark is not None:
                mark.info["taken"] = True
                reading.take(mark, "compare")
            small = re.search(r"\b(?:smaller|fewer|less|lower|lighter|smallest|least)\b", reading.norm) is not None
            return name, "asc" if small else "desc"
    if (found := reading.find(_TAKES)) is not None:
        word = "desc" if "more" in found.text(1) or "most" in found.text(1) else "asc"
        name = None
        for mark in found.marks(0):
            name = counted_property(mark, target) or property_of(mark, target) or name
            mark.info["taken"] = True
        if name is None or not PROPERTIES[name].is_number:
            name = (
                ("gpu_memory_gb" if "memory" in found.text(0) else "num_parameters") if target == "model" else "size_gb"
            )
        found.use("compare")
        return name, word
    if (found := reading.find(_NOUN_FIRST)) is not None:
        mark = found.marks(1)[0]
        name = property_of(mark, target)
        if name is not None and PROPERTIES[name].is_number and name != "publication_year":
            found.use("compare")
            mark.info["taken"] = True
            reading.take(mark, "compare")
            word = found.text(2)
            up = ranked(name, {"higher": "highest", "finer": "finest", "better": "best"}.get(word, word)) == "asc"
            fine = name in ("resolution_m", "output_resolution_m")
            return name, ("asc" if up else "desc") if fine else "desc" if word in _UP else "asc"
    for kind, pattern in _HOW:
        for found in reading.find_all(pattern):
            if any(one.used for one in found.marks(0)):
                continue
            answer = _one_way(reading, kind, found, target)
            if answer is not None:
                found.use("compare")
                for mark in found.marks(0):
                    mark.info["taken"] = True
                    reading.take(mark, "compare")
                return answer
    return None


def _one_way(reading: Reading, kind: str, found: object, target: str) -> tuple[str, str] | None:
    from nlq.sheet.reading import Found

    if not isinstance(found, Found):
        return None
    if kind == "noun":
        mark = next(iter(found.marks(2)), None)
        if mark is not None and mark.kind == "metric" and target == "model":
            reading.draft.add("metric", "=", str(mark.value))
            lower = str(mark.value) in LOWER_IS_BETTER
            better = found.text(1) in ("better", "best")
            return "metric_value", "desc" if (found.text(1) in _UP and not (better and lower)) else "asc"
        name = (
            counted_property if found.text(1) in ("more", "fewer", "less", "most", "fewest", "least") else property_of
        )(mark, target)
        if name is None or not (PROPERTIES[name].is_number or PROPERTIES[name].kind == "date"):
            return None
        counts = found.text(1) in ("more", "fewer", "less", "most", "fewest", "least") and name.startswith("num_")
        if mark is not None and mark.kind in ("dataset", "model") and mark.kind == target and not counts:
            return None
        word = found.text(1)
        if name in ("resolution_m", "output_resolution_m"):
            return name, "asc" if word in (
                "higher",
                "better",
                "finer",
                "highest",
                "finest",
                "more",
                "smaller",
                "greater",
            ) else "desc"
        return name, "desc" if word in _UP else "asc"
    if kind == "grade":
        word = found.text(2)
        if word not in GRADABLE:
            return None
        table, direction = GRADABLE[word]
        return (
            (table[target], direction if found.text(1) in ("more", "most") else FLIP[direction])
            if target in table
            else None
        )
    if kind == "adjective":
        from nlq.stages.degrees import SUPERLATIVES

        table, direction = COMPARATIVES.get(found.text(1)) or SUPERLATIVES[found.text(1)]
        return (table[target], direction) if target in table else None
    word = found.text(1)
    return "publication_year", "desc" if word in ("after", "later", "newer", "last") else "asc"


def _yes_no(reading: Reading, marks: list[Mark], target: str) -> bool:
    line = reading.sheet().strip()
    if (
        story := re.search(
            r"^.*(?: [:;.!-] | , (?:so|and|but|then) )(?=(?:is|are|was|were|do|does|did|has|have) [^.:;!]*$)", line
        )
    ) is not None:
        line = line[story.end() :]
    if not re.match(
        r"^(?:\W )*(?:(?:and|so|hi|hello|ok|well|,|tell me|please) )*(?:(?:if|whether) )?(?:is|are|was"
        r"|were|do|does|did|has|have|can) ",
        line,
    ):
        return False
    draft = reading.draft
    left, right = str(marks[0].value), str(marks[1].value)
    if (alike := reading.find(_ALIKE)) is not None and (noun := next(iter(alike.marks(1, *_NOUNS)), None)) is not None:
        name = counted_property(noun, target) or property_of(noun, target)
        if name is not None:
            draft.compare = Compare(left, name, "=", right)
            alike.use("compare")
            noun.info["taken"] = True
            reading.take(noun, "compare")
    same = reading.find(_SAME) if draft.compare is None else None
    if draft.compare is not None:
        pass
    elif same is not None:
        owner = next(iter(same.marks(1)), None)
        name = property_of(owner, target)
        if name is None:
            table = {
                "size": "size_gb",
                "old": "publication_year",
                "year": "publication_year",
                "large": "num_samples",
                "big": "num_samples",
                "resolution": "resolution_m",
                "age": "publication_year",
            }
            word = same.text(1)
            name = table.get(word) or (
                "publication_year" if owner is not None and owner.kind in ("time", "date") else None
            )
        if name is None:
            return False
        draft.compare = Compare(left, name, "=", right)
        same.use("compare")
        if owner is not None:
            owner.info["taken"] = True
            reading.take(owner, "compare")
    else:
        if not re.search(r"\b(?:than|before|after|precede|predate|earlier|later|compared)\b", line):
            return False
        how = _how(reading, target)
        if how is None:
            return False
        draft.compare = Compare(left, how[0], ">" if how[1] == "desc" else "<", right)
    draft.target = target
    draft.aggregate = "ask"
    draft.add("name", "in", [left, right])
    for mark in marks[:2]:
        reading.take(mark, "compare")
    return True


def _which(reading: Reading, marks: list[Mark], target: str) -> bool:
    """`Which needs less space, A or B`, `A vs B: more classes`."""
    names = [str(one.value) for one in marks]
    how = _how(reading, target)
    draft = reading.draft
    if how is None:
        return False
    draft.target = target
    draft.add("name", "in", names)
    draft.order = Order(how[0], how[1])
    draft.limit = 1
    for mark in marks:
        reading.take(mark, "name")
    return True


def _how_equal(reading: Reading, target: str) -> tuple[str, str] | None:
    """`at least as new as X`."""
    found = reading.find(_EQUAL)
    if found is None:
        return None
    for mark in found.marks(0, "attr", "counted"):
        name = counted_property(mark, target)
        if name is not None:
            found.use("compare")
            reading.take(mark, "compare")
            return name, "desc"
    for word in found.text(0).split():
        table, direction = COMPARATIVES.get(_POSITIVE.get(word, ""), ({}, ""))
        if target in table:
            found.use("compare")
            return table[target], direction
    return None


def _with_one(reading: Reading, record: Mark, target: str) -> bool:
    """`models lighter than X`: a condition with the value of X."""
    heads = [one.kind for one in reading.of_kind("dataset", "model") if not one.info.get("taken")]
    target = heads[0] if heads else target
    how = _how(reading, target) or _how_equal(reading, target)
    if how is None:
        return False
    name = how[0]
    op = ">" if how[1] == "desc" else "<"
    before = " ".join(one.norm for one in reading.tokens[max(0, record.start - 8) : record.start])
    if re.search(
        r"\b(?:no|not) (?:\w+ )*(?:more|less|fewer|larger|smaller|bigger|newer|older|coarser|finer"
        r"|higher|lower|heavier|lighter|later|earlier)\b",
        before,
    ):
        op = {">": "<=", "<": ">="}[op]
    elif re.search(r"\bat least as\b|\bno less\b", before) or reading.find(_EQUAL):
        op = {">": ">=", "<": "<="}[op]
    draft = reading.draft
    draft.target = target
    draft.add(name, op, ValueOf(name, str(record.value)))
    reading.take(record, name)
    _ = ranked
    return True
