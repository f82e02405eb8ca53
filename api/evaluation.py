"""The frozen version of the catalogue that questions are scored over: the built-in records and made-up scenes.

It lies in the cache folder, made once for each content: its name is a digest of the packaged records, of the code that
makes scenes, and of the question files that scenes are made for.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from ingest.builtin import ensure_built
from ingest.catalogue import Progress, content_digest
from kg.home import builtin_version, open_writer
from nlq.evaluation.scenes import frozen_scenes, made_by

_DONE = "frozen.txt"
_MOST_KEPT = 4


def frozen_home(cache: Path | None = None, progress: Progress | None = None) -> Path:
    """The folder of the frozen version, made where it is not there yet.

    Args:
        cache: folder that keeps frozen versions; the user's cache folder by default.
        progress: called with (stage, done, total).

    Returns:
        A catalogue folder, as `EARTHDEX_HOME` names one.

    Raises:
        StoreError: the folder cannot be written.
        RecordError: a packaged record is damaged.
    """
    root = cache if cache is not None else user_cache_path("earthdex", appauthor=False) / "evaluation"
    root.mkdir(parents=True, exist_ok=True)
    catalogue = content_digest()
    key = hashlib.sha256(f"{catalogue} {made_by()}".encode()).hexdigest()[:12]
    home = root / f"frozen-{key}"
    if _is_whole(home, catalogue):
        os.utime(home)
        return home
    draft = Path(tempfile.mkdtemp(prefix="making-", dir=root))
    try:
        ensure_built(draft, progress)
        with open_writer(draft) as writer:
            writer.add_scenes(list(frozen_scenes(progress)))
            writer.publish()
        (draft / _DONE).write_text("The frozen catalogue version of `earthdex evaluate`.\n", encoding="utf-8")
        if not _is_whole(home, catalogue):  # another process may have been faster
            shutil.rmtree(home, ignore_errors=True)
            os.replace(draft, home)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _forget_old(root, home)
    return home


def _is_whole(home: Path, catalogue: str) -> bool:
    """Whether a folder holds a finished version of this catalogue, and nobody made it newer by using it."""
    return (home / _DONE).is_file() and builtin_version(home) == catalogue


def _forget_old(root: Path, home: Path) -> None:
    """Removes frozen versions that were not used lately."""
    known: Sequence[Path] = sorted(root.glob("frozen-*"), key=lambda one: one.stat().st_mtime, reverse=True)
    for one in [one for one in known if one != home][_MOST_KEPT - 1 :]:
        with suppress(OSError):
            shutil.rmtree(one)
