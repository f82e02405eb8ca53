"""What comes from a shell and goes to a terminal: odd arguments, odd encodings, and errors of every kind."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date

import typer

from api.commands.progress import errors
from api.exits import ANSWERED, FAILED, exit_code
from ontology.errors import DiskFull, EarthdexError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def plain_text(text: str) -> str:
    """Text without the half characters that Python makes of bytes that are no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def calendar_day(text: str | None) -> str | None:
    """The value of an option that takes a day.

    Raises:
        BadParameter: it is no day of the calendar.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text[:40]!r} is no day of the calendar; write YYYY-MM-DD.") from None


def checked_sources(sources: Sequence[str]) -> None:
    """Refuses names that no file can have.

    An empty one, such as from a variable that is not set, would mean the whole working folder.

    Raises:
        BadParameter: a name is empty, too long or holds a null character.
    """
    for one in sources:
        if not one.strip():
            raise typer.BadParameter("A path is empty; `.` names the folder you are in.")
        if "\0" in one or len(os.fsencode(one)) > 4096:
            raise typer.BadParameter(f"{one[:60]!r}... can be no path.")


def _complain(error: EarthdexError) -> int:
    errors.print(f"earthdex: {plain_text(error.message)}", style="red", markup=False)
    if error.remedy:
        errors.print(f"  {plain_text(error.remedy)}", markup=False)
    return exit_code(error)


def _as_ours(error: Exception) -> EarthdexError:
    """An error that no part of the program expected, with what can be done about it."""
    if isinstance(error, OSError):
        where = f" ({str(error.filename)[:300]})" if error.filename else ""
        if error.errno in _FULL:
            return DiskFull(f"No space is left to write to{where}.", "Free some space, then run the command again.")
        text = f"The system refused{where}: {error.strerror or error}."
        return EarthdexError(text, "Check the path, its rights and the free space.")
    if isinstance(error, MemoryError):
        return EarthdexError("The memory does not suffice.", "Close other programs, or ask for less at once.")
    return EarthdexError(
        f"An error of earthdex itself: {type(error).__name__}: {str(error)[:500]}",
        "Please report it; with EARTHDEX_DEBUG=1 the command shows where it happened.",
    )


def _steady_streams() -> None:
    """Data goes out as UTF-8, whatever the locale; a character that a terminal cannot show is replaced."""
    if not isinstance(sys.stdout, io.TextIOWrapper):
        return
    if sys.stdout.isatty():
        sys.stdout.reconfigure(errors="replace")
    else:
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget_output() -> None:
    """Nothing more can be written: what is left must not fail again when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_guarded(command: Callable[[], object]) -> int:
    """Runs the command line; every error becomes one clear message and the documented exit code."""
    _steady_streams()
    code = ANSWERED
    try:
        try:
            command()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else FAILED if end.code else ANSWERED
        sys.stdout.flush()
        return code
    except EarthdexError as error:
        return _complain(error)
    except BrokenPipeError:
        # the reader of our output went away (`| head`): not an error
        _forget_output()
        return ANSWERED
    except KeyboardInterrupt:
        errors.print("earthdex: stopped.", style="red")
        return 130
    except Exception as error:
        if os.environ.get("EARTHDEX_DEBUG"):
            raise
        code = _complain(_as_ours(error))
        if isinstance(error, OSError):
            _forget_output()
        return code
