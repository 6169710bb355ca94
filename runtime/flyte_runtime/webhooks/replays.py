"""The stores that recognize repeated deliveries.

A delivery is *claimed* first. Then it is *settled* with its answer, or *released* if it failed and may come again.

All processes of a machine share `FileReplays`; `MemoryReplays` is for one process. Replicas on other machines share
neither. There, a repeated delivery still gives one run, because the name of the run is made from the delivery's id.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flyte_runtime.contract import STATE_FOLDER_VARIABLE
from flyte_runtime.errors import WebhookError
from flyte_runtime.webhooks.verdict import Identity

__all__ = ["Earlier", "FileReplays", "MemoryReplays", "Replays"]

# Milliseconds to wait for the transaction of another process, which takes a few microseconds.
_BUSY = 250
# Seconds between two removals of expired entries. An index by time would double the cost of each delivery.
_SWEEP = 600


@dataclass(frozen=True)
class Earlier:
    """An earlier delivery with the same identity: its runs, and its status (None while the delivery is handled)."""

    status: int | None
    runs: tuple[str, ...] = ()


class Replays(Protocol):
    """A store of deliveries. Times are in seconds since 1970. The texts of identities include their scope."""

    def claim(self, identities: Sequence[Identity], token: str, now: float, until: float) -> Earlier | None:
        """Claim all identities for `token` until `until`. Return None, or the earlier delivery that has one of them.

        In the second case nothing is claimed. The claim ends early if `token` settles or releases it.
        """
        ...

    def settle(self, identities: Sequence[Identity], token: str, earlier: Earlier, now: float) -> None:
        """Store the answer of the delivery, for as long as each identity lasts."""
        ...

    def release(self, identities: Sequence[Identity], token: str) -> None:
        """Remove the claim, because the delivery failed."""
        ...


class MemoryReplays:
    """A store in the memory of this process, for tests and for read-only file systems."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[float, str, Earlier]] = {}
        self._sweep_at = 0.0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def claim(self, identities: Sequence[Identity], token: str, now: float, until: float) -> Earlier | None:
        with self._lock:
            if now >= self._sweep_at:
                self._entries = {text: entry for text, entry in self._entries.items() if entry[0] > now}
                self._sweep_at = now + _SWEEP
            for identity in identities:
                entry = self._entries.get(identity.text)
                if entry is not None and entry[0] > now:
                    return entry[2]
            for identity in identities:
                self._entries[identity.text] = (until, token, Earlier(None))
            return None

    def settle(self, identities: Sequence[Identity], token: str, earlier: Earlier, now: float) -> None:
        with self._lock:
            for identity in identities:
                entry = self._entries.get(identity.text)
                if entry is not None and entry[1] == token:
                    self._entries[identity.text] = (now + (identity.seconds or 0), token, earlier)

    def release(self, identities: Sequence[Identity], token: str) -> None:
        with self._lock:
            for identity in identities:
                entry = self._entries.get(identity.text)
                if entry is not None and entry[1] == token:
                    del self._entries[identity.text]


_SCHEMA = """
create table if not exists delivery (
    identity text primary key, expires real not null, token text not null, status integer, runs text not null default ''
) without rowid
"""


# Connections of the parent process after a fork. They are never used and never closed.
_parents: list[sqlite3.Connection] = []


class FileReplays:
    """A store in an SQLite file. `folder` must belong to the user; the default is in the temporary folder.

    Expired entries are removed within ten minutes. Methods raise sqlite3.Error if the file cannot be used at the
    moment, and WebhookError if the folder is not suitable.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._folder = None if folder is None else Path(folder)
        self._state_folder: str | None = None
        self._owner = 0
        self._sweep_at = 0.0

    @property
    def folder(self) -> Path:
        """The folder of the file. The default may change, because the wiring of a test sets another one."""
        return self._folder or default_folder()

    def __repr__(self) -> str:
        return f"FileReplays({str(self.folder)!r})"

    def claim(self, identities: Sequence[Identity], token: str, now: float, until: float) -> Earlier | None:
        texts = [identity.text for identity in identities]
        marks = ",".join("?" * len(texts))
        with self._lock:
            database = self._open()
            # Lock the file now, so that no other process can claim between the query and the insert.
            database.execute("begin immediate")
            try:
                row = database.execute(
                    f"select status, runs from delivery where identity in ({marks}) and expires > ?", [*texts, now]
                ).fetchone()
                if row is None:
                    database.executemany(
                        "insert or replace into delivery (identity, expires, token) values (?, ?, ?)",
                        [(text, until, token) for text in texts],
                    )
                if now >= self._sweep_at:
                    database.execute("delete from delivery where expires <= ?", [now])
                    self._sweep_at = now + _SWEEP
                database.execute("commit")
            except BaseException:
                database.rollback()
                raise
        return None if row is None else Earlier(row[0], tuple(row[1].split()))

    def settle(self, identities: Sequence[Identity], token: str, earlier: Earlier, now: float) -> None:
        rows = [
            (now + (identity.seconds or 0), earlier.status, " ".join(earlier.runs), identity.text, token)
            for identity in identities
        ]
        self._write("update delivery set expires = ?, status = ?, runs = ? where identity = ? and token = ?", rows)

    def release(self, identities: Sequence[Identity], token: str) -> None:
        rows = [(identity.text, token) for identity in identities]
        self._write("delete from delivery where identity = ? and token = ?", rows)

    def close(self) -> None:
        """Close the file. The next delivery opens it again."""
        with self._lock:
            self._close()

    def __del__(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._connection is None:
            return
        if self._owner == os.getpid():
            self._connection.close()
        else:
            # After a fork, a connection must be neither used nor closed (sqlite.org/howtocorrupt.html).
            _parents.append(self._connection)
        self._connection = None

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        with self._lock:
            database = self._open()
            database.execute("begin immediate")
            try:
                database.executemany(statement, rows)
                database.execute("commit")
            except BaseException:
                database.rollback()
                raise

    def _open(self) -> sqlite3.Connection:
        state_folder = os.environ.get(STATE_FOLDER_VARIABLE)
        if self._connection is not None:
            if self._owner == os.getpid() and (self._folder is not None or self._state_folder == state_folder):
                return self._connection
            self._close()
        file = _private(self.folder) / "deliveries.sqlite"
        database = sqlite3.connect(file, timeout=_BUSY / 1000, isolation_level=None, check_same_thread=False)
        try:
            # A power failure may lose the last deliveries. The names of their runs still prevent a second run.
            database.execute("pragma journal_mode = wal").fetchone()
            database.execute("pragma synchronous = normal")
            database.execute(_SCHEMA)
        except BaseException:
            database.close()
            raise
        self._connection, self._owner, self._state_folder = database, os.getpid(), state_folder
        return database


def default_folder() -> Path:
    """Return the default folder. Each user has another one, and each wired app, because apps may share a machine."""
    from flyte_runtime.container import wiring

    document = wiring.current()
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = Path(os.environ.get(STATE_FOLDER_VARIABLE) or tempfile.gettempdir()) / f"flyte-webhooks-{user}"
    if document is None:
        return folder / "unwired"
    identity = document.identity
    return folder / f"{identity.project}.{identity.domain}.{identity.name}"


def _private(folder: Path) -> Path:
    """Create the folder if it is missing, and check that only this user can write to it.

    Somebody else who can write there could make deliveries look like replays. Raises WebhookError.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        has_parent = folder.parent.name.startswith("flyte-")
        statuses = [folder.lstat(), folder.parent.lstat()] if has_parent else [folder.stat()]
    except OSError as error:
        msg = (
            f"the folder {folder} for the webhook's deliveries cannot be used ({error.strerror}): pass"
            " replays=FileReplays(folder), or MemoryReplays() if there is only one process"
        )
        raise WebhookError(msg) from None
    for status in statuses:
        if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
            msg = f"the folder {folder} for the webhook's deliveries belongs to another user: pass FileReplays another"
            raise WebhookError(msg)
        if status.st_mode & 0o022:
            msg = f"other users may write to the folder {folder} for the webhook's deliveries: chmod 700 it"
            raise WebhookError(msg)
    return folder
