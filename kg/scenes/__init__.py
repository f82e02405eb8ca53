"""The scenes tier: satellite products as columns, and what is asked of them."""

from __future__ import annotations

from kg.scenes.table import Condition, Plan, Relation, SceneTable, Spatial, box_clause, boxes, hits

__all__ = ["Condition", "Plan", "Relation", "SceneTable", "Spatial", "box_clause", "boxes", "hits"]
