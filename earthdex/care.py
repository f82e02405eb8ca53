"""The care that training takes: splits, leakage, licences, bands, classes, statistics.

    >>> from earthdex import care
    >>> care.licences(["EuroSAT", "LoveDA"]).uses["commercial"]
    'forbidden'

Splits and comparisons are pure functions over items; what needs the catalogue takes `home`, its folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from earthdex.face import _home
from training.care import (
    BandStatistics,
    Gathering,
    Leakage,
    Licensed,
    Merged,
    Split,
    Verdict,
    class_weights,
    combine_licences,
    draw_by_class,
    leakage,
    split_items,
    statistics,
)
from training.care.bands import Band, BandMatch, match_bands, stac_bands
from training.care.calibration import mtl_calibration, stac_calibration, with_calibration
from training.care.duplicates import Fingerprints, find_duplicates, fingerprints
from training.care.relabel import relabel_batch
from training.care.seen import Seen
from training.types import Array, Chip, Grid, Item, Part

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from training.select.lock import Lock

__all__ = [
    "Band",
    "BandMatch",
    "BandStatistics",
    "Chip",
    "Fingerprints",
    "Gathering",
    "Grid",
    "Item",
    "Leakage",
    "Licensed",
    "Merged",
    "Part",
    "Seen",
    "Split",
    "Verdict",
    "bands",
    "class_weights",
    "combine_licences",
    "draw_by_class",
    "find_duplicates",
    "fingerprints",
    "has_seen",
    "leakage",
    "licences",
    "lookups",
    "match_bands",
    "merge_classes",
    "mtl_calibration",
    "relabel_batch",
    "split_items",
    "stac_bands",
    "stac_calibration",
    "statistics",
    "with_calibration",
]


def licences(names: Sequence[str], *, home: str | Path | None = None) -> Verdict:
    """What the licences of data sets and models allow together.

    Raises:
        NotFound: there is no such record.
    """
    from training.care.records import licensed

    return combine_licences(licensed(_home(home), names))


def bands(name: str, *, home: str | Path | None = None) -> list[Band]:
    """Bands of a data set or model, for `match_bands`.

    Raises:
        NotFound: there is no such record.
    """
    from training.care.records import bands as run

    return run(_home(home), name)[1]


def merge_classes(
    names: Sequence[str],
    into: str | None = None,
    *,
    by_name: bool = True,
    ignore: int = 255,
    home: str | Path | None = None,
) -> Merged:
    """Brings the labels of data sets under one class scheme: see `training.care.schemes.merge_classes`.

    Raises:
        NotFound: no such data set or scheme, or a data set without classes.
        EarthdexError: nothing can be merged so.
    """
    from training.care.schemes import merge_classes as run

    return run(_home(home), names, into, by_name=by_name, ignore=ignore)


def lookups(lock: Lock, merged: Merged, *, home: str | Path | None = None) -> dict[str, Array]:
    """Tables for `relabel_batch`: IRI of each data set of a lock that was merged -> its lookup."""
    from training.care.relabel import lookups as run

    return run(_home(home), lock, merged)


def has_seen(
    model: str,
    area: str | BaseGeometry | Sequence[Item],
    *,
    period: str = "",
    known: Mapping[str, Sequence[Item]] | None = None,
    home: str | Path | None = None,
) -> Seen:
    """Whether a model has seen an area: a place by name, a shape in CRS84, or test items.

    Args:
        model: name, alias, identifier or IRI.
        area: the area.
        period: of the test data, such as `2018` or `2018-03/2018-09`.
        known: IRI of a data set -> its items, where they are at hand: then the answer is exact for it.
        home: the catalogue's folder.

    Raises:
        NotFound: there is no such model or place.
    """
    from training.care.seen import has_seen as run
    from training.select.area import area_of

    opened = _home(home)
    if isinstance(area, str):
        where = area_of(area, opened.path)
        return run(opened, model, where.geometry, area_name=where.name, period=period, known=known)
    return run(opened, model, area, period=period, known=known)
