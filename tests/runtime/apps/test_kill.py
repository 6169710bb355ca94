"""One of two processes behind an app's address is killed: a caller with `rt.app` sees no failure."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import flyte_runtime as rt
import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from flyte_runtime.apps import pools
from flyte_runtime.apps.aiohttp_transport import AiohttpTransport
from flyte_runtime.testing import wired

from tests.processes import all_started
from tests.runtime.conftest import reserved_port
from tests.runtime.websockets.conftest import until

APPLICATION = """
import os
from fastapi import FastAPI, Request

app = FastAPI()

@app.api_route("/", methods=["GET", "POST"])
async def root(request: Request):
    return {"process": os.getpid(), "key": request.headers.get("idempotency-key"), "size": len(await request.body())}
"""
URL = "http://service.test"
# Seconds after a death for which new connections are still led to the dead process. A kubelet looks once a second,
# and its news has to reach the node that connects.
UNNOTICED = 1.5


class Service(AbstractResolver):
    """An address that leads each new connection to one of several ports by chance, as kube-proxy does."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self._draw = random.Random(3)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        chosen = self._draw.choice(self.ports)
        return [ResolveResult(hostname=host, host="127.0.0.1", port=chosen, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """The two processes, by their ports."""
    (tmp_path / "backend.py").write_text(APPLICATION)
    command = [sys.executable, "-m", "flyte_runtime", "serve", "--log-level", "critical", "backend:app", "--port"]
    environment = {"PATH": os.environ["PATH"], "FLYTE_LOG_FORMAT": "text"}
    with (
        reserved_port() as one,
        reserved_port() as two,
        all_started([[*command, str(port)] for port in (one, two)], cwd=tmp_path, env=environment) as running,
    ):
        deadline = time.monotonic() + 90
        for port in (one, two):
            while not _listens(port):
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.05)
        yield dict(zip((one, two), running, strict=True))


def _listens(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_caller_sees_nothing_of_a_death(processes: dict[int, subprocess.Popen[bytes]], method: str) -> None:
    service = Service(list(processes))
    (port, killed), (_, survivor) = processes.items()
    transport = AiohttpTransport(resolver=service, use_dns_cache=False)
    pools.override(URL, transport)
    answered_by: list[int] = []
    ended = asyncio.Event()

    async def call(caller: int) -> None:
        handle, number = rt.app("service"), 0
        while not ended.is_set():
            number += 1
            key = f"{caller}-{number}" if method == "POST" else None
            # Half of them open a connection for each call, so that many new ones are led to the dead process.
            headers = {"Connection": "close"} if caller % 2 else {}
            response = await handle.request(method, "/", headers=headers, content=b"x" * 1000, idempotency_key=key)
            body = response.raise_for_status().json()
            assert (body["key"], body["size"]) == (key, 1000)
            answered_by.append(body["process"])

    async def kill() -> None:
        await until(lambda: len(answered_by) >= 100 and len(set(answered_by)) == 2)
        killed.kill()
        await asyncio.sleep(UNNOTICED)
        service.ports.remove(port)
        answers = len(answered_by)
        await until(lambda: len(answered_by) >= answers + 100)
        ended.set()

    try:
        with wired({"service": URL}):
            await asyncio.gather(kill(), *map(call, range(20)))
    finally:
        pools.override(URL, None)
        await transport.aclose()
    assert answered_by[-1] == survivor.pid
