"""The routes of the web pages: each page in a module of its own."""

from __future__ import annotations

from fastapi import APIRouter

from api.serve.service import Service
from api.web import browse, compare, download, files, question, record
from api.web.frame import Frame


def routes(service: Service) -> APIRouter:
    """The routes of the web pages."""
    router, frame = APIRouter(), Frame(service)
    router.include_router(files.routes())
    for part in (question, record, compare, browse, download):
        router.include_router(part.routes(service, frame))
    return router
