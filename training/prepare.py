"""A selection made ready: headers read where they are needed, cut to an area, with sizes of chip grids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kg.home import Home
from ontology.errors import EarthdexError
from training.select.area import Area, in_area, windows_in
from training.select.chips import ChipTable, Numbers, chip_table
from training.select.facts import facts_of
from training.select.headers import Headed, read_headers
from training.select.selection import Selection
from training.types import Bytes, Grid, Item, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A selection whose headers were read.

    Attributes:
        selection: with the items that can be had, in the area.
        recipe: how chips are cut.
        grids: chip grid of each item; None where it was not asked for.
        table: the chips.
        raw_bytes: decoded bytes of each item; empty where headers were not read.
        channels: of each item.
        unreachable: (IRI, reason) of items that cannot be had.
        looked: items whose headers were read; fewer than all where a bound was set.
        outside: items outside the area.
    """

    selection: Selection
    recipe: Recipe
    grids: tuple[Grid | None, ...]
    table: ChipTable
    raw_bytes: tuple[int, ...]
    channels: tuple[int, ...]
    unreachable: tuple[tuple[str, str], ...]
    looked: int
    outside: int

    @property
    def windows(self) -> tuple[Numbers | None, ...] | None:
        """Windows that are kept of each item; None for all."""
        return self.table.windows


def prepare(
    home: Home,
    selection: Selection,
    recipe: Recipe,
    data: Bytes,
    *,
    area: Area | None = None,
    checksums: bool = False,
    most: int = 0,
    progress: Progress | None = None,
) -> Prepared:
    """Reads headers and works out the chips.

    Args:
        home: the catalogue, for names of bands.
        selection: what to prepare.
        recipe: how chips are cut.
        data: where bytes come from.
        area: items outside are left out, and windows whose middle lies outside.
        checksums: whether to hash local files.
        most: headers to read at most, evenly spread over the items; 0: all.
        progress: called with (stage, done, total).
    """
    items: Sequence[Item] = selection.items
    if most and len(items) > most:
        items = [items[int(at)] for at in np.linspace(0, len(items) - 1, most).round().astype(int)]
    bands: Mapping[str, tuple[str, ...]] = {one: _bands(home, one) for one in selection.datasets}
    headed = read_headers(items, data, bands=bands, checksums=checksums, progress=progress)
    kept, outside = _in_area(headed, area)
    grids: list[Grid | None] = []
    good: list[int] = []
    lost = list(headed.problems)
    for at in kept:
        try:
            grids.append(chip_grid(headed.items[at], recipe))
        except EarthdexError as error:
            lost.append((headed.items[at].iri, str(error)))
        else:
            good.append(at)
    windows: list[Numbers | None] | None = None
    if area is not None and recipe.sampling != "whole" and recipe.size:
        windows = [windows_in(grid, recipe, area.geometry) if grid is not None else None for grid in grids]
    heights = [one.height if one is not None else 0 for one in grids]
    widths = [one.width if one is not None else 0 for one in grids]
    return Prepared(
        replace(selection, items=tuple(headed.items[at] for at in good)),
        recipe,
        tuple(grids),
        chip_table(heights, widths, recipe, windows),
        tuple(headed.raw_bytes[at] for at in good),
        tuple(headed.channels[at] for at in good),
        tuple(lost),
        len(items),
        outside,
    )


def _bands(home: Home, iri: str) -> tuple[str, ...]:
    try:
        return facts_of(home, iri).bands
    except EarthdexError:
        return ()


def _in_area(headed: Headed, area: Area | None) -> tuple[list[int], int]:
    if area is None:
        return list(range(len(headed.items))), 0
    inside = in_area(headed.items, area.geometry)
    return np.flatnonzero(inside).tolist(), int((~inside).sum())


def chip_grid(item: Item, recipe: Recipe) -> Grid | None:
    """The grid that chips of an item are cut on: its own, or that of the recipe's CRS and resolution.

    Raises:
        RasterError: it cannot be brought to the recipe's CRS.
    """
    if item.grid is None or not (recipe.crs or recipe.resolution):
        return item.grid
    from training.tiff.warp import target_grid

    return target_grid(item.grid, recipe)
