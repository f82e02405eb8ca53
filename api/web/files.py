"""`/static/...`: what pages load, compressed in advance, under names that change with the content."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from api.web.frame import STATIC, manifest
from ontology.errors import NotFound

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}
_FOREVER = "public, max-age=31536000, immutable"
_NAME = re.compile(r"[\w.-]{1,100}")


def routes() -> APIRouter:
    """The route of the pages' files."""
    router = APIRouter()

    @router.get("/static/{name}", include_in_schema=False)
    def static(request: Request, name: str) -> Response:
        """One file, as small as the browser reads it."""
        held = set(manifest().values())
        if not _NAME.fullmatch(name) or name not in held:
            raise NotFound(f"There is no file {name[:60]!r}.", "Reload the page.")
        known = request.headers.get("accept-encoding", "").lower()
        headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
        path = STATIC / name
        for coding, ending in (("br", ".br"), ("gzip", ".gz")):
            if re.search(rf"\b{coding}\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", known) and (STATIC / (name + ending)).exists():
                path = STATIC / (name + ending)
                headers["content-encoding"] = coding
                break
        return FileResponse(
            path, media_type=_TYPES.get(path.suffixes[-1 if path.suffix in _TYPES else -2]), headers=headers
        )

    @router.get("/favicon.ico", include_in_schema=False)
    def favicon() -> Response:
        """The icon, for those who ask by its oldest name."""
        name = manifest().get("icon.svg")
        if name is None:
            raise NotFound("There is no icon.", "")
        return FileResponse(STATIC / name, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})

    return router
