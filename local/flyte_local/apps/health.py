"""Readiness: sends probes to an app's process until it answers, exits, or its time is over."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from flyte_local.apps.process import AppProcess
from flyte_local.apps.workload import Workload
from flyte_local.processes.ports import LOOPBACK, listener, listening

DEFAULT_TIMEOUT = 60.0
_PROBE_TIMEOUT = 5.0
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


async def ready_port(process: AppProcess, work: Workload) -> int | None:
    """Wait until the process serves, and return its port, or None if it has exited. Cancel the call to give up.

    A program that ignores PORT may serve on the declared port.
    """
    pause = _FIRST_PAUSE
    since = time.monotonic()
    while process.alive:
        # The port was free when it was chosen, but another program may use it now.
        if await answers(process.port, work.health_path) and process.port in await asyncio.to_thread(process.ports):
            return process.port
        # Looking through /proc costs more than a connection attempt, so it is done only after a second.
        elsewhere = work.port != process.port and time.monotonic() - since > 1.0
        if elsewhere and work.port in listening(process.pids()) and await answers(work.port, work.health_path):
            return work.port
        await asyncio.wait({process.exit}, timeout=pause)
        pause = min(pause * 1.4, _LONGEST_PAUSE)
    return None


async def unready_reason(process: AppProcess, work: Workload) -> str:
    """Return the reason why a process is not ready at this moment, or '' if it is ready."""
    open_ports = await asyncio.to_thread(process.ports)
    port = next((port for port in (process.port, work.port) if port in open_ports), None)
    if port is None and await _accepts(process.port):
        other = await asyncio.to_thread(listener, process.port)
        who = f"pid {other[0]} ({other[1]})" if other else "another program"
        return f"not the app but {who} listens on its port {process.port}"
    if port is not None:
        return await _problem(port, work.health_path)
    declared = f"declared {work.port}, here $PORT={process.port}" if work.port != process.port else str(work.port)
    reason = f"nothing listens on the app's port ({declared})"
    if open_ports:
        others = ", ".join(map(str, sorted(open_ports)))
        reason += f", but its process listens on {others}: make it read PORT, or declare the port it listens on"
    return reason


async def answers(port: int, path: str | None) -> bool:
    """Return whether the port accepts a connection. If there is a path, GET must also answer 2xx or 3xx."""
    return not await _problem(port, path)


async def _problem(port: int, path: str | None) -> str:
    """Return the reason why the port does not answer as it should, or '' if it does."""
    if path is None:
        return "" if await _accepts(port) else f"port {port} accepts no connection on {LOOPBACK}"
    url = f"http://{LOOPBACK}:{port}/{path.lstrip('/')}"
    timeout = aiohttp.ClientTimeout(total=_PROBE_TIMEOUT)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, allow_redirects=False) as answer:
            status = answer.status
    except asyncio.TimeoutError:
        return f"GET {path} did not answer within {_PROBE_TIMEOUT:g} s"
    except aiohttp.ClientConnectorError:
        return f"GET {path} found port {port} closed on {LOOPBACK}"
    except (aiohttp.ClientError, OSError, ValueError):
        return f"GET {path} got no HTTP answer"
    if 200 <= status < 400:
        return ""
    reason = f"GET {path} answered {status}, not 2xx or 3xx"
    if status < 500:
        # An error of the server may pass by itself, when the app's dependencies are ready.
        reason += ": give the app a route that answers probes, or name its path in health="
    return reason


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), _PROBE_TIMEOUT)
    except (OSError, asyncio.TimeoutError):
        return False
    writer.close()
    return True
