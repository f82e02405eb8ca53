"""Greetings, thanks and pleas around a question: they say nothing, and what begins a question must come first."""

from __future__ import annotations

import re

from nlq.sheet.patterns import regex

_TO = r"(?: (?:there|all|everyone|everybody|team|folks|guys|again|colleagues|sir|madam|or))*"
_GREETING = rf"(?:(?:hi|hello|hey|hiya|hallo|good (?:morning|afternoon|evening|day)|greetings){_TO}\s*[,.!:;–-]+\s*"
_GREETING += rf"|(?:hi|hello|hey|hiya|hallo){_TO}\s+(?!from\b)|dear (?:\w+ ){{0,2}}\w+\s*[,!:]\s*)"
_OPENING = (
    r"(?:(?:i have|i've got|i got) (?:a|one) (?:\w+ )?question|(?:a |one |just a )?(?:quick|short|small|simple)"
    r" question|(?:could|can|would) you (?:please |kindly )?help me(?: out)?|please help(?: me)?(?: out)?"
    r"|help(?: me)?)\s*[.:,!;–-]+\s*"
)
_START = regex(rf"^\W*(?:{_GREETING})*(?:{_OPENING})?(?:(?:please|pls|plz|kindly)\b[\s,]*)?", re.IGNORECASE)
_THANKS = (
    r"(?:(?:(?:many|much|big) )?(?:thanks|thank you|thankyou|thx|ty)(?: (?:a lot|so much|very much|a million|in advance"
    r"|for (?:your|the|any) help|you|all|again|guys|everyone))*|cheers|please|pls|plz|if possible|if you can"
    r"|(?:kind(?:est)?|best|warm) (?:regards|wishes)|regards)"
)
_END = regex(rf"(?:[\s,.;!–-]*(?<=[\s,.;!?–-]){_THANKS}[\s.!:)]*)+$", re.IGNORECASE)
_LONGEST = 120


def without_courtesy(text: str) -> str:
    """The text with greetings, thanks and pleas at its ends as spaces; its length stays the same.

    A text that holds nothing else is left as it is.
    """
    start = _START.match(text[:_LONGEST])
    # signs alone are no courtesy: `>= 5 classes`, `<10% clouds`, `-5.2, 40.1`
    first = start.end() if start is not None and re.search(r"\w", start[0]) else 0
    # `..., please?`: the sign stays
    stop = len(text.rstrip(" ?")) if text.rstrip().endswith("?") else len(text)
    tail = text[max(0, stop - _LONGEST) : stop]
    end = _END.search(tail)
    last = stop - len(tail) + end.start() if end is not None else stop
    if first >= last or not re.search(r"\w+\W+\w", text[first:last]):
        return text
    return " " * first + text[first:last] + " " * (stop - last) + text[stop:]
