"""Wishes that belong to another tool: values of a pixel, descriptions of a view, computations, forecasts, decisions.

People type such wishes into a search box. The catalogue describes data; it neither opens nor computes nor weighs it.
Each rule holds a kind of wish, not a wording: a head noun that the catalogue knows (datasets, models) turns most off.
"""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading, rule
from nlq.stages.places import place_kind

_PLEASE = r"^\W*(?:(?:please|can you|could you|would you|kindly|i want (?:you )?to|i need to|help me) )*"
_VALUE = regex(
    _PLEASE + r"sample (?:the|a|all|these|this|its)\b"
    r"|\b(?:what|which) (?:is|are|was|were) (?:the )?[^?]{0,40}\b(?:raster|pixel|backscatter|reflectance|grid|digital) "
    r"values?\b"
    r"|\b(?:what|which) (?:is|are) [^?]{0,60}\b(?:at|of|in|for) (?:this|these|that|my|the (?:current|selected"
    r"|marked))\b"
)
_VIEW = regex(
    r"\b(?:can|could|do|would) (?:you|u|ya|we|i|one) (?:clearly )?(?:identify|see|spot|make out|observe|notice"
    r"|distinguish)\b"
    r"|\b(?:is|are) (?:clearly )?visible\b(?! (?:light|to|bands?|spectrum|range))[^?]{0,40}\b(?:in|on|from) (?:this"
    r"|that"
    r"|these|the)\b"
    r"|\bis (?:this|that|it) an? [^?]{1,60} or\b"
)
_DIMENSION = regex(r"\b(?:datasets?|data sets?|models?|networks?|benchmarks?|corpora|training|labell?ed|scenes)\b")
_COMPUTE = regex(
    _PLEASE + r"(?:extract|vectori[sz]e|digiti[sz]e|delineate|outline|count|measure|mask out)(?: (?:all|the|every))* "
    r"(?!(?:how|datasets?|models?|scenes?|images?)\b)"
)
_COMPARE = regex(_PLEASE + r"(?:compare|contrast)\b")
_FORECAST = regex(
    _PLEASE + r"(?:forecast|predict|project) (?!model)"
    r"|\bgive me (?:a|an|the) (?:\S+ ){0,4}forecast\b|\b\d+ ?-? ?(?:day|hour|week)s? ?-? ?(?:ahead )?forecast\b"
    r"|\bforecast (?:over|for|of) (?:the )?\b"
    r"|\bprojected (?:\w+ ){0,3}(?:trends?|precipitation|rainfall|temperatures?|sea level|population|change|warming)\b"
    r"|\bprojections? (?:for|of|to|until)\b|\b(?:through|until|to|by|till) 20[4-9]\d\b"
    r"|\btomorrow ?'? ?s? (?:weather|precipitation|rain\w*|temperatures?|wind\w*|snow\w*|clouds?)\b"
    r"|\bover the (?:next|coming) (?:\w+ )?(?:hours?|days?|weeks?|months?|years?)\b"
)
_TOMORROW = regex(
    r"\btomorrow ?'? ?s? (?:weather|precipitation|rain\w*|temperatures?|wind\w*|snow\w*|clouds?|forecast)\b"
)
_MISSING = regex(
    r"\bhow many (?:\w+ ){0,2}?(?:observations?|acquisitions?|images?|scenes?|dates|passes|days) (?:are|were) missing\b"
)
_MOST_OF = rule(
    r"(?:\{placekind\}|\{attr\}|areas?|regions?|places?|spots?)(?: (?:\{place\}|in|of|within|the|that|which|has|have"
    r"|with|having"
    r"|is|are|and))* the (?:highest|lowest|most|least|greatest|largest|biggest|smallest|fewest|best|worst)"
    r"((?: (?:[a-z]+|\{(?:topic|class|scene_type|parameter|modality)\})){1,4})(?= [,.?!]| $|$)"
)
_DECIDE = regex(
    _PLEASE + r"(?:score|rank|rate|assess|prioriti[sz]e|shortlist|evaluate)(?: \w+){0,6}? (?:sites?|parcels?|locations?"
    r"|candidates?|facilities|plots?|routes?|options)\b"
    r"|\bwhich of (?:our|my)\b|\b(?:our|my) (?:own )?(?:candidate|facilit\w+|assets?|parcels?|sites?|customers?)\b"
    r"|\bif (?:our|my|the|a|one) [^?,]{1,40}(?:goes|fails?|breaks?|shuts?|stops?)\b"
    r"|\bat risk\b|\brisks? (?:for|to) (?:all|our|my|the|these|any)\b|\branked by (?:severity|risk|danger|urgency)\b"
)
_RANKED = frozenset(
    {
        "inhabitants",
        "population",
        "area",
        "elevation",
        "length",
        "depth",
        "height",
        "altitude",
        "people",
        "residents",
        "images",
        "scenes",
        "clouds",
        "data",
        "size",
        "surface",
        "populous",
        "populated",
    }
)
_HEADS = frozenset({"dataset", "model", "record", "family", "architecture"})


def check_wishes(reading: Reading) -> None:
    """Refuse wishes that another kind of program serves, each with its reason; needs the marks of phrases."""
    norm, draft = reading.norm.strip(), reading.draft
    if draft.refusals:
        return
    kinds = {one.kind for one in reading.marks if not one.info.get("unknown")}
    heads = bool(kinds & _HEADS) or _DIMENSION.search(norm) is not None
    wanted = _unknown_rank(reading)
    if wanted:
        draft.refuse(
            f"Places cannot be ranked by {wanted}: the gazetteer holds their population, area, elevation, length and "
            "depth."
        )
    elif _TOMORROW.search(norm):
        draft.refuse("This asks about the future; the catalogue knows what exists.")
    elif _MISSING.search(norm):
        draft.refuse("The catalogue knows what exists, not what is missing from a series.")
    elif _VALUE.search(norm) and not kinds & {"record", "family", "sensor"} - (
        {"sensor"} if "sample" in norm else set()
    ):
        draft.refuse("This asks for values of pixels. The catalogue describes data; it does not open the files.")
    elif _VIEW.search(norm) and not _DIMENSION.search(norm):
        draft.refuse("This asks what a picture shows. The catalogue describes scenes; it does not look into them.")
    elif _FORECAST.search(norm) and not heads:
        draft.refuse("This asks about the future; the catalogue knows what exists.")
    elif _DECIDE.search(norm) and not heads:
        draft.refuse(
            "This asks for a judgement on sites of your own or on their risks; the catalogue knows datasets, models, "
            "scenes and places, and weighs nothing."
        )
    elif (
        _COMPUTE.search(norm)
        and not heads
        and not reading.has_context
        and not kinds & {"product", "place", "sensor", "placekind", "annotation_type"}
    ):
        draft.refuse("This is an order to process images. The catalogue finds data and models; it does not run them.")
    elif (
        _COMPARE.search(norm)
        and not heads
        and not kinds & {"sensor", "placekind"}
        and not any(reading.of_kind("record", "family"))
    ):
        draft.refuse("This is an order to compute and compare. The catalogue finds data; it does not process it.")


def _unknown_rank(reading: Reading) -> str:
    """What places are to be ranked by, where they have no such property: `the highest building density`."""
    for found in reading.find_all(_MOST_OF):
        start, end = found.span(1)
        words = reading.words(start, end)
        last = reading.tokens[end - 1].norm
        if place_kind(last) or place_kind(words) or last in _RANKED:
            continue
        return words.strip()
    return ""
