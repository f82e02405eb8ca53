"""From a class of one taxonomy to the class of another that holds it: what merging labels of several datasets needs.

Matches are followed both ways where they hold both ways, and upwards: winter wheat is a cereal, cereals are cropland.
At most one close match is followed, since chains of close matches drift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from typing import Literal as OneOf

from ontology.concepts import class_scheme
from ontology.namespaces import expand, scheme_iri
from ontology.taxonomy import schemes
from ontology.terms import IRI

Fit = OneOf["exact", "close", "broad"]
"""exact: the same; close: nearly the same; broad: the target holds it and more."""

_FITS: tuple[Fit, ...] = ("exact", "close", "broad")
_EXACT, _CLOSE, _BROAD = range(3)
_MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Translation:
    """A class of the wanted scheme.

    Attributes:
        iri: the class.
        fit: how well it fits.
        path: the concepts from the one that was asked to this one, both included.
    """

    iri: IRI
    fit: Fit
    path: tuple[IRI, ...]


def translate(concept: str, scheme: str, matches: tuple[tuple[str, str], ...] = ()) -> Translation | None:
    """The class of a scheme that is, or holds, a concept; None where the taxonomies know none.

    Args:
        concept: IRI of a taxonomy's concept, or of a dataset's own label class.
        scheme: `corine`, `worldcover`, `hcat`, `wmo-sea-ice`.
        matches: for a label class: (name of a SKOS matching property such as `closeMatch`, IRI it leads to).

    The best fit wins, then the shortest path, then the IRI: the same question always has the same answer.
    """
    stem = scheme_iri(class_scheme(scheme)) + "/"
    edges = _edges()
    own = [(_weight(name), IRI(target)) for name, target in matches]
    start = IRI(concept)
    # fit of the whole path, close matches on it, its length, where it ends, the path
    queue: list[tuple[int, int, str, int, tuple[IRI, ...]]] = [(_EXACT, 1, start, 0, (start,))]
    done: set[tuple[str, int]] = set()
    while queue:
        fit, steps, at, close, path = heappop(queue)
        if (at, close) in done:
            continue
        done.add((at, close))
        if at.startswith(stem):
            return Translation(IRI(at), _FITS[fit], path)
        if steps > _MOST_STEPS:
            continue
        for weight, other in [*edges.get(IRI(at), ()), *(own if at == start else ())]:
            drifts = close + (weight == _CLOSE)
            if drifts <= 1 and other not in path:
                heappush(queue, (max(fit, weight), steps + 1, other, drifts, (*path, other)))
    return None


def _weight(name: str) -> int:
    return {"exactMatch": _EXACT, "closeMatch": _CLOSE}.get(name, _BROAD)


@lru_cache(maxsize=1)
def _edges() -> dict[IRI, tuple[tuple[int, IRI], ...]]:
    """Concept -> what it is the same as, nearly the same as, or held by."""
    found: dict[IRI, set[tuple[int, IRI]]] = defaultdict(set)
    for start, weight, end in _links():
        found[start].add((weight, end))
    return {start: tuple(sorted(ends)) for start, ends in found.items()}


def _links() -> Iterator[tuple[IRI, int, IRI]]:
    exact, close, narrow = (expand(f"skos:{name}Match") for name in ("exact", "close", "narrow"))
    for scheme in schemes():
        if not scheme.name.startswith("class/"):
            continue
        for one in scheme.concepts:
            for above in one.broader:
                yield one.iri, _BROAD, above
            for predicate, other in one.matches:
                if predicate == narrow:
                    yield other, _BROAD, one.iri
                    continue
                weight = _EXACT if predicate == exact else _CLOSE if predicate == close else _BROAD
                yield one.iri, weight, other
                if weight != _BROAD:
                    yield other, weight, one.iri
