"""Facets: by what the rows of an answer can be narrowed, with how many remain."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.web.graph import IRI, one_of, rows, whole
from nlq.wording import label
from ontology.properties import PROPERTIES

if TYPE_CHECKING:
    from kg.home import Home

_SHOWN = {
    "dataset": ("topic", "task", "sensor", "modality", "temporal", "license", "commercial_use", "resolution_m",
                "annotation_type", "publication_year"),
    "model": ("topic", "task", "architecture", "input_sensor", "framework", "model_type", "pretraining", "license",
              "publication_year"),
}  # fmt: skip
_BROADER = {"concept": "/skos:broader*", "sensor": "/(skos:broader|sosa:isHostedBy)*"}
_STEPS = {"resolution_m": ("<=", (1, 5, 10, 20, 30, 100)), "publication_year": (">=", (2018, 2020, 2021, 2022, 2023,
          2024, 2025))}  # fmt: skip
_MOST_VALUES = 24
_LEAST = 3
_NAMES = {"temporal": "time structure", "commercial_use": "commercial use", "annotation_type": "labels",
          "input_sensor": "sensor", "publication_year": "published"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to narrow by: the condition to add, what to call it, how many rows have it."""

    text: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A property to narrow by, its values from the most frequent on."""

    name: str
    title: str
    choices: tuple[Choice, ...]


def facets_of(home: Home, iris: list[str], answer: dict[str, Any]) -> list[Facet]:
    """Facets of the rows; values that all rows have, or that the question asks for, narrow nothing and are left out.

    Args:
        home: the catalogue.
        iris: the rows.
        answer: the answer whose rows they are.
    """
    names = _SHOWN.get(str(answer["target"]), ())
    if len(iris) < _LEAST:
        return []
    found = []
    for name in names:
        counted = _steps(home, name, iris) if name in _STEPS else _values(home, name, iris)
        choices = tuple(one for one in counted if 0 < one.count < len(iris))
        if choices:
            found.append(Facet(name, _NAMES.get(name, label(name)), choices[:_MOST_VALUES]))
    return found


def scene_facets(held: list[dict[str, Any]]) -> list[Facet]:
    """Facets of satellite scenes, from their rows."""
    found = []
    for name in ("mission", "platform", "product_type", "processing_level"):
        counted = Counter(str(row[name]) for row in held if isinstance(row.get(name), str))
        choices = [Choice(f"{name}={value}", value, count) for value, count in counted.most_common(_MOST_VALUES)]
        found.append(Facet(name, label(name), tuple(one for one in choices if one.count < len(held))))
    years = Counter(str(row.get("acquisition_time", ""))[:4] for row in held)
    choices = [Choice(f"time={year}/{year}", year, count) for year, count in sorted(years.items()) if year.isdecimal()]
    found.append(Facet("time", "year", tuple(one for one in choices if one.count < len(held))))
    clouds = [row["cloud_cover"] for row in held if isinstance(row.get("cloud_cover"), (int, float))]
    bounded = [(bound, sum(value <= bound for value in clouds)) for bound in (5, 10, 20, 50)]
    choices = [Choice(f"cloud_cover<={bound}", f"at most {bound} %", count) for bound, count in bounded]
    found.append(Facet("cloud_cover", label("cloud_cover"), tuple(one for one in choices if 0 < one.count < len(held))))
    return [one for one in found if one.choices] if len(held) >= _LEAST else []


def _values(home: Home, name: str, iris: list[str]) -> list[Choice]:
    prop = PROPERTIES[name]
    path = prop.path + _BROADER.get(prop.kind, "")
    named = "?value skos:prefLabel ?name ." if prop.kind in _BROADER else "BIND(STR(?value) AS ?name)"
    body = (
        f"SELECT ?name (COUNT(DISTINCT ?record) AS ?count) WHERE {{ {one_of('?record', iris)} "
        f"?record {path} ?value . {named} }} GROUP BY ?name ORDER BY DESC(?count) ?name LIMIT 60"
    )
    found = []
    for value, count in rows(home, body):
        text = str(value)
        shown = {"true": "allowed", "false": "not allowed"}.get(text, text) if prop.kind == "boolean" else text
        found.append(Choice(f"{name}={text}", shown, whole(count)))
    return found


def _steps(home: Home, name: str, iris: list[str]) -> list[Choice]:
    """Bounds of a number, each with how many rows keep it."""
    op, bounds = _STEPS[name]
    prop = PROPERTIES[name]
    best = "MIN" if op == "<=" else "MAX"
    body = (
        f"SELECT ?record ({best}(?value) AS ?best) WHERE {{ {one_of('?record', iris)} ?record {prop.path} ?value }} "
        "GROUP BY ?record"
    )
    values = [float(str(getattr(value, "value", value))) for _, value in rows(home, body) if not isinstance(value, IRI)]
    found: list[Choice] = []
    for bound in bounds:
        count = sum(value <= bound if op == "<=" else value >= bound for value in values)
        words = f"{bound} m or finer" if name == "resolution_m" else f"{bound} or later"
        if count and (not found or found[-1].count != count):
            found.append(Choice(f"{name}{op}{bound}", words, count))
    return found
