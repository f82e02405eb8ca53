"""`earthdex sources`: the live sources of scenes."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.exits import ANSWERED, FAILED

app = typer.Typer(
    help="STAC APIs whose scenes are found live; none is asked before you switch it on.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")]
Name = Annotated[str, typer.Argument(help="Name of the source, as listed.")]


class Kind(StrEnum):
    """Kinds of sources."""

    stac = "stac"


def _show(value: Any, json_: bool) -> None:  # noqa: ANN401
    if json_:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
        return
    from api.commands.render import render_sources

    render_sources(value if isinstance(value, list) else [value])


@app.command("list")
def list_(json_: JsonFlag = False) -> None:
    """List the sources and whether they are switched on."""
    from ingest.live.sources import Registry
    from kg.layout import default_path

    _show([one.to_dict() for one in Registry.open(default_path()).sources.values()], json_)


@app.command()
def add(
    kind: Annotated[Kind, typer.Argument(help="Kind of the source.")],
    url: Annotated[str, typer.Argument(help="Address of the API's landing page.")],
    collection: Annotated[
        list[str] | None, typer.Option("--collection", help="Ask only this collection; repeatable.")
    ] = None,
    name: Annotated[str, typer.Option(help="What to call it; its host by default.")] = "",
    key_env: Annotated[str, typer.Option(help="Environment variable that holds the key, if it needs one.")] = "",
    key_header: Annotated[
        str, typer.Option(help="Header that carries the key; Authorization as a bearer token.")
    ] = "Authorization",
    json_: JsonFlag = False,
) -> None:
    """Add a STAC API and switch it on."""
    from ingest.live.manage import add_source

    _ = kind  # there is one kind as yet
    made = add_source(
        _home(), url, name=name, collections=tuple(collection or ()), key_env=key_env, key_header=key_header
    )
    _show(made.to_dict(), json_)


@app.command()
def remove(name: Name) -> None:
    """Forget a source and what it answered."""
    from ingest.live.manage import remove_source

    remove_source(_home(), name)


@app.command()
def enable(name: Name, json_: JsonFlag = False) -> None:
    """Switch a source on."""
    _switch(name, True, json_)


@app.command()
def disable(name: Name, json_: JsonFlag = False) -> None:
    """Switch a source off."""
    _switch(name, False, json_)


def _switch(name: str, on: bool, json_: bool) -> None:
    from ingest.live.manage import switch

    source, told = switch(_home(), name, on)
    _show(source.to_dict(), json_)
    if told:
        typer.echo(told, err=True)


@app.command()
def test(
    name: Annotated[str | None, typer.Argument(help="Name of the source; all that are switched on by default.")] = None,
    json_: JsonFlag = False,
) -> None:
    """Ask sources for one scene each, and tell what they offer."""
    from ingest.live.manage import try_source
    from ingest.live.sources import Registry

    root = _home()
    names = [name] if name is not None else [one.name for one in Registry.open(root).enabled]
    trials = [try_source(root, one).to_dict() for one in names]
    _show(trials, json_)
    raise typer.Exit(ANSWERED if all(one["works"] for one in trials) else FAILED)


def _home() -> Path:
    """The catalogue's folder, built on first use."""
    from api.commands.progress import progress_bars
    from ingest.builtin import ensure_built
    from kg.layout import default_path

    with progress_bars() as report:
        ensure_built(progress=report)
    return default_path()
