"""Whether an executed answer is that of a gold query: things, figures, groups, values, yes or no.

A gold query selects the IRIs of the answer (first variable), one value, (key, value) rows, the values of a lookup, or
asks. Order and limit count: where several things share the value at a limit, any of them is right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kg.solutions import Result, Solutions
from nlq.evaluation.canon import bare, is_number, near
from ontology.terms import IRI, BNode, Literal, Term

_EXACT = 1e-4
_SHOWN = 3
_TAIL = re.compile(r"\b(?P<word>LIMIT|OFFSET)\s+(?P<number>\d+)", re.IGNORECASE)
_SCALES = (1.0, 1e9, 1e6, 1e3)  # an answer may tell bytes as GB or MB, metres as kilometres


class Queried(Protocol):
    """What a gold query is asked of."""

    def query(
        self, sparql: str, timeout: float | None = None, max_rows: int | None = None, rules: bool | None = None
    ) -> Result:
        """The result of a query."""
        ...


@dataclass(frozen=True, slots=True)
class Gold:
    """The answer of a gold query.

    Attributes:
        truth: of an ASK.
        rows: of a SELECT, after OFFSET and LIMIT.
        every: rows without OFFSET and LIMIT; the same as `rows` where there is none.
        key: number of the column by which rows are ordered; None where they are not.
    """

    truth: bool | None = None
    rows: tuple[tuple[Term | None, ...], ...] = ()
    every: tuple[tuple[Term | None, ...], ...] = ()
    key: int | None = None

    @property
    def things(self) -> tuple[str, ...]:
        """The IRIs of the first column, each once, in order."""
        return tuple(dict.fromkeys(str(row[0]) for row in self.rows if isinstance(row[0], (IRI, BNode))))


def run_gold(home: Queried, query: str) -> Gold:
    """Runs a gold query.

    Args:
        home: the frozen version.
        query: SELECT or ASK.

    Raises:
        QueryError: the query is wrong.
    """
    end = query.rfind("}")
    body, tail = query[: end + 1], query[end + 1 :]
    bounds = {found["word"].upper(): int(found["number"]) for found in _TAIL.finditer(tail)}
    free = body + _TAIL.sub("", tail)
    ordered = re.search(r"\bORDER\s+BY\s+(.*)", free[end + 1 :], re.IGNORECASE | re.DOTALL)
    key = _first_key(ordered[1]) if ordered else ""
    name = key.removeprefix("?") if key.startswith("?") else ""
    told = re.search(rf"\?{name}\b", _head(free)) if name else None
    asked = _with_key(free, key) if key and told is None else free
    result = home.query(asked, rules=True)
    if isinstance(result, bool):
        return Gold(truth=result)
    if not isinstance(result, Solutions):
        return Gold()
    every = result.rows
    wanted = name if told is not None else "order_key"
    column = result.variables.index(wanted) if key and wanted in result.variables else None
    first = bounds.get("OFFSET", 0)
    rows = every[first : first + bounds["LIMIT"]] if "LIMIT" in bounds else every[first:]
    return Gold(rows=rows, every=every, key=column)


def _first_key(text: str) -> str:
    """The first expression of an ORDER BY, without its direction."""
    text = re.sub(r"^\s*(?:ASC|DESC)\s*", "", text.strip(), flags=re.IGNORECASE)
    if text.startswith("?"):
        return "".join(re.findall(r"^\?\w+", text))
    depth = 0
    for at, one in enumerate(text):
        depth += (one == "(") - (one == ")")
        if depth == 0 and one == ")":
            return text[: at + 1]
    return ""


def _head(query: str) -> str:
    """What stands between the first SELECT and its WHERE."""
    found = re.search(r"\bSELECT\b(.*?)(?:\bWHERE\b|\{)", query, re.IGNORECASE | re.DOTALL)
    return found[1] if found is not None else "*"


def _with_key(query: str, key: str) -> str:
    """The query with the value by which it orders as a further column."""
    head = _head(query)
    if "*" in head.replace("COUNT(*)", ""):
        return query
    return query.replace(head, f"{head} ({key} AS ?order_key) ", 1)


# --- comparing ---------------------------------------------------------------------------------------------------


def compare(answer: Mapping[str, Any], gold: Gold, question: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs between an answer and that of the gold query; nothing where it is right.

    Args:
        answer: the JSON form of an answer, with all of its rows.
        gold: the result of the gold query.
        question: the interpretation (for the form that was asked for).
    """
    kind = answer["kind"]
    if kind in ("refusal", "clarify"):
        return (f"{kind}: {answer.get('reason', '')}",)
    if gold.truth is not None:
        return _truth(answer, gold.truth)
    match kind:
        case "yesno":
            return _truth(answer, bool(gold.rows))
        case "count":
            return _figure(answer.get("value"), gold)
        case "value" if question.get("aggregate"):
            return _figure(answer.get("value"), gold)
        case "value":
            return _values(answer, gold)
        case "groups":
            return _groups(answer, gold)
        case _:
            return _things(answer, gold)


def _truth(answer: Mapping[str, Any], truth: bool) -> tuple[str, ...]:
    # a query cannot tell what is not so from what is not known; an answer may
    if answer["kind"] == "yesno" and (answer.get("value") is truth or (not truth and answer.get("value") is None)):
        return ()
    return (f"expected {'yes' if truth else 'no'}, answered {answer['kind']} {answer.get('value')!r}",)


def _figure(value: Any, gold: Gold) -> tuple[str, ...]:  # noqa: ANN401
    wanted = plain(gold.rows[0][0]) if gold.rows else 0
    if len(gold.rows) > 1 or isinstance(wanted, str):
        wanted = len(gold.things) or len(gold.rows)
    if value is None and wanted in (None, 0):
        return ()
    if is_number(value) and is_number(wanted) and _same_number(wanted, value):
        return ()
    return (f"expected {wanted!r}, answered {value!r}",)


def _same_number(wanted: Any, value: Any) -> bool:  # noqa: ANN401
    if isinstance(wanted, int) and isinstance(value, int) and abs(wanted) < 10_000:
        return wanted == value
    return any(near(float(wanted) / scale, float(value), _EXACT) for scale in _SCALES)


def _things(answer: Mapping[str, Any], gold: Gold) -> tuple[str, ...]:
    wanted = gold.things
    found = [str(row["iri"]) for row in answer["rows"] if "iri" in row]
    if len(gold.rows) == len(gold.every):
        missing = [one for one in wanted if one not in set(found)]
        beyond = [one for one in found if one not in set(wanted)]
        if missing or beyond:
            return _told("missing", missing) + _told("not expected", beyond)
    else:
        allowed = {str(row[0]) for row in gold.every}
        beyond = [one for one in found if one not in allowed]
        if beyond or len(set(found)) != len(wanted):
            told = () if len(set(found)) == len(wanted) else (f"expected {len(wanted)}, found {len(set(found))}",)
            return told + _told("not expected", beyond)
    return _in_order(found, gold)


def _in_order(found: Sequence[str], gold: Gold) -> tuple[str, ...]:
    """Whether things stand in the order of the gold query, those of equal value in any."""
    if gold.key is None:
        return ()
    keys: dict[str, list[Any]] = {}
    for row in gold.every:
        keys.setdefault(str(row[0]), []).append(plain(row[gold.key]))
    wanted = [keys[one][0] for one in gold.things]
    for number, (one, value) in enumerate(zip(found, wanted, strict=False), 1):
        if value is None:
            break  # where what has no value stands is not said
        if not any(near(value, other, 1e-9) for other in keys[one]):
            return (f"number {number} should have {value!r}: {one} has {keys[one][0]!r}",)
    return ()


def _groups(answer: Mapping[str, Any], gold: Gold) -> tuple[str, ...]:
    rest = [(_alternatives(row), [value for value in row.values() if is_number(value)]) for row in answer["rows"]]
    pairs = _pairs(gold.rows, gold.key)
    allowed = _pairs(gold.every, gold.key)
    missing = []
    if len(gold.rows) == len(gold.every):
        for key, value in pairs:
            match = next((one for one in rest if key in one[0] and _holds(one[1], value)), None)
            if match is None:
                missing.append(f"{key} {value}")
            else:
                rest.remove(match)
        return _told("missing", missing) + _told("not expected", [str(one) for one in rest])
    for (names, numbers), (_, value) in zip(rest, pairs, strict=False):
        if not (_holds(numbers, value) and any(key in names and _holds(numbers, other) for key, other in allowed)):
            missing.append(f"{sorted(map(str, names))} {numbers} for {value}")
    if len(rest) != len(pairs):
        missing.append(f"expected {len(pairs)} groups, found {len(rest)}")
    return _told("not expected", missing)


def _pairs(rows: Sequence[Sequence[Term | None]], order: int | None) -> list[tuple[str, Any]]:
    """Key and figure of each group; the key is the first column that is no figure."""
    found = []
    for row in rows:
        cells = [one for number, one in enumerate(row) if number != order or len(row) == 2]
        figures = [plain(one) for one in cells[1:] if is_number(plain(one))]
        found.append((_form(cells[0]), figures[-1] if figures else None))
    return found


def _alternatives(row: Mapping[str, Any]) -> set[str]:
    """Forms under which the key of a group may stand."""
    found = {_form_of(value) for name, value in row.items() if name not in ("count", "kind")}
    return {one for one in found if one}


def _holds(numbers: Sequence[Any], value: Any) -> bool:  # noqa: ANN401
    return value is None or any(_same_number(value, one) for one in numbers)


def _values(answer: Mapping[str, Any], gold: Gold) -> tuple[str, ...]:
    """The values of a lookup; names and IRIs of the record itself may stand beside them."""
    own = {bare(row.get(name, "")) for row in answer["rows"] for name in ("iri", "name", "metric", "on")}
    wanted = Counter(
        form for row in set(gold.rows) for form in {_form(one) for one in row if one is not None} if form not in own
    )
    rest = []
    for row in answer["rows"]:
        value = row["value"]
        forms = {_form_of(one) for one in (value if isinstance(value, list) else [value])}
        rest.append(forms | ({bare(row["value_iri"])} if row.get("value_iri") else set()))
    missing = []
    for form in wanted:
        matches = [one for one in rest if form in one or any(_near_text(form, other) for other in one)]
        if not matches:
            missing.append(form)
        for one in matches:
            rest.remove(one)
    return _told("missing", missing) + _told("not expected", ["/".join(sorted(one)) for one in rest])


def _near_text(form: str, other: str) -> bool:
    try:
        return _same_number(float(form), float(other))
    except ValueError:
        return False


def _form(term: Term | None) -> str:
    return bare(term) if isinstance(term, (IRI, BNode)) else _form_of(plain(term))


def _form_of(value: Any) -> str:  # noqa: ANN401
    if is_number(value):
        return repr(float(value))
    return "" if value is None else bare(value)


def plain(term: Term | None) -> Any:  # noqa: ANN401
    """A term as a Python value: numbers as numbers, all else as text."""
    if isinstance(term, Literal):
        return term.to_python()
    return None if term is None else str(term)


def _told(what: str, names: Sequence[str]) -> tuple[str, ...]:
    """The first few names of a list of differences."""
    if not names:
        return ()
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (f"{what}: {', '.join(names[:_SHOWN])}{more}",)
