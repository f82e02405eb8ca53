"""Negation: which words deny a phrase, how far they reach, and `more than X alone` (convention 3)."""

from __future__ import annotations

import re

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading

NEGATION = regex(
    r"(?:^| )(?:not|no|non|non -|without|excluding|exclude|excludes|except|except for|apart from|other "
    r"than|but not|lacking|lack|lacks|leaving out|leave out|leaves out|left out|omitting|omit|omits"
    r"|skip|skipping|nothing from|nothing of|nothing|none from|none of|free of|free from|rather than"
    r"|neither|nor|minus|never|any but|all but|isn ' t|aren ' t|doesn ' t|don ' t|wasn ' t|weren ' t"
    r"|ignoring|ignore|rule out|ruling out|unlike|besides|bar|barring|instead of|devoid of|exempt from"
    r"|anything but|drop|dropping|missing|with no|sans|-)"
    r"(?: (?:a|an|the|any|all|of|from|in|use|using|uses|used|have|has|having|contain|containing|include"
    r"|including|need|needs|based on|based|single|images|imagery|data|on|by|to|for|with|be|is|are|made"
    r"|relying|rely|labelled|labeled|annotated|drawn|collected|produced|generated|digitised|created|mapped|take"
    r"|takes|taking|taken|coming|stemming|derived|sourced|obtained|downloaded|extracted|acquired|captured|shot|accept"
    r"|accepts|accepting|read|reads|process|expect|expects|see|sees"
    r"|published|distributed|offered|provided|shared|issued|available|trained|learned|written|implemented|coded"
    r"|programmed|built|run"
    r"|runs"
    r"|under|require|require|requires|come|comes|being|released|licensed|at all|those|ones"
    r"|either|stuff|things|everything|anything|involve|involving|related|that|which|products|scenes|about|deal"
    r"|dealing|concerned|it|made "
    r"with|\{product\}|\{dataset\}|\{attr\}|\{model\}))*$"
)
_ONLY_BEFORE = regex(
    r"(?:more than|other than|besides|beyond|goes? beyond|going beyond|not|n ' t|not just|not only|not "
    r"solely|not exclusively|in addition to|on top of|apart from)(?: (?:just|only|solely|merely"
    r"|exclusively|the|a|from|use|using|rely|relying|on|limited to|restricted to|based|contain|of))*$"
)
_ONLY_WORDS = regex(r"\b(?:just|only|solely|merely|exclusively|limited to|restricted to|more than|beyond)\b")
_ALONE = regex(
    r"^(?: imagery| images| data| \{product\})* (?:alone|only|by itself|on its own|exclusively|by themselves|solely)"
)


def negation(reading: Reading, start: int) -> bool:
    """Whether a negating word governs the phrase that begins at a token."""
    line = words_before(reading, start)
    found = NEGATION.search(line)
    if found is None or re.search(r"\bnot (?:only|just|merely)\b[a-z ]*$", line):
        return False
    if _APART.search(_line(reading, start)) is not None:
        return False
    # `-flood` leaves something out, `post-flood` does not
    return found[0].strip() != "-" or start < 2 or reading.tokens[start - 2].space


# `telling tree species apart from LiDAR`: what is told apart, and by what
_APART = regex(r"\b(?:tell|tells|telling|told|set|sets|setting|keep|keeping) [^.?!]{2,60} apart from(?: [a-z]+)?$")


def _line(reading: Reading, start: int) -> str:
    """The words before a token, marked or not."""
    return " ".join(one.norm for one in reading.tokens[max(0, start - 14) : start])


def words_before(reading: Reading, start: int, count: int = 9) -> str:
    """The sheet before a token, without marks of other meanings."""
    parts: list[str] = []
    index = start - 1
    while index >= 0 and len(parts) < count:
        owner = reading.owner(index)
        if owner is not None:
            if owner.kind not in ("product", "dataset", "attr", "model", "anyhead"):
                break
            parts.append("anything" if owner.kind == "anyhead" else f"{{{owner.kind}}}")
            index = owner.start - 1
            continue
        if reading.tokens[index].norm in (",", ".", ";", ":", "?", "!", "(", "but", "and") and parts:
            if reading.tokens[index].norm == "but" and parts[-1] == "not":
                parts.append("but")
            break
        glued = (
            reading.tokens[index].norm == "-"
            and index
            and not reading.tokens[index - 1].space
            and reading.tokens[index - 1].norm != "non"
            and index + 1 < start
        )
        if not glued:  # "the finest-resolution data": no minus
            parts.append(reading.tokens[index].norm)
        index -= 1
    line = _EXISTENCE.sub("there is", " " + " ".join(reversed(parts)))
    return re.sub(r"trained (?:without|with no)(?: any)? \{dataset\}", "trained", line)  # a way of training


# `there is no flood dataset`: what is denied is that it exists
_EXISTENCE = regex(
    r"\b(?:there (?:is|are|was|were|exists?)|(?:is|are|was|were|isn ' t|aren ' t) there|do you have|have you(?: got)?)"
    r"(?: (?:really|actually|still|indeed))? (?:no|not a single|not any|not one|no single)\b"
)


def words_after(reading: Reading, end: int) -> str:
    """The sheet after a token, a few words of it."""
    parts: list[str] = []
    index = end
    while index < len(reading.tokens) and len(parts) < 5:
        owner = reading.owner(index)
        parts.append(f"{{{owner.kind}}}" if owner is not None else reading.tokens[index].norm)
        index = owner.end if owner is not None else index + 1
    return " " + " ".join(parts)


_AND_MORE = regex(
    r"^(?: imagery| images| data| \{product\})* (?:and|plus|with|combined with|together with|along with) (?:at "
    r"least )?(?:some |one "
    r"|any )?(?:something|anything|others?|another|more|further|additional)(?: (?:else|besides|\{attr\}|sensors?"
    r"|\{product\}))?"
)


def not_only(before: str, after: str) -> bool:
    """Whether a phrase is only a part of what is meant: `more than X alone`.

    Args:
        before: the sheet before the phrase.
        after: the sheet after it.
    """
    if _AND_MORE.match(after):
        return True
    if _ALONE.match(after) and re.search(r"\b(?:more than|beyond|other than|besides|not|n ' t|in addition)\b", before):
        return True
    match = _ONLY_BEFORE.search(before)
    return bool(
        match
        and _ONLY_WORDS.search(match[0])
        and not (
            match[0].startswith("more than")
            and not _ALONE.match(after)
            and "just" not in match[0]
            and "only" not in match[0]
            and False
        )
    )
