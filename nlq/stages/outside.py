"""Questions about the world rather than the catalogue: how things work, what has changed, what the weather will be."""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading, rule

_HOW = regex(
    r"^\W*(?:(?:please|hi|hello|hey|and|so|ok|tell me|explain(?: to me)?|can you explain|could you explain"
    r"|do you know) )*"
    r"(?:how (?:do|does|did|can|could|would)(?: a| an| the)? (?!i |we |one |you )[^?]*"
    r"\b(?:work|works|function|operate|measure|see|form|orbit|differ|fly|detect|learn|penetrate|distinguish|know)\b"
    r"|how (?:is|are|was|were)(?: the)? [^?]*\b(?:calculated|computed|defined|measured|derived from|formed"
    r"|calibrated|corrected"
    r"|processed)\b"
    r"|why\b|what is meant by|what (?:do|does|did) [^?]*\b(?:mean|stand for)\b"
    r"|what (?:is|are|was|were) (?:the )?(?:differences?|definition|meaning|principles?|physics|advantages?"
    r"|disadvantages?"
    r"|pros and cons|drawbacks?|benefits?|formula|equation|history) (?:of|between|behind|to)\b"
    r"|define\b|teach me\b|explain\b)"
)
_WHAT_IS = rule(
    r"^ ?(?:what|what exactly) (?:is|are) (?:a |an )?\{(?:task|topic|modality|product_type|processing_level|band"
    r"|architecture"
    r"|pretraining|sensor_mode|polarisation|parameter|metric|annotation_type|model_type)\} \?? ?$"
)
_CHANGED = regex(
    r"\bhow (?:much|many|far|fast|quickly|strongly|badly|rapidly|severely|deeply|often|large|big|long) (?:has|have"
    r"|had|did|does|do"
    r"|was|were|is|are|will) [^?]*\b(?:shrink|shrunk|shrank|grow|grown|grew|melt|melted|retreat|retreated|rise|risen"
    r"|rose|sink"
    r"|sunk|sank|expand|expanded|change|changed|burn|burned|burnt|lose|lost|decline|declined|decrease|decreased"
    r"|increase"
    r"|increased|erode|eroded|flood|flooded|move|moved|disappear|disappeared|recover|recovered|erupt|erupted|damaged"
    r"|destroyed)\b"
)
_WEATHER = regex(
    r"\b(?:gonna|going to|will(?: it| there)?|is it (?:going to)?) (?:be )?(?:a )?(?:cloudy|rainy|sunny|windy|stormy"
    r"|foggy|snowy|warm"
    r"|cold|hot|rain|snow|storm|freeze|raining|snowing)\b"
    r"|\b(?:cloudy|rainy|sunny|windy|stormy|rain|snow|weather|storm)\b[^?]*\b(?:tomorrow|tonight|next (?:week"
    r"|weekend|month|monday"
    r"|tuesday|wednesday|thursday|friday|saturday|sunday)|this (?:weekend|evening|afternoon)|on (?:monday|tuesday"
    r"|wednesday"
    r"|thursday|friday|saturday|sunday))\b"
)


_CONDITION = regex(
    r"\bhow (?:old|warm|cold|hot|rich|poor|expensive|dangerous|safe|busy|famous|popular|clean|dirty|polluted|healthy"
    r"|dry|wet"
    r"|green|fertile|saline|salty|toxic) (?:is|are|was|were)\b"
    r"|\bwhat (?:is|was|are|were) (?:growing|planted|grown|standing|built|living|happening|going on)"
    r" (?:there|here|on|in|at|now|today)\b"
    r"|^\W*who (?:is|was|are|were|invented|discovered|wrote|won|founded|built|rules|owns|lives)\b"
)


_THINGS = rule(
    r"how (?:many|much) \{topic\}(?: [a-z]+){0,2} (?:were|was|are|is|did|do|have|had|has|burned|burnt)(?: there| be)?"
    r"(?: [a-z]+){0,2} (?:in|at|on|near|off|along|inside|around|within|over)(?: [a-z]+| \{(?:topic"
    r"|placekind)\}){0,4} \{place\}"
)
_NEXT_PASS = regex(
    r"\bwhen (?:will|does|do|is|are|can)\b[^?]*\b(?:next|again|pass over|fly over|fly by|overpass|be launched|launch"
    r"|launched"
    r"|return|revisit|come back|be back)\b"
)


def check_outside(reading: Reading) -> None:
    """Refuse what is asked of the world, not of the catalogue; needs the marks of phrases."""
    draft, norm = reading.draft, reading.norm.strip()
    if draft.refusals:
        return
    kinds = {one.kind for one in reading.marks if not one.info.get("unknown")}
    named = bool(kinds & {"record", "family"}) or len(list(reading.of_kind("record", "family"))) > 1
    if (_HOW.search(norm) and not named) or reading.find(_WHAT_IS) is not None:
        draft.refuse(
            "This asks for an explanation. The catalogue knows which datasets, models and scenes there are; it explains"
            " nothing."
        )
    elif _CHANGED.search(norm) and not named and not kinds & {"dataset", "model", "task"}:
        draft.refuse(
            "This asks what happened on the ground. The catalogue finds scenes and datasets that may show it; it "
            "measures "
            "nothing in them."
        )
    elif (
        _CONDITION.search(norm)
        and not named
        and not kinds & {"dataset", "model", "product"}
        and not reading.has_context
    ):
        draft.refuse(
            "This asks about the world; the catalogue knows datasets, models, scenes and places, and their measures."
        )
    elif (
        reading.find(_THINGS) is not None
        and not named
        and not kinds & {"dataset", "model", "product", "annotation_type"}
    ):
        draft.refuse(
            "This asks what is on the ground. The catalogue describes scenes and datasets; it counts nothing in them."
        )
    elif _NEXT_PASS.search(norm) and not kinds & {"dataset", "model"} and not named:
        draft.refuse("This asks about the future; the catalogue knows what exists.")
    elif _WEATHER.search(norm) and not kinds & {"dataset", "model"}:
        draft.refuse("This asks about the weather to come; the catalogue knows what exists.")
