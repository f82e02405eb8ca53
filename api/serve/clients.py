"""Who asks: the holder of a key, else an address."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets

from starlette.requests import HTTPConnection

_SALT = secrets.token_bytes(16)


def client_of(request: HTTPConnection | None) -> str:
    """The client that a request counts for: its key's name, else its address (of IPv6 the network, /64)."""
    if request is None:
        return "local"
    key = request.scope.get("state", {}).get("key", "")
    if key:
        return f"key:{key}"
    host = request.client.host if request.client else "local"
    if ":" in host:
        try:
            return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False).network_address)
        except ValueError:
            return "unknown"
    return host


def is_loopback(request: HTTPConnection) -> bool:
    """Whether a request came from this machine itself, not through a proxy on it."""
    try:
        here = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    return here and not {"forwarded", "x-forwarded-for"} & set(request.headers.keys())


def pseudonym(client: str) -> str:
    """A name for a client in logs: the same while this process lives, of no use afterwards."""
    return hashlib.blake2b(client.encode(), key=_SALT, digest_size=6).hexdigest()
