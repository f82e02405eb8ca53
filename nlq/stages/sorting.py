"""Explicit sorting: `sorted by size`, `newest first`, `from largest to smallest`."""

from __future__ import annotations

import re

from nlq.question import Order
from nlq.sheet.reading import Mark, Reading, rule, words
from nlq.stages.degrees import BIG, FLIP, GRADABLE, SMALL, SUPERLATIVES, property_of, ranked
from ontology.properties import PROPERTIES

ADJECTIVE = words([*SUPERLATIVES])
GRADE = words(GRADABLE)
EXTREME = words(
    BIG
    | SMALL
    | {
        "best",
        "worst",
        "finest",
        "coarsest",
        "sharpest",
        "highest",
        "poorest",
        "newest",
        "latest",
        "oldest",
        "earliest",
        "most recent",
        "longest",
        "shortest",
        "widest",
        "richest",
        "broadest",
    }
)
NOUN = r"\{(?:attr|counted|topic|dataset|model|product|metric|band|class|task|sensor|placekind)\}"
OF = (
    r"(?: (?:number|amount|count|share|percentage|quantity|value|proportion|list|set|range|variety|choice|selection)"
    r" of(?: the)?)?"
)
_SORT = rule(
    r"(?:sort(?:ed)?|order(?:ed)?|rank(?:ed|ing)?|arrange[d]?|sorting|ordering|list(?:ed)?)(?: (?:them"
    r"|it|those|these|the|results?|all|everything|list|by date|in|for|on|about|of|with|from|and"
    rf"|\{{[a-z_]+\}}))* by(?: the| their| its)?{OF} (\{{[a-z_]+\}}|[a-z]+)(?: (?:count|of"
    r"|\{[a-z_]+\}))?(?: ?(?:,|\(|:|-|in|from))*(?: an?)? ?(ascending|descending|asc|desc"
    r"|\{orbit_direction\}|increasing|decreasing|biggest first|largest first|smallest first|highest "
    r"first|lowest first|newest first|oldest first|latest first|most first|fewest first|finest first"
    r"|coarsest first|earliest first|high to low|low to high|best first|starting with the [a-z]+|the "
    r"[a-z]+ first|[a-z]+ first|largest to smallest|smallest to largest|backwards)?(?: order)?"
)
_BY = rule(
    r"(?:in (?:order|terms) of|by|in|measured by|when it comes to|according to|as measured by|regarding"
    rf"|with respect to|counted in|judged by|for)(?: the| their| its| total)*{OF} "
    r"(\{(?:attr|counted|product|dataset|model)\}|gigabytes|megabytes|gb|mb|disk|pixels|bytes"
    r"|terabytes|gigs)"
)
_FIRST = rule(
    rf"({ADJECTIVE}|most recent|least cloudy|most cloudy|{EXTREME})(?: (?:ones?|images|scenes|datasets"
    rf"|models|{NOUN}))? (?:first|on top|at the top|come first|to the top)"
)
_UNIT_PROPERTY = {
    "gigabytes": "size_gb",
    "megabytes": "size_gb",
    "gb": "size_gb",
    "mb": "size_gb",
    "disk": "size_gb",
    "pixels": "image_size_px",
    "bytes": "size_gb",
    "terabytes": "size_gb",
    "gigs": "size_gb",
}
_DIRECTION = {
    "ascending": "asc",
    "descending": "desc",
    "asc": "asc",
    "desc": "desc",
    "increasing": "asc",
    "decreasing": "desc",
}


def read_sorting(reading: Reading) -> bool:
    """`sorted by year, newest first`: order without limit."""
    found = reading.find(_SORT)
    if found is None:
        return False
    mark = next(iter(found.marks(1)), None)
    word = found.text(1)
    target = reading.draft.target
    name = property_of(mark, target) if mark is not None else None
    if name == "size_mb" and mark is not None and reading.words(mark.start, mark.end).casefold() == "size":
        name = "num_parameters"
    if name is None:
        if word in ("date", "time", "age", "year", "recency") or (mark is not None and mark.kind in ("time", "date")):
            name = "acquisition_time" if target == "product" else "publication_year"
        elif word in ("size",):
            name = {"dataset": "size_gb", "model": "num_parameters"}.get(target or "", "size_gb")
        elif word == "distance":
            name = "distance"
        elif mark is not None and mark.kind == "topic" and mark.value == "cloud":
            name = "cloud_cover"
        elif word in ("name", "title"):
            name = "name"
    if name is None:
        return False
    end = found.text(2)
    if "orbit_direction" in end:
        end = next((str(one.value) for one in found.marks(2)), "")
    direction = _DIRECTION.get(end)
    if direction is None:
        first = re.search(r"(\w+) first|with the (\w+)|^(\w+) to", end)
        word = next((one for one in first.groups() if one), "") if first else ""
        if word in ("newest", "latest", "youngest", "recent"):
            direction = "desc"
        elif word in ("oldest", "earliest") or word in ("finest", "sharpest"):
            direction = "asc"
        elif word in ("coarsest",):
            direction = "desc"
        elif word in ("low",) or word in SMALL | {"lightest"}:
            direction = "asc"
        elif word in ("high",) or word in BIG | {"best", "heaviest"}:
            direction = ranked(name, word) if name in ("resolution_m",) and word in ("highest", "best") else "desc"
        else:
            direction = "asc"
    reading.draft.order = Order(name, direction)
    if mark is not None:
        mark.info["taken"] = True
        mark.used = True
    found.use("order")
    return True


_FROM_TO = rule(
    rf"(?:from )?(?:the )?({ADJECTIVE}|{EXTREME})(?: {NOUN})? (?:down |up )?to (?:the )?({ADJECTIVE}|{EXTREME})"
    rf"(?: ({NOUN}))?"
)


def read_from_to(reading: Reading) -> bool:
    """`from largest to smallest download`: the first word gives the direction, and no limit follows."""
    found = reading.find(_FROM_TO)
    target = reading.draft.target or ""
    if found is None:
        return False
    word = found.text(1)
    mark = next(iter(found.marks(3)), None) or next(iter(found.marks(0)), None)
    name = property_of(mark, target) or measured_by(reading)
    table, direction = SUPERLATIVES.get("newest" if word == "most recent" else word, ({}, ""))
    if name is not None and (PROPERTIES[name].is_number or PROPERTIES[name].kind == "date"):
        reading.draft.order = Order(name, ranked(name, "most" if word in ("newest", "latest", "heaviest") else word))
        if mark is not None and mark.kind in ("attr", "counted"):
            mark.info["taken"] = True
            reading.take(mark, "order")
    elif target in table:
        reading.draft.order = Order(table[target], direction)
    else:
        return False
    found.use("order")
    return True


def read_first(reading: Reading) -> bool:
    """`newest first`."""
    found = reading.find(_FIRST)
    if found is None:
        return False
    word = found.text(1)
    target = reading.draft.target or ""
    table, direction = SUPERLATIVES.get(word, ({}, ""))
    if " " in word and word.split()[1] in GRADABLE:
        table, direction = GRADABLE[word.split()[1]]
        if word.startswith("least"):
            direction = FLIP[direction]
    name = property_of(next(iter(found.marks(0)), None), target)
    if name is not None and (PROPERTIES[name].is_number or PROPERTIES[name].kind == "date"):
        reading.draft.order = Order(name, ranked(name, word))
    elif target in table:
        reading.draft.order = Order(table[target], direction)
    else:
        return False
    found.use("order")
    return True


_FIRST_IMAGE = rule(
    r"(first|last)(?: ever| available| known)?(?: \{(?:sensor|modality|instrument|identifier)\})* (\{product\})"
)


_PUBLISHED = rule(
    r"(published|released|made public|issued|came out|come out|appeared|launched|acquired|taken|captured|recorded)"
    r" (first|earliest|last|latest|most recently)(?! (?:in|of|on) )"
)


def read_published(reading: Reading) -> bool:
    """`which one was published first`: by year; `acquired last`: by the time of the scene."""
    found = reading.find(_PUBLISHED)
    name = {"product": "acquisition_time"}.get(reading.draft.target or "", "publication_year")
    if found is None or (name == "publication_year" and found.text(1) in ("acquired", "taken", "captured", "recorded")):
        return False
    heads = [one for one in reading.of_kind("dataset", "model", "product") if one.kind == reading.draft.target]
    reading.draft.order = Order(name, "asc" if found.text(2) in ("first", "earliest") else "desc")
    if not heads or not is_plural(reading, heads[0]):
        reading.draft.limit = 1
    found.use("order")
    return True


_BACK = rule(
    r"(?:reach(?:es|ing)?|go(?:es|ing)?|stretch(?:es|ing)?|extend(?:s|ing)?|date(?:s)?|start(?:s|ing)?)? ?(?:the )?"
    r"(furthest|farthest|longest|earliest|furthermost) (?:back|into the past|in the past)(?: in time| in the past)?",
    r"(?:goes|go|going|reach|reaches|reaching|dates|stretches) (?:back )(?:the )?(furthest|farthest|longest|earliest"
    r"|most)",
)


def read_back(reading: Reading) -> bool:
    """`reaches furthest back in time`: by the first day of the imagery."""
    found = reading.find(_BACK)
    name = {"product": "acquisition_time", "dataset": "time_start"}.get(reading.draft.target or "")
    if found is None or name is None:
        return False
    reading.draft.order = Order(name, "asc")
    heads = [one for one in reading.of_kind("dataset", "model", "product") if one.kind == reading.draft.target]
    if not heads or not is_plural(reading, heads[0]):
        reading.draft.limit = 1
    found.use("order")
    return True


_LAST_FEW = rule(
    r"(last|latest|(?<!the )first|the first|earliest) (\{(?:bound|number)\})(?: \{(?:orbit_direction|sensor|modality"
    r"|instrument"
    r"|product_type|sensor_mode|processing_level|polarisation)\}| cloud ?- ?free| available| ever| clear)*"
    r" (\{product\})"
)


# in a talk, `only the last three` are those of its scenes
_LAST_OF_THEM = rule(
    r"(last|latest|newest|most recent|oldest|earliest) (\{(?:bound|number)\})(?: of (?:them|these|those)| ones| only)?"
    r"(?= \.| \?| ,| please| $|$)"
)


# `the least cloudy ten`
_GRADED_FEW = rule(
    r"(most|least) (?:cloudy|clouded|cloud ?- ?covered|\{attr\}) (\{(?:bound|number)\})(?: of (?:them|these|those))?"
    r"(?: ones)?(?= \.| \?| ,| please| $|$)"
)


def read_graded_few(reading: Reading) -> bool:
    """A number after the adjective that ranks scenes by their clouds."""
    found = reading.find(_GRADED_FEW)
    if found is None or reading.draft.target != "product":
        return False
    mark = next(iter(found.marks(2)), None)
    graded = next(iter(found.marks(0, "attr")), None)
    if mark is None or mark.value[-1].kind or (graded is not None and graded.value != "cloud_cover"):
        return False
    reading.draft.filters = [one for one in reading.draft.filters if one.property != "cloud_cover"]
    reading.draft.order = Order("cloud_cover", "asc" if found.text(1) == "least" else "desc")
    reading.draft.limit = max(1, int(mark.value[-1].value))
    reading.take(mark, "limit")
    mark.used = True
    found.use("order")
    return True


def read_last_few(reading: Reading) -> bool:
    """`the last three passes`: the newest ones, as many as the number says."""
    if read_graded_few(reading):
        return True
    found = reading.find(_LAST_FEW)
    if found is None and reading.earlier is not None:
        found = reading.find(_LAST_OF_THEM)
    if found is None or reading.draft.target != "product":
        return False
    mark = next(iter(found.marks(2)), None)
    if mark is None or mark.used or mark.value[-1].kind or mark.info.get("op", "=") != "=":
        return False
    reading.draft.order = Order(
        "acquisition_time", "asc" if "first" in found.text(1) or found.text(1) in ("earliest", "oldest") else "desc"
    )
    reading.draft.limit = max(1, int(mark.value[-1].value))
    reading.take(mark, "limit")
    found.use("order")
    return True


def read_first_image(reading: Reading) -> bool:
    """`the first Sentinel-1A image of Lima`: the oldest one."""
    found = reading.find(_FIRST_IMAGE)
    if found is None or reading.draft.target != "product" or is_plural(reading, found.marks(2)[0]):
        return False
    reading.draft.order = Order("acquisition_time", "asc" if found.text(1) in ("first", "earliest") else "desc")
    reading.draft.limit = 1
    found.use("order")
    return True


def measured_by(reading: Reading) -> str | None:
    """`largest ... by number of images`, `smallest ... in gigabytes`."""
    for found in reading.find_all(_BY):
        name: str | None
        if (mark := next(iter(found.marks(1)), None)) is not None:
            if mark.used or mark.info.get("taken"):
                continue
            name = property_of(mark, reading.draft.target)
            if name is not None and not PROPERTIES[name].is_number and PROPERTIES[name].kind != "date":
                continue
        else:
            name = _UNIT_PROPERTY.get(found.text(1))
            if name == "size_gb" and reading.draft.target == "model":
                name = "size_mb"
        if name is None:
            continue
        if mark is not None:
            mark.info["taken"] = True
            reading.take(mark, "order")
        found.use("order")
        return name
    return None


def is_plural(reading: Reading, mark: Mark) -> bool:
    """Whether a head noun stands for several things."""
    word = reading.tokens[mark.end - 1].norm
    if mark.kind == "product" and word in ("data", "imagery", "footage"):
        return True
    return (word.endswith("s") and not word.endswith("ss") and word != "corpus") or word in ("corpora", "data")
