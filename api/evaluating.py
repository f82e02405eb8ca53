"""`earthdex evaluate`: scores of the question engine over the frozen catalogue version."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.progress import progress_bars


def evaluate(
    home_only: Annotated[
        bool, typer.Option("--home-only", help="Only make the frozen catalogue version, and print its folder.")
    ] = False,
) -> None:
    """Score how well questions are understood and answered, over a frozen version of the catalogue."""
    from api.evaluation import frozen_home

    with progress_bars() as report:
        home = frozen_home(progress=report)
    if home_only:
        sys.stdout.write(f"{home}\n")
