"""HTTP digest authentication (RFC 7616), which Virtuoso asks for; MD5 and SHA-256 with `qop=auth`."""

from __future__ import annotations

import hashlib
import re
import secrets
from urllib.parse import SplitResult

from ontology.errors import StoreError

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
_HASHES = {"md5": hashlib.md5, "sha-256": hashlib.sha256}


def answer_challenge(challenge: str, user: str, password: str, method: str, url: SplitResult) -> str:
    """The Authorization header that answers a `WWW-Authenticate: Digest ...` header.

    Raises:
        StoreError: the server asks for a kind of digest that is not known.
    """
    asked = {name.casefold(): quoted or plain for name, quoted, plain in _FIELD.findall(challenge)}
    algorithm = asked.get("algorithm", "MD5")
    make = _HASHES.get(algorithm.casefold())
    if make is None or "auth" not in [one.strip() for one in asked.get("qop", "auth").split(",")]:
        raise StoreError(
            f"{url.hostname} asks for {algorithm[:20]} authentication, which is not known.", "Let it ask for MD5."
        )

    def digest(*parts: str) -> str:
        return make(":".join(parts).encode()).hexdigest()

    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    fresh, count = secrets.token_hex(8), "00000001"
    secret, what = digest(user, realm, password), digest(method, path)
    fields = {"username": user, "realm": realm, "nonce": nonce, "uri": path}
    if "qop" in asked:
        response = digest(secret, nonce, count, fresh, "auth", what)
        plain = f", qop=auth, nc={count}"
        fields["cnonce"] = fresh
    else:
        response, plain = digest(secret, nonce, what), ""
    fields["response"] = response
    if "opaque" in asked:
        fields["opaque"] = asked["opaque"]
    listed = ", ".join(f'{name}="{_quoted(value)}"' for name, value in fields.items())
    return f"Digest {listed}, algorithm={algorithm}{plain}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
