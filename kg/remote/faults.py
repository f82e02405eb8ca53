"""What a server's refusal means, as an error of ours that names the server and says what to do."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import urljoin

from kg.remote.settings import shown
from ontology.errors import (
    EarthdexError,
    QueryError,
    QuerySyntaxError,
    QueryTooLarge,
    StoreError,
    StoreReadOnly,
    TooBusy,
)

_TAG = re.compile(r"<[^>]*>")
_TIME = re.compile(r"time ?limit|timed? ?out|execution time|S1T00|42000 Error The estimated", re.IGNORECASE)
_SYNTAX = re.compile(r"pars(?:e|er|ing)|syntax|SP03\d|lexical|malformed|expected", re.IGNORECASE)


def refused(where: str, status: int, headers: Mapping[str, str], body: bytes, url: str) -> EarthdexError:
    """The error for an answer that is none.

    Args:
        where: the server, as messages show it.
        status: of HTTP.
        headers: by name in lower case.
        body: the beginning of the answer.
        url: what was asked.
    """
    text = _said(body, headers)
    if 300 <= status < 400:
        target = shown(urljoin(url, headers.get("location", "")))
        return StoreError(
            f"{where} sends requests on to {target}; earthdex follows no redirects of a store.",
            "Set EARTHDEX_STORE to the address that answers itself, if you trust it.",
        )
    if status == 401:
        return StoreReadOnly(
            f"{where} refuses user and password, or none were given.",
            "Set EARTHDEX_STORE_USER and EARTHDEX_STORE_PASSWORD, or write them into ~/.netrc.",
        )
    if status in (403, 405):
        return StoreReadOnly(f"{where} does not allow this ({status}){text}.", "Ask its keeper for the right to do it.")
    if status == 404:
        return StoreError(f"{where} is not there (404){text}.", "Check the path of EARTHDEX_STORE.")
    if _TIME.search(text) or status in (408, 504):
        return QueryTooLarge(f"{where} stopped the query: it took too long{text}.", "Add conditions or a LIMIT.")
    if status in (429, 503):
        return TooBusy(f"{where} is busy ({status}){text}.", "Try again in a moment.")
    if status == 413:
        return QueryTooLarge(f"{where} does not take so large a request.", "Shorten the query.")
    if status == 400 and _SYNTAX.search(text):
        return QuerySyntaxError(f"{where} does not understand the query{text}.", "Correct it.")
    return QueryError(f"{where} failed ({status}){text}.", "Its own log may say more.")


def unreachable(where: str, error: Exception) -> EarthdexError:
    """The error for a server that cannot be reached, or that speaks no proper HTTP."""
    why = getattr(error, "strerror", None) or type(error).__name__
    if isinstance(error, OSError):
        return StoreError(f"{where} cannot be reached: {why}.", "Check the address and that the server runs.")
    return StoreError(f"The answer of {where} breaks off or is no HTTP ({why}).", "Try again; look at the server.")


def _said(body: bytes, headers: Mapping[str, str]) -> str:
    """The first words of what the server said, after a colon; nothing that could be a secret of ours."""
    if "html" in headers.get("content-type", ""):
        body = re.sub(rb"(?is)<(style|script|head)\b.*?</\1>", b" ", body)
    text = html.unescape(_TAG.sub(" ", body.decode("utf-8", "replace")))
    text = text.partition("SPARQL query:")[0]  # Virtuoso repeats the whole query
    text = "".join(char if char.isprintable() else " " for char in text)
    words = " ".join(text.split())
    words = words if len(words) <= 300 else words[:280] + "..."
    return f": {words.rstrip('.')}" if words else ""
