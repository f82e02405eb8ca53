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
from pathlib import Path

from platformdirs import user_cache_path

from ingest.builtin import ensure_built
from ingest.catalogue import Progress, content_digest
from kg.home import builtin_version, open_writer
from nlq.evaluation.lines import Line, question_files, read_lines
from nlq.evaluation.scenes import frozen_scenes, made_by

_DONE = "frozen.txt"
_MOST_KEPT = 6


def frozen_home(
    cache: Path | None = None,
    lines: Sequence[Line] | None = None,
    progress: Progress | None = None,
    *,
    builtin: Path | None = None,
) -> Path:
    """The folder of the frozen version, made where it is not there yet.

    Args:
        cache: folder that keeps frozen versions; the user's cache folder by default.
        lines: questions that scenes are made for; those that come with the catalogue by default.
        progress: called with (stage, done, total).
        builtin: a folder that holds the built-in catalogue and nothing else, where there is one; it is copied.

    Returns:
        A catalogue folder, as `EARTHDEX_HOME` names one.

    Raises:
        StoreError: the folder cannot be written.
        RecordError: a packaged record or question is damaged.
    """
    root = cache if cache is not None else user_cache_path("earthdex", appauthor=False) / "evaluation"
    root.mkdir(parents=True, exist_ok=True)
    asked = sorted(read_lines(question_files()) if lines is None else lines, key=lambda line: str(line["id"]))
    catalogue = content_digest()
    key = hashlib.sha256(f"{catalogue} {made_by(asked)}".encode()).hexdigest()[:12]
    home = root / f"frozen-{key}"
    if _is_whole(home, catalogue):
        os.utime(home)
        return home
    base = builtin if builtin is not None else _base(root, catalogue, progress)
    with tempfile.TemporaryDirectory(prefix="making-", dir=root) as scratch:
        draft = Path(scratch, "home")
        shutil.copytree(base, draft)
        with open_writer(draft) as writer:
            writer.add_scenes({scene.iri: scene for scene in frozen_scenes(asked, progress)}.values())
            writer.publish()
        _finish(draft, home, catalogue)
    _forget_old(root)
    return home


def _base(root: Path, catalogue: str, progress: Progress | None) -> Path:
    """A folder with the built-in catalogue alone, which all frozen versions of it begin with."""
    base = root / f"base-{catalogue[:12]}"
    if not _is_whole(base, catalogue):
        with tempfile.TemporaryDirectory(prefix="making-", dir=root) as scratch:
            draft = Path(scratch, "home")
            ensure_built(draft, progress)
            _finish(draft, base, catalogue)
    os.utime(base)
    return base


def _finish(draft: Path, home: Path, catalogue: str) -> None:
    """Puts a finished folder in its place, unless another process was faster."""
    (draft / _DONE).write_text("A catalogue version of `earthdex evaluate`.\n", encoding="utf-8")
    if not _is_whole(home, catalogue):
        shutil.rmtree(home, ignore_errors=True)
        os.replace(draft, home)


def _is_whole(home: Path, catalogue: str) -> bool:
    """Whether a folder holds a finished version of this catalogue, and nobody made it newer by using it."""
    return (home / _DONE).is_file() and builtin_version(home) == catalogue


def _forget_old(root: Path) -> None:
    """Removes versions that were not used lately."""
    for pattern, most in (("frozen-*", _MOST_KEPT), ("base-*", 2)):
        known: Sequence[Path] = sorted(root.glob(pattern), key=lambda one: one.stat().st_mtime, reverse=True)
        for one in known[most:]:
            shutil.rmtree(one, ignore_errors=True)
