"""The scenes tier: satellite products as columns, and what is asked of them."""

from __future__ import annotations

from kg.scenes.plan import Plan
from kg.scenes.spatial import Relation, Spatial, box_test, boxes, hits
from kg.scenes.table import Condition, SceneTable

__all__ = ["Condition", "Plan", "Relation", "SceneTable", "Spatial", "box_test", "boxes", "hits"]
