"""Distances and buffers in metres on the WGS 84 ellipsoid."""

from __future__ import annotations

from kg.geosparql.buffers import buffer
from kg.geosparql.nearest import distance, distances, distances_to_point

__all__ = ["buffer", "distance", "distances", "distances_to_point"]
