"""What a follow-up takes back: `any date will do`, `drop the sensor` (convention 20)."""

from __future__ import annotations

import re

from nlq.sheet.reading import Draft, Reading

_CLEAR_TIME = re.compile(
    r"\b(?:any|whatever|no matter (?:which|what|when)|all|never mind the|forget the|drop the|ignore the"
    r"|without the|regardless of the|remove the|skip the|no|irrespective of the|doesn ' t matter|any "
    r"other)\b(?: \w+)? ?(?:date|dates|time|times|year|years|period|day|month|when)\b|\b(?:date|time"
    r"|year|period)s? (?:does not|doesn ' t|do not|is not|is un) ?(?:matter|important)\b|\bno time "
    r"limit\b|\bof any age\b|\bat any time\b|\bwhenever\b"
)
_CLEAR_PLACE = re.compile(
    r"\b(?:anywhere(?: (?:in|on) (?:the )?(?:world|earth|globe|planet))?|everywhere(?: (?:in|on) (?:the )?(?:world"
    r"|earth))?|any (?:place|location|region|area|country)|wherever|no matter where"
    r"|worldwide instead|forget the (?:place|region|area|location)|drop the (?:place|region|area"
    r"|location|country)|regardless of (?:the )?(?:place|location|region|where)|ignore the (?:place"
    r"|location|region|area))\b|\bwhole world instead\b"
)
_CLEAR_CLOUD = re.compile(
    r"\b(?:any|never mind the|forget the|ignore the|drop the|whatever the|regardless of(?: the)?|no "
    r"matter the|no matter how) (?:cloud|clouds|cloud cover|cloudy|cloudiness)\b|\bclouds? (?:do not"
    r"|don ' t|does not|doesn ' t) matter\b|\bclouds are (?:fine|ok|okay)\b"
)
_CLEAR_LIMIT = re.compile(
    r"\b(?:show|list|give|all|see)(?: me)? (?:all|every one|everything|of them|all of them)\b|\bno limit\b"
)
_CLEAR_LICENCE = re.compile(
    r"\b(?:any|whatever|regardless of(?: the)?|forget the|drop the|ignore the|no matter (?:which|what"
    r"|the)) (?:licence|license|licensing)\b|\blicen[cs]e (?:does not|doesn ' t) matter\b"
)
_CLEAR_TOPIC = re.compile(
    r"\b(?:any|whatever|regardless of(?: the)?|no matter (?:which|what|the)) (?:topic|theme|subject)\b"
)
_CLEAR_SENSOR = re.compile(
    r"\b(?:any|whatever|regardless of(?: the)?|no matter (?:which|what|the)|forget the|drop the) "
    r"(?:sensor|satellite|mission)s?\b"
)
CLEARS = (
    (_CLEAR_TIME, ("time",)),
    (_CLEAR_PLACE, ("place",)),
    (_CLEAR_CLOUD, ("cloud_cover",)),
    (_CLEAR_LIMIT, ("limit",)),
    (_CLEAR_LICENCE, ("license", "commercial_use")),
    (_CLEAR_TOPIC, ("topic",)),
    (_CLEAR_SENSOR, ("sensor", "input_sensor", "mission", "platform")),
)
_OFF = (
    r"\b(?:regardless of|irrespective of|never mind(?: about)?|no matter|forget(?: about)?|drop|ignore|remove|skip"
    r"|lift|leave out|scrap|cancel|undo|lose)(?: the| that| my| any)?(?: (?:restriction|limit|condition|constraint"
    r"|filter|bound|requirement)s?(?: (?:on|of|for|about|to|by|regarding))?(?: the)?)? (?:@)"
    r"(?: (?:restriction|limit|condition|constraint|filter|bound|requirement|range)s?)?\b(?! of \w)"
)
# what a talk takes back in other words: `drop the restriction on the year`
_TAKEN_BACK = tuple(
    (re.compile(_OFF.replace("@", nouns)), slots)
    for nouns, slots in (
        ("dates?|times?|years?|periods?|days?|months?|seasons?", ("time",)),
        ("places?|locations?|regions?|countr(?:y|ies)|cit(?:y|ies)", ("place",)),
        ("clouds?|cloud cover|cloudiness", ("cloud_cover",)),
        ("licen[cs]es?|licensing", ("license", "commercial_use")),
        ("sensors?|satellites?|missions?", ("sensor", "input_sensor", "mission", "platform")),
        ("resolutions?", ("resolution_m", "output_resolution_m")),
        ("class(?:es)?|number of classes", ("num_classes",)),
        ("polari[sz]ations?", ("polarisation",)),
        ("orbits?|orbit directions?|directions?", ("orbit_direction", "relative_orbit")),
        ("(?:processing )?levels?", ("processing_level",)),
        ("product types?", ("product_type",)),
        ("tasks?", ("task",)),
        ("topics?|themes?", ("topic",)),
        ("access", ("access",)),
        ("publishers?", ("publisher",)),
        ("frameworks?", ("framework",)),
        ("architectures?", ("architecture",)),
    )
)


def take_back(reading: Reading, earlier: Draft) -> None:
    """Note the conditions that a follow-up takes back, before its words are read as new ones."""
    for pattern, slots in (*_TAKEN_BACK, (_CLEAR_PLACE, ("place",))):
        match = pattern.search(reading.norm)
        if match is None:
            continue
        start, end = reading.span_of(match)
        for mark in list(reading.marks):
            if start <= mark.start < end:
                reading.unmark(mark)
        reading.use(start, end, "talk")
        reading.draft.cleared |= set(slots)
        if slots == ("time",) and not earlier.times and not earlier.months:
            reading.draft.cleared.add("publication_year")
