"""`/dataset/<slug>/preview.png`: chips of a dataset with their labels, where the operator has its files.

Only files below the folder of the setting `files` are read, in a process of its own that is ended in time; pictures are
kept below `EARTHDEX_HOME/service/previews`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import sys
import time
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from api.serve.service import Service
from api.web.frame import Frame
from ontology.errors import NotFound, TooBusy

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,120}")
_SECONDS = 60.0
_WAIT_SECONDS = 20.0
_AGAIN_SECONDS = 600.0
_CHIPS = 12
_MOST_FAILED = 1000


def files_of(service: Service, slug: str) -> Path | None:
    """The folder of a dataset's files; None where the operator has none."""
    if not service.settings.files or not _SLUG.fullmatch(slug):
        return None
    root = Path(service.settings.files).resolve()
    folder = (root / slug).resolve()
    return folder if folder.is_relative_to(root) and folder != root and folder.is_dir() else None


class Pictures:
    """Makes previews, one at a time, and keeps them; what failed is not tried again for a while."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._one = asyncio.Lock()
        self._failed: dict[Path, float] = {}

    async def of(self, slug: str) -> Path:
        """The picture of a dataset.

        Raises:
            NotFound: its files are not here, or nothing in them can be shown.
            TooBusy: other pictures are being made.
        """
        folder = files_of(self._service, slug)
        if folder is None:
            raise NotFound("The files of this dataset are not here.", "`earthdex fetch` gets them.")
        home = self._service.home()
        mark = hashlib.sha256(f"{home.content} {folder} {folder.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        target = home.path / "service" / "previews" / f"{slug}-{mark}.png"
        if target.exists():
            return target
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._one.acquire()
        except TimeoutError:
            raise TooBusy("Other pictures are being made.", "Try again in a moment.") from None
        try:
            if not target.exists():
                await self._make(slug, folder, target, home.path)
        finally:
            self._one.release()
        return target

    async def _make(self, slug: str, folder: Path, target: Path, home: Path) -> None:
        if time.monotonic() - self._failed.get(target, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            raise NotFound("Nothing in the files of this dataset can be shown.", "")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}.partial.png")
        command = [sys.executable, "-m", "earthdex", "preview", slug, "--root", str(folder), "--output", str(partial),
                   "--number", str(_CHIPS)]  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "EARTHDEX_HOME": str(home)},
        )
        try:
            async with asyncio.timeout(_SECONDS):
                await process.wait()
        except TimeoutError:
            pass
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0 or not partial.exists():
            partial.unlink(missing_ok=True)
            if len(self._failed) >= _MOST_FAILED:
                self._failed.clear()
            self._failed[target] = time.monotonic()
            raise NotFound("Nothing in the files of this dataset can be shown.", "")
        os.replace(partial, target)


def routes(service: Service, frame: Frame) -> APIRouter:
    """The route of previews."""
    router, pictures = APIRouter(), Pictures(service)

    @router.get("/dataset/{slug}/preview.png", include_in_schema=False)
    @frame.guarded
    async def preview(*, request: Request, slug: str) -> Response:
        """Chips of a dataset with their labels."""
        path = await pictures.of(slug)
        return FileResponse(path, media_type="image/png", headers={"cache-control": "public, max-age=3600"})

    return router
