"""`earthdex leakage`, `licences`, `bands` and `classes`: what training with this data would get wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.guard import plain_text
from api.commands.progress import progress_bars
from ontology.errors import EarthdexError, NotFound

if TYPE_CHECKING:
    from kg.home import Home
    from training.care.bands import Band
    from training.care.duplicates import Fingerprints
    from training.io import OpenBytes
    from training.select.lock import Lock
    from training.types import Item

Json = Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")]
_MOST_BYTES = 64 << 20


@contextmanager
def _opened() -> Iterator[Home]:
    """The catalogue, built on first use."""
    from ingest.builtin import ensure_built
    from kg.home import open_home

    with progress_bars() as report:
        ensure_built(progress=report)
    with open_home() as home:
        yield home


def _told(made: Any, json_: bool) -> None:  # noqa: ANN401 - whatever has text and to_dict
    sys.stdout.write((json.dumps(made.to_dict(), ensure_ascii=False, indent=2) if json_ else made.text()) + "\n")


def _is_lock(name: str) -> bool:
    return name.endswith(".lock") or (name.endswith(".json") and Path(name).is_file())


def _prints(lock: Lock, data: OpenBytes) -> Fingerprints:
    """Fingerprints of all chips; where units are items, each must be one chip."""
    from training.care.duplicates import fingerprints
    from training.engine.reader import Reader

    if (lock.split is None or lock.split.of != "chips") and lock.count != len(lock.items):
        raise EarthdexError("Pixels of items that give several chips cannot be compared.", "Split the lock by blocks.")
    reader = Reader(lock, data)
    with progress_bars() as report:
        return fingerprints(reader.batches(0), report)


def leakage(
    what: Annotated[
        list[str] | None, typer.Argument(help="A lock, whose folds are compared, or two locks or data sets.")
    ] = None,
    model: Annotated[str, typer.Option("--model", help="Has this model seen the area or the test data?")] = "",
    area: Annotated[
        str, typer.Option("--area", help="With --model: a place, a GeoJSON file or west,south,east,north.")
    ] = "",
    period: Annotated[str, typer.Option("--period", help="With --model: 2018, 2018-03, 2018-03-14 or from/to.")] = "",
    root: Annotated[
        list[str] | None, typer.Option("--root", help="Folder of the files of each data set or lock, in their order.")
    ] = None,
    near: Annotated[float, typer.Option("--near", min=0, help="Tell what lies nearer than so many metres.")] = 0.0,
    days: Annotated[int, typer.Option("--days", min=0, help="So many days apart still count as the same day.")] = 0,
    pixels: Annotated[bool, typer.Option("--pixels", help="Read all chips of the locks and compare pixels.")] = False,
    turned: Annotated[bool, typer.Option("--turned", help="With --pixels: turned and mirrored chips too.")] = False,
    json_: Json = False,
) -> None:
    """Tell what folds, data sets, or a model's training data and a test area share."""
    names = [plain_text(one) for one in what or ()]
    if model:
        _has_seen(plain_text(model), names, plain_text(area), period, root, json_)
        return
    if area or period:
        raise typer.BadParameter("--area and --period go with --model.")
    if not names or len(names) > 2:
        raise typer.BadParameter("Name one lock, or two locks or data sets.")
    from training.care import leakage as compare
    from training.care.locks import lock_folds, lock_units

    if pixels and not all(map(_is_lock, names)):
        raise typer.BadParameter("Pixels can be compared for locks only: make them with `earthdex lock`.")
    from training.io import open_bytes
    from training.select.choose import names_web

    roots = _roots(root, len(names))
    prints: Any = None
    # a lock may have been made by a stranger: only hosts that the user names may be private
    with open_bytes(allow_private=frozenset().union(*map(names_web, roots))) as data:
        sides: list[Any] = []
        found: list[Fingerprints] = []
        lock: Lock | None = None
        for name, place in zip(names, roots, strict=True):
            if _is_lock(name):
                lock = _read(name, place)
                sides.append(lock_units(lock))
                if pixels:
                    found.append(_prints(lock, data))
            else:
                sides.append(_items(name, place))
        if found:
            prints = found[0] if len(found) == 1 else tuple(found)
    options: dict[str, Any] = {"near_m": near, "near_days": days, "prints": prints, "turned": turned}
    if len(sides) == 1:
        folds = lock_folds(lock) if lock is not None else None
        _told(compare(sides[0], folds, **options), json_)
    else:
        labels = (names[0], names[1]) if names[0] != names[1] else ("A", "B")
        _told(compare(sides[0], sides[1], names=labels, **options), json_)


def _roots(root: Sequence[str] | None, count: int) -> list[str | None]:
    given: list[str | None] = list(root or ())
    if len(given) > count:
        raise typer.BadParameter(f"{len(given)} folders for {count} data sets.", param_hint="--root")
    return given + [None] * (count - len(given))


def _read(name: str, root: str | None) -> Lock:
    from training.select.lock import Lock

    return Lock.read(name, root=root)


def _items(name: str, root: str | None) -> list[Item]:
    """Items of a data set, with their places where headers tell them."""
    from api.commands.selecting import select
    from training.io import open_bytes
    from training.prepare import prepare
    from training.select.choose import names_web
    from training.types import Recipe

    with _opened() as home, open_bytes(allow_private=names_web(root)) as data, progress_bars() as report:
        chosen = select(home, [name], root=root, data=data, progress=report)
        ready = prepare(home, chosen, Recipe(), data, area=None, checksums=False, progress=report)
    return list(ready.selection.items)


def _has_seen(model: str, names: list[str], area: str, period: str, root: Sequence[str] | None, json_: bool) -> None:
    from training.care.locks import tested_items
    from training.care.seen import has_seen
    from training.select.area import area_of

    if bool(area) == bool(names) or len(names) > 1:
        raise typer.BadParameter("Give --area, or one lock or data set, with --model.")
    with _opened() as home:
        if area:
            where = area_of(area, home.path)
            _told(has_seen(home, model, where.geometry, area_name=where.name, period=period), json_)
            return
    place = _roots(root, 1)[0]
    items = tested_items(_read(names[0], place)) if _is_lock(names[0]) else _items(names[0], place)
    with _opened() as home:
        _told(has_seen(home, model, items, area_name=names[0], period=period), json_)


def licences(
    what: Annotated[list[str], typer.Argument(help="Data sets and models of the mix, or a lock.")],
    json_: Json = False,
) -> None:
    """Tell what the licences of data and weights allow together."""
    from training.care.licences import combine_licences
    from training.care.records import licensed

    names = []
    for one in map(plain_text, what):
        if _is_lock(one):
            lock = _read(one, None)
            names += [source.iri for source in lock.sources] + list(lock.content["models"])
        else:
            names.append(one)
    with _opened() as home:
        _told(combine_licences(licensed(home, list(dict.fromkeys(names)))), json_)


def bands(
    source: Annotated[str, typer.Argument(help="Where the pixels come from: a data set, or a STAC item's file.")],
    wanted: Annotated[str, typer.Argument(help="What they are for: a model, another data set or a STAC item's file.")],
    resolution: Annotated[
        float, typer.Option("--resolution", min=0, help="Bring all to so many metres a pixel; the target's by default.")
    ] = 0.0,
    reuse: Annotated[bool, typer.Option("--reuse", help="One band may stand for several.")] = False,
    json_: Json = False,
) -> None:
    """Match bands by wavelength: from a data set to a model or another data set."""
    from training.care.bands import match_bands

    with _opened() as home:
        left, right = (_bands(home, plain_text(one)) for one in (source, wanted))
    _told(match_bands(left, right, reuse=reuse, resolution=resolution or None), json_)


def _bands(home: Home, name: str) -> list[Band]:
    from training.care.bands import stac_bands
    from training.care.records import bands as of_record

    path = Path(name)
    if name.endswith((".json", ".geojson")):
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            raise NotFound(f"There is no STAC item {name[:200]}.", "Give a file, or the name of a record.")
        try:
            item = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise NotFound(f"{name[:200]} is no JSON.", "Give the file of a STAC item.") from error
        found = stac_bands(item) if isinstance(item, dict) else []
    else:
        _, found = of_record(home, name)
    if not found:
        raise NotFound(f"No bands of {name[:200]} are known.", "`earthdex show` tells what is known of a record.")
    return found


def classes(
    what: Annotated[list[str], typer.Argument(help="Data sets.")],
    into: Annotated[
        str,
        typer.Option("--into", help="class/worldcover, class/corine, class/hcat, class/wmo-sea-ice or a data set."),
    ] = "",
    ignore: Annotated[int, typer.Option("--ignore", min=0, help="Value of what has no class.")] = 255,
    names: Annotated[
        bool, typer.Option("--names/--no-names", help="Whether classes without a link may be mapped by their name.")
    ] = True,
    json_: Json = False,
) -> None:
    """Bring the labels of data sets under one class scheme, and tell what is lost."""
    from training.care.schemes import merge_classes

    with _opened() as home:
        _told(merge_classes(home, [plain_text(one) for one in what], into or None, by_name=names, ignore=ignore), json_)
