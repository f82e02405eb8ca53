"""Results as text: for people, in the W3C's result formats, as GeoJSON, as RDF.

SELECT and ASK: SPARQL 1.1 Query Results JSON, XML, CSV and TSV (W3C Recommendations of 21 March 2013), GeoJSON
(RFC 7946). CONSTRUCT and DESCRIBE: Turtle, N-Triples, N-Quads, JSON-LD, RDF/XML.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from kg.nquads import term as ntriples_term
from kg.solutions import Result, Row, Solutions, Triples
from ontology.errors import GeometryError, QueryError
from ontology.namespaces import BASE, PREFIXES, shorten
from ontology.terms import RDF_LANG_STRING, WKT_LITERAL, XSD, BNode, Literal, Term

_GEOMETRIES = (WKT_LITERAL, PREFIXES["geo"] + "geoJSONLiteral")
_WIDEST = 72
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result, fmt: str = "table") -> str:
    """A result as text.

    Args:
        result: of `Home.query`.
        fmt: table, json, csv, tsv, xml or geojson for SELECT and ASK; turtle, ntriples, nquads, jsonld or rdfxml for
            CONSTRUCT and DESCRIBE (table shows those as Turtle).

    Raises:
        QueryError: an unknown format, or one that cannot hold this kind of result.
    """
    name = fmt.strip().lower()
    if name not in FORMATS:
        raise QueryError(f"There is no result format {fmt[:40]!r}.", f"Use one of {', '.join(FORMATS)}.")
    if isinstance(result, Triples):
        if name not in ("table", *_GRAPH):
            raise QueryError(f"Triples cannot be written as {name}.", f"Use {', '.join(_GRAPH)}, or a SELECT query.")
        return _GRAPH.get(name, _GRAPH["turtle"])(result)
    if name in _GRAPH:
        raise QueryError(
            f"Only CONSTRUCT and DESCRIBE queries can be written as {name}.", f"Use one of {', '.join(_TABLES)}."
        )
    return _TABLES[name](result)


# --- for people --------------------------------------------------------------------------------------------------


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _cell(value: Term | None) -> str:
    if value is None:
        return ""
    if isinstance(value, BNode):
        return f"_:{value}"
    text = str(value)
    if not isinstance(value, Literal):
        short = shorten(text)
        text = short if not short.startswith("<") else text.removeprefix(BASE)
    flat = "".join(char if char.isprintable() else " " for char in text)
    return flat if len(flat) <= _WIDEST else flat[: _WIDEST - 1] + "…"


def _table(result: Solutions | bool) -> str:
    if isinstance(result, bool):
        return "yes\n" if result else "no\n"
    cells = [list(result.variables), *([_cell(value) for value in row] for row in result.rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]

    def line(row: list[str]) -> str:
        return "  ".join(text + " " * (wide - _width(text)) for text, wide in zip(row, widths, strict=True)).rstrip()

    body = [line(cells[0]), "  ".join("─" * wide for wide in widths), *(line(row) for row in cells[1:])]
    count = f"{len(result.rows):,} row{'s' * (len(result.rows) != 1)}"
    return "\n".join([*body, "", count, *result.notes, *(f"From {one}" for one in result.sources), ""])


# --- W3C ---------------------------------------------------------------------------------------------------------


def _json_term(value: Term) -> dict[str, str]:
    if isinstance(value, Literal):
        found = {"type": "literal", "value": value.value}
        if value.language:
            found["xml:lang"] = value.language
        elif value.datatype != XSD + "string":
            found["datatype"] = value.datatype
        return found
    return {"type": "bnode" if isinstance(value, BNode) else "uri", "value": str(value)}


def _json(result: Solutions | bool) -> str:
    if isinstance(result, bool):
        return json.dumps({"head": {}, "boolean": result}) + "\n"
    rows = [
        {name: _json_term(value) for name, value in zip(result.variables, row, strict=True) if value is not None}
        for row in result.rows
    ]
    head = json.dumps({"vars": list(result.variables)}, ensure_ascii=False)
    # a row a line, each written by the compiled encoder, which knows no indentation
    encode = json.JSONEncoder(ensure_ascii=False).encode
    lines = ",\n".join(map(encode, rows))
    return f'{{"head": {head}, "results": {{"bindings": [\n{lines}\n]}}}}\n'


def _xml_text(text: str) -> str:
    # XML 1.0 cannot hold most control characters, not even as references.
    return escape(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _xml_term(value: Term) -> str:
    if isinstance(value, Literal):
        kind = ""
        if value.language:
            kind = f" xml:lang={quoteattr(value.language)}"
        elif value.datatype not in (XSD + "string", RDF_LANG_STRING):
            kind = f" datatype={quoteattr(value.datatype)}"
        return f"<literal{kind}>{_xml_text(value.value)}</literal>"
    tag = "bnode" if isinstance(value, BNode) else "uri"
    return f"<{tag}>{_xml_text(str(value))}</{tag}>"


def _xml(result: Solutions | bool) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<sparql xmlns="http://www.w3.org/2005/sparql-results#">']
    if isinstance(result, bool):
        return "\n".join([*lines, "<head/>", f"<boolean>{'true' if result else 'false'}</boolean>", "</sparql>\n"])
    heads = "".join(f"<variable name={quoteattr(name)}/>" for name in result.variables)
    lines += [f"<head>{heads}</head>", "<results>"]
    for row in result.rows:
        cells = "".join(
            f"<binding name={quoteattr(name)}>{_xml_term(value)}</binding>"
            for name, value in zip(result.variables, row, strict=True)
            if value is not None
        )
        lines.append(f"<result>{cells}</result>")
    return "\n".join([*lines, "</results>", "</sparql>\n"])


def _plain(value: Term | None) -> str:
    return "" if value is None else f"_:{value}" if isinstance(value, BNode) else str(value)


def _csv(result: Solutions | bool) -> str:
    if isinstance(result, bool):
        return "true\r\n" if result else "false\r\n"
    out = io.StringIO()
    if not result.variables:
        return "\r\n" * (len(result.rows) + 1)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(result.variables)
    writer.writerows([_plain(value) for value in row] for row in result.rows)
    return out.getvalue()


def _tsv_term(value: Term | None) -> str:
    if value is None:
        return ""
    return f"_:{value}" if isinstance(value, BNode) else ntriples_term(value)


def _tsv(result: Solutions | bool) -> str:
    if isinstance(result, bool):
        return "true\n" if result else "false\n"
    lines = ["\t".join(f"?{name}" for name in result.variables)]
    lines += ["\t".join(map(_tsv_term, row)) for row in result.rows]
    return "\n".join(lines) + "\n"


# --- GeoJSON -----------------------------------------------------------------------------------------------------


def _geojson(result: Solutions | bool) -> str:
    import geojson

    if isinstance(result, bool):
        raise QueryError("Yes or no cannot be written as GeoJSON.", "Use json.")
    columns = [
        number
        for number in range(len(result.variables))
        if any(isinstance(row[number], Literal) and row[number].datatype in _GEOMETRIES for row in result.rows)  # type: ignore[union-attr]
    ]
    if result.rows and not columns:
        raise QueryError("The result has no geometry.", "Select one: `?thing geo:hasGeometry/geo:asWKT ?geometry`.")
    features = [_feature(result.variables, row, columns) for row in result.rows]
    text: str = geojson.dumps(geojson.FeatureCollection(features), ensure_ascii=False, allow_nan=False)
    return text + "\n"


def _feature(names: tuple[str, ...], row: Row, columns: list[int]) -> Any:  # noqa: ANN401 - geojson has no types
    import geojson

    used = next((number for number in columns if row[number] is not None), None)
    shape = None
    if used is not None:
        shape = _shape(row[used])
    properties = {
        name: _value(value)
        for number, (name, value) in enumerate(zip(names, row, strict=True))
        if number != used or (shape is None and value is not None)
    }
    return geojson.Feature(geometry=shape, properties=properties)


def _shape(value: Term | None) -> Any:  # noqa: ANN401
    """A geometry of the geojson package with rings as RFC 7946 orders them; None where it cannot be read."""
    import shapely

    from kg.geosparql.shape import geometry

    if value is None:
        return None
    try:
        return _geometry(shapely.geometry.mapping(shapely.orient_polygons(geometry(value))))
    except GeometryError:
        return None


def _geometry(mapping: dict[str, Any]) -> Any:  # noqa: ANN401
    import geojson

    if mapping["type"] == "GeometryCollection":
        return geojson.GeometryCollection([_geometry(one) for one in mapping["geometries"]])
    kind = "LineString" if mapping["type"] == "LinearRing" else mapping["type"]
    return getattr(geojson, kind)(mapping["coordinates"], precision=9)


def _value(value: Term | None) -> str | int | float | bool | None:
    if isinstance(value, Literal):
        found = value.to_python()
        # JSON has neither NaN nor infinity, and readers take integers beyond 2^53 for others.
        if isinstance(found, float) and not math.isfinite(found):
            return value.value
        return value.value if isinstance(found, int) and abs(found) > 2**53 else found
    return None if value is None else _plain(value)


# --- RDF ---------------------------------------------------------------------------------------------------------


def _rdf(media_type: str) -> Callable[[Triples], str]:
    def write(result: Triples) -> str:
        from kg.oxigraph import serialise

        return serialise(result.triples, media_type)

    return write


_TABLES: dict[str, Callable[[Solutions | bool], str]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
    "tsv": _tsv,
    "xml": _xml,
    "geojson": _geojson,
}
_GRAPH: dict[str, Callable[[Triples], str]] = {
    "turtle": _rdf("text/turtle"),
    "ntriples": _rdf("application/n-triples"),
    "nquads": _rdf("application/n-quads"),
    "jsonld": _rdf("application/ld+json"),
    "rdfxml": _rdf("application/rdf+xml"),
}

FORMATS: tuple[str, ...] = (*_TABLES, *_GRAPH)
"""Names of the result formats."""
