"""Scenes of a data set that lie in an area, by the catalogue's scenes of its collection."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from kg.home import Home
from training.care.records import rows

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_MOST_VERTICES = 2_000


def scenes_there(home: Home, dataset: str, shape: BaseGeometry, span: tuple[int, int] | None) -> tuple[int, int]:
    """How many scenes of a data set lie in an area (and span of days), and how many it has in the catalogue.

    A scene is one of the data set's when its collection is called by the data set's identifier. The outline of the
    area is simplified inwards where it has very many vertices, so none is counted that only may lie there.

    Args:
        home: the catalogue.
        dataset: IRI.
        shape: the area, CRS84 degrees.
        span: first and last day since 1970-01-01; any time where None.
    """
    import shapely

    names = {str(one) for (one,) in rows(home, f"SELECT ?id WHERE {{ <{dataset}> dct:identifier ?id }}")}
    names.add(dataset.rsplit("/", 1)[-1])
    quoted = " ".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in sorted(names))
    head = f"VALUES ?collection {{ {quoted} }} ?scene a ed:Scene ; ed:collection ?collection ."
    total = _count(home, head)
    if not total:
        return 0, 0
    step = 0.001
    while shapely.get_num_coordinates(shape) > _MOST_VERTICES and step < 1.0:
        shape = shape.buffer(-step).simplify(step / 2)
        step *= 2
    if shape.is_empty:
        return 0, total
    text = f'"{shapely.to_wkt(shape, rounding_precision=6)}"^^geo:wktLiteral'
    body = f"{head} ?scene geo:hasGeometry/geo:asWKT ?outline . FILTER(geof:sfIntersects(?outline, {text}))"
    if span is not None:
        first, last = (date(1970, 1, 1) + timedelta(days=one) for one in (span[0], span[1] + 1))
        body += f' ?scene sosa:resultTime ?time . FILTER(?time >= "{first}T00:00:00Z"^^xsd:dateTime'
        body += f' && ?time < "{last}T00:00:00Z"^^xsd:dateTime)'
    return _count(home, body), total


def _count(home: Home, body: str) -> int:
    found = rows(home, f"SELECT (COUNT(DISTINCT ?scene) AS ?n) WHERE {{ {body} }}")
    return int(str(found[0][0])) if found else 0
