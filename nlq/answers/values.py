"""Attribute lookups: every value of the asked properties with its sources; what disagrees stands side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nlq.answers.rows import Row, names_of_things, scaled
from nlq.answers.running import Runner
from nlq.compile.frame import Frame
from nlq.compile.text import oneof, step, term
from ontology.errors import NotAnswerable
from ontology.namespaces import BASE, expand
from ontology.properties import Property
from ontology.terms import IRI, Term

_PROVENANCE = IRI(BASE + "graph/provenance")


def asked_properties(frame: Frame, names: Sequence[str]) -> tuple[Property, ...]:
    """The properties that a question asks for, as its target has them; `name` is in every row anyway.

    Raises:
        NotAnswerable: the target has none of them.
    """
    found: list[Property] = []
    problem: NotAnswerable | None = None
    for name in names:
        try:
            found.append(frame.property(name))
        except NotAnswerable as error:
            problem = error
    if not found and problem is not None:
        raise problem
    return tuple(found)


def value_rows(runner: Runner, things: Sequence[tuple[str, str, str]], props: Sequence[Property]) -> list[Row]:
    """One row for each value.

    Args:
        runner: runs the queries.
        things: (IRI, name, kind) of the records.
        props: what is asked.
    """
    iris = [iri for iri, _, _ in things]
    cited = _sources(runner, iris)
    rows: list[Row] = []
    for prop in props:
        found = _values(runner, iris, prop)
        for iri, name, kind in things:
            values = found.get(iri, [])
            disputed = not prop.many and len({str(value) for _, value, _ in values}) > 1
            for node, value, more in values:
                row: Row = {"iri": iri, "name": name, "kind": kind, "property": prop.name, "value": value}
                if prop.unit and isinstance(value, (int, float)):
                    row["unit"] = prop.unit
                row |= more
                row["sources"] = list(cited.get((iri, _first(prop), str(node)), ()))
                row["disputed"] = disputed
                rows.append(row)
    return rows


def _first(prop: Property) -> str:
    """The first step of a property's path as an IRI."""
    first = prop.path.split("/")[0].split("|")[0]
    return str(expand(first)) if not first.startswith("^") else first


def _values(runner: Runner, iris: Sequence[str], prop: Property) -> dict[str, list[tuple[Term, Any, Row]]]:
    """(node of the first step, value, further columns) by record."""
    first, _, rest = prop.path.partition("/") if "|" not in prop.path else (prop.path, "", "")
    tail = f"?node {step(rest)} ?value ." if rest else "BIND(?node AS ?value)"
    more, extra = "", ""
    if prop.name == "metric_value" or prop.name == "metric":
        extra = " ?metric ?on"
        more = "OPTIONAL { ?node dqv:isMeasurementOf ?metric } OPTIONAL { ?node ed:evaluatedOn ?on }"
    elif prop.kind == "class":
        extra, more = " ?number", "OPTIONAL { ?value ed:classValue ?number }"
    body = (
        f"SELECT DISTINCT ?record ?node ?value{extra} WHERE {{ {oneof('?record', map(term, iris))} "
        f"?record {step(first)} ?node . {tail} {more} }}"
    )
    rows = [row for row in runner.rows(body) if row[1] is not None and row[2] is not None]
    things = [one for row in rows for one in row[2:] if isinstance(one, IRI)]
    names = names_of_things(runner, things)
    found: dict[str, list[tuple[Term, Any, Row]]] = {}
    for row in rows:
        record, node, value = row[:3]
        if node is None or value is None:
            continue
        beside: Row = {"value_iri": str(value)} if isinstance(value, IRI) else {}
        shown = names.get(str(value)) or scaled(prop, value)
        if extra == " ?metric ?on":
            beside |= {
                key: names.get(str(one), str(one)) for key, one in zip(("metric", "on"), row[3:], strict=True) if one
            }
        elif extra and row[3] is not None:
            beside["number"] = scaled(prop, row[3])
        found.setdefault(str(record), []).append((node, shown, beside))
    for values in found.values():
        values.sort(key=lambda one: (one[2].get("number", 0), isinstance(one[1], str), one[1]))
    return found


def _sources(runner: Runner, iris: Sequence[str]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Citations by (record, predicate, object)."""
    if not iris:
        return {}
    body = (
        f"SELECT ?record ?predicate ?object ?source WHERE {{ {oneof('?record', map(term, iris))} "
        f"GRAPH {term(_PROVENANCE)} {{ ?statement rdf:subject ?record ; rdf:predicate ?predicate ; "
        "rdf:object ?object ; dct:source ?source } } ORDER BY ?source"
    )
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for record, predicate, value, source in runner.rows(body):
        key = (str(record), str(predicate), str(value))
        if str(source) not in found.get(key, ()):
            found[key] = (*found.get(key, ()), str(source))
    return found
