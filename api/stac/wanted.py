"""What a search asks for, read from the parameters of a GET or the body of a POST, checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from api.stac.areas import box_area, geojson_area
from api.stac.cql2.check import check
from api.stac.cql2.nodes import Node
from api.stac.cql2.text import parse_text
from api.stac.fields import Field, field_of, sortables
from api.stac.moments import Span, span_of
from api.stac.shown import EVERYTHING, Shown, shown_of
from api.stac.tokens import digest_of
from ontology.errors import QueryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

USUAL, MOST = 10, 1_000
"""Items on a page that names no number, and the most on one."""
_MOST_LISTED = 1_000
_MOST_KEYS = 6
PARAMETERS = ("bbox", "datetime", "limit", "ids", "collections", "intersects", "sortby", "fields", "filter",
              "filter-lang", "filter-crs", "token")  # fmt: skip
"""All parameters of a search."""
_CRS = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_REMEDY = "See docs/reference/http.md."


@dataclass(frozen=True, slots=True)
class Search:
    """A checked search.

    Attributes:
        collections: identifiers; None: all.
        ids: identifiers of Items; None: all.
        span: the times of an Item must meet it.
        areas: the footprint of an Item must meet each.
        filters: that must all hold.
        order: fields to sort by, and whether descending.
        limit: Items on a page.
        shown: which parts of an Item are given.
        token: where the page begins; "": at the beginning.
        text: what is asked for but for page and shown parts, as one text.
    """

    collections: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    span: Span = (None, None)
    areas: tuple[BaseGeometry, ...] = ()
    filters: tuple[Node, ...] = ()
    order: tuple[tuple[Field, bool], ...] = ()
    limit: int = USUAL
    shown: Shown = EVERYTHING
    token: str = ""
    text: str = ""

    @property
    def digest(self) -> str:
        """Names the search in tokens."""
        return digest_of(self.text)

    def within(self, collection: str) -> Search:
        """The same within one collection."""
        return replace(self, collections=(collection,), text=json.dumps([collection, self.text]))


def asked(values: Sequence[tuple[str, str]]) -> Search:
    """The search of the parameters of a GET; parameters that no search has are left aside.

    Raises:
        QueryError: one is wrong.
    """
    given: dict[str, str] = {}
    for name, value in values:
        if name in PARAMETERS:
            if name in given and name not in ("ids", "collections"):
                raise QueryError(f"The parameter `{name}` is given twice.", "Give it once.")
            given[name] = f"{given[name]},{value}" if name in given else value
    body: dict[str, Any] = dict(given)
    for name in ("ids", "collections"):
        if name in given:
            body[name] = [one for one in given[name].split(",") if one]
    if "bbox" in given:
        body["bbox"] = [_number(one) for one in given["bbox"].split(",")]
    if "limit" in given:
        if not re.fullmatch(r"[+-]?\d{1,15}", given["limit"], re.ASCII):
            raise QueryError(f"The limit is {given['limit'][:40]!r}.", "Give a whole number from 1.")
        body["limit"] = int(given["limit"])
    if "intersects" in given:
        body["intersects"] = json_of(given["intersects"].encode(), "`intersects`")
    if "sortby" in given:
        body["sortby"] = [_sort_text(one) for one in given["sortby"].split(",") if one]
    if "fields" in given:
        body["fields"] = _fields_text(given["fields"])
    language = given.get("filter-lang", "cql2-text")
    if "filter" in given and language == "cql2-json":
        body["filter"] = json_of(given["filter"].encode(), "`filter`")
    body.setdefault("filter-lang", language)
    return posted(body)


def posted(body: Any) -> Search:  # noqa: ANN401 - JSON from outside
    """The search of the body of a POST.

    Raises:
        QueryError: it is wrong.
    """
    if not isinstance(body, Mapping):
        raise QueryError("The body is no JSON object.", _REMEDY)
    if body.get("bbox") is not None and body.get("intersects") is not None:
        raise QueryError("`bbox` and `intersects` are both given.", "Give one of them.")
    if "fields" in body and not isinstance(body["fields"], Mapping):
        raise QueryError("`fields` is no object.", 'Write {"include": [...], "exclude": [...]}.')
    areas = []
    if body.get("bbox") is not None:
        areas.append(box_area(_numbers(body["bbox"])))
    if body.get("intersects") is not None:
        areas.append(geojson_area(body["intersects"]))
    span: Span = (None, None)
    if body.get("datetime") is not None:
        span = span_of(_text(body["datetime"], "datetime"))
    told = {name: body[name] for name in PARAMETERS if name in body and name not in ("limit", "token", "fields")}
    return Search(
        collections=_listed(body, "collections"),
        ids=_listed(body, "ids"),
        span=span,
        areas=tuple(areas),
        filters=_filters(body),
        order=_order(body.get("sortby")),
        limit=limit_of(body.get("limit")),
        shown=shown_of(body.get("fields")),
        token=_text(body["token"], "token") if body.get("token") is not None else "",
        text=json.dumps(told, sort_keys=True),
    )


def json_of(data: bytes, what: str) -> Any:  # noqa: ANN401
    """JSON from outside.

    Raises:
        QueryError: it is none; numbers that are not finite are none.
    """

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        return json.loads(data, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise QueryError(f"{what} is no JSON.", "Send JSON (RFC 8259).") from None


def limit_of(value: Any) -> int:  # noqa: ANN401
    """Items on a page: a larger number than the service gives counts as the most it does (OGC API Features, 7.15.2).

    Raises:
        QueryError: it is no whole number from 1.
    """
    if value is None:
        return USUAL
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise QueryError(f"The limit is {str(value)[:40]!r}.", "Give a whole number from 1.")
    return min(value, MOST)


def _text(value: Any, name: str) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise QueryError(f"`{name}` is no text.", _REMEDY)
    return value


def _listed(body: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """A list of identifiers; an empty one asks for nothing in particular."""
    value = body.get(name)
    if value is None or value == []:
        return None
    if isinstance(value, str):  # one, as some clients write it
        value = [value]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise QueryError(f"`{name}` is no list of texts.", _REMEDY)
    if len(value) > _MOST_LISTED:
        raise QueryError(f"`{name}` has more than {_MOST_LISTED:,} members.", "Ask in several steps.")
    return tuple(dict.fromkeys(value))


def _number(text: str) -> float:
    if len(text) > 60 or not _NUMBER.fullmatch(text.strip()):
        raise QueryError(f"The bounding box holds {text[:40]!r}.", "Give west,south,east,north in degrees.")
    return float(text)


def _numbers(value: Any) -> list[float]:  # noqa: ANN401
    if not isinstance(value, list) or not all(isinstance(one, (int, float)) and type(one) is not bool for one in value):
        raise QueryError("`bbox` is no list of numbers.", "Give [west, south, east, north] in degrees.")
    return [float(one) if abs(one) < 1e9 else 1e9 for one in value]


def _filters(body: Mapping[str, Any]) -> tuple[Node, ...]:
    value = body.get("filter")
    if body.get("filter-crs") not in (None, _CRS):
        raise QueryError("`filter-crs` is not supported but for CRS84.", f"Leave it out, or give {_CRS}.")
    language = body.get("filter-lang")
    if language not in (None, "cql2-json", "cql2-text"):
        raise QueryError(f"`filter-lang` is {str(language)[:40]!r}.", "Use cql2-text or cql2-json.")
    if value is None:
        return ()
    if isinstance(value, str) and language != "cql2-json":
        value = parse_text(value)
    return (check(value),)


def _order(value: Any) -> tuple[tuple[Field, bool], ...]:  # noqa: ANN401
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_KEYS:
        raise QueryError(f"`sortby` is no list of at most {_MOST_KEYS} fields.", _REMEDY)
    found: dict[str, tuple[Field, bool]] = {}
    for one in value:
        if not isinstance(one, Mapping) or not isinstance(one.get("field"), str):
            raise QueryError("`sortby` names no field.", 'Write [{"field": "datetime", "direction": "asc"}].')
        field = field_of(one["field"])
        if field.name not in sortables():
            raise QueryError(f"Items cannot be sorted by {field.name}.", "See /stac/sortables.")
        way = one.get("direction", "asc")
        if way not in ("asc", "desc"):
            raise QueryError(f"The direction is {str(way)[:40]!r}.", "Use asc or desc.")
        found.setdefault(field.column, (field, way == "desc"))
    return tuple(found.values())


def _sort_text(text: str) -> dict[str, str]:
    # a plus sign in an address reads as a space
    name = text.strip()
    return {"field": name.lstrip("+-"), "direction": "desc" if name.startswith("-") else "asc"}


def _fields_text(text: str) -> dict[str, list[str]]:
    names = [one.strip() for one in text.split(",") if one.strip()]
    include = [one.removeprefix("+") for one in names if not one.startswith("-")]
    exclude = [one[1:] for one in names if one.startswith("-")]
    return {"include": include, "exclude": exclude} if include else {"exclude": exclude}
