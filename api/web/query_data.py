"""What the page of queries shows: a result as a table with links, its outlines for the map, and how it was run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from api.web.shapes import Shape, shape_of_wkt
from kg.rendered import Rendered
from ontology.namespaces import shorten

SHOWN = 500
_MAPPED = 300
_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"

EXAMPLES: tuple[tuple[str, str], ...] = (
    (
        "Datasets and how many samples they have",
        "SELECT ?dataset ?title ?samples WHERE {\n  ?dataset a ed:TrainingDataset ;\n    dct:title ?title ;\n"
        "    ed:sampleCount ?samples .\n}\nORDER BY DESC(?samples)\nLIMIT 50",
    ),
    (
        "Datasets for floods, with the craft they come from",
        'SELECT ?title (GROUP_CONCAT(DISTINCT ?sensor; separator=", ") AS ?sensors) WHERE {\n'
        '  ?topic skos:prefLabel "flood"@en .\n  ?dataset a ed:TrainingDataset ;\n    dct:title ?title ;\n'
        "    dcat:theme/skos:broader* ?topic .\n  OPTIONAL { ?dataset ed:sensor/skos:prefLabel ?sensor }\n}\n"
        "GROUP BY ?title",
    ),
    (
        "Models and what they were trained on",
        "SELECT ?model ?dataset WHERE {\n  ?m a it6:MachineLearningModel ;\n    dct:title ?model ;\n"
        "    it6:trainedOn/dct:title ?dataset .\n}\nORDER BY ?dataset ?model\nLIMIT 100",
    ),
    (
        "Countries that border Austria, on the map",
        "SELECT ?name ?wkt WHERE {\n  ?country geo:sfTouches <https://w3id.org/earthdex/place/country/AT> ;\n"
        "    ed:placeKind <https://w3id.org/earthdex/place-kind/country> ;\n    rdfs:label ?name ;\n"
        "    geo:hasGeometry/geo:asWKT ?wkt .\n}",
    ),
    (
        "Newest scenes",
        "SELECT ?scene ?time ?cloud ?wkt WHERE {\n  ?scene a ed:Scene ;\n    sosa:resultTime ?time ;\n"
        "    geo:hasGeometry/geo:asWKT ?wkt .\n  OPTIONAL { ?scene ed:cloudCover ?cloud }\n}\nORDER BY DESC(?time)\n"
        "LIMIT 50",
    ),
    (
        "Values on which sources disagree",
        "SELECT ?title ?property (COUNT(DISTINCT ?value) AS ?values) WHERE {\n  VALUES ?property { ed:sampleCount "
        "ed:classCount ed:parameterCount }\n  ?record ?property ?value ; dct:title ?title .\n}\n"
        "GROUP BY ?title ?property\nHAVING (COUNT(DISTINCT ?value) > 1)",
    ),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value: text, the IRI it is, and what kind of literal."""

    text: str
    iri: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A result for the page.

    Attributes:
        columns: names of the variables.
        rows: (number from 1, cells), the first `SHOWN`.
        total: all rows.
        yes: what an ASK says; None for others.
        text: triples, for CONSTRUCT and DESCRIBE.
        outlines: shapes of geometries.
        groups: (number of the row, its name, its shapes' numbers) for the map.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    total: int
    yes: bool | None = None
    text: str = ""
    outlines: tuple[Shape, ...] = ()
    groups: tuple[tuple[str, str, list[int]], ...] = ()


def table_of(found: Rendered) -> Table:
    """The page's view of a result that was rendered as SPARQL JSON or Turtle."""
    if found.kind == "triples":
        return Table((), (), found.rows, text=found.body.decode("utf-8", "replace")[:200_000])
    data: dict[str, Any] = json.loads(found.body)
    if "boolean" in data:
        return Table((), (), 1, yes=bool(data["boolean"]))
    columns = tuple(data["head"]["vars"])
    bindings = data["results"]["bindings"]
    outlines: list[Shape] = []
    groups: list[tuple[str, str, list[int]]] = []
    rows = []
    for number, binding in enumerate(bindings[:SHOWN], 1):
        cells = tuple(_cell(binding.get(name)) for name in columns)
        rows.append((number, cells))
        shapes = [
            shape
            for one in binding.values()
            if one.get("datatype") == _WKT and (shape := shape_of_wkt(one["value"])) is not None
        ]
        if shapes and number <= _MAPPED:
            named = next((one.text for one in cells if one.text and not one.note.endswith("wktLiteral")), "")
            groups.append((str(number), named, list(range(len(outlines), len(outlines) + len(shapes)))))
            outlines += shapes
    return Table(columns, tuple(rows), len(bindings), outlines=tuple(outlines), groups=tuple(groups))


def _cell(value: dict[str, str] | None) -> Cell:
    if value is None:
        return Cell("")
    text = value["value"]
    if value["type"] == "uri":
        short = shorten(text)
        return Cell(short.strip("<>"), text)
    kind = shorten(value["datatype"]) if "datatype" in value else ""
    return Cell(text, note="@" + value["xml:lang"] if "xml:lang" in value else kind.removeprefix("xsd:string"))
