"""Addresses and links of the STAC API."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

from ontology.namespaces import BASE

_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def web_address(value: Any) -> bool:  # noqa: ANN401
    """Whether a value is the address of something on the web."""
    return isinstance(value, str) and len(value) <= 4_000 and _WEB.fullmatch(value) is not None


class Links:
    """Writes addresses that begin with the service's own.

    Args:
        base: address of the service, without a slash at the end.
    """

    json = "application/json"
    geojson = "application/geo+json"
    schema = "application/schema+json"

    def __init__(self, base: str) -> None:
        self.base = base
        self.root = f"{base}/stac"

    def collection(self, identifier: str) -> str:
        """Address of a collection."""
        return f"{self.root}/collections/{quote(identifier, safe='')}"

    def items(self, collection: str) -> str:
        """Address of the Items of a collection."""
        return f"{self.collection(collection)}/items"

    def item(self, collection: str, identifier: str) -> str:
        """Address of an Item."""
        return f"{self.items(collection)}/{quote(identifier, safe='')}"

    def page_of(self, iri: str) -> str:
        """Address of the page for people about a thing of ours, which lies where its IRI says."""
        return f"{self.base}/{iri.removeprefix(BASE)}"

    @staticmethod
    def link(relation: str, href: str, media: str = json, title: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """A link."""
        found = {"rel": relation, "href": href, "type": media} | ({"title": title} if title else {})
        return {key: value for key, value in found.items() if value} | more

    @staticmethod
    def with_query(address: str, values: list[tuple[str, str]]) -> str:
        """An address with parameters."""
        return f"{address}?{urlencode(values, quote_via=quote)}" if values else address

    def absolute(self, link: dict[str, Any]) -> dict[str, Any]:
        """A link of a kept document, whose address may begin with a slash, with an address that begins as ours do."""
        return {**link, "href": self.base + link["href"]} if link["href"].startswith("/") else link

    def linked(self, document: dict[str, Any]) -> dict[str, Any]:
        """A kept document with absolute links."""
        return {**document, "links": [self.absolute(one) for one in document["links"]]}
