"""Groups that must stay together are given to folds: by seed alone, whatever order they come in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from ontology.errors import EarthdexError
from training.care.units import Floats, Ints


def checked_fractions(fractions: Mapping[str, float]) -> dict[str, float]:
    """The shares of the folds.

    Raises:
        EarthdexError: a share is not positive, they do not sum to 1, or there are fewer than two.
    """
    found = {str(name): float(share) for name, share in fractions.items()}
    if len(found) < 2 or any(not share > 0 for share in found.values()) or abs(sum(found.values()) - 1.0) > 1e-6:
        shown = ", ".join(f"{name} {share:g}" for name, share in found.items()) or "none"
        raise EarthdexError(
            f"These shares are no split: {shown}.", "Give two folds or more with positive shares that sum to 1."
        )
    return found


def stable_number(seed: int, text: str) -> int:
    """A number in [0, 2^64) that depends on the seed and the text alone."""
    made = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=_salt(int(seed)))
    return int.from_bytes(made.digest(), "big")


@lru_cache(maxsize=64)
def _salt(seed: int) -> bytes:
    return hashlib.blake2b(str(seed).encode(), digest_size=16).digest()


def assign_groups(names: Sequence[str], weights: Floats, fractions: Mapping[str, float], seed: int) -> Ints:
    """The fold (position in `fractions`) of each group.

    Heavy groups come first, those of like weight in an order that only the seed decides; each goes to the fold that
    lacks most, measured against its share in every column. With one column a fold ends above its share by at most
    the heaviest group, below it by at most that times the number of the other folds, and mostly much nearer.

    Args:
        names: distinct identities of the groups.
        weights: (groups, columns) amounts that each fold should have its share of: one column of counts of units,
            or one for each class (proportional allocation, Cochran, Sampling Techniques, 1977, section 5.5).
        fractions: share of each fold.
        seed: of the order.
    """
    shares = np.array(list(checked_fractions(fractions).values()))
    totals = weights.sum(axis=0)
    keep = totals > 0
    weights, totals = weights[:, keep], totals[keep]
    wanted = shares[:, None] * totals[None, :]
    have = np.zeros_like(wanted)
    importance = (1.0 / totals)[None, :]
    sums = weights.sum(axis=1)
    rarity = (weights * importance).sum(axis=1) if weights.shape[1] > 1 else sums
    size_class = np.floor(np.log2(np.maximum(rarity / max(rarity.max(initial=0.0), 1e-300), 1e-300)))
    order = sorted(range(len(names)), key=lambda at: (-size_class[at], stable_number(seed, names[at]), names[at]))
    folds = np.zeros(len(names), dtype=np.int64)
    if weights.shape[1] == 1:
        return _one_column(order, weights[:, 0], wanted[:, 0], folds)
    for at in order:
        # the fold whose squared relative lacks fall most by taking the group
        gain = ((2.0 * (wanted - have) - weights[at]) * weights[at] * importance**2 / shares[:, None]).sum(axis=1)
        best = int(np.argmax(gain))
        folds[at] = best
        have[best] += weights[at]
    return folds


def _one_column(order: Sequence[int], weights: Floats, wanted: Floats, folds: Ints) -> Ints:
    lack = wanted.tolist()
    amounts = weights.tolist()
    positions = range(len(lack))
    for at in order:
        best = max(positions, key=lack.__getitem__)
        folds[at] = best
        lack[best] -= amounts[at]
    return folds


def groups_of(labels: Sequence[str]) -> tuple[list[str], Ints]:
    """Distinct labels in sorted order, and for each entry the position of its label."""
    names = sorted(set(labels))
    where = {name: number for number, name in enumerate(names)}
    return names, np.array([where[label] for label in labels], dtype=np.int64)
