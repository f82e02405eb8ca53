"""`earthdex keys`: who may write through the service."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

app = typer.Typer(
    help="Keys for writing through the service; none is needed for reading.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print stable, documented JSON instead of text.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Who holds it: letters, digits, `_`, `.` and `-`.")],
    scope: Annotated[
        list[str], typer.Option(help="What it may do: write, graph:<iri>, graph:default or metrics; repeatable.")
    ],
    expires: Annotated[str, typer.Option(help="After how long it ends: 12h, 30d, 8w, 1y.")] = "90d",
    json_: JsonFlag = False,
) -> None:
    """Make a key; it is shown once and kept nowhere."""
    from api.serve.keys import Keys
    from kg.layout import default_path

    key, text = Keys(default_path()).add(name, scope, expires)
    if json_:
        sys.stdout.write(json.dumps(key.to_dict() | {"key": text}, indent=2) + "\n")
        return
    typer.echo(f"Key of {key.name}, {', '.join(key.scopes)}, until {key.expires}. It is not shown again:", err=True)
    sys.stdout.write(text + "\n")


@app.command("list")
def list_(json_: JsonFlag = False) -> None:
    """List the keys, without their secrets."""
    from api.serve.keys import Keys
    from kg.layout import default_path

    found = Keys(default_path()).all()
    if json_:
        sys.stdout.write(json.dumps([one.to_dict() for one in found], indent=2) + "\n")
        return
    for one in found:
        sys.stdout.write(f"{one.id}  {one.name}  {one.state}  until {one.expires}  {', '.join(one.scopes)}\n")


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Name or id of the key.")]) -> None:
    """End a key; it is refused from the next request on."""
    from api.serve.keys import Keys
    from kg.layout import default_path

    key = Keys(default_path()).revoke(name)
    typer.echo(f"The key of {key.name} is revoked.", err=True)
