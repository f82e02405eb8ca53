"""Keys of the service: shown once, kept as hashes, with scopes and an end.

A key is `edx_<id>_<secret>`; its secret are 256 random bits, so one SHA-256 without salt keeps it: there is nothing to
guess, and nothing slow to send wrong keys at. The file is read again when it changes: a key that was revoked is
refused from the next request on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kg.layout import file_errors, replace_file
from kg.locks import FileLock
from ontology.errors import EarthdexError, KeyNeeded, KeyTooNarrow, NotFound, StoreCorrupt, StoreLocked

WRITE, METRICS, GRAPH = "write", "metrics", "graph:"
DEFAULT_GRAPH = "default"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_TOKEN = re.compile(r"edx_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_SPAN = re.compile(r"([1-9][0-9]{0,5})([hdwy])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "y": timedelta(days=365)}
_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Key:
    """A key, without its secret.

    Attributes:
        id: what tells it from others; part of the key, no secret.
        name: who holds it; what the audit log and the provenance of changes say.
        digest: SHA-256 of its secret, in hexadecimal digits.
        scopes: `write`, `graph:<iri>` (`graph:default`), `metrics`.
        created, expires: in ISO 8601 (UTC).
        revoked: likewise; "" as long as it is not.
    """

    id: str
    name: str
    digest: str
    scopes: tuple[str, ...]
    created: str
    expires: str
    revoked: str = ""

    @property
    def state(self) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked:
            return "revoked"
        return "valid" if datetime.fromisoformat(self.expires) > datetime.now(UTC) else "expired"

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return any(one == WRITE or one.startswith(GRAPH) for one in self.scopes)

    @property
    def graphs(self) -> tuple[str, ...] | None:
        """Graphs that it may change ("" is the default graph); None: all."""
        if WRITE in self.scopes:
            return None
        names = [one.removeprefix(GRAPH) for one in self.scopes if one.startswith(GRAPH)]
        return tuple("" if one == DEFAULT_GRAPH else one for one in names)

    def to_dict(self) -> dict[str, object]:
        """As `earthdex keys list --json` shows it: without the hash."""
        return {name: value for name, value in asdict(self).items() if name != "digest"} | {"state": self.state}


class Keys:
    """The keys of a catalogue's service, in `service/keys.json`.

    Args:
        root: the catalogue's folder.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / "service" / "keys.json"
        self._mark: tuple[int, int, int] | None = None
        self._kept: dict[str, Key] = {}

    def all(self) -> list[Key]:
        """All keys, those that are over or revoked among them.

        Raises:
            StoreCorrupt: the file is damaged.
        """
        try:
            found = self._path.stat()
            mark = (found.st_mtime_ns, found.st_size, found.st_ino)
            if mark != self._mark:
                read = [Key(**{**one, "scopes": tuple(one["scopes"])}) for one in json.loads(self._path.read_bytes())]
                self._kept, self._mark = {one.id: one for one in read}, mark
        except FileNotFoundError:
            self._kept, self._mark = {}, None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreCorrupt(
                f"{self._path} cannot be read.", "Restore it, or delete it and add keys anew."
            ) from error
        return list(self._kept.values())

    def add(self, name: str, scopes: Sequence[str], expires: str) -> tuple[Key, str]:
        """Makes a key.

        Args:
            name: who holds it.
            scopes: what it may do.
            expires: after how long it ends: `12h`, `30d`, `8w`, `1y`.

        Returns:
            The key, and the text that its holder sends, which is kept nowhere.

        Raises:
            EarthdexError: a name, scope or span that is none; or a name that a valid key has.
        """
        if not _NAME.fullmatch(name):
            raise EarthdexError(f"{name[:80]!r} is no name of a key.", "Use up to 64 letters, digits, `_`, `.`, `-`.")
        span = _SPAN.fullmatch(expires)
        if span is None:
            raise EarthdexError(f"{expires[:40]!r} is no span of time.", "Write 12h, 30d, 8w or 1y.")
        now = datetime.now(UTC).replace(microsecond=0)
        try:
            end = now + int(span[1]) * _UNITS[span[2]]
        except OverflowError:
            raise EarthdexError(f"{expires} is too long.", "Write 30d or 1y.") from None
        secret = secrets.token_urlsafe(32)
        key = Key(secrets.token_hex(6), name, _digest(secret), _scopes(scopes), now.isoformat(), end.isoformat())
        with self._changing() as keys:
            if any(one.name == name and one.state == "valid" for one in keys):
                raise EarthdexError(f"There is a valid key {name!r} already.", "Revoke it, or use another name.")
            keys.append(key)
        return key, f"edx_{key.id}_{secret}"

    def revoke(self, name: str) -> Key:
        """Ends the valid key of a name, or the one of an id.

        Raises:
            NotFound: there is none.
        """
        now = datetime.now(UTC).replace(microsecond=0).isoformat()
        with self._changing() as keys:
            for number, one in enumerate(keys):
                if name in (one.name, one.id) and not one.revoked:
                    keys[number] = replace(one, revoked=now)
                    return keys[number]
            raise NotFound(f"There is no key {name[:80]!r}.", "`earthdex keys list` shows them.")

    def find(self, token: str) -> Key:
        """The key that a text is.

        Raises:
            KeyNeeded: none that is valid. It is not told why, nor how far the text was right.
        """
        match = _TOKEN.fullmatch(token)
        digest = _digest(match[2] if match else token)
        self.all()
        found = self._kept.get(match[1]) if match else None
        right = hmac.compare_digest(digest, found.digest if found is not None else "0" * 64)
        if found is None or not right or found.state != "valid":
            raise KeyNeeded("The key is not valid.", "Ask whoever runs this service for one: `earthdex keys add`.")
        return found

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        """The keys, to be changed by one process at a time; they are written at the end."""
        folder = self._path.parent
        with file_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            end = time.monotonic() + _WAIT_SECONDS
            while (lock := FileLock.exclusive(folder / "keys.lock")) is None:
                if time.monotonic() > end:
                    raise StoreLocked("Another earthdex is changing the keys.", "Try again.")
                time.sleep(0.02)
            try:
                keys = self.all()
                yield keys
                before = os.umask(0o077)
                try:
                    replace_file(self._path, json.dumps([asdict(one) for one in keys], indent=1).encode())
                finally:
                    os.umask(before)
            finally:
                lock.release()


def bearer(header: str) -> str:
    """The key in an Authorization header.

    Raises:
        KeyNeeded: there is none.
    """
    kind, _, token = header.strip().partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise KeyNeeded(
            "This needs a key.", "Send `Authorization: Bearer <key>`; `earthdex keys add` makes one on the server."
        )
    return token.strip()


def need(key: Key, scope: str) -> None:
    """Raises KeyTooNarrow where a key lacks a scope."""
    if scope not in key.scopes:
        raise KeyTooNarrow(f"The key lacks the scope `{scope}`.", "Use another key.")


def _scopes(given: Sequence[str]) -> tuple[str, ...]:
    for one in given:
        graph = one.removeprefix(GRAPH) if one.startswith(GRAPH) else ""
        known = one in (WRITE, METRICS) or graph == DEFAULT_GRAPH or re.fullmatch(r"[A-Za-z][\w+.-]*:[^<>\s\"]+", graph)
        if not known:
            raise EarthdexError(
                f"{one[:200]!r} is no scope.", "Use `write`, `graph:<iri>`, `graph:default` or `metrics`."
            )
    if not given:
        raise EarthdexError("A key needs a scope.", "Use `write`, `graph:<iri>`, `graph:default` or `metrics`.")
    return tuple(dict.fromkeys(given))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
