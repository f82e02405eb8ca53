"""The care that training with Earth-observation data needs: splits, leakage, statistics, bands, licences, classes."""

from __future__ import annotations

from training.care.leakage import Leakage, leakage
from training.care.licences import Licensed, Verdict, combine_licences
from training.care.merge import Merged
from training.care.sampling import draw_by_class
from training.care.schemes import merge_classes
from training.care.splits import Split, split_items
from training.care.statistics import BandStatistics, Gathering, statistics
from training.care.weights import class_weights

__all__ = [
    "BandStatistics",
    "Gathering",
    "Leakage",
    "Licensed",
    "Merged",
    "Split",
    "Verdict",
    "class_weights",
    "combine_licences",
    "draw_by_class",
    "leakage",
    "merge_classes",
    "split_items",
    "statistics",
]
