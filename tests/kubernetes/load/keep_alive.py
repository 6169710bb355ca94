"""A client that keeps its connection and hides nothing: each request is sent once, and each failure is counted.

It does what every client with kept connections does: after `Connection: close`, or where it has seen the connection's
end already, it opens another one for the next request.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import time
from dataclasses import dataclass

from tests.kubernetes.load.tally import Tally

# Seconds. Without a pause after a failure, one that cannot connect would count thousands.
_PATIENCE, _AFTER_FAILURE = 30.0, 0.1


@dataclass(frozen=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    until: float


class KeepAliveCaller:
    """One caller, with one connection at a time, to `host` and `port`. `age`: the seconds that it keeps one at most."""

    def __init__(self, host: str, port: int, tally: Tally, age: float = math.inf) -> None:
        self._age = age
        self._host, self._port = host, port
        self._tally = tally
        self._connection: _Connection | None = None

    async def call(self, path: str = "/") -> None:
        """Send one request and count how it ended."""
        self._tally.requests += 1
        try:
            await asyncio.wait_for(self._exchange(path), _PATIENCE)
        except ConnectionRefusedError:
            kind = "refused"
        except ConnectionResetError:
            kind = "reset"
        except BrokenPipeError:
            kind = "broken pipe"
        except asyncio.IncompleteReadError as error:
            kind = "closed within the answer" if error.partial else "closed before the answer"
        except asyncio.TimeoutError:
            kind = f"no answer in {_PATIENCE:g} s"
        except _BadStatusError as error:
            kind = f"status {error}"
        except OSError as error:
            kind = error.strerror or str(error)
        else:
            return
        self._tally.failures[kind] += 1
        self.close()
        await asyncio.sleep(_AFTER_FAILURE)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.writer.close()
        self._connection = None

    async def _exchange(self, path: str) -> None:
        connection = await self._open()
        connection.writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
        head = (await connection.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        await connection.reader.readexactly(length)
        if b"connection: close" in head:
            self.close()
        status = head.split(b" ", 2)[1].decode()
        if status != "200":
            raise _BadStatusError(status)

    async def _open(self) -> _Connection:
        now = time.monotonic()
        if self._connection is not None and (self._connection.reader.at_eof() or now > self._connection.until):
            self.close()
        if self._connection is None:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            self._connection = _Connection(reader, writer, now + self._age * random.uniform(0.5, 1))
            self._tally.connections += 1
        return self._connection


class _BadStatusError(Exception):
    pass
