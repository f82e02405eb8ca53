"""`earthdex backup` and `earthdex restore`: the catalogue in one archive, and back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.progress import progress_bars

JsonFlag = Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")]


def _tell(what: str, path: Path, found: Any, json_: bool) -> None:  # noqa: ANN401 - `kg.backup.Backup`
    if json_:
        facts = {"version": found.version, "files": found.files, "bytes": found.bytes, "scenes": found.scenes}
        sys.stdout.write(json.dumps({"archive": str(path), **facts}, indent=2) + "\n")
        return
    size = f"{found.bytes / 1e6:,.0f} MB in {found.files:,} files, {found.scenes:,} scenes"
    typer.echo(f"{what} version {found.version}: {size}.", err=True)


def backup(path: Annotated[Path, typer.Argument(help="The archive to write.")], json_: JsonFlag = False) -> None:
    """Write the catalogue into one archive; others may ask and write meanwhile."""
    from kg.backup import backup as run

    with progress_bars() as report:
        found = run(path, progress=report)
    _tell("Saved", path, found, json_)


def restore(path: Annotated[Path, typer.Argument(help="An archive of `backup`.")], json_: JsonFlag = False) -> None:
    """Publish the catalogue of an archive as the newest version; a damaged archive is refused."""
    from kg.backup import restore as run
    from kg.layout import default_path

    with progress_bars() as report:
        found = run(path, default_path(), progress=report)
    _tell("Restored as", path, found, json_)
