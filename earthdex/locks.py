"""Plans, locks and previews: the words of the command line, in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earthdex.face import _home

if TYPE_CHECKING:
    from kg.home import Home
    from training.io import OpenBytes
    from training.plan import Plan
    from training.preview import Preview
    from training.select.area import Area
    from training.select.lock import Lock
    from training.select.selection import Selection

Root = str | Path | Mapping[str, str | Path] | None


@contextmanager
def _chosen(
    what: str | Sequence[str],
    home: str | Path | None,
    *,
    sparql: str,
    root: Root,
    area: str,
    patterns: Mapping[str, str] | None,
    labels: str,
) -> Iterator[tuple[Home, OpenBytes, Selection, Area | None]]:
    from api.commands.selecting import select
    from training.io import open_bytes
    from training.select.area import area_of
    from training.select.choose import names_web

    opened = _home(home)
    where = area_of(area, opened.path) if area else None
    with open_bytes(allow_private=names_web(root)) as data:
        found = select(opened, what, sparql=sparql, root=root, area=where, patterns=patterns, labels=labels, data=data)
        yield opened, data, found, where


def plan(
    what: str | Sequence[str] = "",
    *,
    sparql: str = "",
    root: Root = None,
    area: str = "",
    patterns: Mapping[str, str] | None = None,
    labels: str = "",
    look: bool = False,
    headers: int = 2_000,
    home: str | Path | None = None,
    **recipe: Any,  # noqa: ANN401
) -> Plan:
    """What training would take, before any pixel is read.

    Args:
        what: names of datasets and models, or a question.
        sparql: a SELECT query in place of words.
        root: folder, web folder or archive of the files; one for each dataset id where there are several.
        area: a place, a GeoJSON file or `west,south,east,north`.
        patterns: glob by role (`image`, `label`, `s1` ...), where names of files tell too little.
        labels: label raster or GeoJSON that goes with every scene.
        look: whether some masks are read for the balance of classes.
        headers: most headers to read; 0 for all.
        home: the catalogue's folder.
        recipe: how chips are cut: `size`, `stride`, `per_epoch`, `bands`, `crs` ... (see the reference of the lock).

    Raises:
        NotFound: nothing of that name, or nothing to train with.
        RecordError: a recipe that makes no sense.
    """
    from training.plan import plan as run
    from training.select.recipe import recipe_of

    made = recipe_of(recipe)
    with _chosen(what, home, sparql=sparql, root=root, area=area, patterns=patterns, labels=labels) as found:
        opened, data, selection, where = found
        return run(opened, selection, made, data, area=where, most=headers, look=look)


def lock(
    what: str | Sequence[str] = "",
    *,
    sparql: str = "",
    root: Root = None,
    area: str = "",
    patterns: Mapping[str, str] | None = None,
    labels: str = "",
    split: str = "",
    split_options: Mapping[str, Any] | None = None,
    checksums: bool = True,
    statistics: bool = False,
    weights: str = "",
    home: str | Path | None = None,
    **recipe: Any,  # noqa: ANN401
) -> Lock:
    """Freezes what to train with: the same lock gives the same batches anywhere. `lock.write(path)` keeps it.

    Args:
        what: as for `plan`.
        sparql: as for `plan`.
        root: as for `plan`.
        area: as for `plan`.
        patterns: as for `plan`.
        labels: as for `plan`.
        split: `blocks`, `scene`, `tile`, `region`, `time`, `stratified` or `random`; the publisher's by default.
        split_options: of the method.
        checksums: whether local files are hashed.
        statistics: whether all pixels of the training fold are read for statistics of the bands.
        weights: of the classes: `inverse`, `effective` or `median`.
        home: as for `plan`.
        recipe: as for `plan`, and `batch_size`, `seed`, `shuffle`, `drop_last`, `window`, `ignore` ...

    Raises:
        NotFound: nothing of that name, or nothing to train with.
        RecordError: nothing of it can be read, no chips, or a recipe that makes no sense.
    """
    from training.freeze import freeze
    from training.select.recipe import recipe_of

    made = recipe_of(recipe)
    options = {"seed": made.seed, **(split_options or {})} if split else None
    with _chosen(what, home, sparql=sparql, root=root, area=area, patterns=patterns, labels=labels) as found:
        opened, data, selection, where = found
        return freeze(
            opened,
            selection,
            made,
            data,
            area=where,
            split=split,
            split_options=options,
            checksums=checksums,
            statistics=statistics,
            weights=weights,
        )


def open_lock(path: str | Path, *, root: Root = None) -> Lock:
    """Reads a lock file.

    Args:
        path: the file.
        root: where the data lies here; by default a folder called as the dataset beside the lock or here.

    Raises:
        NotFound: there is no such file.
        RecordError: it is no lock, or was changed after it was made.
    """
    from training.select.lock import Lock

    return Lock.read(path, root=root)


def preview(
    what: Lock | str | Sequence[str],
    *,
    root: Root = None,
    number: int = 16,
    split: str = "",
    bands: Sequence[str | int] = (),
    seed: int = 0,
    home: str | Path | None = None,
    **options: Any,  # noqa: ANN401
) -> Preview:
    """Chips with their labels as a picture, which shows itself in a notebook; `.write(path)` makes a PNG.

    Args:
        what: a lock, the path of one, or what `lock` takes.
        root: where the data lies.
        number: of chips.
        split: fold; all by default.
        bands: three for red, green and blue, or one in grey.
        seed: which chips are shown.
        home: the catalogue's folder.
        options: as for `lock`.

    Raises:
        NotFound: no such fold or band, or nothing to show.
    """
    from training.io import open_bytes
    from training.preview import preview as run
    from training.select.choose import names_web
    from training.select.lock import Lock

    if isinstance(what, str) and what.endswith(".lock"):
        what = Lock.read(what, root=root)
    elif not isinstance(what, Lock):
        what = lock(what, root=root, home=home, checksums=False, **options)
    with open_bytes(allow_private=names_web(root)) as data:
        return run(what, data, number=number, split=split, bands=bands, seed=seed)
