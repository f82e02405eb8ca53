"""Whether bytes are those that a record or lock promised."""

from __future__ import annotations

import hashlib

from ontology.errors import ChecksumMismatch, FetchError
from training.io.base import shown
from training.types import Bytes, Part

_BLOCK = 8 << 20
_KINDS = ("md5", "sha1", "sha256", "sha512")


def check_part(data: Bytes, part: Part) -> None:
    """Compares a file with its promised size and checksum; nothing to do where none is known.

    An ETag is compared with what the server says now. A hash reads the whole file once.

    Raises:
        ChecksumMismatch: it is another file.
        FetchError: it cannot be had, or the kind of checksum is unknown.
    """
    if part.size >= 0:
        size = data.size(part.href)
        if size != part.size:
            raise _other(part, f"{size:,} bytes", f"{part.size:,}")
    kind, _, value = part.checksum.partition(":")
    if not value:
        return
    if kind in ("etag", "mtime"):
        found = data.validator(part.href)
        # a quotation mark more or less, or a mark of weakness, is no other version
        if _bare(found) != _bare(part.checksum):
            raise _other(part, found or "no ETag", part.checksum)
        return
    if kind not in _KINDS:
        raise FetchError(f"Unknown checksum algorithm {kind[:20]!r}.", f"Known: {', '.join(_KINDS)}, etag.")
    digest = hashlib.new(kind, usedforsecurity=False)
    at = 0
    while block := data.read(part.href, at, _BLOCK):
        digest.update(block)
        at += len(block)
    if digest.hexdigest() != value.lower():
        raise _other(part, f"{kind} {digest.hexdigest()}", value)


def _bare(validator: str) -> str:
    kind, _, value = validator.partition(":")
    return f"{kind}:{value.removeprefix('W/').strip(chr(34))}"


def _other(part: Part, found: str, promised: str) -> ChecksumMismatch:
    return ChecksumMismatch(
        f"{shown(part.href)} has {found}, the record or lock says {promised}.",
        "Fetch it again, or lock it anew if the publisher changed it.",
    )
