"""Weights of classes for a loss, from how often they occur."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from ontology.errors import EarthdexError
from training.care.statistics import BandStatistics

Kind = Literal["inverse", "effective", "median"]


def class_weights(
    counts: Mapping[int, int] | BandStatistics,
    kind: Kind = "inverse",
    *,
    beta: float = 0.999,
    presence: Mapping[int, int] | None = None,
) -> dict[int, float]:
    """Weight of each class value; 0 for a class that never occurs.

    Args:
        counts: class value -> labels or pixels, or the statistics that hold them.
        kind: `inverse`: all / (classes * count), so that every class weighs the same in sum. `effective`: by the
            effective number of samples (1 - beta^n) / (1 - beta), Cui et al. 2019, scaled to sum to the number of
            classes. `median`: median frequency over frequency, where the frequency of a class is counted in the
            images that show it, Eigen and Fergus 2015.
        beta: in [0, 1), for `effective`; near 1 - 1 / (number of distinct samples).
        presence: class value -> pixels of the images that show it, for `median`; all pixels where not known.

    Raises:
        EarthdexError: no class occurs, a count is negative, or beta or the kind makes no sense.
    """
    if isinstance(counts, BandStatistics):
        presence = counts.presence if presence is None else presence
        counts = counts.classes
    values = sorted(counts)
    amounts = np.array([counts[value] for value in values], dtype=np.float64)
    if not values or not amounts.max(initial=0.0) > 0 or (amounts < 0).any():
        raise EarthdexError("No class occurs, so there are no weights.", "Check the labels of the training fold.")
    seen = amounts > 0
    weights = np.zeros(len(values))
    if kind == "inverse":
        weights[seen] = amounts.sum() / (seen.sum() * amounts[seen])
    elif kind == "effective":
        if not 0.0 <= beta < 1.0:
            raise EarthdexError(f"beta = {beta} makes no sense.", "Give a value from 0 to below 1, such as 0.999.")
        # expm1 keeps what (1 - beta^n) loses for rare classes and beta near 1
        raw = (1.0 - beta) / -np.expm1(amounts[seen] * np.log(beta)) if beta else np.ones(int(seen.sum()))
        weights[seen] = raw / raw.sum() * seen.sum()
    elif kind == "median":
        shown = np.array([(presence or {}).get(value, 0) for value in values], dtype=np.float64)
        frequency = amounts[seen] / np.where(shown[seen] > 0, shown[seen], amounts.sum())
        weights[seen] = np.median(frequency) / frequency
    else:
        raise EarthdexError(f"There are no class weights {kind!r}.", "Choose inverse, effective or median.")
    return dict(zip(values, weights.tolist(), strict=True))
