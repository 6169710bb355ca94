"""Which deliveries were here already. Each is *claimed*, then *settled* with its answer or *released* to come again.

`FileReplays` holds for all processes of a machine, `MemoryReplays` for one. Replicas on other machines share neither:
there it is the run's name, made from the delivery's id, that makes one run of two deliveries.
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

# Milliseconds to wait for another process's transaction, which takes some microseconds.
_BUSY = 250
# Seconds between two looks for what has expired. An index by time instead would double what each delivery costs.
_SWEEP = 600


@dataclass(frozen=True)
class Earlier:
    """The delivery that has one of these identities: its answer's status and runs, no status while it is under way."""

    status: int | None
    runs: tuple[str, ...] = ()


class Replays(Protocol):
    """Times are in seconds since 1970; identities carry their own scope."""

    def claim(self, identities: Sequence[Identity], token: str, now: float, until: float) -> Earlier | None:
        """None: they are `token`'s until then, unless it settles or releases them. All are taken, or none."""
        ...

    def settle(self, identities: Sequence[Identity], token: str, earlier: Earlier, now: float) -> None:
        """Keep the answer for as long as each identity lasts."""
        ...

    def release(self, identities: Sequence[Identity], token: str) -> None:
        """Forget them: the delivery failed."""
        ...


class MemoryReplays:
    """In this process, for tests and for where no file can be written."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, str, Earlier]] = {}
        self._sweep_at = 0.0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    def claim(self, identities: Sequence[Identity], token: str, now: float, until: float) -> Earlier | None:
        with self._lock:
            if now >= self._sweep_at:
                self._known = {text: entry for text, entry in self._known.items() if entry[0] > now}
                self._sweep_at = now + _SWEEP
            for identity in identities:
                entry = self._known.get(identity.text)
                if entry is not None and entry[0] > now:
                    return entry[2]
            for identity in identities:
                self._known[identity.text] = (until, token, Earlier(None))
            return None

    def settle(self, identities: Sequence[Identity], token: str, earlier: Earlier, now: float) -> None:
        with self._lock:
            for identity in identities:
                entry = self._known.get(identity.text)
                if entry is not None and entry[1] == token:
                    self._known[identity.text] = (now + (identity.seconds or 0), token, earlier)

    def release(self, identities: Sequence[Identity], token: str) -> None:
        with self._lock:
            for identity in identities:
                entry = self._known.get(identity.text)
                if entry is not None and entry[1] == token:
                    del self._known[identity.text]


_SCHEMA = """
create table if not exists delivery (
    identity text primary key, expires real not null, token text not null, status integer, runs text not null default ''
) without rowid
"""


# Connections of parent processes: never used here and never closed.
_parents: list[sqlite3.Connection] = []


class FileReplays:
    """An SQLite file in `folder`, which only its user may enter; by default one in the temporary folder.

    Entries go within ten minutes of their expiry. Methods raise sqlite3.Error where the file cannot be
    used just now, and WebhookError where the folder never can.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._given = None if folder is None else Path(folder)
        self._place: str | None = None
        self._owner = 0
        self._sweep_at = 0.0

    @property
    def folder(self) -> Path:
        """Where the file is. The default one may change: a test's wiring brings its own."""
        return self._given or default_folder()

    def __repr__(self) -> str:
        return f"FileReplays({str(self.folder)!r})"

    def claim(self, identities: Sequence[Identity], token: str, now: float, until: float) -> Earlier | None:
        texts = [identity.text for identity in identities]
        marks = ",".join("?" * len(texts))
        with self._lock:
            database = self._open()
            # Taken at once: between looking and taking nobody else may take.
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
        """Close the file; the next delivery opens it again."""
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
            # A connection must not cross a fork, and not be closed there either (sqlite.org/howtocorrupt.html).
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
        place = os.environ.get(STATE_FOLDER_VARIABLE)
        if self._connection is not None:
            if self._owner == os.getpid() and (self._given is not None or self._place == place):
                return self._connection
            self._close()
        file = _private(self.folder) / "deliveries.sqlite"
        database = sqlite3.connect(file, timeout=_BUSY / 1000, isolation_level=None, check_same_thread=False)
        try:
            # A machine that loses power may forget the last deliveries; their runs' names still count.
            database.execute("pragma journal_mode = wal").fetchone()
            database.execute("pragma synchronous = normal")
            database.execute(_SCHEMA)
        except BaseException:
            database.close()
            raise
        self._connection, self._owner, self._place = database, os.getpid(), place
        return database


def default_folder() -> Path:
    """Of this user and, so that apps of one machine do not meet, of this app if the container is wired."""
    from flyte_runtime.container import wiring

    document = wiring.current()
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = Path(os.environ.get(STATE_FOLDER_VARIABLE) or tempfile.gettempdir()) / f"flyte-webhooks-{user}"
    if document is None:
        return folder / "unwired"
    identity = document.identity
    return folder / f"{identity.project}.{identity.domain}.{identity.name}"


def _private(folder: Path) -> Path:
    """The folder, made where it is missing. Whoever could write there could have deliveries taken for replays."""
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = [folder.lstat(), folder.parent.lstat()] if folder.parent.name.startswith("flyte-") else [folder.stat()]
    except OSError as error:
        msg = (
            f"the folder {folder} for the webhook's deliveries cannot be used ({error.strerror}): pass"
            " replays=FileReplays(folder), or MemoryReplays() where there is one process only"
        )
        raise WebhookError(msg) from None
    for status in found:
        if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
            msg = f"the folder {folder} for the webhook's deliveries is not this user's own: pass FileReplays another"
            raise WebhookError(msg)
        if status.st_mode & 0o022:
            msg = f"others may write in the folder {folder} for the webhook's deliveries: chmod 700 it"
            raise WebhookError(msg)
    return folder
