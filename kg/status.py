"""What the catalogue holds, for `earthdex status` and /health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.solutions import Solutions
from ontology.namespaces import sparql_prologue
from ontology.terms import Literal

if TYPE_CHECKING:
    from kg.home import Home

_KINDS = {
    "datasets": "ed:TrainingDataset",
    "imagery collections": "ed:ImageryCollection",
    "models": "it6:MachineLearningModel",
    "places": "geo:Feature",
    "concepts": "skos:Concept",
}


def _count(home: Home, kind: str) -> int:
    body = f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s a {kind} }}"
    found = home.graph.query(sparql_prologue(body) + body)
    cell = found.rows[0][0] if isinstance(found, Solutions) and found.rows else None
    return int(cell.value) if isinstance(cell, Literal) else 0


def status(home: Home) -> dict[str, Any]:
    """Folder, version and counts by kind (the stable JSON of `earthdex status --json`)."""
    return {
        "home": str(home.path),
        "version": home.version,
        **({"store": home.remote.status()} if home.remote is not None else {}),
        "counts": {name: _count(home, kind) for name, kind in _KINDS.items()} | {"scenes": home.scenes.count()},
    }
