"""What the tools do: a short text and the same as data, both bounded in size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from api.mcp.source import Source
from kg.describe import Description, describe
from kg.home import Home
from kg.results import render
from kg.solutions import Solutions
from ontology.errors import QueryError, QueryTooLarge
from ontology.terms import Literal, Term

Told = tuple[str, dict[str, Any]]
"""(text for the reader, data for the program)."""

MOST_ROWS = 100
MOST_VALUES = 40
_MOST_TEXT = 12_000
_MOST_GRAPH = 60_000
_MOST_CELL = 2_000
_ANSWER = (
    "question",
    "kind",
    "target",
    "understood",
    "interpretation",
    "value",
    "unit",
    "found",
    "columns",
    "sparql",
    "assumptions",
    "sources",
    "unused",
    "suggestions",
    "reason",
    "version",
)


async def ask(source: Source, question: str, limit: int, after: Sequence[str], reference_date: str | None) -> Told:
    """A question in plain English."""
    answer = await source.ask(question, limit=limit, after=after, reference_date=reference_date)
    rows = [_bounded(row) for row in answer["rows"][:limit]]
    data = {key: answer[key] for key in _ANSWER} | {"rows": rows, "more": max(0, answer["found"] - len(rows))}
    return _cut(_answer_text(data)), data


def _bounded(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value if len(value) <= _MOST_CELL else value[: _MOST_CELL - 1] + "…"
    if isinstance(value, list):
        return [_bounded(one) for one in value[:MOST_VALUES]]
    if isinstance(value, dict):
        return {key: _bounded(one) for key, one in value.items()}
    return value


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "\n… (cut here; the structured content has all)"


def _answer_text(data: dict[str, Any]) -> str:
    lines = [data["understood"]] if data["understood"] else []
    if data["kind"] in ("value", "count", "yesno"):
        shown = "unknown" if data["value"] is None else json.dumps(data["value"], ensure_ascii=False)
        lines.append(f"Answer: {shown}{' ' + data['unit'] if data['unit'] else ''}")
    elif data["kind"] in ("list", "groups"):
        lines.append(f"{data['found']:,} found, {len(data['rows'])} shown.")
    if data["reason"]:
        lines.append(data["reason"])
    for row in data["rows"]:
        rest = {key: row[key] for key in row if key not in ("name", "iri", "kind")}
        head = " ".join(str(row[key]) for key in ("name", "iri") if row.get(key))
        lines.append(f"- {head} {json.dumps(rest, ensure_ascii=False) if rest else ''}".rstrip())
    for title, key in (("Assumed", "assumptions"), ("Words not used", "unused"), ("Live sources", "sources")):
        if data[key]:
            lines.append(f"{title}: {'; '.join(data[key])}")
    if data["suggestions"]:
        lines.append(f"Next: {' | '.join(data['suggestions'])}")
    lines.append(f"Catalogue version {data['version']}. The query that found this is in `sparql`.")
    return "\n".join(lines)


async def sparql(source: Source, query: str, limit: int) -> Told:
    """A query; rows beyond the limit are counted, not given."""
    result = await source.query(query)
    if isinstance(result, bool):
        return ("yes" if result else "no"), _query_data(query, boolean=result)
    notes = list(result.notes)
    if not isinstance(result, Solutions):
        text = render(result, "turtle")
        if len(text) > _MOST_GRAPH:
            raise QueryTooLarge(f"The graph is larger than {_MOST_GRAPH:,} characters.", "Add a LIMIT to the query.")
        return text, _query_data(query, turtle=text, found=len(result.triples), notes=notes)
    rows = [
        {name: _plain(term) for name, term in zip(result.variables, row, strict=True) if term is not None}
        for row in result.rows[:limit]
    ]
    shown = render(Solutions(result.variables, result.rows[:limit], result.notes, result.sources), "tsv")
    more = len(result.rows) - len(rows)
    text = shown + (f"{more:,} more rows: raise `limit`, or page with LIMIT and OFFSET.\n" if more else "")
    text += "".join(f"Note: {one}\n" for one in notes)
    return _cut(text), _query_data(
        query,
        columns=list(result.variables),
        rows=rows,
        found=len(result.rows),
        more=more,
        notes=[*notes, *result.sources],
    )


def _query_data(query: str, **found: Any) -> dict[str, Any]:  # noqa: ANN401
    empty: dict[str, Any] = {"columns": [], "rows": [], "found": 0, "more": 0, "notes": []}
    return {"sparql": query, "boolean": None, "turtle": None, **empty, **found}


def _plain(term: Term) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(term, Literal):
        value = term.to_python()
        plain = isinstance(value, (bool, int, float)) and abs(value) < 2**53
        return value if plain else _bounded(term.value)
    return str(term)


async def show(source: Source, name: str) -> Told:
    """All facts of a dataset or model, with who says so."""
    data = shortened(await source.read(lambda home: describe(home, name)))
    lines = [f"{data['name']} ({data['kind']}) {data['iri']}", data["description"]]
    for key, fact in data["facts"].items():
        values = ", ".join(str(one["value"]) for one in fact["values"])
        unit = f" {fact['unit']}" if fact["unit"] and not values.endswith(fact["unit"]) else ""
        extra = f" and {fact['more']} more" if fact["more"] else ""
        lines.append(f"{key}: {values}{extra}{unit}{' (sources disagree)' if fact['disputed'] else ''}")
    cited = sorted({text for fact in data["facts"].values() for one in fact["values"] for text in one["sources"]})
    lines.append("Sources: " + "; ".join(cited))
    return _cut("\n".join(lines)), data


def shortened(found: Description) -> dict[str, Any]:
    """A description with a bounded number of values for each fact; `more` tells how many were left out."""
    data = found.to_dict()
    for fact in data["facts"].values():
        values = fact["values"]
        fact["more"] = max(0, len(values) - MOST_VALUES)
        fact["values"] = [_bounded(one) for one in values[:MOST_VALUES]]
    return data


async def compare(source: Source, names: Sequence[str]) -> Told:
    """Up to four datasets or models, property by property."""
    if len(names) != len(set(names)):
        raise QueryError("A name is given twice.", "Name two to four different datasets or models.")

    def read(home: Home) -> list[dict[str, Any]]:
        return [shortened(describe(home, name)) for name in names]

    found = await source.read(read)
    if len({one["iri"] for one in found}) != len(found):
        raise QueryError("Two of the names mean the same record.", "Name two to four different datasets or models.")
    keys = list(dict.fromkeys(key for one in found for key in one["facts"]))
    facts = {key: [_values(one, key) for one in found] for key in keys}
    differing = [key for key, values in facts.items() if any(one != values[0] for one in values)]
    data = {
        "records": [{key: one[key] for key in ("iri", "kind", "name", "description")} for one in found],
        "facts": facts,
        "units": {key: one["facts"][key]["unit"] for one in found for key in one["facts"] if one["facts"][key]["unit"]},
        "differing": differing,
        "equal": [key for key in keys if key not in differing],
    }
    lines = ["property\t" + "\t".join(one["name"] for one in found)]
    lines += [key + "\t" + "\t".join(", ".join(one) if one else "unknown" for one in facts[key]) for key in differing]
    lines.append(f"Equal: {', '.join(data['equal']) or 'nothing'}")
    lines += [f"{one['name']}: {one['iri']}" for one in found]
    return _cut("\n".join(lines)), data


def _values(record: dict[str, Any], key: str) -> list[str] | None:
    fact = record["facts"].get(key)
    return None if fact is None else sorted(str(one["value"]) for one in fact["values"])
