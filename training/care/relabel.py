"""Merged classes put to use: on the labels of items before they are locked, and on the masks of batches."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kg.home import Home
from ontology.errors import EarthdexError
from training.care.merge import Merged
from training.care.records import record
from training.care.schemes import merge_classes
from training.distributions import LabelClass
from training.types import TARGET_ROLES, Array, Batch

if TYPE_CHECKING:
    from training.select.lock import Lock
    from training.select.selection import Selection


def relabelled(home: Home, selection: Selection, into: str | None = None) -> Selection:
    """A selection whose items bear merged classes; what has no class in the scheme is left out and told.

    Args:
        home: the catalogue.
        selection: chips that have a class each.
        into: as in `merge_classes`.

    Raises:
        NotFound: no such scheme, or a data set whose classes the catalogue does not know.
        EarthdexError: pixels or boxes are labelled, or nothing is left.
    """
    if any(part.role in TARGET_ROLES for item in selection.items for part in item.parts):
        raise EarthdexError(
            "Masks keep the values of their files in a lock.", "Merge them batch by batch: earthdex.care.relabel_batch."
        )
    used = {item.dataset for item in selection.items}
    titles = {one.iri: record(home, one.iri)[2] for one in selection.sources if one.iri in used}
    merged = merge_classes(home, list(titles), into)
    tables = {iri: merged.table(title) for iri, title in titles.items()}
    items, lost = [], Counter[str]()
    for item in selection.items:
        value = tables[item.dataset].get(-1 if item.label is None else item.label, merged.ignore)
        if value == merged.ignore:
            lost[item.dataset] += 1
        else:
            items.append(replace(item, label=value))
    if not items:
        raise EarthdexError(f"No item has a class in {merged.scheme}.", "`earthdex classes` tells what is lost.")
    told = [f"{titles[iri]}: {count:,} items have no class in {merged.scheme}." for iri, count in sorted(lost.items())]
    told += [f"Now one: {one}." for one in merged.lost()["merged"]]
    problems = [one for one in selection.problems if "merge them first" not in one]
    classes = tuple(LabelClass(one.label, one.value, one.iri) for one in merged.classes)
    return replace(selection, items=tuple(items), classes=classes, problems=(*problems, *told))


def relabel_batch(batch: Batch, lock: Lock, tables: dict[str, Array], ignore: int = 255) -> Batch:
    """A batch whose masks and labels bear merged classes.

    Args:
        batch: of a reader.
        lock: that it comes from.
        tables: IRI of a data set -> `Merged.lookup` of it; data sets without one become `ignore`.
        ignore: value of what has no class.
    """
    datasets = [lock.items[int(at)].dataset for at in lock.table.items_of(batch.index)]
    mask = None if batch.mask is None else np.full_like(batch.mask, ignore)
    label = None if batch.label is None else np.full_like(batch.label, ignore)
    for number, iri in enumerate(datasets):
        table = tables.get(iri)
        if table is None:
            continue
        for whole, made in ((batch.mask, mask), (batch.label, label)):
            if whole is not None and made is not None:
                values = np.asarray(whole[number], dtype=np.int64)
                known = (values >= 0) & (values < len(table)) & (values != ignore)
                made[number] = np.where(known, table[np.where(known, values, 0)], ignore)
    return replace(batch, mask=mask, label=label)


def lookups(home: Home, lock: Lock, merged: Merged) -> dict[str, Array]:
    """Tables for `relabel_batch`: IRI of each data set of a lock that was merged -> its lookup."""
    names = {one.dataset for one in merged.sources}
    titles = {one.iri: record(home, one.iri)[2] for one in lock.sources}
    return {iri: merged.lookup(title) for iri, title in titles.items() if title in names}
