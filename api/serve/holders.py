"""Who holds a key: keys of the service itself, and tokens of an OpenID Connect issuer where one is set."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.types import Scope

from api.serve.keys import GRAPH, WRITE, Keys, bearer
from api.serve.oidc import Issuer
from api.serve.settings import Settings
from ontology.errors import EarthdexError, KeyTooNarrow


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks.

    Attributes:
        name: as the audit log and the provenance of changes say it.
        id: of the key; "" for a token of an issuer.
        scopes: what it may do.
    """

    name: str
    id: str
    scopes: tuple[str, ...]

    @property
    def graphs(self) -> tuple[str, ...] | None:
        """Graphs that it may change ("" is the default graph); None: all.

        Raises:
            KeyTooNarrow: it may change nothing.
        """
        if WRITE in self.scopes:
            return None
        names = tuple(one.removeprefix(GRAPH) for one in self.scopes if one.startswith(GRAPH))
        if not names:
            raise KeyTooNarrow("The key may change nothing.", "Use one with the scope `write` or `graph:<iri>`.")
        return tuple("" if one == "default" else one for one in names)


class Holders:
    """Finds out who holds what a request brings. Safe for threads.

    Args:
        root: the catalogue's folder.
        settings: which issuer is trusted.
    """

    def __init__(self, root: Path, settings: Settings) -> None:
        self.keys = Keys(root)
        self.issuer = Issuer.of(settings)

    def find(self, authorization: str) -> Holder:
        """The holder of the key in an Authorization header. May ask the issuer for its keys: not for the event loop.

        Raises:
            KeyNeeded: none, or none that is valid.
        """
        token = bearer(authorization)
        if self.issuer is not None and token.count(".") == 2:
            name, scopes = self.issuer.verify(token)
            return Holder(name, "", scopes)
        key = self.keys.find(token)
        return Holder(key.name, key.id, key.scopes)

    def note(self, scope: Scope) -> None:
        """Notes in a request's state whose key it brings, if a valid one of this service; what is wrong is passed over.

        Requests that need a key are refused where that is known; the others are the better served for one.
        """
        header = dict(scope["headers"]).get(b"authorization", b"")
        if header[:7].lower() == b"bearer ":
            with suppress(EarthdexError, UnicodeDecodeError):
                key = self.keys.find(bearer(header.decode("ascii")))
                scope.setdefault("state", {}).update(key=key.name, scopes=key.scopes)
