"""A server in this process: the client's interface over an embedded store."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from kg.oxigraph import OxigraphStore
from kg.remote import RemoteSettings, RemoteStore
from kg.remote.client import Client, Reply
from kg.remote.dialect import Dialect
from kg.results import render
from ontology.terms import IRI

URL = "http://loopback.invalid/sparql"


class Loopback(Client):
    """Answers from a store of its own; `most` cuts answers short as Virtuoso does."""

    def __init__(self, settings: RemoteSettings, most: int = 0) -> None:
        super().__init__(settings)
        self.held, self.most = OxigraphStore.memory(), most
        self.asked: list[str] = []

    def query(
        self,
        sparql: str,
        accept: str,
        parameters: Mapping[str, str] | None = None,
        timeout: float | None = None,
        *,
        may_cut: bool = False,
    ) -> Reply:
        self.asked.append(sparql)
        found = self.held.query(sparql)
        if "n-triples" in accept:
            return Reply(200, {}, render(found, "ntriples").encode())
        headers = {}
        if self.most and len(getattr(found, "rows", ())) >= self.most:
            found = type(found)(found.variables, found.rows[: self.most])  # type: ignore[union-attr, call-arg, arg-type]
            headers["x-sparql-maxrows"] = str(self.most)
        return Reply(200, headers, render(found, "json").encode())

    def update(self, sparql: str, url: str, timeout: float | None = None, *, again: bool = False) -> None:
        self.held.update(sparql)

    def load(self, lines: bytes, url: str, timeout: float | None = None) -> None:
        where = parse_qs(urlsplit(url).query).get("graph")
        self.held.load(lines, "application/n-triples", IRI(where[0]) if where else None)


def loopback(dialect: Dialect, most: int = 0, cache: float = 60.0) -> RemoteStore:
    """A store on such a server."""
    settings = RemoteSettings(URL, data="http://loopback.invalid/data", cache=cache)
    return RemoteStore(settings, dialect=dialect, client=Loopback(settings, most))
