"""Other servers: Oxigraph (tested), and GraphDB, Jena Fuseki and QLever by their documents."""

from __future__ import annotations

from collections.abc import Mapping

from kg.remote.dialect import CATALOGUE, Dialect, sibling
from kg.remote.virtuoso import Virtuoso


class Oxigraph(Dialect):
    """The server of the `oxigraph` wheel: the same engine as the embedded store."""

    name = "oxigraph"
    title = "Oxigraph server"
    insert = 20_000
    stable_nodes = True

    def update_url(self, endpoint: str, with_user: bool) -> str:
        """`/query` and `/update`."""
        return sibling(endpoint, "/query", "/update")

    def data_url(self, endpoint: str, with_user: bool) -> str:
        """`/store`."""
        return sibling(endpoint, "/query", "/store") if endpoint.rstrip("/").endswith("/query") else ""


class GraphDB(Dialect):
    """Ontotext GraphDB: its default graph is the union of all graphs."""

    name = "graphdb"
    title = "GraphDB"
    graph = CATALOGUE
    trusted = False

    def update_url(self, endpoint: str, with_user: bool) -> str:
        """`/repositories/<name>` and `/repositories/<name>/statements`."""
        return endpoint.rstrip("/") + "/statements" if "/statements" not in endpoint else endpoint

    def data_url(self, endpoint: str, with_user: bool) -> str:
        """`/repositories/<name>/rdf-graphs/service`."""
        return endpoint.rstrip("/") + "/rdf-graphs/service"

    def parameters(self, seconds: float) -> Mapping[str, str]:
        """Seconds, as RDF4J's protocol has it."""
        return {"timeout": str(max(1, int(seconds))), "infer": "false"}


class Fuseki(Dialect):
    """Apache Jena Fuseki."""

    name = "fuseki"
    title = "Jena Fuseki"

    def update_url(self, endpoint: str, with_user: bool) -> str:
        """`/<dataset>/sparql` or `/<dataset>/query`, and `/<dataset>/update`."""
        return sibling(sibling(endpoint, "/sparql", "/update"), "/query", "/update")

    def data_url(self, endpoint: str, with_user: bool) -> str:
        """`/<dataset>/data`."""
        found = sibling(sibling(endpoint, "/sparql", "/data"), "/query", "/data")
        return found if found.endswith("/data") else ""


class QLever(Dialect):
    """QLever: fast joins; the default graph is the union of all graphs."""

    name = "qlever"
    title = "QLever"
    graph = CATALOGUE
    trusted = False


BY_NAME: dict[str, type[Dialect]] = {one.name: one for one in (Oxigraph, Virtuoso, GraphDB, Fuseki, QLever, Dialect)}
