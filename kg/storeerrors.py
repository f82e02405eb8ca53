"""What RocksDB and pyoxigraph say, as errors of the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ontology.errors import DiskFull, EarthdexError, StoreCorrupt, StoreError, StoreLocked, StoreReadOnly

_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


def translated(error: Exception, path: Path | None) -> EarthdexError:
    """The error of the tree for what RocksDB and pyoxigraph say."""
    text, where = str(error), str(path) if path else "in memory"
    if "No space left" in text or "File too large" in text or "quota exceeded" in text:
        return DiskFull(f"No space is left for the store at {where}.", "Free space and run the command again.")
    if "only possible on read-write" in text or "Read-only file system" in text or "Permission denied" in text:
        return StoreReadOnly(f"The store at {where} cannot be written.", "Set EARTHDEX_HOME to a writable folder.")
    if "lock hold" in text or "Resource temporarily unavailable" in text:
        return StoreLocked(f"The store at {where} is open in another process.", "Wait until it is done.")
    if isinstance(error, FileNotFoundError) or "Corruption" in text or "nvalid argument" in text or path:
        short = text.split("\n")[0][:200]
        return StoreCorrupt(
            f"The store at {where} is damaged: {short}.",
            "Remove this folder: it is built again from its sources, and nothing that you added is lost.",
        )
    return StoreError(f"The store failed: {text[:200]}.", "")


def syntax(error: SyntaxError, what: str, kind: type[EarthdexError]) -> EarthdexError:
    """A syntax error with its place in the text."""
    text = str(error)
    match = _PLACE.search(text)
    if match is None:
        return kind(f"{what} does not parse: {text[:200]}.", "")
    reason = " ".join(match[3].split())
    reason = reason if len(reason) <= 120 else reason[:100] + "..."
    return kind(f"{what} does not parse at line {match[1]}, column {match[2]}: {reason}.", "Correct it there.")


@contextmanager
def store_errors(path: Path | None) -> Iterator[None]:
    """Turns what is raised within into errors of the tree."""
    try:
        yield
    except EarthdexError:
        raise
    except (OSError, RuntimeError) as error:
        raise translated(error, path) from error
    except AttributeError as error:  # the store was closed
        raise StoreError("The store is closed.", "Open it again.") from error
