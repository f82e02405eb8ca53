"""Scenes on their way to the writer: each identifier once a run, the fuller record of several, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from hashlib import blake2b
from typing import TYPE_CHECKING

from ingest.report import AddReport
from ontology.records import Scene

if TYPE_CHECKING:
    from kg.writer import Writer

_MOST = 50_000
_MOST_BYTES = 64_000_000
_FACTS = [one.name for one in fields(Scene) if one.name not in ("id", "collection", "source", "original", "assets")]


class SceneBatch:
    """Collects scenes and hands them on in large lots."""

    def __init__(self, writer: Writer, report: AddReport) -> None:
        self._writer = writer
        self._report = report
        self._scenes: dict[tuple[str, str], Scene] = {}
        self._bytes = 0
        self._seen: dict[bytes, int] = {}  # identifier -> how full the record was, for all of the run

    def add(self, scene: Scene, path: str, line: int) -> None:
        """Takes a scene; of several with one identifier the fullest stays, of equally full ones the first."""
        key = blake2b(f"{scene.collection}\0{scene.id}".encode(), digest_size=12).digest()
        full = _fullness(scene)
        before = self._seen.get(key)
        if before is not None:
            self._report.duplicates += 1
            if before >= full:
                return
        self._seen[key] = full
        self._scenes[scene.collection, scene.id] = scene
        self._bytes += len(scene.original) + len(scene.assets) + len(scene.geometry or b"") + 500
        if len(self._scenes) >= _MOST or self._bytes >= _MOST_BYTES:
            self.flush()

    def flush(self, progress: Callable[[str, int, int], None] | None = None) -> None:
        """Hands over what was collected."""
        if not self._scenes:
            return
        counts = self._writer.add_scenes(self._scenes.values(), progress)
        self._report.scenes += counts.added
        self._report.updated += counts.replaced
        self._report.unchanged += counts.unchanged
        self._scenes.clear()
        self._bytes = 0


def _fullness(scene: Scene) -> int:
    """How much a record says: a footprint and a time weigh more than all the rest."""
    filled = sum(1 for name in _FACTS if getattr(scene, name) not in (None, (), False))
    return filled + 100 * (scene.geometry is not None) + 100 * (scene.start_time is not None)
