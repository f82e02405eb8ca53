"""A checked CQL2 filter as values: every property is known, every operand is of the kind that its operator takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from typing import Literal as OneOf

from api.stac.fields import Field

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

ScalarKind = OneOf["text", "number", "moment"]
CompareOp = OneOf["=", "!=", "<", "<=", ">", ">="]
SpaceOp = OneOf["intersects", "disjoint", "within", "contains", "equals", "touches", "crosses", "overlaps"]
ArrayOp = OneOf["contains", "containedby", "equals", "overlaps"]

# --- scalars -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """A text, a number, or a moment in microseconds since 1970."""

    value: str | float | int
    kind: ScalarKind


@dataclass(frozen=True, slots=True)
class Property:
    """The value of a property with one value."""

    field: Field

    @property
    def kind(self) -> ScalarKind:
        """Its kind; whole numbers are numbers."""
        kinds: dict[str, ScalarKind] = {"text": "text", "moment": "moment"}
        return kinds.get(self.field.kind, "number")


@dataclass(frozen=True, slots=True)
class Sum:
    """Arithmetic on numbers, in double precision; unknown where it has no result (division by zero)."""

    op: OneOf["+", "-", "*", "/", "%", "^", "div"]
    left: Scalar
    right: Scalar
    kind: ScalarKind = "number"


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without the difference of case, or of accents."""

    how: OneOf["casei", "accenti"]
    text: Scalar
    kind: ScalarKind = "text"


Scalar: TypeAlias = Value | Property | Sum | Folded

# --- tests -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fixed:
    """A test that is given: true or false."""

    holds: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two scalars of one kind compared."""

    op: CompareOp
    left: Scalar
    right: Scalar


@dataclass(frozen=True, slots=True)
class Like:
    """A text matches a pattern: `%` stands for any text, `_` for a character, a backslash before either for itself."""

    text: Scalar
    pattern: Scalar


@dataclass(frozen=True, slots=True)
class OneOfList:
    """A scalar is equal to one of some."""

    value: Scalar
    listed: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A property has no value."""

    field: Field


@dataclass(frozen=True, slots=True)
class Space:
    """A relation of the footprint to a geometry."""

    op: SpaceOp
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Array:
    """A relation of a property with several values to some texts."""

    op: ArrayOp
    field: Field
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Some part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """The part does not hold."""

    part: Node


Node: TypeAlias = Fixed | Comparison | Like | OneOfList | Unknown | Space | Array | All | Some | Negated


def conjuncts(node: Node) -> tuple[Node, ...]:
    """Parts that must all hold."""
    if isinstance(node, All):
        return tuple(one for part in node.parts for one in conjuncts(part))
    return (node,)
