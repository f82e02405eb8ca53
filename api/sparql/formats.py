"""In which format a result goes out: what `Accept` asks for, else the parameter `format`, else the usual one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.serve.negotiate import accepted
from kg.rendered import Forms
from ontology.errors import NotOffered

# media type -> our name of the format, most wanted first
SOLUTIONS: dict[str, str] = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/geo+json": "geojson",
}
GRAPHS: dict[str, str] = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
    "application/n-quads": "nquads",
    "text/plain": "ntriples",
    "application/json": "jsonld",
    "application/xml": "rdfxml",
}
_ALSO = {"geo": "geojson", "ttl": "turtle", "nt": "ntriples", "nq": "nquads", "json-ld": "jsonld", "rdf": "rdfxml"}
_ALSO |= {"rdf+xml": "rdfxml", "rdf/xml": "rdfxml", "n-triples": "ntriples", "n-quads": "nquads"}
_IN_GRAPHS = {"json": "jsonld", "xml": "rdfxml"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """(media type, our name) for what SELECT and ASK give, and for triples; None where nothing offered is wanted."""

    solutions: tuple[str, str] | None
    triples: tuple[str, str] | None

    @classmethod
    def of(cls, accept: str, wanted: str) -> Wanted:
        """What a request wants, before it is known what its query gives; see `chosen`.

        Raises:
            NotOffered: neither.
        """
        found: list[tuple[str, str] | None] = []
        refused: NotOffered | None = None
        for offered in (SOLUTIONS, GRAPHS):
            try:
                found.append(chosen(offered, accept, wanted))
            except NotOffered as error:
                refused = refused or error
                found.append(None)
        if refused is not None and found == [None, None]:
            raise refused
        return cls(*found)

    def forms(self) -> Forms:
        """The same for whoever writes the result."""
        return Forms(self.solutions[1] if self.solutions else "", self.triples[1] if self.triples else "")

    def media(self, triples: bool) -> str:
        """Media type of a result: of triples, or of solutions. Raises NotOffered where it has none."""
        offered, found = (GRAPHS, self.triples) if triples else (SOLUTIONS, self.solutions)
        if found is None:
            raise NotOffered("None of the asked formats can hold this result.", f"Offered: {', '.join(offered)}.")
        return found[0]


def chosen(offered: Mapping[str, str], accept: str, wanted: str) -> tuple[str, str]:
    """(media type, our name) of a format.

    Args:
        offered: media type -> our name, most wanted first.
        accept: the header; a browser's, which names HTML, leaves the choice to the parameter.
        wanted: value of the parameter `format`: a short name or a media type; "" where there is none.

    Raises:
        NotOffered: nothing that is asked for is offered.
    """
    open_choice = not accept.strip() or accept.strip() == "*/*" or "text/html" in accept
    if not wanted or not open_choice:
        return accepted(accept, offered)
    name = wanted.strip().lower().replace(" ", "+")  # a plus that was not escaped
    if name in offered:
        return name, offered[name]
    short = _ALSO.get(name, name)
    for one in (short, _IN_GRAPHS.get(short, short)):
        for media, form in offered.items():
            if form == one:
                return media, form
    raise NotOffered(
        f"The format {wanted[:60]!r} is not offered for this result.",
        f"Use one of {', '.join(dict.fromkeys(offered.values()))}.",
    )
