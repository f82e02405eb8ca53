"""The published interpretation conventions: their values are our preferred labels, their synonyms find the same."""

from __future__ import annotations

import re

import pytest

from ontology.properties import PROPERTIES
from ontology.vocabulary import Vocabulary
from tests.corpora import shared

VOCABULARY = Vocabulary.load()
# families of values that stand for many (`Landsat-5 ... Landsat-9`) and notes among the values
_NOT_VALUES = re.compile(r"\.\.\.|^any$|^e\.g\.|^>|^\d|^as ")


def text() -> str:
    return shared("questions", "properties.md").read_text(encoding="utf-8")


def values_of(property_name: str) -> list[str]:
    """The open list of values of a property."""
    row = re.search(rf"^\| `{property_name}` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|", text(), re.M)
    assert row
    listed = re.sub(r"\([^)]*\)|datasets:|models:", "", row[4])
    parts = [part.strip() for part in re.split(r"[,;]", listed)]
    return [part for part in parts if part and not _NOT_VALUES.search(part)]


CONCEPTS = [
    row.name
    for row in PROPERTIES.values()
    if row.scheme and row.name not in ("topic", "task") and not row.name.startswith(("input_", "output_"))
]


@pytest.mark.parametrize("name", [*CONCEPTS, "product_type", "processing_level", "timeliness", "orbit_direction"])
def test_listed_values_are_preferred_labels(name: str) -> None:
    scheme = (PROPERTIES[name].scheme or name).replace("_", "-")
    labels = set(VOCABULARY.labels(scheme))
    values = values_of(name)
    missing = [value for value in values if value not in labels]
    if name == "sensor":
        missing = [value for value in missing if VOCABULARY.find("sensor", value) is None]
    if name == "band":
        missing = [value for value in missing if VOCABULARY.find("band", value) is None]
    assert not missing


@pytest.mark.parametrize("scheme", ["topic", "task"])
def test_topics_and_tasks_are_preferred_labels(scheme: str) -> None:
    listed = re.search(rf"^\*\*{scheme}\*\*: (.*)\.$", text(), re.M)
    assert listed
    values = [value.strip() for value in listed[1].split(",")]
    assert len(values) > 15
    assert not [value for value in values if value not in VOCABULARY.labels(scheme)]


def synonyms() -> list[tuple[str, list[str]]]:
    """(scheme, words that count as the same) of the conventions."""
    found: list[tuple[str, list[str]]] = []
    scheme = ""
    for line in text().splitlines():
        if line.strip() in ("topic", "task", "modality", "others"):
            scheme = line.strip()
        elif line.startswith("- ") and scheme in ("topic", "task", "modality"):
            found.append((scheme, [word.strip() for word in line[2:].split("=")]))
        elif scheme == "others" and (named := re.match(r"- `(\w+)`: (.*)$", line)) and named[1] != "coverage":
            rows = named[2].split(";")
            found += [(named[1].replace("_", "-"), [word.strip() for word in row.split("=")]) for row in rows]
    return found


def test_synonyms_find_the_same_concept() -> None:
    rows = synonyms()
    assert len(rows) > 60
    wrong = []
    for scheme, words in rows:
        first = VOCABULARY.find(scheme, words[0])
        concepts = {word: VOCABULARY.lookup(scheme, word) for word in words}
        for word, one in concepts.items():
            # a synonym may be a narrower concept of its own: building footprint is a building
            if one is None or (one.iri != first and first not in one.broader and first not in one.related):
                wrong.append(f"{scheme}: {word} is not {words[0]}")
    assert not wrong, "\n".join(wrong)
