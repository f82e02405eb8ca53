"""The lexicon of a published version, kept beside it: made once, read in a few hundredths of a second."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import astuple
from pathlib import Path
from typing import Any

from nlq.lexis.lexicon import Entry, Lexicon
from nlq.lexis.sources import SensorFact

FORMAT = 1
_MADE_BY = ("lexis/*.py", "lexis/*.txt", "engine.py", "stages/link.py", "sheet/tokens.py")


def _fingerprint() -> str:
    """Changes with the code that makes a lexicon."""
    folder = Path(__file__).resolve().parents[1]
    parts = []
    for path in sorted(path for pattern in _MADE_BY for path in folder.glob(pattern)):
        facts = path.stat()
        parts.append(f"{path.name}:{facts.st_size}:{facts.st_mtime_ns}")
    return "|".join(parts)


def file_of(home: Any) -> Path | None:  # noqa: ANN401 - kg.home.Home, or anything that answers queries
    """Where the lexicon of a home's version is kept; None where it has no folder."""
    folder = getattr(home, "kept", None)
    return folder / "reader.json" if isinstance(folder, Path) and folder.is_dir() else None


def recall(file: Path) -> tuple[Lexicon, dict[str, SensorFact]] | None:
    """The lexicon and sensors in a file; None where it is missing, damaged or made by other code."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["format"] != FORMAT or kept["made_by"] != _fingerprint():
            return None
        entries = [Entry(a, b, c, d, tuple(e), tuple(f)) for a, b, c, d, e, f in kept["entries"]]
        keys = {phrase: [entries[one] for one in numbers] for phrase, numbers in kept["keys"].items()}
        sensors = {name: _sensor(row) for name, row in kept["sensors"].items()}
        return Lexicon.restored(keys, set(kept["words"])), sensors
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _sensor(row: list[Any]) -> SensorFact:
    label, start, end, finest, *lists = row
    kinds, bands, levels, types, parents = (tuple(map(str, one)) for one in lists)
    return SensorFact(str(label), str(start), str(end), finest, kinds, bands, levels, types, parents)


def remember(file: Path, lexicon: Lexicon, sensors: dict[str, SensorFact]) -> None:
    """Write a lexicon beside its version; where that cannot be written, it is made again next time."""
    numbers: dict[int, int] = {}
    rows: list[tuple[Any, ...]] = []
    keys: dict[str, list[int]] = {}
    for phrase in lexicon.phrases():
        found = []
        for entry in lexicon.exactly(phrase):
            if id(entry) not in numbers:
                numbers[id(entry)] = len(rows)
                rows.append(astuple(entry))
            found.append(numbers[id(entry)])
        keys[phrase] = found
    kept = {
        "format": FORMAT,
        "made_by": _fingerprint(),
        "entries": rows,
        "keys": keys,
        "words": sorted(lexicon.words),
        "sensors": {name: astuple(one) for name, one in sensors.items()},
    }
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix="reader-", suffix=".partial")
    except OSError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(kept, out, ensure_ascii=False, separators=(",", ":"))
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
