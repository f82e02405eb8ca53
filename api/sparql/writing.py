"""The way of every change: its holder is known, it is carried out, told in the audit log, then acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from dataclasses import replace
from datetime import UTC, datetime

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.serve.audit import Audit
from api.serve.holders import Holder, Holders
from api.serve.service import Service
from kg.updates.committer import Committer, Done
from kg.updates.work import Change
from ontology.errors import EarthdexError, QueryNotAllowed


class Writing:
    """Changes of the catalogue that a service is over.

    Attributes:
        holders: who holds which key.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._audit = Audit(service.path)
        self.holders = Holders(service.path, service.settings)
        self._committer: Committer | None = None
        self._lock = threading.Lock()

    async def holder(self, request: Request) -> Holder:
        """Who wants to write. Called before anything of the body is read.

        Raises:
            KeyNeeded: no valid key.
            KeyTooNarrow: one that may change nothing.
            QueryNotAllowed: the graph is not kept here.
        """
        found = await run_in_threadpool(self.holders.find, request.headers.get("authorization", ""))
        _ = found.graphs
        if self._service.only_files:
            raise QueryNotAllowed("This service answers from files.", "Start it without --data to write.")
        home = await self._service.catalogue.current()
        if home.remote is not None:
            raise QueryNotAllowed("The graph is on another server.", "Send the change there.")
        request.scope.setdefault("state", {}).update(key=found.name, scopes=found.scopes)
        return found

    async def commit(self, holder: Holder, change: Change) -> Done:
        """Carries a change out; it is durable, and told in the audit log, when this returns.

        Raises:
            EarthdexError: why it was not done.
        """
        text = change.text.encode("utf-8", "replace")
        digest = hashlib.sha256(text + b"".join(data for data, _ in change.parts)).hexdigest()
        size = len(text) + sum(len(data) for data, _ in change.parts)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        whole = replace(change, allowed=holder.graphs, agent=holder.name, moment=now, digest=digest)
        facts = {"who": holder.name, "key": holder.id, "what": change.kind, "graph": change.graph}
        facts = {**facts, "sha256": digest, "bytes": str(size)}
        try:
            done = await asyncio.wrap_future(self._writer().submit(whole))
        except EarthdexError as error:
            refused = type(error).__name__
            await run_in_threadpool(lambda: self._audit.note(**facts, refused=refused))
            raise
        await run_in_threadpool(
            lambda: self._audit.note(
                **facts, before=done.before, after=done.version, added=done.added, removed=done.removed
            )
        )
        return done

    def _writer(self) -> Committer:
        with self._lock:
            if self._committer is None:
                own = self._service.settings
                self._committer = Committer(self._service.path, own.write_seconds, own.write_waiting)
            return self._committer

    def close(self) -> None:
        """Lets changes that were taken be done, then ends the process that makes them."""
        if self._committer is not None:
            self._committer.close()
