"""The care that training with Earth-observation data needs: splits, leakage, statistics, bands, licences, classes."""

from __future__ import annotations

from training.care.splits import Split, split_items

__all__ = ["Split", "split_items"]
