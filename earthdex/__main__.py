"""`python -m earthdex` and the `earthdex` command."""

from __future__ import annotations

import gc


def main() -> None:
    """Runs the command line."""
    # importing makes a hundred thousand lasting objects: looking through them for garbage costs a sixth of an answer
    gc.set_threshold(100_000, 20, 20)
    from api.commands.cli import main as run

    run()


if __name__ == "__main__":
    main()
