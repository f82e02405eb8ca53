"""`earthdex pack` and `earthdex series`: many small files as one, and pixel series in their fast form."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.commands.progress import progress_bars

Json = Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")]


def pack(
    folder: Annotated[Path, typer.Argument(help="Folder whose files are packed.")],
    out: Annotated[Path, typer.Argument(help="The pack to write; its name ends in .pack.")],
    json_: Json = False,
) -> None:
    """Put many small files into one, to be read by ranges: chips over HTTP become hundreds of times faster."""
    from training.io.packs import pack as run

    with progress_bars() as report:
        files = run(folder, out, progress=report)
    size = out.stat().st_size
    if json_:
        sys.stdout.write(json.dumps({"pack": str(out), "files": files, "bytes": size}, indent=2) + "\n")
    else:
        sys.stdout.write(f"packed {files:,} files into {out} ({size:,} bytes)\n")


def series(
    source: Annotated[
        str, typer.Argument(help="Folder, web folder or archive of small CSVs, or one table (CSV, Parquet, Arrow).")
    ],
    out: Annotated[Path, typer.Argument(help="Folder to write the converted tables to.")],
    dataset: Annotated[str, typer.Option("--dataset", help="The dataset whose classes the labels are.")] = "",
    clear: Annotated[
        list[int] | None, typer.Option("--clear", help="Value of a column Flag that means a good date; 0 by default.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first file that cannot be read.")] = False,
    json_: Json = False,
) -> None:
    """Convert pixel time series into tables that give a million series a second."""
    from training.distributions import label_classes
    from training.io import open_bytes
    from training.select.choose import names_web
    from training.series.convert import convert

    classes = []
    with progress_bars() as report:
        if dataset:
            from ingest.builtin import ensure_built
            from kg.home import open_home

            ensure_built(progress=report)
            with open_home() as home:
                classes = label_classes(home, dataset)
        with open_bytes(allow_private=names_web(source)) as data:
            done = convert(
                source, out, data=data, classes=classes, clear=tuple(clear or (0,)), strict=strict, progress=report
            )
    if json_:
        told = {
            "tables": [str(one) for one in done.tables],
            "series": done.read,
            "skipped": [{"href": one.href, "reason": one.reason} for one in done.skipped],
        }
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return
    for one in done.tables:
        sys.stdout.write(f"{one}\n")
    sys.stderr.write(f"{done.read:,} series converted, {len(done.skipped):,} files left out\n")
    for left in done.skipped[:20]:
        sys.stderr.write(f"  {left.href}: {left.reason}\n")
