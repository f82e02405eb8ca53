"""`python -m earthdex` and the `earthdex` command."""

from __future__ import annotations


def main() -> None:
    """Runs the command line."""
    from api.cli import main as run

    run()


if __name__ == "__main__":
    main()
