"""Selections of training data, and the lock that freezes one."""

from __future__ import annotations

from training.select.lock import Lock
from training.select.selection import Selection, Source

__all__ = ["Lock", "Selection", "Source"]
