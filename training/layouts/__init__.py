"""How the files of a dataset become items: images, their labels, their folds."""

from __future__ import annotations

from training.layouts.find import Layout, find_items, lay_out, read_layout

__all__ = ["Layout", "find_items", "lay_out", "read_layout"]
