"""Requests of the SPARQL protocol: where the query or the update stands, and over which graphs it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from fastapi import Request

from api.serve.bodies import read_body
from api.serve.service import Service
from ontology.errors import MediaTypeRefused, QueryError

Operation = Literal["query", "update"]
FORM = "application/x-www-form-urlencoded"
_DIRECT: dict[Operation, str] = {"query": "application/sparql-query", "update": "application/sparql-update"}
_GRAPHS: dict[Operation, tuple[str, str]] = {
    "query": ("default-graph-uri", "named-graph-uri"),
    "update": ("using-graph-uri", "using-named-graph-uri"),
}
_OTHER: dict[Operation, Operation] = {"query": "update", "update": "query"}
_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation of the protocol.

    Attributes:
        text: the query or update; None where a GET holds none: it asks what this service is.
        default: IRIs of the graphs that make the default graph; empty: those of the text.
        named: IRIs of the graphs that GRAPH sees.
        format: short name or media type of the format, for clients that cannot set a header; "" for none.
    """

    text: str | None
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    format: str = ""


def content_type(request: Request) -> tuple[str, str]:
    """(media type, charset) of the body, in small letters; "" for what is not told."""
    kind, *parameters = request.headers.get("content-type", "").split(";")
    charset = ""
    for one in parameters:
        name, _, value = one.strip().partition("=")
        if name.lower() == "charset":
            charset = value.strip().strip('"').lower()
    return kind.strip().lower(), charset


def from_url(request: Request, operation: Operation) -> Asked:
    """A query by GET (SPARQL 1.1 Protocol, 2.1.1).

    Raises:
        QueryError: more than one query, or an update.
    """
    return _asked(fields(request.url.query), operation, None)


async def from_body(request: Request, service: Service, operation: Operation) -> Asked:
    """A query or update by POST: as the body itself, or as a field of a form (2.1.2, 2.1.3, 2.2).

    Raises:
        MediaTypeRefused: neither of both, or in another charset than UTF-8.
        QueryError: no operation or more than one; not UTF-8.
    """
    kind, charset = content_type(request)
    if kind not in (FORM, _DIRECT[operation]):
        told = f"An {operation}" if operation == "update" else f"A {operation}"
        where = f" A request of that type goes to /{_path(operation)}." if kind == _DIRECT[_OTHER[operation]] else ""
        raise MediaTypeRefused(
            f"{told} cannot be read from {kind[:80] or 'an untyped body'}.{where}",
            f"Send it as {_DIRECT[operation]}, or as the field `{operation}` of a form ({FORM}).",
        )
    if charset not in ("", "utf-8", "utf8"):
        raise MediaTypeRefused(f"The charset {charset[:40]!r} is not read.", "Send UTF-8.")
    most = service.settings.write_bytes if operation == "update" else None
    body = await read_body(request, service.settings, most)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError(
            f"The request is not UTF-8 (byte {error.start + 1}).", f"Send the {operation} as UTF-8 text."
        ) from error
    if kind == FORM:
        return _asked(fields(text), operation, "")
    around = fields(request.url.query)
    if any(name in ("query", "update") for name, _ in around):
        raise QueryError("The address and the body both hold an operation.", f"Send one {operation}.")
    return _asked([*around, (operation, text)], operation, "")


def _path(operation: Operation) -> str:
    return "update" if operation == "query" else "sparql"


def fields(text: str) -> list[tuple[str, str]]:
    """The parameters of a request, in their order. Raises QueryError for too many, or for text that is not UTF-8."""
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except UnicodeDecodeError:
        raise QueryError("The parameters are not UTF-8.", "Percent-encode them as UTF-8.") from None
    except ValueError:
        raise QueryError(f"The request has more than {_FIELDS} parameters.", "Send fewer graphs.") from None


def _asked(given: Sequence[tuple[str, str]], operation: Operation, missing: str | None) -> Asked:
    if any(name == _OTHER[operation] for name, _ in given):
        raise QueryError(
            f"This address takes no {_OTHER[operation]}.", f"Send it to /{_path(operation)}; here, send `{operation}`."
        )
    found = [value for name, value in given if name == operation]
    if len(found) > 1:
        raise QueryError(f"The request holds more than one {operation}.", f"Send one `{operation}`.")
    if not found and missing is not None:
        raise QueryError(f"The request holds no `{operation}`.", f"Send {operation}=...")
    default, named = _GRAPHS[operation]
    short: Mapping[str, str] = dict(reversed([(name, value) for name, value in given if name in ("format", "output")]))
    return Asked(
        found[0] if found else None,
        tuple(value for name, value in given if name == default),
        tuple(value for name, value in given if name == named),
        short.get("format") or short.get("output", ""),
    )
