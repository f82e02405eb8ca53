"""Wavelengths of a record's bands, for formats that tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.record import Record
from kg.solutions import Solutions
from ontology.namespaces import sparql_prologue
from ontology.terms import Literal, Term

if TYPE_CHECKING:
    from kg.home import Home


@dataclass(frozen=True, slots=True)
class Wave:
    """A band: name, and centre and width in nanometres where known."""

    iri: str
    name: str
    centre: float | None = None
    width: float | None = None


def waves(home: Home, record: Record) -> tuple[Wave, ...]:
    """The bands of a record in its own order where it tells one, else by name."""
    named = record.named("ed:band")
    if not named:
        return ()
    values = " ".join(f"<{one.iri}>" for one in named)
    body = f"""SELECT ?band ?centre ?width WHERE {{
  VALUES ?band {{ {values} }} ?band ed:centreWavelengthNm ?centre OPTIONAL {{ ?band ed:bandwidthNm ?width }}
}}"""
    found = home.graph.query(sparql_prologue(body) + body)
    rows = found.rows if isinstance(found, Solutions) else ()
    known = {str(band): (_number(centre), _number(width)) for band, centre, width in rows}
    order = [one.strip().casefold() for one in record.value("ed:bandOrder").split(";")]

    def rank(name: str) -> tuple[int, str]:
        short = name.split()[-1].casefold()
        return (order.index(short) if short in order else len(order)), name

    return tuple(
        Wave(one.iri, one.name, *known.get(one.iri, (None, None)))
        for one in sorted(named, key=lambda one: rank(one.name))
    )


def _number(term: Term | None) -> float | None:
    value = term.to_python() if isinstance(term, Literal) else None
    return float(value) if isinstance(value, (int, float)) else None
