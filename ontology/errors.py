"""The one tree of errors. Every error says what is wrong and what to do about it.

Core errors know neither HTTP nor exit codes: `api` maps classes to both.
"""

from __future__ import annotations


class EarthdexError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: what is wrong, in one sentence.
        remedy: what the user can do about it, in one sentence; empty where nothing can be done.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class NotFound(EarthdexError):
    """A named thing (record, place, file, property) does not exist."""


class NotAnswerable(EarthdexError):
    """A question that no catalogue can answer; the message is the reason."""


class RecordError(EarthdexError):
    """A record from outside is unusable."""


class GeometryError(RecordError):
    """A geometry cannot be read or repaired."""


class QueryError(EarthdexError):
    """A query is wrong or cannot be run."""


class QuerySyntaxError(QueryError):
    """SPARQL that does not parse."""


class QueryNotAllowed(QueryError):
    """An update, SERVICE or LOAD where only reading is allowed."""


class QueryTooLarge(QueryError):
    """A query over a limit of size, depth, rows, time or memory."""


class QueryTimeout(QueryTooLarge):
    """A query or question that took longer than it may."""


class QueryOutOfMemory(QueryTooLarge):
    """A query or question that needed more memory than it may have."""


class NotOffered(QueryError):
    """A format that is not offered."""


class MediaTypeRefused(QueryError):
    """A body of a type, or in a charset, that is not read."""


class KeyNeeded(EarthdexError):
    """A request that needs a key and brings none, or one that is not known, over or revoked."""


class KeyTooNarrow(EarthdexError):
    """A key whose scopes do not cover what is asked."""


class TooBusy(QueryError):
    """More is asked at once than can be answered; later it can be."""


class TooManyRequests(TooBusy):
    """One client alone asks for more at once than its share."""


class StoreError(EarthdexError):
    """The store on disk cannot be used."""


class WorkerLost(StoreError):
    """The process that worked on a request ended from outside; another takes its place."""


class StoreLocked(StoreError):
    """Another process writes to the store."""


class StoreReadOnly(StoreError):
    """The store directory cannot be written."""


class StoreCorrupt(StoreError):
    """The store's files are damaged."""


class StoreTooNew(StoreError):
    """The store was written by a newer earthdex."""


class DiskFull(StoreError):
    """No space is left on the device."""


class FetchError(EarthdexError):
    """A download failed."""


class ChecksumMismatch(FetchError):
    """Downloaded bytes are not those the catalogue describes."""


class ArchiveRefused(FetchError):
    """An archive that would write outside its folder or expand without bound."""


class RasterError(EarthdexError):
    """A raster cannot be read as the training stream needs it."""


class SeriesError(RasterError):
    """A table of pixel series cannot be read."""
