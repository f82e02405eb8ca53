"""What the rest of the room needs of `kg.geosparql` most often."""

from __future__ import annotations

from kg.geosparql.notes import FunctionErrors
from kg.geosparql.relations import SIMPLE as RELATIONS
from kg.geosparql.shape import geometry, wgs84_geometry, wkt
from kg.geosparql.units import metres_of

__all__ = ["RELATIONS", "FunctionErrors", "geometry", "metres_of", "wgs84_geometry", "wkt"]
