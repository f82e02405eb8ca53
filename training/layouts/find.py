"""Files into items: chips in class folders, images with masks, groups of sensors and bands, vector labels."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from ontology.errors import FetchError, NotFound
from training.distributions import LabelClass
from training.io.listing import relative
from training.layouts.groups import Group, group_files
from training.layouts.lists import Lists, apply_lists, read_lists
from training.layouts.named import Named, read_names
from training.layouts.shared import attach_shared
from training.layouts.words import band_key, day_of, fold_of, plain, tile_of
from training.types import Item, Part


@dataclass(slots=True)
class Layout:
    """What a dataset's files turned out to be.

    Attributes:
        items: by path.
        classes: the classes as given; from folder names where the catalogue knows none.
        problems: what was left out or guessed, in sentences.
    """

    items: list[Item]
    classes: tuple[LabelClass, ...]
    problems: list[str] = field(default_factory=list)


def find_items(
    root: str | Path,
    files: Iterable[str],
    *,
    dataset: str,
    classes: Sequence[LabelClass] = (),
    bands: Sequence[str] = (),
    patterns: Mapping[str, str] | None = None,
) -> list[Item]:
    """Items of a dataset: see `read_layout`, which tells problems too."""
    return read_layout(root, files, dataset=dataset, classes=classes, bands=bands, patterns=patterns).items


def read_layout(
    root: str | Path,
    files: Iterable[str],
    *,
    dataset: str,
    classes: Sequence[LabelClass] = (),
    bands: Sequence[str] = (),
    patterns: Mapping[str, str] | None = None,
    read: Callable[[str], bytes] | None = None,
) -> Layout:
    """Finds out how a dataset is laid out; as `lay_out`, with paths below a root.

    Raises:
        NotFound: as `lay_out`.
    """
    pairs = [(href, relative(root, href)) for href in files]
    return lay_out(
        pairs,
        dataset=dataset,
        classes=classes,
        bands=bands,
        patterns=patterns,
        read=read or _beginning,
        place=str(root),
    )


def lay_out(
    pairs: Sequence[tuple[str, str]],
    *,
    dataset: str,
    classes: Sequence[LabelClass] = (),
    bands: Sequence[str] = (),
    patterns: Mapping[str, str] | None = None,
    read: Callable[[str], bytes] | None = None,
    place: str = "",
) -> Layout:
    """Finds out how a dataset is laid out.

    Args:
        pairs: (href, path below the root) of its files.
        dataset: IRI of the dataset.
        classes: its classes; spelling, case and spaces of folder names do not matter.
        bands: its bands in the order of the channels, as far as known.
        patterns: glob by role (`image`, `label`, `vector`, `s1` ...), where names alone do not tell.
        read: gives the first bytes of a file; lists of files and labels in JSON are looked at with it.
        place: where the files lie, for errors.

    Raises:
        NotFound: there is no raster; no folder is named after a class and no image has a label.
    """
    with _without_collection():
        return _laid_out(pairs, dataset, classes, bands, patterns or {}, read, place)


@contextmanager
def _without_collection() -> Iterator[None]:
    """A million files make millions of objects that all stay: looking through them for garbage doubles the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _laid_out(
    pairs: Sequence[tuple[str, str]],
    dataset: str,
    classes: Sequence[LabelClass],
    bands: Sequence[str],
    patterns: Mapping[str, str],
    read: Callable[[str], bytes] | None,
    place: str,
) -> Layout:
    problems: list[str] = []
    named = read_names(pairs, patterns)
    order = {band_key(name): rank for rank, name in enumerate(bands)}
    shared: list[Named] = []
    groups = group_files(named, order, problems, shared)
    attach_shared(groups, shared, read, problems)
    if not groups:
        raise NotFound(
            " ".join(problems) or f"No image (GeoTIFF, PNG or JPEG) lies below {place}.",
            "Give the dataset's folder, or say which files are images: image='S2/*.tif'.",
        )
    labelled = [one for one in groups if one.labels or one.vectors]
    if labelled:
        if len(labelled) < len(groups):
            problems.append(f"{len(groups) - len(labelled):,} images have no label: left out.")
        layout = Layout([_item(one, dataset, bands, None) for one in labelled], tuple(classes), problems)
    else:
        lists = read_lists(pairs, read, problems) if read is not None else Lists()
        if lists.labels and classes:
            layout = Layout([_item(one, dataset, bands, None) for one in groups], tuple(classes), problems)
            layout.items = apply_lists(layout.items, lists, classes, problems)
            if any(one.label is not None for one in layout.items):
                return layout
            problems.clear()
        layout = _chips(groups, dataset, classes, bands, problems)
    if read is not None:
        layout.items = apply_lists(layout.items, read_lists(pairs, read, problems), classes, problems)
    return layout


def _beginning(href: str) -> bytes:
    """The first 64 MiB of a local file."""
    if "://" in href or "!/" in href:
        raise FetchError(f"{href} is not on this disk.", "Give something to read it with.")
    try:
        with open(href, "rb") as file:
            return file.read(64 << 20)
    except OSError as error:
        raise FetchError(f"{href} cannot be read: {error.strerror}.", "Check its rights.") from error


def _chips(
    groups: Sequence[Group],
    dataset: str,
    classes: Sequence[LabelClass],
    bands: Sequence[str],
    problems: list[str],
) -> Layout:
    """Chips whose folder names their class, as in EuroSAT; unlabelled images where there are no classes at all."""
    if not classes:
        classes = _classes_of_folders(groups, dataset)
        if classes:
            problems.append(f"The catalogue knows no classes: taken from {len(classes)} folder names, in their order.")
        else:
            problems.append("No image has a label.")
            return Layout([_item(one, dataset, bands, None) for one in groups], (), problems)
    values = {plain(one.name): one.value for one in classes}
    values |= {plain(one.iri.rpartition("/")[2]): one.value for one in classes if one.iri}
    items, strange = [], dict[str, int]()
    for group in groups:
        first = group.images[0]
        value = next((values[key] for name in first.classes if (key := plain(name)) in values), None)
        if value is None:
            folder = first.classes[0] if first.classes else "."
            strange[folder] = strange.get(folder, 0) + 1
        else:
            items.append(_item(group, dataset, bands, value))
    if not items:
        named = ", ".join(sorted(strange)[:5]) or "none"
        known = ", ".join(one.name for one in classes[:10])
        raise NotFound(f"No folder is named after a class (folders: {named}).", f"Classes: {known}.")
    for folder, number in sorted(strange.items())[:20]:
        problems.append(f"{folder[:120]}: no class of the dataset; {number:,} images left out.")
    return Layout(items, tuple(classes), problems)


def _classes_of_folders(groups: Sequence[Group], dataset: str) -> tuple[LabelClass, ...]:
    """Folders that hold images directly, if there are several beside one another: a class each."""
    names = {one.images[0].classes[0] for one in groups if one.images[0].classes}
    above = {tuple(n for n in one.images[0].classes[1:] if not fold_of(n)) for one in groups if one.images[0].classes}
    beside = len(above) < max(2, len(names))
    if len(names) < 2 or not beside or any(not one.images[0].classes or one.images[0].band for one in groups):
        return ()
    return tuple(
        LabelClass(name, value, f"{dataset}/class/{quote(plain(name))}") for value, name in enumerate(sorted(names))
    )


def _item(group: Group, dataset: str, bands: Sequence[str], label: int | None) -> Item:
    first = group.images[0]
    parts = [_part(one, bands) for one in group.images]
    parts += [Part("label", one.href) for one in group.labels]
    parts += [Part("vector", one.href) for one in group.vectors]
    day, tile = day_of(first.path), tile_of(first.path)
    return Item(
        iri=f"{dataset}/item/{quote(first.path)}",
        dataset=dataset,
        parts=tuple(parts),
        label=label,
        fold=first.fold or next((one.fold for one in group.labels if one.fold), ""),
        time=day,
        scene=f"{tile}/{day[:10]}" if tile and day else tile,
    )


def _part(one: Named, bands: Sequence[str]) -> Part:
    if one.band:
        known = next((name for name in bands if band_key(name) == band_key(one.band)), one.band)
        return Part(one.role, one.href, names=(known,))
    return Part(one.role, one.href)
