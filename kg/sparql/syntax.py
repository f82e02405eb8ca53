"""SPARQL 1.1 queries as values (W3C Recommendation of 21 March 2013, section 19.8), as far as planning needs them.

Blank nodes of a query are variables that are never returned, so they are variables here, named `_:...`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ontology.namespaces import PREFIXES
from ontology.terms import IRI, Literal

_GEO_AGGREGATE = PREFIXES["geof"] + "agg"


@dataclass(frozen=True, slots=True)
class Var:
    """A variable, without its question mark."""

    name: str


Node: TypeAlias = Var | IRI | Literal

# --- property paths ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Inverse:
    """`^path`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Sequence:
    """`a/b/c`."""

    parts: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """`a|b|c`."""

    parts: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`path*`, `path+` or `path?`."""

    path: Path
    mark: str


@dataclass(frozen=True, slots=True)
class Negated:
    """`!(a|^b)`: forward and backward predicates that are left out."""

    forward: tuple[IRI, ...]
    backward: tuple[IRI, ...]


Path: TypeAlias = IRI | Inverse | Sequence | Alternative | Repeat | Negated

# --- expressions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """An operator (`&&`, `<`, `in`, `not in`, `neg` ...), built-in function in capitals, or function by IRI."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT, SUM, AVG, MIN, MAX, SAMPLE, GROUP_CONCAT; `arg` None: `COUNT(*)`."""

    name: str
    arg: Expr | None
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """EXISTS or NOT EXISTS."""

    group: Group
    negated: bool


Expr: TypeAlias = Var | IRI | Literal | Call | Aggregate | Exists

# --- patterns ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Triple:
    """A triple pattern; `path` is a variable, an IRI or a property path."""

    subject: Node
    path: Path | Var
    value: Node


@dataclass(frozen=True, slots=True)
class Filter:
    """A FILTER, with its place in the text from its keyword to its end."""

    expr: Expr
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bind:
    """`BIND(expr AS ?var)`, with its place in the text."""

    expr: Expr
    var: Var
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Values:
    """Inline data; None is UNDEF."""

    variables: tuple[Var, ...]
    rows: tuple[tuple[Node | None, ...], ...]


@dataclass(frozen=True, slots=True)
class OptionalGroup:
    """OPTIONAL."""

    group: Group


@dataclass(frozen=True, slots=True)
class MinusGroup:
    """MINUS."""

    group: Group


@dataclass(frozen=True, slots=True)
class GraphGroup:
    """`GRAPH name { ... }`."""

    name: Node
    group: Group


@dataclass(frozen=True, slots=True)
class LateralGroup:
    """`LATERAL { ... }` (SPARQL 1.2 community proposal, which the store knows)."""

    group: Group


@dataclass(frozen=True, slots=True)
class UnionGroups:
    """One group in braces, or several joined by UNION."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class SubSelect:
    """A SELECT inside a group."""

    select: Select


Element: TypeAlias = (
    Triple | Filter | Bind | Values | OptionalGroup | MinusGroup | GraphGroup | LateralGroup | UnionGroups | SubSelect
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group graph pattern, with its place in the text from brace to brace."""

    elements: tuple[Element, ...]
    start: int = 0
    end: int = 0

    def filters(self) -> Iterator[Filter]:
        """The filters of the group itself."""
        return (one for one in self.elements if isinstance(one, Filter))

    def triples(self) -> Iterator[Triple]:
        """The triple patterns of the group itself."""
        return (one for one in self.elements if isinstance(one, Triple))


@dataclass(frozen=True, slots=True)
class Column:
    """A projected variable; `expr` where it is `(expr AS ?var)`."""

    var: Var
    expr: Expr | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A term of ORDER BY."""

    expr: Expr
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT, or the same parts of another form.

    Attributes:
        columns: what is projected; None for `*`.
        where: the pattern.
        distinct: DISTINCT or REDUCED.
        group_by: expressions, each with the variable it is bound to, if any.
        having: conditions on groups.
        order: terms of ORDER BY.
        limit, offset: None and 0 where absent.
    """

    columns: tuple[Column, ...] | None
    where: Group
    distinct: bool = False
    group_by: tuple[tuple[Expr, Var | None], ...] = ()
    having: tuple[Expr, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    values: Values | None = None

    @property
    def aggregates(self) -> bool:
        """Whether solutions are grouped."""
        return bool(
            self.group_by or self.having or any(has_aggregate(one.expr) for one in self.columns or () if one.expr)
        )


@dataclass(frozen=True, slots=True)
class Query:
    """A query.

    Attributes:
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        select: its parts; DESCRIBE has its resources in `described`.
        text: the text that places refer to.
        prologue: the text of PREFIX and BASE lines.
        dataset: whether it has FROM clauses.
    """

    form: str
    select: Select
    text: str
    prologue: str
    dataset: bool = False
    template: tuple[Triple, ...] = ()
    described: tuple[Node, ...] = ()


def has_aggregate(expr: Expr) -> bool:
    """Whether an expression holds an aggregate."""
    if isinstance(expr, Aggregate):
        return True
    return isinstance(expr, Call) and (expr.name.startswith(_GEO_AGGREGATE) or any(map(has_aggregate, expr.args)))


def variables(thing: Expr | Element | Group | Path | None) -> set[str]:
    """Names of all variables inside an expression, element or group."""
    match thing:
        case Var(name):
            return {name}
        case Call(_, args):
            return set().union(*map(variables, args)) if args else set()
        case Aggregate(_, arg):
            return variables(arg)
        case Exists(group):
            return variables(group)
        case Triple(subject, path, value):
            ends = variables(subject) | variables(value)
            return ends | {path.name} if isinstance(path, Var) else ends
        case Filter(expr):
            return variables(expr)
        case Bind(expr, var):
            return variables(expr) | {var.name}
        case Values(names):
            return {one.name for one in names}
        case OptionalGroup(group) | MinusGroup(group) | LateralGroup(group):
            return variables(group)
        case GraphGroup(name, group):
            return variables(name) | variables(group)
        case UnionGroups(groups):
            return set().union(*map(variables, groups))
        case SubSelect(select):
            return projected(select)
        case Group(elements):
            return set().union(*map(variables, elements)) if elements else set()
    return set()


def projected(select: Select) -> set[str]:
    """Names that a SELECT hands on."""
    if select.columns is not None:
        return {one.var.name for one in select.columns}
    return {name for name in variables(select.where) if not name.startswith("_:")}
