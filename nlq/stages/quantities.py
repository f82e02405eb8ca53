"""Numbers with a comparison -> conditions: which property a number bounds follows from its unit and its neighbours."""

from __future__ import annotations

import re

from nlq.lexis.attributes import FOR_DATASETS, FOR_MODELS, PLACE_PROPERTIES
from nlq.lexis.words import listed
from nlq.sheet.reading import Mark, Reading, rule
from nlq.stages.numbers import Quantity
from nlq.stages.quantity_words import (
    SAY,
    bare_number,
    convert,
    counted_theme,
    fit_in,
    has_room,
    kept_op,
    millions,
    set_limit,
    share_nouns,
)
from ontology.properties import PROPERTIES

_UNIT_PROPERTIES = {
    "percent": (
        "cloud_cover",
        "snow_cover",
        "vegetation_percentage",
        "water_percentage",
        "bare_soil_percentage",
        "nodata_percentage",
        "metric_value",
    ),
    "length": ("resolution_m", "output_resolution_m", "elevation_m", "length_km", "depth_m"),
    "bytes": ("size_gb", "size_mb", "gpu_memory_gb"),
    "pixels": ("image_size_px", "input_size_px"),
    "area": ("area_km2",),
    "angle": ("sun_elevation", "incidence_angle"),
}
_COARSEST = 10_000
_SHARES = frozenset(_UNIT_PROPERTIES["percent"]) - {"metric_value"}
_PLAIN = frozenset(
    name for name, row in PROPERTIES.items() if row.is_number and name not in ("resolution_m", "publication_year")
) | {"publication_year"}
_LINK = frozenset(
    listed(
        "of is are at was be being with has have having : = a an the in by to than that as its it from only "
        "covered come comes and remains stays stay remain goes go value values level least most percentage "
        "share about set lies lie should must shall will ranging range reaches reach between measuring "
        "measures held kept makes make making up accounts account for occupies occupy fills amounts constitutes"
    )
)
_DISTANCE = rule(
    r"(?:within|in|no farther than|no further than|not farther than|not further than|at most|up to|less "
    r"than|closer than|not more than|no more than|under|a)? ?(?:a )?(?:radius of |distance of )?"
    r"(\{bound\}) (?:radius )?(?:or less |at most )?(?:of|from|around|away from|off|distance of"
    r"|distance from|away|radius of|radius around|to|buffer around|or less from|as the crow flies from"
    r"|outside|round|surrounding|(?:to the |due )?(?:north|south|east|west)(?: ?- ?)?(?:east|west)? (?:of|from))",
    r"(?:within|in) (?:a |the )?(?:radius|distance|range|circle|buffer|perimeter) of (\{bound\})",
    r"(?:within|no farther than|no further than|not farther than|closer than) (?:a )?(\{bound\})",
    r"(?:radius|distance|range|buffer|circle) (?:of |= |: |up to |at most )?(\{bound\})",
    r"(\{bound\}) (?:radius|buffer|circle|distance)",
)
_SCALE = rule(
    r"(?:x|by a factor of|factor|by factor|factor of|upscale by|enlarge by|magnify by) (\{bound\})",
    r"(\{bound\}) ?(?:x|times|fold|- fold)",
)
_FEATURES = {
    "mountain": "elevation_m",
    "volcano": "elevation_m",
    "peak": "elevation_m",
    "hill": "elevation_m",
    "river": "length_km",
    "canal": "length_km",
    "lake": "depth_m",
    "glacier": "length_km",
    "city": "elevation_m",
    "road": "length_km",
}
_WORDED = {
    "higher": "elevation_m",
    "above sea level": "elevation_m",
    "taller": "elevation_m",
    "longer": "length_km",
    "shorter": "length_km",
    "deeper": "depth_m",
    "high": "elevation_m",
    "long": "length_km",
    "deep": "depth_m",
    "tall": "elevation_m",
    "altitude": "elevation_m",
    "shallower": "depth_m",
}


def meanings(mark: Mark | None, *kinds: str) -> list[str]:
    """Values that a mark may have as one of these kinds."""
    if mark is None:
        return []
    values = [one.value for one in mark.info.get("entries", ()) if one.kind in kinds]
    if mark.kind in kinds and mark.value not in values:
        values.insert(0, mark.value)
    return values


_SCORE = rule(
    r"\{metric\}(?: (?:of|is|was|value|score|scores|with|reaches|reaching|a|an|to|equal|at))* (\{bound\})",
    r"(\{bound\})(?: (?:in|of|points|percent|points of))* \{metric\}",
    r"(?:scores?|scoring|score) (?:of )?(\{bound\})",
)


_GIVE = rule(
    r"(?:give|show|find|get|want|need|list|send|bring|retrieve|fetch|gather|request|display|like)(?: me| us"
    r"| to see| to have| at most| up to| any| some| just| only| the| these| about| roughly| around)* \{bound\} "
    r"(?:(?:random|arbitrary|example|sample|different|recent|nice|good|more|other|of your|of the|\{[a-z_]+\}) )*"
    r"(?:\{counted\}|\{product\})",
    r"any \{bound\} (?:(?:random|arbitrary|example|sample|\{[a-z_]+\}) )*\{product\}",
    r"\{bound\} (?:random|arbitrary|example|sample) (?:\{[a-z_]+\} )*\{product\}",
)


def read_quantities(reading: Reading) -> None:
    """Give every `bound` mark its property, or its distance; what remains is a limit or a bare number."""
    for found in reading.find_all(_SCORE):
        for number in (1, 2, 3):
            for mark in found.marks(number, "bound"):
                if mark.value[-1].kind in ("", "percent", "length"):
                    mark.info["property"] = "metric_value"
    for found in reading.find_all(_SCALE):
        for number in (1, 2):
            for mark in found.marks(number, "bound"):
                if not mark.value[-1].kind and any(reading.of_kind("model")):
                    mark.info["property"] = "scale_factor"
    _distances(reading)
    wanted = {id(one) for found in reading.find_all(_GIVE) for one in found.marks(0, "bound") if one.info["op"] == "="}
    for mark in list(reading.of_kind("bound")):
        if mark.used or "property" in mark.info or id(mark) in wanted:
            continue
        neighbour = _neighbour(reading, mark)
        if neighbour is not None:
            name, noun = neighbour
            mark.info["property"] = name
            if noun is not None:
                mark.info["noun"] = noun
                noun.info["taken"] = True
        elif (default := _default(reading, mark) or _continued(reading, mark)) is not None:
            mark.info["property"] = default
    share_nouns(reading)
    fit_in(reading)


def _continued(reading: Reading, mark: Mark) -> str | None:
    """`at least 4 bands and at most 13`: the second number bounds what the first one does."""
    index = mark.start - 1
    if index < 1 or reading.tokens[index].norm not in ("and", "but", "yet"):
        return None
    if mark.end < len(reading.tokens) and reading.tokens[mark.end].norm == "coverage":
        return None  # `5 % clouds and 90 % coverage`
    index -= 1
    while index > 0 and (
        reading.tokens[index].norm == ","
        or (
            reading.owner(index) is not None
            and reading.owner(index) is not mark
            and _kind_at(reading, index) not in ("bound",)
        )
    ):
        index -= 1
    owner = reading.owner(index)
    if owner is None or owner.kind != "bound" or owner.info.get("op") == "=" or mark.info.get("op") == "=":
        return None
    return owner.info.get("property")


def _kind_at(reading: Reading, index: int) -> str:
    owner = reading.owner(index)
    return owner.kind if owner is not None else ""


def _distances(reading: Reading) -> None:
    for found in reading.find_all(_DISTANCE):
        marks = found.marks(0, "bound")
        if not marks or marks[0].value[-1].kind != "length" or "property" in marks[0].info:
            continue
        mark = marks[0]
        start, end = found.span()
        text = found.text()
        near_attr = any(
            "resolution_m" in meanings(reading.owner(index), "attr")
            for index in range(max(0, start - 4), end + 4 if end + 4 < len(reading.tokens) else len(reading.tokens))
        )
        after = [reading.owner(index) for index in range(end, min(end + 5, len(reading.tokens)))]
        placed = (
            any(one is not None and one.kind in ("place", "placekind", "point", "box") for one in after)
            or "radius" in text
            or mark.value[-1].unit
            in (
                "km",
                "kms",
                "kilometre",
                "kilometer",
                "kilometres",
                "kilometers",
                "mile",
                "miles",
                "mi",
                "nautical miles",
            )
        )
        if (near_attr and mark.value[-1].value < 1000) or not placed:
            continue
        mark.info["distance_km"] = mark.value[-1].value / 1000
        mark.info["property"] = "distance"
        reading.use(start, end, "distance_km")
    for mark in reading.of_kind("bound"):
        # `over Kiruna within 60 km`: the place stands before the distance
        words = reading.words(mark.start, mark.end).casefold()
        beside = [reading.owner(mark.start - step) for step in (1, 2)]
        if (
            mark.value[-1].kind == "length"
            and "property" not in mark.info
            and mark.value[-1].value >= 1000
            and words.startswith(("within", "no farther", "no further", "closer", "up to", "at most", "max", "<"))
            and (any(one is not None and one.kind in ("place", "point") for one in beside) or _is_reach(reading, mark))
        ):
            mark.info["distance_km"] = mark.value[-1].value / 1000
            mark.info["property"] = "distance"
    earlier = reading.earlier
    if earlier is not None and (earlier.distance_km is not None or earlier.relation == "near"):
        # `within 50 km instead`: the distance of the talk
        for mark in reading.of_kind("bound"):
            if mark.value[-1].kind == "length" and mark.value[-1].value >= 1000 and "property" not in mark.info:
                mark.info["distance_km"] = mark.value[-1].value / 1000
                mark.info["property"] = "distance"


def _is_reach(reading: Reading, mark: Mark) -> bool:
    """`Sentinel-2 of Chicago, at most 25 miles`: no sensor resolves that little, so it is a distance."""
    return (
        mark.value[-1].value >= _COARSEST
        and any(reading.of_kind("sensor"))
        and any(reading.of_kind("place", "point"))
        and not any(reading.of_kind("dataset", "model", "placekind"))
        and "resol" not in reading.norm
    )


def _fits(quantity: Quantity, name: str, reading: Reading) -> bool:
    if quantity.kind:
        return name in _UNIT_PROPERTIES.get(quantity.kind, ())
    if name == "metric_value":
        return True
    return name in _PLAIN or name in ("resolution_m", "elevation_m", "length_km", "depth_m")


def _neighbour(reading: Reading, mark: Mark) -> tuple[str, Mark | None] | None:
    quantity = mark.value[-1]
    # on the left: "cloud cover of at most 25 %"
    index, steps, told = mark.start - 1, 0, False
    while index >= 0 and steps < 5:
        owner = reading.owner(index)
        if owner is not None:
            if not owner.info.get("taken") and not owner.used and owner.kind != "bound":
                names = [one for one in meanings(owner, "attr") if _fits(quantity, one, reading)]
                names = names or (meanings(owner, "counted") if told else [])
                if names and not (not quantity.kind and _counted_right(reading, mark)):
                    return _best(names, reading), owner
            break
        told = told or reading.tokens[index].norm in SAY
        said = reading.tokens[index].norm == "," and reading.tokens[index + 1].norm in SAY
        if reading.tokens[index].norm not in _LINK | SAY and not said:
            break
        index, steps = index - 1, steps + 1
    # on the right: "at most 20 % cloud", "20 classes"
    index, steps = mark.end, 0
    while index < len(reading.tokens) and steps < 5:
        owner = reading.owner(index)
        if owner is not None:
            if not quantity.kind:
                names = meanings(owner, "counted")
                if not names:
                    names = [
                        one
                        for one in meanings(owner, "attr")
                        if one in _PLAIN and one not in _SHARES and PROPERTIES[one].kind == "integer"
                    ]
            else:
                names = [one for one in meanings(owner, "attr") if _fits(quantity, one, reading)]
            if names:
                return _best(names, reading), owner
            if owner.kind not in (
                "sensor",
                "modality",
                "topic",
                "task",
                "place",
                "annotation_type",
                "annotation_source",
                "band",
                "split",
                "family",
                "record",
                "attr",
            ):
                break
            index = owner.end
            steps += 1
            continue
        word = reading.tokens[index].norm
        if quantity.kind and word not in _LINK and word not in ("less", "more", "fewer", "ground"):
            break
        if not quantity.kind and (
            word
            in (
                "and",
                "or",
                ",",
                ".",
                "?",
                "from",
                "in",
                "for",
                "over",
                "that",
                "with",
                "which",
                "are",
                "is",
                "have",
                "of",
                "at",
                ":",
                ";",
                "who",
                "to",
                "by",
            )
        ):
            break
        index, steps = index + 1, steps + 1
    return None


def _counted_right(reading: Reading, mark: Mark) -> bool:
    owner = reading.owner(mark.end)
    return bool(meanings(owner, "counted"))


def _best(names: list[str], reading: Reading) -> str:
    """The property that fits the things asked for."""
    heads = {one.kind for one in reading.of_kind("dataset", "model", "product")}
    if len(names) > 1 and any(reading.of_kind("placekind")):
        for name in names:
            if name in PLACE_PROPERTIES:
                return name
    if len(names) > 1:
        names = [one for one in names if one not in PLACE_PROPERTIES] or names
    if "model" in heads and "dataset" not in heads:
        for name in names:
            if "model" in PROPERTIES[name].targets:
                return name
    return names[0]


def _default(reading: Reading, mark: Mark) -> str | None:
    quantity = mark.value[-1]
    before = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 3) : mark.end])
    after = " ".join(one.norm for one in reading.tokens[mark.end : mark.end + 3])
    kinds = [one.value for one in reading.of_kind("placekind")]
    if quantity.kind == "percent" and re.search(r"\b(?:cloud|snow)ier\b", before):
        return "cloud_cover" if "cloudier" in before else "snow_cover"
    if quantity.kind == "length":
        if kinds:
            for word, name in _WORDED.items():
                if word in before.split() or word in after.split() or (" " in word and word in after):
                    return name
            near = [
                one
                for one in reading.of_kind("placekind")
                if abs(one.start - mark.end) < 4 or abs(mark.start - one.end) < 4
            ]
            if near and near[0].value in _FEATURES and "wide" not in after:
                return _FEATURES[near[0].value]
        return "resolution_m"
    if quantity.kind == "bytes":
        return "size_gb"
    if quantity.kind == "pixels":
        return "image_size_px"
    if quantity.kind == "area":
        return "area_km2"
    if quantity.kind == "angle":
        return "sun_elevation" if "sun" in reading.norm or "solar" in reading.norm else "incidence_angle"
    return None


def settle_quantities(reading: Reading) -> None:
    """Turn bounds into conditions on the target, its places, or its limit."""
    draft = reading.draft
    millions(reading)
    for mark in reading.of_kind("bound", unused=True):
        name: str | None = mark.info.get("property")
        if name in ("distance", None) or (name in PLACE_PROPERTIES and any(reading.of_kind("placekind"))):
            continue
        noun: Mark | None = mark.info.get("noun")
        if (
            draft.target == "product"
            and name in ("num_images", "num_samples", "num_instances", "num_bands", "num_classes")
            and noun is not None
        ):
            if name in ("num_images", "num_samples") and draft.limit is None:
                set_limit(reading, mark)
                noun.info.pop("taken", None)
            continue
        if draft.target == "model":
            name = FOR_MODELS.get(name, name)
        elif draft.target == "dataset":
            name = FOR_DATASETS.get(name, name)
            if name == "num_parameters":
                continue
        if name in ("size_gb", "gpu_memory_gb", "size_mb"):
            name = _bytes_property(reading, mark, name)
        row = PROPERTIES.get(name)
        if row is None or draft.target not in (*row.targets, "any", None):
            continue
        bind_quantity(reading, mark, name)
        if noun is not None:
            reading.take(noun, name)
            if name == "num_classes" and draft.target == "dataset":
                counted_theme(reading, noun)
    for mark in reading.of_kind("bound", unused=True):
        if mark.info.get("property") is None and not mark.value[-1].kind:
            bare_number(reading, mark)


def _bytes_property(reading: Reading, mark: Mark, name: str) -> str:
    if reading.draft.target != "model":
        return "size_gb"
    around = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 8) : mark.end + 8])
    around = re.sub(r"\b(?:no|without)(?: a| any)? (?:gpu|graphics card|card)\b", "", around)
    if name == "gpu_memory_gb" or any(word in around for word in ("gpu", "vram", "memory", "graphics", "card")):
        return "gpu_memory_gb"
    return "size_mb"


def bind_quantity(reading: Reading, mark: Mark, name: str) -> None:
    """Turn a bound into a condition on a property."""
    op = kept_op(reading, mark)
    values = [convert(name, one.value) for one in mark.value]
    words = mark.info.get("words", "")
    if name in ("resolution_m", "output_resolution_m"):
        after = " ".join(one.norm for one in reading.tokens[mark.end : mark.end + 3])
        text = reading.words(mark.start, mark.end).casefold()
        if "better than" in words or "finer than" in words or "sharper than" in words:
            op = "<"
        elif "coarser than" in words:
            op = "<=" if words.startswith(("no ", "not ", "nothing")) else ">"
        elif (
            "at least" in words
            or "minimum" in words
            or (("or more" in text or "or higher" in text or "or above" in text) and "detail" in after)
        ):
            op = "<="
        elif op == ">" and "higher than" in words and "resolution" in reading.norm:
            op = "<"
        elif op == "<" and "lower than" in words and "resolution" in reading.norm:
            op = ">"
        elif "or higher" in text:
            op = "<="
        elif "or coarser" in text:
            op = ">="
        if words.startswith("better than or equal"):
            op = "<="
    if op == "=" and has_room(reading, mark, name):
        op = "<="
    if "at 10" in words:
        op = "="
    if name == "num_samples" and op == "=" and mark.info.get("about"):
        op = "="
    if op in ("between", "in"):
        reading.draft.add(name, op, (values[0], values[-1]))
    elif mark.info.get("about") and name not in ("publication_year",):
        low, high = values[-1] * 0.9, values[-1] * 1.1
        whole = PROPERTIES[name].kind == "integer"
        reading.draft.add(
            name, "between", (int(low) if whole else round(low, 6), int(high) if whole else round(high, 6))
        )
        reading.draft.assume("about = within 10 %")
    else:
        reading.draft.add(name, op, values[-1])
    reading.take(mark, name)
