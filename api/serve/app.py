"""The web application: its routes, and what holds for every response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from api.mcp.routes import routes as assistant_routes
from api.questions.routes import routes as question_routes
from api.records.routes import routes as record_routes
from api.serve.envelope import Envelope
from api.serve.logs import Log
from api.serve.metrics import Metrics
from api.serve.openapi import describe
from api.serve.problems import say_problems
from api.serve.service import Service
from api.serve.settings import Settings
from api.serve.watching import routes as watching_routes
from api.sparql.routes import routes as sparql_routes
from api.sparql.store import routes as store_routes
from api.sparql.update import routes as update_routes
from api.sparql.writing import Writing
from api.stac.routes import routes as stac_routes
from api.web.routes import routes as page_routes


def create_app(
    path: Path | None = None,
    data: Sequence[Path] = (),
    settings: Settings | None = None,
    log: Log | None = None,
) -> FastAPI:
    """The web application over the catalogue in `path` (by default the user's own).

    Args:
        path: the catalogue's folder.
        data: RDF files that `/sparql` answers from instead.
        settings: bounds; by default those of the environment.
        log: takes a line for each request; None: nobody does.
    """
    service = Service(path, data, settings)
    writing = Writing(service)
    metrics = Metrics()
    metrics.watch(service)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await asyncio.to_thread(writing.close)
            await service.close()

    app = FastAPI(title="earthdex", version="0.1.0", docs_url=None, redoc_url=None, lifespan=living)
    app.state.service = service
    say_problems(app)
    describe(app)
    own = service.settings
    app.add_middleware(Envelope, settings=own, metrics=metrics, log=log or Log(), known=writing.holders.note)
    app.include_router(watching_routes(service, metrics))
    for routes in (question_routes, sparql_routes, assistant_routes, stac_routes, record_routes):
        app.include_router(routes(service))
    for writes in (update_routes, store_routes):
        app.include_router(writes(service, writing))
    app.include_router(page_routes(service))  # the last one: what nothing else has taken may be the page of a thing
    return app
