"""`earthdex store`: the graph on a SPARQL server that `EARTHDEX_STORE` names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.progress import progress_bars
from ontology.errors import NotFound

if TYPE_CHECKING:
    from kg.home import Home
    from kg.remote import RemoteStore

app = typer.Typer(
    help="The graph on a SPARQL server, which EARTHDEX_STORE names.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")]


def _open() -> tuple[Home, RemoteStore]:
    from ingest.builtin import ensure_built
    from kg.home import open_home

    with progress_bars() as report:
        ensure_built(progress=report)
    home = open_home()
    if home.remote is None:
        home.close()
        raise NotFound("No server is set.", "Set EARTHDEX_STORE to the address of its SPARQL service.")
    return home, home.remote


def _show(facts: dict[str, Any], json_: bool) -> None:
    if json_:
        sys.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
        sys.stdout.write(f"{name:<{width}}  {shown}\n")


@app.command()
def status(json_: JsonFlag = False) -> None:
    """Tell which server is asked, how, and what it holds."""
    home, store = _open()
    with home:
        _show(store.status(), json_)


@app.command()
def push(
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove what others put into the catalogue's graphs there.")
    ] = False,
    json_: JsonFlag = False,
) -> None:
    """Upload the catalogue's graph; goes on where it broke off, and sends nothing that is there already."""
    from kg.remote.push import push as run

    home, store = _open()
    with home, progress_bars() as report:
        done = run(home.local_graph, store, report, content=home.content, replace=replace)
    _show({"server": store.endpoint, "revision": done.revision, "triples": done.triples, "sent": done.sent}, json_)


@app.command()
def dump(
    file: Annotated[Path, typer.Argument(help="The N-Quads file to write.")],
    json_: JsonFlag = False,
) -> None:
    """Write what `push` would send into a file, for the bulk loader of the server."""
    from kg.remote.push import write_dump

    home, store = _open()
    with home:
        made = write_dump(home.local_graph, store.dialect, file, home.content)
    _show({"file": str(file), "dialect": store.dialect.name, "revision": made.revision, "triples": made.triples}, json_)


@app.command()
def clear(json_: JsonFlag = False) -> None:
    """Remove the catalogue that was uploaded to the server; the one here stays."""
    from kg.remote.push import remove

    home, store = _open()
    with home:
        _show({"server": store.endpoint, "removed": remove(store)}, json_)
