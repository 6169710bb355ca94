"""Readiness: asks an app's process until it answers, dies or has had its time."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from flyte_local.app_process import AppProcess
from flyte_local.ports import LOOPBACK, listens
from flyte_local.workload import Workload

DEFAULT_TIMEOUT = 60.0
_PROBE_TIMEOUT = 5.0
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


async def ready_port(process: AppProcess, work: Workload) -> int | None:
    """Waits until the process serves; the port it does that on, None once it has exited. Cancel it to give up.

    That is the port it was told, or the declared one for a program that listens where it pleases.
    """
    pause = _FIRST_PAUSE
    since = time.monotonic()
    while process.alive:
        if await answers(process.port, work.health_path):
            return process.port
        # Looking through /proc costs more than a connection attempt: only for a program that takes its time.
        elsewhere = work.port != process.port and time.monotonic() - since > 1.0
        if elsewhere and listens(process.pids(), work.port) and await answers(work.port, work.health_path):
            return work.port
        await asyncio.wait({process.exit}, timeout=pause)
        pause = min(pause * 1.4, _LONGEST_PAUSE)
    return None


async def answers(port: int, path: str | None) -> bool:
    """Whether the port accepts a connection and, where a path is given, GET of it is 2xx or 3xx."""
    if path is None:
        return await _accepts(port)
    url = f"http://{LOOPBACK}:{port}/{path.lstrip('/')}"
    timeout = aiohttp.ClientTimeout(total=_PROBE_TIMEOUT)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, allow_redirects=False) as answer:
            return 200 <= answer.status < 400
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError):
        return False


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), _PROBE_TIMEOUT)
    except (OSError, asyncio.TimeoutError):
        return False
    writer.close()
    return True
