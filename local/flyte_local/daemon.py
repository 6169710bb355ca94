"""Starts, finds and stops the server process, for the Pulumi plugin and the command line.

It imports neither the server nor Flyte, so that checking whether a server runs costs nothing.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import psutil

from flyte_local.errors import HomeError, NotRunningError, PortTakenError, StartError
from flyte_local.home import Home
from flyte_local.processes.ports import LOOPBACK, can_bind, port_taken

DEFAULT_PORT = 8480
START_SECONDS = 60.0
STOP_SECONDS = 45.0
_DEATH_SECONDS = 5.0
_MAX_LOG = 10 * 1024 * 1024
# Variables that a server passes on or uses itself. PULUMI_*, tokens and cloud credentials are not among them.
_PASSED = frozenset(
    {"HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
     "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
     "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "UV_CACHE_DIR", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX",
     "UV_OFFLINE", "UV_PYTHON_DOWNLOADS"}
)  # fmt: skip
_PASSED_PREFIXES = ("LC_", "XDG_", "FLYTE_LOCAL_")
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Info:
    """A running server."""

    instance_id: str
    version: str
    home: str
    pid: int
    port: int
    shared: bool

    @classmethod
    def of(cls, facts: Any) -> Info:
        """Return the server that says these facts about itself. Raises KeyError or TypeError if they are not facts."""
        return cls(facts["instanceId"], facts["version"], facts["home"], facts["pid"], facts["port"], facts["shared"])

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://{LOOPBACK}:{self.port}"


def probe(port: int, timeout: float = 3.0) -> Info | None:
    """Return the server that answers on the port, or None if nothing does, or something else."""
    try:
        return Info.of(request(port, "GET", "/local/v1/info", timeout=timeout))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, NotRunningError):
        return None


def find(home: Home, port: int) -> Info | None:
    """Return the running server of the home, on `port` or on the port of its last start."""
    return _same_home(probe(port), home) or _recorded(home)


def require_free_port(home: Home, port: int) -> None:
    """Raise PortTakenError where something other than the home's own server listens on the port."""
    running = probe(port)
    if running is None and not can_bind(port):
        raise PortTakenError(port_taken(port))
    if running is not None and running.home != str(home.path):
        raise PortTakenError(
            f"port {port} is taken by the flyte-local of another home ({running.home}, pid {running.pid}): "
            "use that home or another port (flyte:localPort in Pulumi)"
        )


def start(home: Home, port: int = DEFAULT_PORT) -> Info:
    """Start a server for the home on the port, or find the one that runs. Return once it answers.

    A server of another version is replaced. Its apps and tasks keep running under the new one.
    Raises LocalServerError: the port is taken, the home is in use on another port, the server did not come up.
    """
    from flyte_local.version import VERSION

    home.prepare()
    with home.lock("start.lock"):
        running = _same_home(probe(port), home)
        if running is None:
            require_free_port(home, port)
        if running is not None and running.instance_id != home.instance_id():
            # The home was removed while the server ran, so its state is lost.
            _end(home, running.pid, running.port)
        elif running is not None and running.version != VERSION:
            _kill(running.pid)  # the next server takes over its apps and tasks, as after a crash
        elif running is not None:
            return running
        elsewhere = _recorded(home)
        if elsewhere is not None and elsewhere.port != port:
            raise HomeError(
                f"the server of {home.path} already runs on port {elsewhere.port} (pid {elsewhere.pid}): "
                "give this stack another home (flyte:localHome in Pulumi, or FLYTE_LOCAL_HOME), or use that port; "
                f"`flyte-local stop --port {elsewhere.port}` would end everything that other stacks run there"
            )
        return _await(_spawn(home, port), home, port)


def stop(home: Home, port: int = DEFAULT_PORT) -> bool:
    """Stop the server of the home and everything it runs. Return whether there was one. Its state stays."""
    if not home.path.exists():
        return False
    with home.lock("start.lock"):
        running = _recorded(home) or _same_home(probe(port), home) or _hung(home)
        if running is None:
            # A server that was killed has left its apps and tasks.
            return bool(_end_left(home))
        _end(home, running.pid, running.port)
        return True


def request(port: int, method: str, path: str, body: Any = None, timeout: float = 10.0) -> Any:
    """Call the administration (`/local/v1/…`). Raises NotRunningError with the server's sentence on an error."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        connection.request(method, path, body=None if body is None else json.dumps(body))
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    result = json.loads(content)
    if response.status != 200:
        raise NotRunningError(str(result.get("error") if isinstance(result, dict) else response.status))
    return result


def environment(source: dict[str, str] | None = None) -> dict[str, str]:
    """Return the environment that a server is started with."""
    everything = dict(os.environ) if source is None else source
    passed = {k: v for k, v in everything.items() if k in _PASSED or k.startswith(_PASSED_PREFIXES)}
    return {**passed, "PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1"}


def _spawn(home: Home, port: int) -> subprocess.Popen[bytes]:
    log = home.server_log
    if log.exists() and log.stat().st_size > _MAX_LOG:
        log.replace(log.with_suffix(".log.1"))
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    command = [sys.executable, "-m", "flyte_local", "start", "--foreground"]
    try:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--home", str(home.path)],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=environment(),
            # Not the caller's folder: the server outlives it, and its modules must not shadow the server's.
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    except OSError as error:
        raise StartError(f"cannot start {sys.executable}: {error.strerror}") from error
    finally:
        os.close(descriptor)
    # A reference stays, so that the process is reaped and Python does not warn about it.
    _started.append(process)
    return process


def _await(process: subprocess.Popen[bytes], home: Home, port: int) -> Info:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server = probe(port)
        if server is not None and server.pid == process.pid:
            return server
        if process.poll() is not None:
            raise StartError(f"the server ended with code {process.returncode}: {_last_words(home)}")
        time.sleep(0.05)
    process.kill()
    raise StartError(f"the server did not answer within {START_SECONDS:g} s: see {home.server_log}")


def _end(home: Home, pid: int, port: int) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError, NotRunningError):
        request(port, "POST", "/local/v1/stop", timeout=5.0)
    if _gone(pid, STOP_SECONDS):
        return
    _kill(pid)
    _end_left(home)


def _end_left(home: Home) -> list[int]:
    """End the processes of apps and tasks that a killed server has left. Return their pids."""
    from flyte_local.processes.process import kill_marked, mark

    instance = home.instance_id()
    # Warm workers first: they would start others.
    killed = kill_marked(mark("warm", instance)) + kill_marked((mark("app", instance), mark("task", instance)))
    for pid in killed:
        # A signal is delivered when its receiver runs next. That takes a moment on a busy machine.
        _gone(pid, _DEATH_SECONDS)
    return killed


def _kill(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).kill()
    if not _gone(pid, _DEATH_SECONDS):
        raise StartError(f"the server (pid {pid}) cannot be stopped: end it by hand")


def _gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for process in _started:
            process.poll()
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.Error:
            return True
        time.sleep(0.05)
    return False


def _recorded(home: Home) -> Info | None:
    facts = home.server()
    return _same_home(probe(facts["port"]), home) if facts and "port" in facts else None


def _hung(home: Home) -> Info | None:
    """Return a server that holds its lock but does not answer."""
    try:
        with home.lock("server.lock", blocking=False):
            return None
    except BlockingIOError:
        facts = home.server()
    return Info.of(facts) if facts else None


def _same_home(server: Info | None, home: Home) -> Info | None:
    return server if server is not None and server.home == str(home.path) else None


def _last_words(home: Home) -> str:
    try:
        lines = home.server_log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else f"see {home.server_log}"
