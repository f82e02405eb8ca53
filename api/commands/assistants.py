"""`earthdex mcp`: the catalogue for an assistant, over standard input and output."""

from __future__ import annotations

import logging

import typer

from api.commands.progress import progress_bars
from ontology.errors import NotOffered


def mcp() -> None:
    """Serve an assistant over standard input and output (Model Context Protocol)."""
    try:
        from api.mcp.server import make_server
    except ModuleNotFoundError as error:
        raise NotOffered(
            f"The assistants' server needs the package {error.name}.", "Install it with pip install 'earthdex[mcp]'."
        ) from None
    from api.mcp.source import OwnCatalogue
    from api.serve.catalogue import Catalogue
    from ingest.builtin import ensure_built

    with progress_bars() as report:  # to standard error: standard output belongs to the protocol
        ensure_built(progress=report)
    logging.getLogger("mcp").setLevel(logging.ERROR)
    typer.echo("earthdex mcp: waiting for an assistant on standard input.", err=True)
    own = OwnCatalogue(Catalogue())
    make_server(lambda _: own, "0.1.0").run("stdio")
