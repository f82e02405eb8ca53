"""The log: a line of JSON for each request and each event. No texts of questions, no addresses, no keys by default."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import parse_qsl

from starlette.types import Scope

from api.serve.clients import pseudonym

_TEXTS = ("q", "query")
_LONGEST = 500


class Log:
    """Writes lines of JSON.

    Args:
        to: where; None keeps silent.
        texts: whether questions and queries of GET requests are written as well.
    """

    def __init__(self, to: TextIO | None = None, texts: bool = False) -> None:
        self._to, self._texts = to, texts

    def request(self, scope: Scope, client: str, route: str, status: int, size: int, seconds: float) -> None:
        """A line for a request that was answered. The route is its pattern: paths may hold what people look for."""
        if self._to is None:
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
        if self._to is not None:
            self._write({"event": name, **values})

    def _write(self, line: dict[str, object]) -> None:
        if self._to is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self._to.write(json.dumps({"time": now, **line}, ensure_ascii=True) + "\n")
            self._to.flush()
        except (OSError, ValueError):
            self._to = None  # nobody reads it any more: the service goes on


class JsonLines(logging.Formatter):
    """Messages of the server underneath, in the same form; of errors the kind and place, not what they carried."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "event": "server",
            "level": record.levelname.lower(),
            "message": record.getMessage()[:_LONGEST],
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            if trace is not None:
                line["at"] = f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
        return json.dumps(line, ensure_ascii=True)


def to_lines(level: int = logging.INFO) -> None:
    """Lets the web server's own messages be lines of JSON on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("uvicorn", "uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(level if name != "asyncio" else logging.ERROR)
    logging.getLogger("uvicorn.access").disabled = True
