"""Tokens of an OpenID Connect issuer, for who signs in elsewhere, verified against the keys that it publishes.

Those are read from where the operator says, never from where a token says. Only RS256 and ES256 are taken, from the
issuer and for the audience that are set; the scopes are those of the claim `scope` that begin with `earthdex:`
(`earthdex:write`, `earthdex:graph:<iri>`, `earthdex:metrics`).
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.serve.settings import Settings
from ontology.errors import EarthdexError, FetchError, KeyNeeded

if TYPE_CHECKING:
    from typing import Self

_ALGORITHMS = ["RS256", "ES256"]
_PREFIX = "earthdex:"
_KEPT_SECONDS = 600.0
_AGAIN_SECONDS = 30.0
_MOST_BYTES = 1_000_000
_LEEWAY = 30


class Issuer:
    """One issuer whose tokens are taken. Safe for threads.

    Args:
        name: as the claim `iss` says it.
        audience: as the claim `aud` must say it.
        keys: file or address of its key set (JWKS).
    """

    def __init__(self, name: str, audience: str, keys: str) -> None:
        self._name, self._audience, self._source = name, audience, keys
        self._lock = threading.Lock()
        self._keys: dict[str, Any] = {}
        self._read = self._tried = float("-inf")

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The issuer that is set; None: there is none.

        Raises:
            EarthdexError: it is set by half, or what verifies tokens is not installed.
        """
        given = (settings.oidc_issuer, settings.oidc_audience, settings.oidc_keys)
        if not any(given):
            return None
        if not all(given):
            raise EarthdexError(
                "An OpenID Connect issuer is set by half.",
                "Set EARTHDEX_SERVE_OIDC_ISSUER, EARTHDEX_SERVE_OIDC_AUDIENCE and EARTHDEX_SERVE_OIDC_KEYS.",
            )
        try:
            import jwt  # noqa: F401
        except ImportError:
            raise EarthdexError("PyJWT is not installed.", "Run pip install 'earthdex[oidc]'.") from None
        return cls(*given)

    def verify(self, token: str) -> tuple[str, tuple[str, ...]]:
        """(name, scopes) of the holder of a token.

        Raises:
            KeyNeeded: it is not valid. It is not told why.
        """
        import jwt

        refused = KeyNeeded("The token is not valid.", "Sign in again, and ask for the scope earthdex:write.")
        try:
            head = jwt.get_unverified_header(token)
            if head.get("alg") not in _ALGORITHMS:
                raise refused
            key = self._key(str(head.get("kid", "")))
            if key is None or key.algorithm_name != head["alg"]:
                raise refused
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[head["alg"]],
                issuer=self._name,
                audience=self._audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError:
            raise refused from None
        told = claims.get("scope", "")
        words = told.split() if isinstance(told, str) else []
        scopes = tuple(one.removeprefix(_PREFIX) for one in words if one.startswith(_PREFIX))
        return f"oidc:{str(claims['sub'])[:120]}", scopes

    def _key(self, name: str) -> Any:  # noqa: ANN401 - PyJWT's key
        """The issuer's key of a name; its keys are read again when they are old, or when one is not among them."""
        with self._lock:
            now = time.monotonic()
            old = now - self._read > _KEPT_SECONDS
            if (old or name not in self._keys) and now - self._tried > _AGAIN_SECONDS:
                self._tried = now
                self._keys = self._load()
                self._read = now
            return self._keys.get(name)

    def _load(self) -> dict[str, Any]:
        import jwt

        try:
            if self._source.startswith(("https://", "http://")):
                import httpx

                reply = httpx.get(self._source, timeout=10, follow_redirects=False)
                reply.raise_for_status()
                data = reply.content
            else:
                data = Path(self._source).read_bytes()
            if len(data) > _MOST_BYTES:
                raise ValueError("too large")
            found = jwt.PyJWKSet.from_dict(json.loads(data))
            return {str(one.key_id or ""): one for one in found.keys}
        except Exception as error:  # of files, of the network, of their contents: the same for who asks
            if self._keys:
                return self._keys  # those from before are better than none
            raise FetchError(
                "The keys of the OpenID Connect issuer cannot be read.", "Check EARTHDEX_SERVE_OIDC_KEYS."
            ) from error
