"""What a follow-up takes back: `any date will do`, `drop the sensor` (convention 20)."""

from __future__ import annotations

import re

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Draft, Reading, rule
from nlq.stages.degrees import property_of
from nlq.stages.places import place_kind
from nlq.stages.quantities import meanings

_CLEAR_TIME = regex(
    r"\b(?:any|whatever|no matter (?:which|what|when)|all|never mind the|forget the|drop the|ignore the"
    r"|without the|regardless of the|remove the|skip the|no|irrespective of the|doesn ' t matter|any "
    r"other)\b(?: \w+)? ?(?:date|dates|time|times|year|years|period|day|month|when)\b|\b(?:date|time"
    r"|year|period)s? (?:does not|doesn ' t|do not|is not|is un) ?(?:matter|important)\b|\bno time "
    r"limit\b|\bof any age\b|\bat any time\b|\bwhenever\b"
)
_CLEAR_PLACE = regex(
    r"\b(?:anywhere(?: (?:in|on) (?:the )?(?:world|earth|globe|planet))?|everywhere(?: (?:in|on) (?:the )?(?:world"
    r"|earth))?|any (?:place|location|region|area|country)|wherever|no matter where"
    r"|worldwide (?:instead|is (?:ok|okay|fine)|works|too)|forget the (?:place|region|area|location)"
    r"|drop the (?:place|region|area"
    r"|location|country)|regardless of (?:the )?(?:place|location|region|where)|ignore the (?:place"
    r"|location|region|area))\b|\bwhole world instead\b"
)
_CLEAR_CLOUD = regex(
    r"\b(?:any|never mind the|forget the|ignore the|drop the|whatever the|regardless of(?: the)?|no "
    r"matter the|no matter how) (?:cloud|clouds|cloud cover|cloudy|cloudiness)\b|\bclouds? (?:do not"
    r"|don ' t|does not|doesn ' t) matter\b|\bclouds are (?:fine|ok|okay)\b"
)
_CLEAR_LIMIT = regex(
    r"\b(?:show|list|give|all|see)(?: me)? (?:all|every one|everything|of them|all of them)\b|\bno limit\b"
)
_CLEAR_LICENCE = regex(
    r"\b(?:any|whatever|regardless of(?: the)?|forget the|drop the|ignore the|no matter (?:which|what"
    r"|the)) (?:licence|license|licensing)\b|\blicen[cs]e (?:does not|doesn ' t) matter\b"
)
_CLEAR_TOPIC = regex(
    r"\b(?:any|whatever|regardless of(?: the)?|no matter (?:which|what|the)) (?:topic|theme|subject)\b"
)
_CLEAR_SENSOR = regex(
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
_UNBOUND = (
    r"\bno (?:more )?(?:restriction|limit|condition|constraint|bound|filter|requirement)s? (?:on|for|regarding) "
    r"(?:the )?(?:@)\b"
)
_OFF = (
    r"\b(?:regardless of|irrespective of|never mind(?: about)?|nvm(?: about)?|no matter|forget(?: about)?|drop"
    r"|ignore|remove|skip"
    r"|lift|leave out|scrap|cancel|undo|lose)(?: the| that| my| any)?(?: (?:restriction|limit|condition|constraint"
    r"|filter|bound|requirement)s?(?: (?:on|of|for|about|to|by|regarding))?(?: the)?)? (?:@)"
    r"(?: (?:restriction|limit|condition|constraint|filter|bound|requirement|range)s?)?\b(?! of \w)"
)
# what a talk takes back in other words: `drop the restriction on the year`
_TAKEN_BACK = tuple(
    (regex(f"{_OFF.replace('@', nouns)}|{_UNBOUND.replace('@', nouns)}"), slots)
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


_OFF_ANY = rule(
    r"(?:regardless of|irrespective of|never mind(?: about)?|nvm(?: about)?|no matter|forget(?: about)?|drop|ignore"
    r"|remove|skip"
    r"|lift|leave out"
    r"|scrap|cancel|undo|lose|any|without)(?: (?:the|that|my|this))*"
    r"(?: (?:restriction|limit|condition|constraint|filter|bound|requirement)s?(?: (?:on|of|for|about|to|by"
    r"|regarding))?(?: the)?)?"
    r" (\{(?:attr|counted|topic|task|sensor|modality|license|dataset|model|product)\})"
    r"( (?:restriction|limit|condition|constraint|filter|bound|requirement|range|criterion)s?)?",
    r"(?:the )?(\{(?:attr|counted)\}) (?:does not|doesn ' t|do not|don ' t|is not|isn ' t"
    r"|no longer) (?:really )?(matters?|important|count)",
)
_INSTEAD_OF = rule(
    r"(?:instead of|rather than|in place of|in lieu of|not) ((?:[a-z]+|\{[a-z_]+\}|-)(?: (?:[a-z]+|\{[a-z_]+\}|-))*)"
)


def _by_name(reading: Reading, earlier: Draft) -> None:
    """`forget the size limit`: any property by its name, where the talk bounds it."""
    for found in reading.find_all(_OFF_ANY):
        mark = next(iter(found.marks(0)), None)
        said = (
            found.text(2)
            or found.text(4)
            or re.search(r"(?:restriction|limit|condition|constraint|filter)", found.text(0))
        )
        if mark is None or (not said and mark.kind not in ("attr", "counted")):
            continue
        names = {property_of(mark, earlier.target), mark.kind, *meanings(mark, "attr", "counted")}
        if names & {"size_gb", "size_mb", "num_parameters"}:
            names |= {"size_gb", "size_mb", "num_parameters"}
        names &= {one.property for one in earlier.filters}
        if not names:
            continue
        reading.draft.cleared |= {one for one in names if one is not None}
        found.use("talk")
        reading.unmark(mark)


def _instead_of(reading: Reading, earlier: Draft) -> None:
    """`change detection instead of segmentation`: the second thing is the one of the talk, and no condition."""
    found = reading.find(_INSTEAD_OF)
    if found is None or (found.text(0).startswith("not ") and not found.marks(1)):
        return
    if found.text(0).startswith("not "):
        return
    for mark in found.marks(1):
        reading.unmark(mark)
    start, end = found.span()
    reading.use(start, end, "talk")
    reading.mark(start, end, "talk", used=True).used = True


# `ascending is wrong, I meant descending`: what the talk had, named only to be taken back
_WRONG = rule(
    r"(\{[a-z_]+\}) (?:is|was|are|were) (?:wrong|incorrect|a mistake|an error|a typo|nonsense|not what i \w+)",
    r"(?:sorry|no|oops)?(?: ,)? ?not (\{[a-z_]+\}) (?:, )?(?:but )?(?:i meant|i mean|rather)",
)


def _wrong(reading: Reading) -> None:
    for found in reading.find_all(_WRONG):
        for mark in found.marks(0):
            reading.unmark(mark)
        found.use("talk")


_THERE = rule(
    r"((?:lying |lie |fully |wholly |entirely |completely |only |just )*(?:entirely|wholly|completely|fully|only"
    r"|totally) )?"
    r"(in|inside|within|of|over|around|near|outside) (?:the|this|that|the same) (\{(?:placekind|topic|attr"
    r"|dataset)\}|place)(?= \.|,| \?| $|$)"
)


def _there(reading: Reading, earlier: Draft) -> None:
    """`lying entirely inside the lake`: the place of the talk, with another relation."""
    found = reading.find(_THERE)
    if found is None or not earlier.places or any(reading.of_kind("place", "point", "box")):
        return
    mark = next(iter(found.marks(3)), None)
    if mark is not None and place_kind(reading.words(mark.start, mark.end)) is None:
        return
    if mark is not None:
        reading.unmark(mark)
    found.use("relation")
    word = found.text(2)
    if found.text(1) or word in ("inside", "within"):
        reading.draft.relation = "within"
    elif word in ("around", "near"):
        reading.draft.relation = "near"


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
        if pattern is _CLEAR_PLACE and reading.is_free(start, end):
            reading.mark(start, end, "talk").used = True  # `worldwide is fine`: no coverage
        reading.draft.cleared |= set(slots)
        if slots == ("time",) and not earlier.times and not earlier.months:
            reading.draft.cleared.add("publication_year")
    _by_name(reading, earlier)
    _instead_of(reading, earlier)
    _wrong(reading)
    _there(reading, earlier)
