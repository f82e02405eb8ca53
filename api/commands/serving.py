"""`earthdex serve`: the service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.progress import progress_bars


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback by default.")] = "127.0.0.1",
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes that answer questions, and as many for queries.")
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Answer /sparql from this RDF file alone, without the catalogue; repeatable."),
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="The address that links begin with, such as behind a proxy.")
    ] = None,
    proxies: Annotated[
        str | None, typer.Option(help="Addresses of proxies in front that say who asks, comma-separated.")
    ] = None,
    log: Annotated[bool, typer.Option("--log/--no-log", help="Write a line of JSON for each request.")] = True,
) -> None:
    """Serve questions, SPARQL and pages over HTTP."""
    from api.serve.run import run
    from api.serve.settings import Settings

    given: dict[str, Any] = {"workers": workers, "public_url": public_url, "proxies": proxies}
    given["log"] = None if log else 0
    chosen = {name: value for name, value in given.items() if value is not None}
    settings = replace(Settings.from_environment(), **chosen)
    if not data:
        from ingest.builtin import ensure_built

        with progress_bars() as report:
            ensure_built(progress=report)
    run(host, port, settings, data or ())
