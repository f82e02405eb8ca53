"""What functions failed on during one query: pyoxigraph swallows what they raise, so it is counted here."""

from __future__ import annotations


class FunctionErrors:
    """What functions failed on during one query."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, name: str, message: str) -> None:
        """Notes one failed call."""
        key = (name, message[:200])
        if key in self._counts or len(self._counts) < 20:
            self._counts[key] = self._counts.get(key, 0) + 1

    def notes(self) -> tuple[str, ...]:
        """One sentence for each kind of failure."""
        return tuple(
            f"geof:{name} failed {count} time{'s' * (count > 1)}, and rows that needed it are missing: {message}"
            for (name, message), count in self._counts.items()
        )
