"""Misspelt names: which stored keys are a few letters away, at bounded cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

_MOST = 12


def allowed(size: int) -> int:
    """Letters that may differ in a name of so many letters."""
    return 1 if size <= 5 else 2 if size <= 9 else 3


def misspelt(key: str, buckets: Sequence[Callable[[str, int], list[str]]]) -> Iterator[tuple[str, int]]:
    """Keys near a key with their distance (optimal string alignment), the nearest first, at most a dozen.

    Keys with the same first letter are compared; only where none is near, those that begin with the second letter
    (a letter too many, or two swapped) and those that lack the first.

    Args:
        key: folded name.
        buckets: functions that give the keys of a first letter and a length, one for each file.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    cap = allowed(len(key))

    def near(first: str) -> list[tuple[str, int]]:
        pool = [
            one
            for size in range(max(4, len(key) - cap), len(key) + cap + 1)
            for bucket in buckets
            for one in bucket(first, size)
        ]
        found = process.extract(key, pool, scorer=OSA.distance, score_cutoff=cap, limit=_MOST)
        return [(name, int(distance)) for name, distance, _ in found if distance]

    found = near(key[0])
    if not found and len(key) > 1:
        found = near(key[1]) if key[1] != key[0] else []
    yield from sorted(set(found), key=lambda pair: (pair[1], pair[0]))[:_MOST]
