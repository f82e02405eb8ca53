"""The web application: its routes, and what holds for every response."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from api.mcp.routes import routes as assistant_routes
from api.questions.routes import routes as question_routes
from api.serve.problems import say_problems
from api.serve.service import Service
from api.serve.settings import Settings
from api.sparql.routes import routes as sparql_routes
from api.web.routes import routes as page_routes


def create_app(path: Path | None = None, data: Sequence[Path] = (), settings: Settings | None = None) -> FastAPI:
    """The web application over the catalogue in `path` (by default the user's own).

    Args:
        path: the catalogue's folder.
        data: RDF files that `/sparql` answers from instead.
        settings: bounds; by default those of the environment.
    """
    service = Service(path, data, settings)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.close()

    app = FastAPI(title="earthdex", version="0.1.0", docs_url=None, redoc_url=None, lifespan=living)
    app.state.service = service
    say_problems(app)

    @app.middleware("http")
    async def _no_sniffing(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        response.headers["x-content-type-options"] = "nosniff"
        return response

    @app.get("/health")
    def health() -> dict[str, Any]:
        """Whether the catalogue can be read, and which version."""
        return {"status": "ok", "version": service.home().version}

    for routes in (question_routes, sparql_routes, assistant_routes, page_routes):
        app.include_router(routes(service))
    return app
