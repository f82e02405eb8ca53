"""What is asked of the columns of scenes, as values: DuckDB, the index and Spark each run it in their own way.

Logic is three-valued, as in SQL and in SPARQL's filters: a comparison with an unknown value is unknown, `Not` of
unknown is unknown, and a row is kept only where the whole is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool
Function: TypeAlias = OneOf[
    "scene iri",  # no argument: the IRI of the scene
    "sensor iri",  # of a sensor slug
    "band iri",  # of a band slug
    "year", "month", "day", "hour", "minute",  # of a moment
    "lower", "upper",
    "coalesce",
    "+", "-", "*",  # in double precision
]  # fmt: skip
Operator: TypeAlias = OneOf["=", "!=", "<", "<=", ">", ">="]
FLIPPED: dict[str, Operator] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""What a comparison becomes where its sides change places."""

Box: TypeAlias = tuple[float, float, float, float]

# --- scalars -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a column, a field of `Scene`, as it is (also an empty text); moments as microseconds, UTC."""

    name: str


@dataclass(frozen=True, slots=True)
class Const:
    """A value that is given; moments as microseconds."""

    value: Value


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of scalars; unknown where an argument is (but for `coalesce`)."""

    name: Function
    args: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """One scalar where a test is true, another (None: unknown) where it is false, unknown where the test is."""

    test: Test
    one: Scalar
    other: Scalar | None = None


Scalar: TypeAlias = Column | Const | Apply | If

# --- tests -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compare:
    """Two scalars of one kind compared: numbers, texts by code point, moments."""

    op: Operator
    left: Scalar
    right: Scalar


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The column's value, or a member of its list, is one of these; unknown where the column is."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SceneIn:
    """The scene is one of these (collection, identifier) pairs; never unknown."""

    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The column has a value that is a triple: not null, not an empty text or list, not false. Never unknown."""

    column: str


@dataclass(frozen=True, slots=True)
class NotNull:
    """The scalar is known. Never unknown itself."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class TextTest:
    """A text contains, starts or ends with another."""

    op: OneOf["contains", "starts", "ends"]
    text: Scalar
    part: Scalar


@dataclass(frozen=True, slots=True)
class Boxes:
    """The bounding box of the footprint meets one of these (west, south, east, north); false without a footprint."""

    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every part is true; true where there is none."""

    parts: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """Some part is true; false where there is none."""

    parts: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false; unknown where it is."""

    part: Test


@dataclass(frozen=True, slots=True)
class NotTrue:
    """The part is false or unknown (SQL's IS NOT TRUE)."""

    part: Test


Test: TypeAlias = Compare | AnyOf | SceneIn | Known | NotNull | TextTest | Boxes | All | Either | Not | NotTrue
ALWAYS, NEVER = All(), Either()


def conjuncts(tests: Iterable[Test]) -> Iterator[Test]:
    """Tests that must all be true, one by one: the parts of each `All` in its place."""
    for one in tests:
        if isinstance(one, All):
            yield from conjuncts(one.parts)
        else:
            yield one


# --- what is returned --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """Each different member of a list column in turn: a key to group by, or the one output of a `distinct` plan."""

    column: str


@dataclass(frozen=True, slots=True)
class Figure:
    """An aggregate of known values; `count` without a value counts rows. `sum` of none is 0; `sum, count` is a pair."""

    name: OneOf["count", "sum", "avg", "min", "max", "sum, count"]
    value: Scalar | None = None
    distinct: bool = False


Output: TypeAlias = Scalar | Member | Figure


@dataclass(frozen=True, slots=True)
class Order:
    """A term to order by.

    Unknown values come first where ascending and last where descending (SPARQL 1.1, 15.1), unless `unknown_last`.
    """

    value: Output
    descending: bool = False
    unknown_last: bool = False
