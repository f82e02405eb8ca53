"""Classes of a label set and forms of labels: `lacking a wetland class`, `point-labelled`."""

from __future__ import annotations

import re

from nlq.lexis.grammar import STOP
from nlq.lexis.words import listed
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Found, Reading, rule
from nlq.stages.negation import negation

_CLASSES = (
    rule(
        r"(?:a|an|no|any|the|separate|own|its own|dedicated|distinct|without|lack|lacking|lacks|single"
        r"|explicit|and|or|,) (?:separate |own |dedicated |distinct |single |explicit |special |specific "
        r")*\"?((?:\{(?:topic|class|scene_type|placekind|modality|place|band|annotation_type|record|family"
        r"|sensor|agent)\}|[a-z']+)(?: (?:\{(?:topic|class|placekind|scene_type)\}|[a-z']+)){0,2}?)\"? "
        r"(?:class|category|label|classes|categories|\{attr\})(?= |$)"
    ),
    rule(
        r"(?:class|category|label|classes|categories|labels|\{attr\}|\{dataset\})(?: (?:for|called|named|of"
        r"|like|such as|labelled|include|includes|including|containing|contain|contains|:|being)) (?:a |an "
        r"|the |both )?\"?((?:\{(?:topic|class|scene_type|placekind)\}|[a-z']+)(?:(?: ,| and| or|,? and|,? "
        r"or)? (?:\{(?:topic|class|scene_type|placekind)\}|[a-z']+)){0,4})"
    ),
    rule(
        r"((?:\{(?:topic|class|scene_type|placekind)\}|[a-z']+)(?: and \{(?:topic|class|placekind"
        r"|scene_type)\})?) (?:is|are|appears?|occurs?)? ?(?:as|among|in|listed among|one of) (?:a |an |one "
        r"of )?(?:the |its |their )?(?:separate |own |label )*(?:classes|class|categories|category|labels"
        r"|legend|label set|\{attr\})"
    ),
    rule(
        r"(?:distinguish|distinguishes|distinguishing|separate|separates|separating|tell|tells|telling"
        r"|discriminate|discriminates|label|labels|annotate|annotates|differentiate|differentiates)(?: "
        r"between)? ((?:\{(?:topic|class|placekind|scene_type)\}|[a-z']+)(?: (?:and|from|or|,|apart from) "
        r"(?:\{(?:topic|class|placekind|scene_type)\}|[a-z']+)){0,4})"
    ),
    # `with the class maize`, whatever the class is
    rule(
        r"(?:with|have|has|having|includes?|including|contains?|containing|without|lack|lacks|lacking) "
        r"(?:a |an |the |any )?(?:label )?(?:class|category|\{attr\}) \"?((?:\{(?:topic|class|scene_type|placekind)\}"
        r"|[a-z']{3,}))\"?(?= ?(?:$|[,.?!;]| (?:in|from|and|or|with|of|over) ))"
    ),
)


_THING = r"\{(?:topic|class|scene_type|placekind)\}"
_LISTED = rule(
    rf"(?:neither |no |without |lacking |lacks? )?(?:both |either )?(?:a |an |the |any )?({_THING}"
    rf"(?:(?: ,)?(?: and| or| nor)?(?: both)? (?:a |an |the |any )?{_THING})+) (?:class|classes|category|categories"
    rf"|labels?|\{{attr\}})"
)


def _listed(reading: Reading) -> None:
    """`both a water and a snow class`."""
    for found in reading.find_all(_LISTED):
        values, text = _class_values(reading, found), found.text(0)
        nouns = [one for one in found.marks(0, "attr") if one not in found.marks(1)]
        if (
            len(values) < 2
            or any(one.used for one in found.marks(1))
            or any(one.value != "class_label" for one in nouns)
        ):
            continue
        if re.match(r"(?:neither|no|without|lack)", text) or negation(reading, found.span(0)[0]):
            for value in values:
                reading.draft.add("class_label", "not_contains", value)
        else:
            reading.draft.add("class_label", "in" if " or " in text else "contains_all", values)
        for one in [*found.marks(1), *nouns]:
            reading.take(one, "class_label")
            one.info["taken"] = True
        found.use("class_label")


def _is_theme(reading: Reading, found: Found) -> bool:
    """`labels for individual animals`: what the data is about, where nothing else says it."""
    inside = found.marks(1)
    themes = [one for one in inside if one.kind == "topic"]
    others = [one for one in reading.of_kind("topic", "task") if one not in inside and not one.info.get("taken")]
    joined = re.match(r"\{dataset\} (?:for|of) ", found.text(0)) is not None
    return joined and len(inside) == len(themes) == 1 and not others


def read_classes(reading: Reading) -> None:
    """Conditions on the classes of a label set: `with a wetland class`."""
    _listed(reading)
    for number, pattern in enumerate(_CLASSES):
        for found in reading.find_all(pattern):
            text = found.text(0)
            if number == 3 and (apart := _APART.search(reading.norm)) is not None:
                _rest(reading, apart)
                continue
            attrs = [one for one in found.marks(0, "attr") if one not in found.marks(1)]
            if attrs and not any(one.value in ("class_label", "annotation_type") for one in attrs):
                continue
            heads = found.marks(0, "dataset") if number == 1 else []
            if heads and "label" not in reading.words(heads[0].start, heads[0].end).casefold().split()[-1]:
                continue
            if (
                number != 3
                and not attrs
                and not re.search(r"\b(?:class|classes|category|categories|labels?|legend)\b", text)
                and not any("label" in reading.words(one.start, one.end) for one in found.marks(0, "dataset"))
            ):
                continue
            if heads and _is_theme(reading, found):
                continue
            values = _class_values(reading, found)
            if not values or any(one.used for one in found.marks(1)):
                continue
            if number == 3 and len(
                [one for one in found.marks(1) if one.kind in ("topic", "class", "placekind")]
            ) < len(values):
                continue
            if number == 3 and len(values) == 1 and re.match(r"(?:distinguish|separat|tell|discrim|differ)", text):
                continue  # `telling tree species apart`: a theme
            if number == 3 and not any(
                one.kind in ("topic", "class", "placekind", "scene_type") for one in found.marks(1)
            ):
                continue
            negative = negation(
                reading, found.span(0)[0] + (1 if re.match(r"(?:no|without|lack)", text) else 0)
            ) or bool(re.match(r"(?:no|without|lack|lacking|lacks) ", text))
            joined = found.text(1)
            if negative:
                for value in values:
                    reading.draft.add("class_label", "not_contains", value)
            elif len(values) > 1 and " or " in joined:
                reading.draft.add("class_label", "in", values)
            elif len(values) > 1:
                reading.draft.add("class_label", "contains_all", values)
            else:
                reading.draft.add("class_label", "contains", values[0])
            for one in [*found.marks(1), *attrs]:
                one.info["taken"] = True
                reading.take(one, "class_label")
            for one in found.marks(0, "dataset"):
                if "label" in reading.words(one.start, one.end) and number == 1:
                    pass
            found.use("class_label")
            if number != 0:
                return
        if reading.draft.values_of("class_label"):
            return


# `tell mangroves from other vegetation`: a theme against the rest, no two classes
_APART = regex(
    r"\bfrom (?:other|others|the rest|everything else|anything else|all other|any other|normal|non)\b(?: [a-z]+)?"
)


def _rest(reading: Reading, match: re.Match[str]) -> None:
    start, end = reading.span_of(match)
    for mark in reading.of_kind("topic", "class", "placekind"):
        if start <= mark.start < end:
            mark.info["taken"] = True
            reading.use(start, end, "topic")


_NOT_CLASS = frozenset(
    listed(
        "for common commonest frequent popular usual widespread typical "
        "longest shortest widest richest broadest list range variety "
        "fewest largest smallest highest lowest maximum minimum greatest biggest enough count the a an "
        "many more most number of which what these those all each every other different same two "
        "three single new their its first main fewer least how some several separate own kind kinds label "
        "classes class"
    )
)


def _class_values(reading: Reading, found: Found) -> list[str]:
    start, end = found.span(1)
    pieces: list[list[int]] = [[]]
    for index in range(start, end):
        if reading.tokens[index].norm in (",", "and", "or", "nor", "from", "apart", "&", '"'):
            pieces.append([])
        else:
            pieces[-1].append(index)
    values = []
    for piece in pieces:
        while piece and reading.tokens[piece[0]].norm in _NOT_CLASS:
            piece = piece[1:]
        while (
            piece
            and reading.owner(piece[-1]) is None
            and (reading.tokens[piece[-1]].norm in STOP or reading.tokens[piece[-1]].norm in _NOT_CLASS)
        ):
            piece = piece[:-1]
        if not piece:
            continue
        if all(reading.owner(one) is None and reading.tokens[one].norm in STOP for one in piece):
            continue
        text = " ".join(
            reading.tokens[one].norm if reading.tokens[one].corrected else reading.tokens[one].text for one in piece
        )
        values.append(re.sub(r" - ", "-", text))
    return values


_FORMS = {
    "point": "point",
    "points": "point",
    "line": "line",
    "lines": "line",
    "polygon": "polygon",
    "polygons": "polygon",
    "box": "bounding box",
    "boxes": "bounding box",
    "pixel": "pixel mask",
    "mask": "pixel mask",
    "masks": "pixel mask",
    "caption": "caption",
    "captions": "caption",
    "scene": "scene label",
    "image": "scene label",
    "patch": "scene label",
    "description": "caption",
    "descriptions": "caption",
    "instance": "instance mask",
    "centroid": "point",
    "outline": "polygon",
    "outlines": "polygon",
}
_WITH_FORM = rule(
    r"(?:with|as|by|using|have|has|provide|provides|offer|offers|contain|contains|include|includes"
    r"|include|drawn|and|or)(?: (?:image|text|textual|written|pixel|pixel - level|segmentation|binary"
    r"|semantic|natural language|several|five|object|building|field|manual|hand - drawn|\\{product\\}"
    r"|\{product\}|\{topic\}|\{annotation_source\}))* (captions?|polygons?|outlines|points"
    r"|masks|boxes|descriptions|centroids|\{counted\})"
)
_FORM = rule(
    rf"({'|'.join(_FORMS)}|\{{product\}}|\{{annotation_type\}}|\{{counted\}}) ?(?:-|level|wise)* "
    r"?(?:labell?ed|annotated|annotations?|labels?|labell?ing|\{dataset\}|\{attr\})",
    r"(?:labell?ed|annotated|labels|annotations?|\{dataset\}|\{attr\}|marked)(?: (?:as|with|by|in "
    r"the form of|in form of|given as|are|using|come as|drawn as|consist of|that are|of|only|single))+ "
    rf"({'|'.join(_FORMS)}|\{{counted\}})",
)


def _further_forms(reading: Reading, at: int) -> list[tuple[str, str]]:
    """Forms after the first, each with the word that joins it: `points or lines`."""
    found: list[tuple[str, str]] = []
    while at + 1 < len(reading.tokens) and reading.tokens[at].norm in ("or", "and", ","):
        word = reading.tokens[at + 1].norm
        if word not in _FORMS or not word.endswith("s"):
            break
        found.append((_FORMS[word], reading.tokens[at].norm))
        owner = reading.owner(at + 1)
        if owner is not None:
            owner.info["taken"] = owner.used = True
        reading.use(at, at + 2, "annotation_type")
        at += 2
    return found


def read_label_forms(reading: Reading) -> None:
    """`point-labelled`, `annotated with polygons`: the form of the labels."""
    draft = reading.draft
    if draft.target != "dataset" or draft.returns or any(reading.of_kind("annotation_type")):
        return
    for found in reading.find_all(_FORM):
        text = found.text(0)
        if not re.search(r"label|annotat|mark", text) and not any(
            "label" in reading.words(one.start, one.end).casefold()
            or "annot" in reading.words(one.start, one.end).casefold()
            for one in found.marks(0)
        ):
            continue
        start, end = found.span(1) if found.text(1) else found.span(2)
        word = reading.tokens[start].norm if end > start else ""
        if word not in _FORMS or (
            word in ("image", "scene", "patch", "pixel") and "level" not in text and word != "pixel"
        ):
            continue
        others = _further_forms(reading, found.span(2)[1] if found.text(2) else start)
        if others:
            kinds = [_FORMS[word], *(one for one, _ in others)]
            either = any(joined == "or" for _, joined in others)
            draft.add("annotation_type", "in" if either else "contains_all", list(dict.fromkeys(kinds)))
        else:
            draft.add("annotation_type", "=", _FORMS[word])
        for one in found.marks(0):
            one.info["taken"] = True
            one.used = one.kind != "dataset"
        found.use("annotation_type")
        break
    for found in reading.find_all(_WITH_FORM):
        word = reading.tokens[found.span(1)[1] - 1].norm
        if word in ("points",) and "data" in found.text(0):
            continue
        if reading.slots[found.span(1)[0]] is not None or (word not in _FORMS and "{" in found.text(1)):
            continue
        if word == "outline":
            continue  # `networks outline lakes`: what somebody does
        for one in found.marks(1):
            one.info["taken"] = True
            one.used = True
        draft.add(
            "annotation_type",
            "not_contains" if negation(reading, found.span(1)[0]) else "=",
            _FORMS.get(word, _FORMS.get(word.rstrip("s"), "polygon")),
        )
        for one in found.marks(0, "product"):
            one.info["taken"] = True
        found.use("annotation_type")
        return
