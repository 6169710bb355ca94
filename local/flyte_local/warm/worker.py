"""A warm worker: a process that has imported what `a0` needs and forks for each task. Linux only.

The task's own interpreter runs this file by its path. So the file may import only the standard library and the flyte
that this interpreter has.

It never imports a task's code, and what belongs to one task (arguments, variables, secrets) goes to the forked child
over a channel that the worker itself does not read.

    worker.py CONTROL IDLE

CONTROL is the descriptor of a SOCK_SEQPACKET socket to the server, one message a packet:

    worker → server   {"ready": {path: time of its last change}} or {"failed": "reason"}, once
    server → worker   a task's token, with one descriptor: the child's end of a channel
    worker → server   {"token": …, "code": …}: that child has ended

The child writes its pid to the channel, then reads a JSON object {"argv", "environment", "folder", "log"} to the end.
If the channel ends without one (the server died, or gave up), the child exits and runs nothing, so no task runs twice.

The worker ends when the server closes CONTROL, or after IDLE seconds without a child. It does not end while it has a
child, since only the worker learns the child's exit code.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib.util
import json
import os
import runpy
import select
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING or __package__:
    from flyte_local.warm import flyte_internals
else:  # run by path, under a name that no task's module has
    _spec = importlib.util.spec_from_file_location(
        "flyte_local_warm_flyte_internals", os.path.join(os.path.dirname(__file__), "flyte_internals.py")
    )
    flyte_internals = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(flyte_internals)

TOKEN_VARIABLE = "FLYTE_LOCAL_PROCESS"
_SETTLE_SECONDS = 5.0


def main() -> None:
    """Serve until there is nothing more to do. In a forked child, run the task."""
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        changes = last_changes()
        warm_up()
    except Exception as error:
        answer(control, {"failed": f"{type(error).__name__}: {error}"})
        return
    answer(control, {"ready": changes})
    task = serve(control, float(sys.argv[2]))
    if task is None:
        os._exit(0)  # flyte's thread has been stopped
    end(run(task))


def last_changes() -> dict[str, int]:
    """Return the paths that an installed or updated package changes, with the times of their last change (ns)."""
    paths = [sys.executable, os.path.join(sys.prefix, "pyvenv.cfg"), *sys.path[1:]]
    return {path: os.stat(path).st_mtime_ns for path in paths if os.path.exists(path)}


def warm_up() -> None:
    """Import, and stop flyte's thread. Raises RuntimeError if another one keeps running.

    A fork copies the locks that other threads hold, and nothing releases them in the child.
    """
    flyte_internals.import_what_tasks_import()
    flyte_internals.stop_thread()
    deadline = time.monotonic() + _SETTLE_SECONDS
    while len(os.listdir("/proc/self/task")) > 1:
        if time.monotonic() > deadline:
            raise RuntimeError("something that flyte imports keeps a thread running")
        time.sleep(0.01)
    token_address()
    # The collector does not visit frozen objects, so they stay in memory that is shared with the children.
    gc.collect()
    gc.freeze()


def serve(control: socket.socket, idle: float) -> dict[str, Any] | None:
    """Fork a child for each request. Returns None in the worker, once it is done, and the task in a child."""
    children: dict[int, tuple[int, str]] = {}  # pid and token, by the descriptor that tells of the end
    poller = select.poll()
    poller.register(control, select.POLLIN)
    serving = True
    while serving or children:
        events = poller.poll(None if children else idle * 1000)
        if not events:
            return None
        for descriptor, _ in events:
            if descriptor in children:
                poller.unregister(descriptor)
                os.close(descriptor)
                pid, token = children.pop(descriptor)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                answer(control, {"token": token, "code": code})
                continue
            message, received, _, _ = socket.recv_fds(control, 256, 1)
            if not message:
                serving = False
                poller.unregister(control)
                continue
            pid = os.fork()
            if pid == 0:
                for other in (control.detach(), *children):
                    os.close(other)
                return become(message.decode(), socket.socket(fileno=received[0]))
            os.close(received[0])
            ended = os.pidfd_open(pid)
            children[ended] = (pid, message.decode())
            poller.register(ended, select.POLLIN)
    return None


def become(token: str, channel: socket.socket) -> dict[str, Any] | None:
    """Turn this child into a process of its own, with its own session and token. Return the task from the server."""
    os.setsid()
    mark(token)
    with channel:
        try:
            channel.sendall(f"{os.getpid()}\n".encode())
            parts = []
            while part := channel.recv(1 << 16):
                parts.append(part)
            task: dict[str, Any] = json.loads(b"".join(parts))
        except (OSError, ValueError):
            return None
    return task


def run(task: dict[str, Any]) -> int:
    """Make this process what a new one would be, and run the script of the command. Return the exit code."""
    output = os.open(task["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(task["folder"])
    os.environ.clear()
    os.environ.update(task["environment"])
    time.tzset()
    flyte_internals.start_again()
    sys.argv = list(task["argv"])
    sys.path[0] = os.path.dirname(sys.argv[0])
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            return stop.code or 0
        print(stop.code, file=sys.stderr)
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def end(code: int) -> NoReturn:
    """Exit as an interpreter does, but leave the memory to the system, as multiprocessing's children do.

    Taking apart every imported module would copy the memory that is shared with the worker. That took longer than most
    tasks.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code & 0xFF)


def token_address() -> int:
    """Return the address of this process's token. /proc/PID/environ shows the memory that the process started with."""
    getenv = ctypes.CDLL(None).getenv
    getenv.restype, getenv.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    address = getenv(TOKEN_VARIABLE.encode())
    if not address:
        raise RuntimeError(f"{TOKEN_VARIABLE} is not set")
    return int(address)


def mark(token: str) -> None:
    """Write a child's token over the worker's, which has the same length."""
    address = token_address()
    if len(ctypes.string_at(address)) != len(token):
        raise RuntimeError("the token is longer or shorter than the worker's")
    ctypes.memmove(address, token.encode(), len(token))


def answer(control: socket.socket, message: dict[str, Any]) -> None:
    """Send a message to the server, if it still runs."""
    with contextlib.suppress(OSError):
        control.send(json.dumps(message).encode())


if __name__ == "__main__":
    main()
