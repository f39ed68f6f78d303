"""The gate that every write of every engine passes: read-only mode refuses it here, and the audit file records it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, field

from tui.facts import Denied, EngineError, OutcomeUnknown, Ref


class Entry(Struct):
    """One write as the audit file has it; the transport fills in the status (HTTP status code) and, if any, a note."""

    verb: str
    ref: Ref
    context: str
    server: str
    user: str
    method: str
    path: str
    status: int = 0
    note: str = ""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Gate(Struct):
    """Whether writes are let through, and where they are recorded.

    `audit`: a JSONL file made with mode 0600, or None to keep no record (tests). A write whose record cannot be begun is
    refused: without an audit there is no write. The file never holds a body, a header or a secret.
    `locked`: tells of an engine's id whether it alone takes no writes.
    """

    read_only: bool = False
    audit: Path | None = None
    now: Callable[[], datetime] = field(default=_utc_now)
    locked: Callable[[str], bool] = lambda _: False

    def refuses(self, engine: str) -> bool:
        """Tell whether writes to the engine with this id are refused."""
        return self.read_only or self.locked(engine)

    @asynccontextmanager
    async def write(
        self, verb: str, ref: Ref, method: str, path: str, *, context: str, server: str, user: str = ""
    ) -> AsyncIterator[Entry]:
        """Let one write pass and record it with its outcome; raises Denied in read-only mode, before anything is sent.

        Outcomes: `ok`; `refused` (read-only); `failed` (the engine said no); `unknown` (no answer came, also on
        cancellation: it may have happened).
        """
        entry = Entry(verb, ref, context, server, user, method, path)
        if self.refuses(ref.engine):
            self._record(entry, "refused", 0.0)
            raise Denied(f"read-only mode: {verb} {ref} was not sent")
        self._record(entry, "sent", 0.0)
        began = time.monotonic()
        outcome = "unknown"
        try:
            yield entry
            outcome = "ok"
        except OutcomeUnknown as error:
            entry.note = str(error)
            raise
        except EngineError as error:
            outcome, entry.note = "failed", str(error)
            raise
        finally:
            self._record(entry, outcome, time.monotonic() - began)

    def _record(self, entry: Entry, outcome: str, seconds: float) -> None:
        if self.audit is None:
            return
        ref = entry.ref
        line = {
            "time": self.now().isoformat(timespec="milliseconds"),
            "outcome": outcome,
            "verb": entry.verb,
            "engine": ref.engine,
            "kind": ref.kind,
            "namespace": ref.namespace,
            "name": ref.name,
            "uid": ref.uid,
            "context": entry.context,
            "server": entry.server,
            "user": entry.user,
            "method": entry.method,
            "path": entry.path,
            "status": entry.status,
            "note": entry.note[:500],
            "seconds": round(seconds, 3),
        }
        try:
            self.audit.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.audit, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, json.dumps(line).encode() + b"\n")
            finally:
                os.close(handle)
        except OSError as error:
            if outcome == "sent":
                raise Denied(f"the audit file {self.audit} cannot be written ({error.strerror}), so {entry.verb} was not sent") from error
