"""`earthdex plan`, `earthdex lock` and `earthdex preview`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from api.commands.guard import plain_text
from api.commands.progress import Report, progress_bars
from ontology.errors import NotFound

if TYPE_CHECKING:
    from kg.home import Home
    from training.io import OpenBytes
    from training.select.area import Area
    from training.select.selection import Selection
    from training.types import Recipe

What = Annotated[list[str] | None, typer.Argument(help="Names of datasets and models, or a question.")]
Sparql = Annotated[str, typer.Option("--sparql", help="A SELECT query that finds what to train with.")]
Root = Annotated[
    list[str] | None,
    typer.Option("--root", help="Folder, web folder or archive of the files; ID=FOLDER for one dataset of several."),
]
AreaName = Annotated[str, typer.Option("--area", help="A place, a GeoJSON file or west,south,east,north.")]
Pattern = Annotated[
    list[str] | None, typer.Option("--pattern", help="Which files are what: ROLE=GLOB, such as image=S2/*.tif.")
]
Labels = Annotated[str, typer.Option("--labels", help="Label raster or GeoJSON that goes with every scene.")]
Size = Annotated[int, typer.Option("--size", min=0, help="Height and width of chips in pixels; else whole items.")]
Stride = Annotated[int, typer.Option("--stride", min=0, help="Pixels between chips; their size by default.")]
PerEpoch = Annotated[int, typer.Option("--random", min=0, help="So many random crops an epoch, in place of a grid.")]
Bands = Annotated[str, typer.Option("--bands", help="Bands in the wanted order: B04,B03,B02 or 4,3,2.")]
Crs = Annotated[str, typer.Option("--crs", help="Bring all to this CRS, such as EPSG:32633.")]
Resolution = Annotated[float, typer.Option("--resolution", min=0, help="Units of the CRS a pixel.")]
Json = Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")]


class _MakeByDefault(TyperGroup):
    """`earthdex lock NAME` makes a lock; `verify` and `publish` are the words that do something else."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click, or the one inside typer
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


lock_app = typer.Typer(
    cls=_MakeByDefault,
    help="Freeze what to train with in a file, so that the same file gives the same batches anywhere.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@contextmanager
def _opened(root: Any) -> Iterator[tuple[Home, OpenBytes]]:  # noqa: ANN401
    """The catalogue, built on first use, and where bytes come from."""
    from ingest.builtin import ensure_built
    from kg.home import open_home
    from training.io import open_bytes
    from training.select.choose import names_web

    with progress_bars() as report:
        ensure_built(progress=report)
    with open_home() as home, open_bytes(allow_private=names_web(root)) as data:
        yield home, data


def _pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    found = {}
    for one in texts or ():
        name, sign, value = one.partition("=")
        if not sign or not name or not value:
            raise typer.BadParameter(f"{one!r} is not NAME=VALUE.", param_hint=option)
        found[name] = value
    return found


def _root(texts: list[str] | None) -> Any:  # noqa: ANN401
    """One place, or one for each identifier."""
    if not texts:
        return None
    if len(texts) == 1 and ("=" not in texts[0] or "://" in texts[0].partition("=")[0] or Path(texts[0]).exists()):
        return texts[0]
    return _pairs(texts, "--root")


def _band_list(text: str) -> list[str | int]:
    return [int(one) if one.isdigit() else one for one in text.replace(" ", "").split(",") if one]


def _recipe(
    size: int,
    stride: int,
    random: int,
    bands: str,
    crs: str,
    resolution: float,
    **others: Any,  # noqa: ANN401
) -> Recipe:
    from training.select.recipe import recipe_of

    if not size and (stride or random):
        raise typer.BadParameter("Chips need a size in pixels.", param_hint="--size")
    return recipe_of(
        {
            "size": size,
            "stride": stride,
            "per_epoch": random,
            "bands": _band_list(bands),
            "crs": crs,
            "resolution": resolution,
            **others,
        }
    )


@contextmanager
def _chosen(
    what: list[str] | None, sparql: str, root: list[str] | None, area: str, pattern: list[str] | None, labels: str
) -> Iterator[tuple[Home, OpenBytes, Report, Area | None, Selection]]:
    """What the words mean as something to train with, and what it is read by."""
    from api.commands.selecting import select
    from training.select.area import area_of

    place = _root(root)
    with _opened(place) as (home, data), progress_bars() as report:
        where = area_of(area, home.path) if area else None
        found = select(
            home,
            [plain_text(one) for one in what or ()],
            sparql=sparql,
            root=place,
            area=where,
            patterns=_pairs(pattern, "--pattern"),
            labels=labels,
            data=data,
            progress=report,
        )
        yield home, data, report, where, found


def _print(value: Any) -> None:  # noqa: ANN401
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def plan(
    what: What = None,
    sparql: Sparql = "",
    root: Root = None,
    area: AreaName = "",
    pattern: Pattern = None,
    labels: Labels = "",
    size: Size = 0,
    stride: Stride = 0,
    random: PerEpoch = 0,
    bands: Bands = "",
    crs: Crs = "",
    resolution: Resolution = 0.0,
    look: Annotated[bool, typer.Option("--look", help="Read some masks for the balance of classes.")] = False,
    headers: Annotated[
        int, typer.Option("--headers", min=0, help="Read at most so many headers and extrapolate; 0: all.")
    ] = 2_000,
    json_: Json = False,
) -> None:
    """Tell what training would take, before any pixel is read."""
    from training.plan import plan as run

    recipe = _recipe(size, stride, random, bands, crs, resolution)
    with _chosen(what, sparql, root, area, pattern, labels) as (home, data, report, where, chosen):
        made = run(home, chosen, recipe, data, area=where, most=headers, look=look, progress=report).to_dict()
    if json_:
        _print(made)
    else:
        from api.commands.render_training import render_plan

        render_plan(made)
    if not made["items"]:
        raise typer.Exit(3)


@lock_app.command("make")
def make_lock(
    what: What = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path("earthdex.lock"),
    sparql: Sparql = "",
    root: Root = None,
    area: AreaName = "",
    pattern: Pattern = None,
    labels: Labels = "",
    size: Size = 0,
    stride: Stride = 0,
    random: PerEpoch = 0,
    bands: Bands = "",
    crs: Crs = "",
    resolution: Resolution = 0.0,
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Chips a batch.")] = 32,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of order, crops and split.")] = 0,
    split: Annotated[
        str,
        typer.Option(
            "--split", help="blocks, scene, tile, region, time, stratified, random; the publisher's by default."
        ),
    ] = "",
    split_option: Annotated[
        list[str] | None, typer.Option("--split-option", help="NAME=VALUE (JSON), such as block_m=20000; repeatable.")
    ] = None,
    checksums: Annotated[
        bool, typer.Option("--checksums/--no-checksums", help="Whether local files are hashed.")
    ] = True,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Read all pixels of the training fold for statistics of the bands.")
    ] = False,
    weights: Annotated[str, typer.Option("--weights", help="Class weights: inverse, effective or median.")] = "",
    into: Annotated[
        str,
        typer.Option("--into", help="Merge the classes of the chips: class/worldcover, ..., a dataset, or `common`."),
    ] = "",
    json_: Json = False,
) -> None:
    """Freeze what to train with in a file."""
    from training.freeze import freeze

    recipe = _recipe(size, stride, random, bands, crs, resolution, batch_size=batch_size, seed=seed)
    options = {name: _json(value) for name, value in _pairs(split_option, "--split-option").items()}
    with _chosen(what, sparql, root, area, pattern, labels) as (home, data, report, where, chosen):
        if into:
            from training.care.relabel import relabelled

            chosen = relabelled(home, chosen, None if into == "common" else into)
        made = freeze(
            home,
            chosen,
            recipe,
            data,
            area=where,
            split=split,
            split_options={"seed": seed, **options} if split else None,
            checksums=checksums,
            statistics=statistics,
            weights=weights,
            progress=report,
        )
    made.write(output)
    _tell(made, output, json_)


def _json(text: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except ValueError:
        return text


def _tell(made: Any, output: Path, json_: bool) -> None:  # noqa: ANN401
    folds = {name: len(made.numbers(name)) for name in (made.split.folds if made.split is not None else ())}
    facts = {
        "file": str(output),
        "digest": made.digest,
        "items": len(made.items),
        "chips": made.count,
        "folds": folds,
        "problems": list(made.content["problems"]),
    }
    if json_:
        _print(facts)
    else:
        from api.commands.render_training import render_lock

        render_lock(facts)


LockFile = Annotated[Path, typer.Argument(help="The lock file.")]


@lock_app.command("verify")
def verify_lock(lock: LockFile, root: Root = None, json_: Json = False) -> None:
    """Check that the files of a lock are still those it names: sizes, checksums, ETags."""
    from training.io import open_bytes
    from training.select.choose import names_web
    from training.select.lock import Lock
    from training.select.verify import verify

    frozen = Lock.read(lock, root=_root(root))
    with open_bytes(allow_private=names_web(_root(root))) as data, progress_bars() as report:
        checked = verify(frozen, data, progress=report).to_dict()
    if json_:
        _print(checked)
    else:
        from api.commands.render_training import render_verified

        render_verified(checked)
    if checked["changed"] or checked["missing"]:
        raise typer.Exit(1)


@lock_app.command("publish")
def publish_lock(
    lock: LockFile,
    print_: Annotated[bool, typer.Option("--print", help="Print the triples as Turtle; add nothing.")] = False,
    json_: Json = False,
) -> None:
    """Describe a lock in the graph: what it was made from, by what, with which outcome (PROV-O)."""
    from training.provenance import publish, to_turtle
    from training.select.lock import Lock

    frozen = Lock.read(lock)
    if print_:
        sys.stdout.write(to_turtle(frozen))
        return
    from ingest.builtin import ensure_built

    with progress_bars() as report:
        ensure_built(progress=report)
        iri, version = publish(frozen)
    if json_:
        _print({"iri": iri, "version": version})
    else:
        sys.stdout.write(f"{iri}\nversion {version}\n")


def preview(
    what: Annotated[list[str] | None, typer.Argument(help="A lock file, names of datasets, or a question.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="PNG or HTML file to write; else the terminal.")
    ] = None,
    number: Annotated[int, typer.Option("--number", "-n", min=1, max=400, help="Chips to show.")] = 16,
    terminal: Annotated[bool, typer.Option("--terminal", help="Show in the terminal, also with --output.")] = False,
    split: Annotated[str, typer.Option("--split", help="Only chips of this fold.")] = "",
    root: Root = None,
    area: AreaName = "",
    pattern: Pattern = None,
    size: Size = 0,
    stride: Stride = 0,
    bands: Annotated[str, typer.Option("--bands", help="Three bands for red, green and blue, or one.")] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which chips are shown.")] = 0,
) -> None:
    """Show a grid of chips with their labels."""
    from api.commands.selecting import select
    from training.freeze import freeze
    from training.preview import preview as draw
    from training.select.area import area_of
    from training.select.lock import Lock

    words = [plain_text(one) for one in what or ()]
    with _opened(_root(root)) as (home, data), progress_bars() as report:
        where = area_of(area, home.path) if area else None
        if len(words) == 1 and (words[0].endswith(".lock") or Path(words[0]).is_file()):
            frozen = Lock.read(words[0], root=_root(root))
        else:
            patterns = _pairs(pattern, "--pattern")
            chosen = select(home, words, root=_root(root), area=where, patterns=patterns, data=data, progress=report)
            recipe = _recipe(size, stride, 0, "", "", 0.0)
            frozen = freeze(home, chosen, recipe, data, area=where, checksums=False, progress=report)
        picture = draw(frozen, data, number=number, split=split, bands=tuple(_band_list(bands)), seed=seed)
    if not picture.tiles:
        raise NotFound(f"No chip can be shown: {'; '.join(picture.problems[:3])}", "`earthdex plan` tells more.")
    if output is not None:
        picture.write(output)
        sys.stdout.write(f"{output}\n")
    if output is None or terminal:
        from api.commands.render_training import render_preview

        render_preview(picture)
