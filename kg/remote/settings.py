"""Where the graph tier lies when it is not in the catalogue's folder: read from the environment once."""

from __future__ import annotations

import netrc
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from ontology.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

DIALECTS = ("oxigraph", "virtuoso", "graphdb", "fuseki", "qlever", "generic")
_SECONDS = 60.0
_CACHE = 60.0


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """A graph on a SPARQL 1.1 server.

    Attributes:
        endpoint: URL of the query service, without user and password.
        update: URL of the update service; empty: found by dialect.
        data: URL of the graph store (SPARQL 1.1 Graph Store HTTP Protocol), for uploads; empty: found by dialect.
        user, password: for HTTP authentication (basic or digest, as the server asks); never part of a message.
        dialect: one of `DIALECTS`; empty: found by asking the server.
        graph: IRI of the graph that stands for the default graph; empty: as the dialect has it, `default` for the
            server's own default graph.
        timeout: seconds that one request may take.
        cache: seconds for which triples that were read are kept.
    """

    endpoint: str
    update: str = ""
    data: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    dialect: str = ""
    graph: str = ""
    timeout: float = _SECONDS
    cache: float = _CACHE

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> RemoteSettings | None:
        """The settings of `EARTHDEX_STORE` and its companions; None where it is not set.

        Raises:
            StoreError: a value that makes no sense.
        """
        url = environment.get("EARTHDEX_STORE", "").strip()
        if not url:
            return None
        found = cls(
            url,
            environment.get("EARTHDEX_STORE_UPDATE", "").strip(),
            environment.get("EARTHDEX_STORE_DATA", "").strip(),
            environment.get("EARTHDEX_STORE_USER", ""),
            environment.get("EARTHDEX_STORE_PASSWORD", ""),
            environment.get("EARTHDEX_STORE_DIALECT", "").strip().casefold(),
            environment.get("EARTHDEX_STORE_GRAPH", "").strip(),
            _number(environment, "EARTHDEX_STORE_TIMEOUT", _SECONDS),
            _number(environment, "EARTHDEX_STORE_CACHE", _CACHE),
        )
        return found.checked()

    def checked(self) -> RemoteSettings:
        """The same with user and password taken out of the URLs, or from the user's netrc file where none are given.

        Raises:
            StoreError: no http(s) URL, or an unknown dialect.
        """
        endpoint, user, password = _split(self.endpoint, "EARTHDEX_STORE")
        update = _split(self.update, "EARTHDEX_STORE_UPDATE")[0] if self.update else ""
        data = _split(self.data, "EARTHDEX_STORE_DATA")[0] if self.data else ""
        if self.dialect and self.dialect not in DIALECTS:
            raise StoreError(
                f"EARTHDEX_STORE_DIALECT is {self.dialect[:40]!r}, which is unknown.", f"Use {', '.join(DIALECTS)}."
            )
        if self.timeout <= 0 or self.cache < 0:
            raise StoreError("EARTHDEX_STORE_TIMEOUT and EARTHDEX_STORE_CACHE are seconds.", "Give positive numbers.")
        user, password = (self.user, self.password) if self.user else (user, password)
        if not user:
            user, password = _from_netrc(urlsplit(endpoint).hostname or "")
        if not user.isprintable() or not password.isprintable():
            raise StoreError("User or password of the store hold control characters.", "Remove them.")
        return replace(self, endpoint=endpoint, update=update, data=data, user=user, password=password)


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "").strip()
    try:
        number = float(text) if text else default
    except ValueError:
        number = -1.0
    if not 0 <= number <= 86_400:
        raise StoreError(f"{name} is {text[:40]!r}, which is no number of seconds.", "Give one up to 86400.")
    return number


def _split(url: str, name: str) -> tuple[str, str, str]:
    """(URL without user and password, user, password)."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or not url.isprintable():
        # the text may hold a password, so it is not shown
        raise StoreError(f"{name} is not the address of a SPARQL service.", "Give an http(s) URL.")
    host = parts.netloc.rpartition("@")[2]
    clean = urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))
    return clean, unquote(parts.username or ""), unquote(parts.password or "")


def _from_netrc(host: str) -> tuple[str, str]:
    try:
        found = netrc.netrc(os.environ.get("NETRC") or None).hosts.get(host)
    except (OSError, netrc.NetrcParseError):
        return "", ""
    return (found[0], found[2] or "") if found is not None else ("", "")


def shown(url: str) -> str:
    """A URL as messages show it: without user, password and query, which may hold secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:200]


__all__ = ["DIALECTS", "RemoteSettings", "shown"]
