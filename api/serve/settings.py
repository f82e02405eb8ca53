"""Settings of the service: bounds of one request, of one client and of all."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Any, cast

from ontology.errors import EarthdexError

_PREFIX = "EARTHDEX_SERVE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Bounds and switches of the service, each from `EARTHDEX_SERVE_<NAME>` where that is set.

    Attributes:
        query_seconds: wall time of a query from outside.
        ask_seconds: wall time of a question.
        body_bytes: largest body of a request that asks; longer ones are refused while they are read.
        write_bytes: largest body of a request that writes, and holds a key.
        write_seconds: time that one change may take.
        write_waiting: changes that may wait.
        oidc_issuer: issuer whose tokens are taken as keys; "" for none.
        oidc_audience: audience that its tokens must name.
        oidc_keys: file or address of its key set (JWKS).
        body_seconds: time in which a body must have come.
        workers: processes that answer questions, and as many that run queries.
        slow_workers: further ones of each kind, at low priority, for what takes long.
        spare_workers: warm processes for queries that wait to replace another.
        ask_grace: seconds after which a question counts as slow.
        query_grace: seconds after which a query counts as slow.
        waiting: requests of each kind that may wait.
        share: of them, those of one client.
        ask_memory_mb: memory that a question may take on top of what its worker holds.
        query_memory_mb: memory that a query may take on top of what its worker holds.
        result_rows: rows, or triples, of a result at most.
        result_bytes: bytes of a result at most.
        cache_bytes: bytes of answers that are kept to be given again; 0 keeps none.
        connections: at once.
        client_connections: of one address at once.
        head_bytes: largest head of a request (its address and headers).
        head_seconds: time in which the head must have come.
        send_seconds: how long a reader of an answer may take nothing.
        keep_seconds: how long a connection may stay open between requests.
        drain_seconds: how long requests may go on once the service is told to end.
        proxies: addresses of proxies, comma-separated, that say who asks (X-Forwarded-For).
        log: 0 writes no lines about requests.
        log_texts: 1 writes questions and queries into the log.
        public_url: address that links in answers begin with; "" takes that of the request.
        files: folder with a folder of files for each dataset, whose pages then show chips; "" for none.
    """

    query_seconds: float = 30.0
    ask_seconds: float = 30.0
    body_bytes: int = 1_000_000
    write_bytes: int = 64_000_000
    write_seconds: float = 60.0
    write_waiting: int = 256
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_keys: str = ""
    body_seconds: float = 30.0
    workers: int = 2
    slow_workers: int = 2
    spare_workers: int = 1
    ask_grace: float = 1.0
    query_grace: float = 0.25
    waiting: int = 64
    share: int = 32
    ask_memory_mb: int = 1024
    query_memory_mb: int = 2048
    result_rows: int = 100_000
    result_bytes: int = 50_000_000
    cache_bytes: int = 64_000_000
    connections: int = 1000
    client_connections: int = 200
    head_bytes: int = 65_536
    head_seconds: float = 10.0
    send_seconds: float = 30.0
    keep_seconds: float = 15.0
    drain_seconds: float = 20.0
    proxies: str = ""
    log: int = 1
    log_texts: int = 0
    public_url: str = ""
    files: str = ""

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings of this process.

        Raises:
            EarthdexError: one is no number, or below zero.
        """
        found: dict[str, Any] = {}
        for field in fields(cls):
            name = f"{_PREFIX}{field.name.upper()}"
            text = os.environ.get(name, "").strip()
            if text:
                found[field.name] = _value(name, text, cast(type, type(field.default)))
        return cls(**found)


def _value(name: str, text: str, kind: type) -> float | int | str:
    if kind is str:
        return text
    try:
        value = kind(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise EarthdexError(f"{name} is {text[:40]!r}.", f"Set it to a number ({kind.__name__}) of at least 0.")
    return cast(float, value)
