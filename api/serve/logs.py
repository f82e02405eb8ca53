"""The log: a line of JSON for each request and each event. No texts of questions, no addresses, no keys by default."""

from __future__ import annotations

import json
import logging
import queue
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import parse_qsl

from starlette.types import Scope

from api.serve.clients import pseudonym

_TEXTS = ("q", "query")
_LONGEST = 500
_MOST_LINES = 10_000


class Log:
    """Writes lines of JSON, from a thread of its own: whoever reads them slowly does not hold up the service.

    Args:
        to: where; None keeps silent.
        texts: whether questions and queries of GET requests are written as well.
        requests: whether there is a line for each request at all.
    """

    def __init__(self, to: TextIO | None = None, *, texts: bool = False, requests: bool = True) -> None:
        self._texts, self._requests = texts, requests
        self._lines: queue.Queue[str | None] | None = None
        self._lost = 0
        if to is not None:
            self._lines = queue.Queue(_MOST_LINES)
            self._thread = threading.Thread(target=_write, args=(to, self._lines), daemon=True, name="earthdex-log")
            self._thread.start()

    def close(self, seconds: float = 2.0) -> None:
        """Waits until what was said is written, but not for long."""
        if self._lines is not None:
            with suppress(queue.Full):
                self._lines.put_nowait(None)
            self._thread.join(seconds)

    def request(self, scope: Scope, client: str, route: str, status: int, size: int, seconds: float) -> None:
        """A line for a request that was answered. The route is its pattern: paths may hold what people look for."""
        if self._lines is None or not self._requests:
            return
        line: dict[str, object] = {
            "event": "request",
            "method": scope["method"][:10],
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "bytes": size,
            "client": pseudonym(client),
        }
        if self._texts:
            fields = parse_qsl(scope.get("query_string", b"").decode("latin-1")[:20_000], max_num_fields=100)
            line |= {name: value[:_LONGEST] for name, value in fields if name in _TEXTS}
        self._write(line)

    def event(self, name: str, **values: object) -> None:
        """A line for something that happened to the service, such as a worker that ended."""
        self._write({"event": name, **values})

    def _write(self, line: dict[str, object]) -> None:
        if self._lines is None:
            return
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **line}
        if self._lost:
            line["lines_lost"] = self._lost
        try:
            self._lines.put_nowait(json.dumps(line, ensure_ascii=True) + "\n")
            self._lost = 0
        except queue.Full:
            self._lost += 1


def _write(to: TextIO, lines: queue.Queue[str | None]) -> None:
    while (line := lines.get()) is not None:
        try:
            to.write(line)
            to.flush()
        except (OSError, ValueError):
            return  # nobody reads it any more: the service goes on


class _ToLog(logging.Handler):
    """Messages of the server underneath, as lines; of errors the kind and place, not what they carried."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a message."""
        told: dict[str, object] = {"level": record.levelname.lower(), "message": record.getMessage()[:_LONGEST]}
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            if trace is not None:
                told["at"] = f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
        self._log.event("server", **told)


def to_lines(log: Log) -> None:
    """Lets the web server's own messages be lines of the log."""
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [_ToLog(log)]
        logger.propagate = False
        logger.setLevel(logging.ERROR if name == "asyncio" else logging.INFO)
    logging.getLogger("uvicorn.access").disabled = True
