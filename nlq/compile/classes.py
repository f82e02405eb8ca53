"""Label classes: a class is found by its own words, and through the taxonomies it is matched to.

`maize` finds a class `Corn` that is matched to the same crop; `wetland` finds `Inland marshes`, which the taxonomy
puts under wetlands. Matches are followed for one step only: chains of close matches drift.
"""

from __future__ import annotations

from nlq.compile.frame import Frame
from nlq.compile.names import word_pattern
from nlq.compile.text import oneof, quote, step, term, union
from ontology.properties import Property

_MATCH = "skos:exactMatch|skos:closeMatch|skos:broadMatch"


def has_class(frame: Frame, prop: Property, values: list[str]) -> list[str]:
    """Patterns: the thing has a class of one of the names."""
    groups: list[list[str]] = []
    for value in values:
        one, label = frame.body.fresh("class"), frame.body.fresh("label")
        groups.append(
            [
                # a selection of its own, so that only the labels of classes are searched, not those of all places
                f"{{ SELECT {frame.subject} {one} WHERE {{ {frame.subject} {step(prop.path)} {one} }} }}",
                f"{one} skos:prefLabel|skos:altLabel {label} .",
                f'FILTER(REGEX(STR({label}), {quote(word_pattern(value))}, "i"))',
            ]
        )
    concepts = [
        narrow for value in values for iri in frame.names.classes(value) for narrow in frame.names.narrower(iri)
    ]
    if concepts:
        taxonomy = frame.body.fresh("taxonomy")
        groups.append(
            [
                oneof(taxonomy, map(term, dict.fromkeys(concepts))),
                f"{frame.subject} {step(prop.path)}/({_MATCH}) {taxonomy} .",
            ]
        )
    return union(groups)
