"""The reader's processes: one per interpreter and run, started when the first source needs it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from pulumi_flyte.errors import SourceError
from pulumi_flyte.source.description import Json
from pulumi_flyte.source.request import Request

TIME_LIMIT = 120.0
_SCRIPT = Path(__file__).parent / "reader" / "__main__.py"


@dataclass
class _Reader:
    process: subprocess.Popen[bytes]
    answers: int
    pending: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)


_readers: dict[str, _Reader] = {}
_starting = threading.Lock()


def ask(request: Request) -> Json:
    """Return the reader's answer to a request. Raises SourceError with the user's own file and line."""
    reader = _reader(request.interpreter)
    with reader.lock:
        answer = _exchange(reader, request)
    if "error" in answer:
        printed = f"\n{answer['output']}" if answer.get("output") else ""
        raise SourceError(f"{request.text!r}: {answer['error']}{printed}")
    return answer


def _exchange(reader: _Reader, request: Request) -> Json:
    assert reader.process.stdin is not None
    try:
        reader.process.stdin.write(json.dumps(request.as_dict()).encode() + b"\n")
        reader.process.stdin.flush()
        line = _line(reader)
    except (BrokenPipeError, EOFError):
        stop(request.interpreter)
        raise SourceError(
            f"{request.text!r}: {request.interpreter!r} cannot read it: is it a Python of at least 3.10?"
        ) from None
    except TimeoutError:
        stop(request.interpreter)
        raise SourceError(
            f"{request.text!r}: importing it took longer than {TIME_LIMIT:.0f} s: move slow work out of the module"
        ) from None
    answer: Json = json.loads(line)
    return answer


def _line(reader: _Reader) -> bytes:
    while b"\n" not in reader.pending:
        ready, _, _ = select.select([reader.answers], [], [], TIME_LIMIT)
        if not ready:
            raise TimeoutError
        chunk = os.read(reader.answers, 65536)
        if not chunk:
            raise EOFError
        reader.pending += chunk
    line, _, reader.pending = reader.pending.partition(b"\n")
    return line


def _reader(interpreter: str) -> _Reader:
    with _starting:
        reader = _readers.get(interpreter)
        if reader is None or reader.process.poll() is not None:
            reader = _readers[interpreter] = _start(interpreter)
        return reader


def _start(interpreter: str) -> _Reader:
    receiving, sending = os.pipe()
    try:
        process = subprocess.Popen(
            [interpreter, str(_SCRIPT), str(sending)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[sending],
            env=environment(),
            start_new_session=True,
        )
    except OSError as error:
        os.close(receiving)
        raise SourceError(f"the interpreter {interpreter!r} cannot be started: {error.strerror}") from None
    finally:
        os.close(sending)
    return _Reader(process, receiving)


# A Python process needs these of the machine. The workload declares all others, as its container has nothing else.
_INHERITED = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH"),
    # Whether and where bytecode is written: a reader of somebody else's checkout leaves no files there.
    *("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"),
)


def environment() -> dict[str, str]:
    """Return the reader's environment: the same for everybody who runs the program, and without credentials."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def stop(interpreter: str) -> None:
    """Ends a reader and the child that it may be waiting for."""
    reader = _readers.pop(interpreter, None)
    if reader is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(reader.process.pid, 9)
    reader.process.wait()
    os.close(reader.answers)
    with contextlib.suppress(BrokenPipeError):
        reader.process.communicate()


@atexit.register
def stop_all() -> None:
    """Ends every reader."""
    for interpreter in list(_readers):
        stop(interpreter)
