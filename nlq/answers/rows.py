"""Solutions as rows: what people look at beside a name, in the words of the properties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from kg.solutions import Solutions
from nlq.answers.running import Runner, cell
from nlq.compile.frame import is_measured
from nlq.compile.text import oneof, term
from nlq.question import Filter, Question
from ontology.properties import PROPERTIES, Property
from ontology.terms import IRI, Literal, Term

Row: TypeAlias = dict[str, Any]

_USUAL = {
    "dataset": ("sensor", "resolution_m", "license", "publication_year"),
    "model": ("architecture", "input_sensor", "license", "publication_year"),
    "any": ("license", "publication_year"),
}
_LABELS = "skos:prefLabel|dct:title|rdfs:label|foaf:name"
_MOST_COLUMNS = 8
_UNSEEN = ("name", "topic", "task", "commercial_use", "coverage", "class_label", "band", "input_band", "metric")
_LINKED = ("concept", "sensor", "class", "record", "place")


def columns_of(question: Question, target: str) -> tuple[Property, ...]:
    """The properties shown for each record: those the question speaks of, then the usual ones."""
    names = [question.order.by] if question.order else []
    names += question.returns
    names += [one.property for one in (*question.filters, *question.either) if _worth_showing(one)]
    found: dict[str, Property] = {}
    for name in [*names, *_USUAL.get(target, ())]:
        prop = _twin(PROPERTIES.get(name), target)
        if prop is not None and prop.name != "name":
            found.setdefault(prop.name, prop)
    return tuple(found.values())[:_MOST_COLUMNS]


def _worth_showing(one: Filter) -> bool:
    """Whether the values of a condition differ from row to row and fit into a cell."""
    prop = PROPERTIES.get(one.property)
    if prop is None or prop.name in _UNSEEN or one.op in ("not_contains", "not_exists", "!="):
        return False
    return prop.kind in ("integer", "number", "date") or one.op in ("in", "exists", "same_as", "not_only")


def _twin(prop: Property | None, target: str) -> Property | None:
    """The property as the target has it: the sensor of a model is its input sensor."""
    if prop is None or target == "any" or target in prop.targets:
        return prop
    return next((one for one in PROPERTIES.values() if one.path == prop.path and target in one.targets), None)


def values_of(runner: Runner, iris: Sequence[str], props: Iterable[Property]) -> dict[str, dict[str, list[Any]]]:
    """Values of properties by IRI and property name, as people read them, in the unit of the property."""
    found: dict[str, dict[str, list[Any]]] = {iri: {} for iri in iris}
    if not iris:
        return found
    for prop in props:
        body = (
            f"SELECT DISTINCT ?record ?value WHERE {{ {oneof('?record', map(term, iris))} ?record {prop.path} ?value }}"
        )
        pairs = [(str(one), value) for one, value in runner.rows(body) if value is not None]
        names = (
            names_of_things(runner, [value for _, value in pairs if isinstance(value, IRI)])
            if prop.kind in _LINKED
            else {}
        )
        for one, value in pairs:
            shown = names.get(str(value)) or scaled(prop, value)
            held = found[one].setdefault(prop.name, [])
            if shown not in held:
                held.append(shown)
    for held_all in found.values():
        for held in held_all.values():
            held.sort(key=lambda one: (isinstance(one, str), one))
    return found


def names_of_things(runner: Runner, iris: Iterable[IRI]) -> dict[str, str]:
    """Labels of concepts, records, places and agents."""
    every = dict.fromkeys(iris)
    found = {str(iri): label for iri, label in runner.names.labels(every).items()}
    rest = [iri for iri in every if str(iri) not in found]
    for start in range(0, len(rest), 200):
        part = oneof("?thing", map(term, rest[start : start + 200]))
        for one, label in runner.rows(f"SELECT ?thing ?label WHERE {{ {part} ?thing {_LABELS} ?label }}"):
            found.setdefault(str(one), str(label))
    return found


def scaled(prop: Property, value: Term) -> Any:  # noqa: ANN401
    """A value in the unit of the property."""
    plain = cell(value)
    if prop.scale != 1 and isinstance(plain, (int, float)) and not isinstance(plain, bool):
        plain = plain / prop.scale
    if isinstance(plain, float):
        plain = int(plain) if plain.is_integer() and abs(plain) < 1e15 else round(plain, 6)
    return plain


def single(prop: Property, values: list[Any]) -> Any:  # noqa: ANN401
    """The values of one cell: a list where there may be several, the value itself where there is one."""
    if prop.path == "dcat:spatialResolutionInMeters" and values:
        return values[0]
    if prop.many:
        return values
    return values[0] if len(values) == 1 else (values or None)


def record_rows(runner: Runner, question: Question, target: str, found: Solutions) -> tuple[list[Row], list[str]]:
    """Rows of datasets and models, and the columns to show."""
    iris = [str(row[0]) for row in found.rows]
    props = columns_of(question, target)
    known = values_of(runner, iris, [one for one in props if not is_measured(one.name)])
    kinds = runner.names.kinds(iris) if target == "any" else {}
    rows: list[Row] = []
    rank = found.variables.index("rank") if "rank" in found.variables else None
    for solution, iri in zip(found.rows, iris, strict=True):
        row: Row = {"iri": iri, "name": str(solution[1]), "kind": kinds.get(iri, target)}
        for prop in props:
            if prop.name in known[iri]:
                row[prop.name] = single(prop, known[iri][prop.name])
        if rank is not None and question.order is not None and solution[rank] is not None:
            _ranked(row, question.order.by, solution[rank])
        rows.append(row)
    return rows, [prop.name for prop in props]


def _ranked(row: Row, by: str, value: Term | None) -> None:
    """The value by which a row was ranked stands in its own column."""
    if value is None:
        return
    if by == "distance":
        row["distance_km"] = round(float(cell(value) or 0) / 1000, 1)
    elif by in PROPERTIES:
        row.setdefault(by, scaled(PROPERTIES[by], value))


def scene_rows(runner: Runner, question: Question, found: Solutions) -> tuple[list[Row], list[str]]:
    """Rows of satellite scenes: time, identifier, platform, cloud cover and what the question speaks of."""
    by = question.order.by if question.order is not None else ""
    names = {name: _scene_column(name, by) for name in found.variables}
    rows: list[Row] = []
    for solution in found.dicts():
        row: Row = {"iri": str(solution["scene"]), "name": str(solution["scene"]), "kind": "product"}
        for name, value in solution.items():
            if name != "scene":
                row[names[name]] = _scene_value(runner, name, value, by)
        rows.append(row)
    return rows, [name for name in dict.fromkeys(names.values()) if name not in ("iri", "name")]


def _scene_column(variable: str, by: str) -> str:
    """The key of a row for a variable of the query: `?its_platform2` is the platform."""
    stem = variable.removeprefix("its_").rstrip("0123456789")
    if stem == "key":
        return "distance_km" if by == "distance" else by
    return {"scene": "iri", "id": "name", "time": "acquisition_time"}.get(stem, stem)


def _scene_value(runner: Runner, name: str, value: Term, by: str) -> Any:  # noqa: ANN401
    if name == "key" and isinstance(value, Literal) and value.datatype.endswith(("double", "decimal", "integer")):
        return round(float(value.value) / (1000 if by == "distance" else 1), 3)
    if isinstance(value, IRI):
        return runner.names.label(value) or str(value).rsplit("/", 1)[-1]
    plain = cell(value)
    return round(plain, 3) if isinstance(plain, float) else plain


def place_rows(runner: Runner, found: Solutions, kind: str, by: str = "") -> tuple[list[Row], list[str]]:
    """Rows of places."""
    rows: list[Row] = []
    for solution in found.dicts():
        first = solution[found.variables[0]]
        row: Row = {"iri": str(first), "name": str(solution.get("name", first)), "kind": kind}
        if by and "key" in solution:
            row[by] = scaled(PROPERTIES[by], solution["key"])
        rows.append(row)
    return rows, [by] if by else []


def group_rows(question: Question, found: Solutions) -> tuple[list[Row], list[str]]:
    """Rows of groups: the key(s) and the figure. A key that is a thing has its IRI beside its name."""
    rows: list[Row] = []
    columns: list[str] = []
    for solution in found.dicts():
        row: Row = {}
        for name in found.variables:
            value = solution.get(name)
            if isinstance(value, IRI):
                row["iri"] = str(value)
            elif name.endswith("_name"):
                row["name" if "name" not in row else name.removesuffix("_name")] = str(value)
                row.setdefault("kind", name.removesuffix("_name"))
            elif isinstance(value, Literal):
                plain = cell(value)
                row[name] = round(plain, 6) if isinstance(plain, float) else plain
        rows.append(row)
        columns += [name for name in row if name not in columns]
    return rows, [name for name in columns if name not in ("iri", "kind")]
