"""Spatial relations as properties: `?a geo:sfWithin ?b` holds where it is stated or where the geometries say so.

GeoSPARQL asks for this by query rewriting (OGC 22-047r1, clause 11). The pairs that have a relation are found with a
spatial index before the query runs, and written in place of the pattern as inline data, each pair once, whether it is
stated, computed or both. Patterns that a query joins with the relation narrow its sides first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from kg.guard import tokens
from kg.planner.patterns import flatten
from kg.rules.context import Context
from kg.rules.sides import Known, Sides
from kg.rules.vocabulary import RELATION_NAMES
from kg.sparql.syntax import (
    Alternative,
    Bind,
    Call,
    Element,
    Exists,
    Expr,
    Filter,
    GraphGroup,
    Group,
    Inverse,
    LateralGroup,
    MinusGroup,
    OptionalGroup,
    Path,
    Query,
    Select,
    Sequence,
    SubSelect,
    Triple,
    UnionGroups,
    Values,
    Var,
    variables,
)
from kg.sparql.writer import node_text, triple_text, values_text
from ontology.namespaces import PREFIXES
from ontology.terms import IRI

Elements: TypeAlias = tuple[Element, ...]

RELATION_IRIS: dict[IRI, str] = {IRI(PREFIXES["geo"] + one): one for one in RELATION_NAMES}
"""Names of the relations by property."""


def has_relation(path: Path | Var) -> bool:
    """Whether a path takes a step along a spatial relation, other than any number of times."""
    match path:
        case IRI():
            return path in RELATION_IRIS
        case Inverse(inner):
            return has_relation(inner)
        case Sequence(parts) | Alternative(parts):
            return any(map(has_relation, parts))
    return False


@dataclass(slots=True)
class _Fresh:
    count: int = 0

    def __call__(self) -> Var:
        self.count += 1
        return Var(f"related_{self.count}")


class Rewriter:
    """Writes one query anew.

    Args:
        query: the query.
        sides: what is known of the two sides of a relation, and which pairs have it.
    """

    def __init__(self, query: Query, sides: Sides) -> None:
        self._query, self._text, self._sides = query, query.text, sides
        self._fresh = _Fresh()
        self.count = 0

    def run(self) -> str:
        """The text of the query; the same where it asks for no relation.

        Raises:
            QueryTooLarge: a relation between too many things.
        """
        query, text = self._query, self._text
        select = query.select
        where = self._group(select.where, ())
        tail = self._spans(select.where.end, len(text), [(one, ()) for one in self._modifier_groups(select)])
        head = self._spans(0, select.where.start, [(one, ()) for one in self._column_groups(select)])
        if self.count == 0:
            return text
        if query.form == "SELECT" and select.columns is None:
            head = self._star(head, len(query.prologue), select)
        if query.form == "CONSTRUCT" and _is_short(text, select.where.start, len(query.prologue)):
            template = " ".join(map(triple_text, query.template))
            head = f"{query.prologue}\nCONSTRUCT {{ {template} }} WHERE "
        return head + where + tail

    # --- groups ------------------------------------------------------------------------------------------------

    def _group(self, group: Group, outer: Elements) -> str:
        """The text of a group; `outer` are patterns that hold wherever its solutions are used."""
        selects = [one.select for one in group.elements if isinstance(one, SubSelect)]
        if selects:
            return self._select(group, selects[0])
        related = [one for one in group.elements if isinstance(one, Triple) and has_relation(one.path)]
        if not related:
            return self._spans(group.start, group.end, self._below(group, outer))
        apart = {number: self._apart(one) for number, one in enumerate(group.elements) if isinstance(one, Triple)}
        plain = [one for parts, _ in apart.values() for one in parts]
        held = [one for one in group.elements if isinstance(one, (Values, Filter, Bind))]
        context = Context((*outer, *plain, *held), self._text, self._query.prologue)
        known: Known = {}
        written: dict[int, str] = {}
        # what narrows most comes first and narrows the others
        for number in sorted(apart, key=lambda one: self._open_ends(apart[one][1])):
            parts, found = apart[number]
            texts = [triple_text(one) for one in parts] + [self._pattern(one, context, known) for one in found]
            written[number] = "\n".join(texts)
        for number, one in enumerate(group.elements):
            if number not in written:
                written[number] = self._element(one, self._seen_by(one, number, group, outer))
        return "{ " + "\n".join(written[number] for number in range(len(group.elements))) + " }"

    def _select(self, group: Group, select: Select) -> str:
        """A group that is a sub-select, which sees nothing of what is outside."""
        before = self.count
        where = self._group(select.where, ())
        tail = self._spans(select.where.end, group.end, [(one, ()) for one in self._modifier_groups(select)])
        if self.count == before:
            return self._text[group.start : group.end]
        head = self._text[group.start : select.where.start]
        if select.columns is None:
            head = self._star(head, 1, select)
        return head + where + tail

    def _apart(self, one: Triple) -> tuple[list[Triple], list[Triple]]:
        """Parts of a pattern without and with a relation, sequences of steps taken apart."""
        if not has_relation(one.path):
            return [one], []
        parts = flatten(one, self._fresh)  # type: ignore[arg-type]
        return [part for part in parts if not has_relation(part.path)], [
            part for part in parts if has_relation(part.path)
        ]

    def _open_ends(self, related: list[Triple]) -> int:
        return max((isinstance(one.subject, Var) + isinstance(one.value, Var) for one in related), default=0)

    def _pattern(self, one: Triple, context: Context, known: Known) -> str:
        self.count += 1
        if isinstance(one.path, Alternative):
            branches = []
            for path in one.path.parts:
                plain, related = self._apart(Triple(one.subject, path, one.value))
                wider = Context((*context.elements, *plain), context.text, context.prologue)
                texts = [triple_text(each) for each in plain]
                branches.append(" ".join([*texts, *(self._pattern(each, wider, {}) for each in related)]))
            either = " UNION ".join(f"{{ {branch} }}" for branch in branches)
            ends = " ".join(node_text(end) for end in dict.fromkeys((one.subject, one.value)) if isinstance(end, Var))
            # the store takes a pair once, however many of the alternatives lead to it
            return f"{{ SELECT DISTINCT {ends} WHERE {{ {either} }} }}" if ends else f"FILTER EXISTS {{ {either} }}"
        path = one.path if isinstance(one.path, IRI) else IRI("")
        left = self._sides.side(one.subject, context, known)
        right = self._sides.side(one.value, context, known)
        return self._sides.pattern(RELATION_IRIS[path], path, left, right, known, self._fresh)

    def _seen_by(self, one: Element, number: int, group: Group, outer: Elements) -> Elements:
        """The patterns that hold wherever what is inside an element is used.

        The right side of OPTIONAL and MINUS meets what stands before it in its own group: narrowed by anything else it
        would leave solutions unmatched that have a match. A filter is applied at the end of its group.
        """
        own = tuple(
            each
            for place, each in enumerate(group.elements)
            if isinstance(each, (Triple, Values)) and (place < number or isinstance(one, Filter))
        )
        joined = isinstance(one, (UnionGroups, LateralGroup))
        return tuple(
            each
            for each in ((*outer, *own) if joined else own)
            if not (isinstance(each, Triple) and has_relation(each.path))
        )

    def _below(self, group: Group, outer: Elements) -> list[tuple[Group, Elements]]:
        return [
            (inner, self._seen_by(one, number, group, outer))
            for number, one in enumerate(group.elements)
            for inner in _groups_of(one)
        ]

    def _element(self, one: Element, seen: Elements) -> str:
        match one:
            case Filter(_, start, end) | Bind(_, _, start, end):
                return self._spans(start, end, [(group, seen) for group in _groups_of(one)])
            case Values():
                return values_text(one)
            case OptionalGroup(group):
                return "OPTIONAL " + self._group(group, seen)
            case MinusGroup(group):
                return "MINUS " + self._group(group, seen)
            case LateralGroup(group):
                return "LATERAL " + self._group(group, seen)
            case GraphGroup(name, group):
                return f"GRAPH {node_text(name)} " + self._text[group.start : group.end]
            case UnionGroups(groups):
                return " UNION ".join(self._group(group, seen) for group in groups)
        return ""

    def _spans(self, start: int, end: int, groups: Iterable[tuple[Group, Elements]]) -> str:
        """A piece of the text with the groups in it written anew."""
        piece = self._text[start:end]
        for group, seen in sorted(groups, key=lambda one: -one[0].start):
            before = self.count
            made = self._group(group, seen)
            if self.count != before:
                piece = piece[: group.start - start] + made + piece[group.end - start :]
        return piece

    # --- forms -------------------------------------------------------------------------------------------------

    def _star(self, head: str, begin: int, select: Select) -> str:
        """`SELECT *` with its variables named: patterns written anew may hold more of them."""
        seen = _visible(select.where)
        listed = dict.fromkeys(
            one.text[1:] for one in tokens(self._text[select.where.start : select.where.end]) if one.kind == "variable"
        )
        names = [f"?{name}" for name in listed if name in seen]
        for token in tokens(head[begin:]):
            if token.text == "*" and names:
                place = begin + token.start
                return f"{head[:place]} {' '.join(names)} {head[place + 1 :]}"
        return head

    def _modifier_groups(self, select: Select) -> list[Group]:
        exprs = [*select.having, *(one.expr for one in select.order), *(expr for expr, _ in select.group_by)]
        return [group for expr in exprs for group in _exists_groups(expr)]

    def _column_groups(self, select: Select) -> list[Group]:
        return [group for one in select.columns or () if one.expr for group in _exists_groups(one.expr)]


def _visible(group: Group) -> set[str]:
    """Variables that `SELECT *` shows: not those of filters and of what is taken away."""
    found: set[str] = set()
    for one in group.elements:
        match one:
            case Triple() | Values():
                found |= variables(one)
            case Bind(_, var):
                found.add(var.name)
            case OptionalGroup(inner) | LateralGroup(inner):
                found |= _visible(inner)
            case GraphGroup(name, inner):
                found |= variables(name) | _visible(inner)
            case UnionGroups(groups):
                found = found.union(*map(_visible, groups))
            case SubSelect(select):
                columns = select.columns
                found |= _visible(select.where) if columns is None else {each.var.name for each in columns}
    return found


def _is_short(text: str, where: int, begin: int) -> bool:
    """Whether a CONSTRUCT has no template of its own."""
    return not any(token.text == "{" for token in tokens(text[begin:where]))


def _groups_of(one: Element) -> list[Group]:
    """The groups directly below an element, in which relations are looked for; those inside GRAPH are left alone."""
    match one:
        case OptionalGroup(group) | MinusGroup(group) | LateralGroup(group):
            return [group]
        case UnionGroups(groups):
            return list(groups)
        case Filter(expr) | Bind(expr):
            return _exists_groups(expr)
    return []


def _exists_groups(expr: Expr) -> list[Group]:
    if isinstance(expr, Exists):
        return [expr.group]
    return [group for arg in expr.args for group in _exists_groups(arg)] if isinstance(expr, Call) else []
