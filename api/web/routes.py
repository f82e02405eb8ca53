"""The routes of the web pages: each page in a module of its own."""

from __future__ import annotations

from fastapi import APIRouter

from api.serve.service import Service
from api.web import browse, compare, download, files, ontology, preview, query, question, record, thing
from api.web.frame import Frame


def routes(service: Service) -> APIRouter:
    """The routes of the web pages."""
    router, frame = APIRouter(), Frame(service)
    router.include_router(files.routes())
    for part in (question, record, preview, compare, browse, download, query, ontology, thing):
        router.include_router(part.routes(service, frame))
    return router
