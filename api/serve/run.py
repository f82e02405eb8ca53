"""Starts the web server with all its bounds, and ends it in order."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from api.serve.app import create_app
from api.serve.door import guarded
from api.serve.logs import Log, to_lines
from api.serve.settings import Settings

_FILES_BESIDE = 512  # open files that are no connections: the store's, the workers' pipes


def server(app: object, host: str, port: int, settings: Settings) -> uvicorn.Server:
    """The web server of an application.

    Args:
        app: of `create_app`.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        settings: bounds.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,  # type: ignore[arg-type]
            host=host,
            port=port,
            http=guarded(settings),
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=settings.proxies or None,
            timeout_keep_alive=max(1, int(settings.keep_seconds)),
            timeout_graceful_shutdown=max(1, int(settings.drain_seconds)),
            h11_max_incomplete_event_size=int(settings.head_bytes),
        )
    )


def run(host: str, port: int, settings: Settings, data: Sequence[Path] = (), path: Path | None = None) -> None:
    """Serves until it is told to end (SIGTERM, Ctrl-C), then lets requests finish and ends its workers.

    Args:
        host: address to listen on.
        port: port to listen on.
        settings: bounds.
        data: RDF files that `/sparql` answers from instead of the catalogue.
        path: the catalogue's folder; by default the user's own.
    """
    log = Log(sys.stderr, texts=bool(settings.log_texts), requests=bool(settings.log))
    to_lines(log)
    _allow_files(int(settings.connections) + _FILES_BESIDE)
    # the server raises the signal once more when all is done; an orderly end is no failure
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: None)
    server(create_app(path, data, settings, log), host, port, settings).run()
    log.close()


def _allow_files(count: int) -> None:
    """Raises the bound of open files as far as the system lets it."""
    if os.name != "posix":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
