"""An answer in other formats: GeoJSON, CSV, and lines of JSON whose last one tells that nothing is missing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kg.outlines import geojson, outlines
from ontology.errors import NotAnswerable

if TYPE_CHECKING:
    from kg.home import Home

MEDIA = {
    "application/json": "json",
    "application/geo+json": "geojson",
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
}
_AT_ONCE = 100
_FIRST = ("name", "iri", "kind")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def summary(answer: Mapping[str, Any]) -> dict[str, Any]:
    """All of an answer but its rows, and how many rows there were."""
    return {key: value for key, value in answer.items() if key != "rows"} | {"returned": len(answer["rows"])}


def as_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """One line for each row, `{"row": ...}`, then `{"summary": ...}`: without that line something is missing.

    Yields many lines at a time.
    """
    rows = answer["rows"]
    for start in range(0, len(rows), _AT_ONCE):
        yield "".join(json.dumps({"row": row}, ensure_ascii=False) + "\n" for row in rows[start : start + _AT_ONCE])
    yield json.dumps({"summary": summary(answer)}, ensure_ascii=False) + "\n"


def as_geojson(home: Home, answer: Mapping[str, Any]) -> str:
    """A FeatureCollection: a feature for each row that names a thing, with its outline where one is known.

    The rest of the answer is its member `summary`.
    """
    rows = [row for row in answer["rows"] if row.get("iri")]
    known = outlines(home, [str(row["iri"]) for row in rows])
    features = [
        {
            "type": "Feature",
            "id": row["iri"],
            "geometry": geojson(known[row["iri"]]) if row["iri"] in known else None,
            "properties": {key: value for key, value in row.items() if key != "iri"},
        }
        for row in rows
    ]
    made = {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": answer["found"],
        "numberReturned": len(features),
        "summary": summary(answer),
    }
    return json.dumps(made, ensure_ascii=False) + "\n"


def as_csv(answer: Mapping[str, Any]) -> str:
    """The rows as CSV (RFC 4180); several values of a cell are joined by `; `.

    A text that a spreadsheet would take for a formula gets an apostrophe before it: texts come from records of others.

    Raises:
        NotAnswerable: the question was refused, which a table cannot say.
    """
    if answer["kind"] in ("refusal", "clarify"):
        raise NotAnswerable(answer["reason"], " ".join(answer["suggestions"]))
    rows = answer["rows"] or ([] if answer["kind"] in ("list", "groups") else [{"value": answer["value"]}])
    keys = dict.fromkeys([*(key for key in _FIRST if any(key in row for row in rows)), *answer["columns"]])
    keys |= dict.fromkeys(key for row in rows for key in row)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(keys or _FIRST)
    writer.writerows([_cell(row.get(key)) for key in keys] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        value = "; ".join(json.dumps(one, ensure_ascii=False) if isinstance(one, dict) else str(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else value
