"""The persistent store: one SQLite file of (kind, key) → bytes.

Values are opaque. Services put serialised protobuf messages into them, so the schema does not depend on the API. A
write has reached the disk when the call returns (WAL with synchronous=FULL), so an answered request survives a power
cut. Calls take well under a millisecond and are made directly from the event loop.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flyte_local.errors import HomeError

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID
"""
_LAST = "\U0010ffff"
Value = TypeVar("Value")


class Store:
    """Thread-safe; one connection, calls take turns."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        # The file is made before SQLite opens it, so that neither it nor its WAL is ever readable by others.
        os.close(os.open(Path(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version > _SCHEMA_VERSION:
                raise HomeError(f"{path} was written by a newer flyte-local: upgrade it or use another home")
            self._connection.execute(_SCHEMA)
            self._connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise HomeError(f"{path} is not a flyte-local database ({error}): move it away") from error
        except HomeError:
            self._connection.close()
            raise

    def put(self, kind: str, key: str, body: bytes) -> None:
        """Write a record; its creation time stays that of the first write."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO records VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                (kind, key, body, time.time()),
            )

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a record's body, or None if it does not exist."""
        rows = self._rows("SELECT body FROM records WHERE kind = ? AND key = ?", kind, key)
        return bytes(rows[0][0]) if rows else None

    def read(self, kind: str, key: str, parse: Callable[[bytes], Value]) -> Value | None:
        """Return a record's body as `parse` reads it, or None if it does not exist."""
        body = self.get(kind, key)
        return None if body is None else parse(body)

    def delete(self, kind: str, key: str) -> bool:
        """Delete a record. Return whether it existed."""
        with self._lock:
            cursor = self._connection.execute("DELETE FROM records WHERE kind = ? AND key = ?", (kind, key))
        return cursor.rowcount > 0

    def list(self, kind: str, prefix: str = "") -> list[tuple[str, bytes]]:
        """Return keys (ascending) and bodies of a kind whose key starts with `prefix`."""
        query = "SELECT key, body FROM records WHERE kind = ? AND key >= ? AND key < ? ORDER BY key"
        rows = self._rows(query, kind, prefix, prefix + _LAST * 4)
        return [(key, bytes(body)) for key, body in rows]

    def created(self, kind: str, key: str) -> float | None:
        """Return the time of the first write of a record, in unix seconds."""
        rows = self._rows("SELECT created FROM records WHERE kind = ? AND key = ?", kind, key)
        return float(rows[0][0]) if rows else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the writes inside all or nothing. It nests. Never await inside: other coroutines would join it."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def _rows(self, query: str, *parameters: str) -> Sequence[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with self._lock:
            self._connection.close()
