"""The built-in catalogue in the user's folder: built on first use, built again when the packaged records change.

The published catalogue carries the digest of what it was made from. Reading and hashing those files takes a tenth of
a second, so `builtin.json` in the same folder remembers which file sizes and times had which digest: a later start
only looks at the files' status.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.catalogue import Progress, content_digest, quick_signature
from kg.home import builtin_version, open_writer
from kg.layout import default_path, replace_file
from ontology.errors import EarthdexError, StoreLocked, StoreReadOnly

if TYPE_CHECKING:
    from kg.writer import Writer

_STAMP = "builtin.json"
_MOST_STAMPS = 8  # several installations, such as a checkout and a wheel, may share one folder
_WAIT_SECONDS = 120.0


def ensure_built(path: Path | None = None, progress: Progress | None = None) -> bool:
    """Builds the built-in catalogue where it is missing or older than the packaged records.

    What the user added stays. A build that is killed publishes nothing, so the next start begins it anew. Where another
    process is writing, an existing catalogue is used as it is, and a first build is waited for.

    Args:
        path: the catalogue's folder; `EARTHDEX_HOME` or the user's data folder by default.
        progress: called with (stage, done, total).

    Returns:
        Whether something was built.

    Raises:
        StoreLocked: another process has been building for two minutes.
        StoreError: the folder cannot be used: read-only, full, corrupt or of a newer earthdex.
        RecordError: a packaged record is damaged.
    """
    home = path if path is not None else default_path()
    published = builtin_version(home)
    signature = quick_signature()
    stamps = _read_stamps(home)
    if published and stamps.get(signature) == published:
        return False
    version = content_digest()
    if published == version:  # the same records, perhaps of an earthdex that writes other indexes
        with suppress(StoreLocked, StoreReadOnly), open_writer(home) as writer:
            writer.renew_indexes()
        _remember(home, stamps, signature, version)
        return False
    try:
        return _build(home, version, signature, progress)
    except (StoreLocked, StoreReadOnly):
        if published:
            return False
        raise


def _build(home: Path, version: str, signature: str, progress: Progress | None) -> bool:
    from ingest.catalogue import catalogue_quads

    published = builtin_version(home)
    with _open_writer(home, wait=not published, progress=progress) as writer:
        if builtin_version(home) == version:  # another process built it while this one waited
            return False
        writer.replace_builtin(catalogue_quads(progress), catalogue_version=version, progress=_only_graph(progress))
        if progress:
            progress("Building the graph", 1, 1)
            progress("Publishing the catalogue", 0, 1)
        writer.publish()
        if progress:
            progress("Publishing the catalogue", 1, 1)
    _remember(home, _read_stamps(home), signature, version)
    return True


def _only_graph(progress: Progress | None) -> Progress | None:
    """Of the writer's stages the one that takes time after all quads were read."""
    if progress is None:
        return None

    def report(stage: str, done: int, total: int) -> None:
        if stage == "graph":
            progress("Building the graph", done, total)

    return report


def _open_writer(home: Path, *, wait: bool, progress: Progress | None) -> Writer:
    """The writer, after waiting for another process where asked to."""
    start = time.monotonic()
    while True:
        try:
            return open_writer(home)
        except StoreLocked:
            waited = time.monotonic() - start
            if not wait or waited > _WAIT_SECONDS:
                raise
            if progress:
                progress("Waiting for another earthdex", int(waited), int(_WAIT_SECONDS))
            time.sleep(0.2)


def _read_stamps(home: Path) -> dict[str, str]:
    """Catalogue version by quick signature; empty where nothing is remembered."""
    try:
        found = json.loads((home / _STAMP).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _remember(home: Path, stamps: dict[str, str], signature: str, version: str) -> None:
    stamps.pop(signature, None)
    kept = dict([*stamps.items(), (signature, version)][-_MOST_STAMPS:])
    # without the stamp the next start only reads a little more
    with suppress(OSError, EarthdexError):
        replace_file(home / _STAMP, json.dumps(kept, indent=1).encode())
