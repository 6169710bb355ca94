"""The last step of `make up`, after `pulumi up`: trains a first model if needed, and prints all addresses.

It uses only the deployed apps, like any other client: webhooks start the runs, and a WebSocket shows their phases.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

ROOT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 300
MODEL_SECONDS = 300
# An app that is scaled to zero answers its first request after it has started and loaded its model. That takes minutes
# on a cluster that must also pull the image.
WAKE_SECONDS = 300
PAUSE = 1.0
# A held-out row. It shows a 3.
ROW = [
    *(0, 0, 9, 16, 10, 1, 0, 0),
    *(0, 0, 8, 3, 16, 4, 0, 0),
    *(0, 0, 0, 5, 14, 2, 0, 0),
    *(0, 0, 2, 16, 15, 7, 0, 0),
    *(0, 0, 0, 0, 3, 15, 2, 0),
    *(0, 4, 6, 0, 0, 13, 7, 0),
    *(0, 6, 13, 1, 5, 16, 3, 0),
    *(0, 0, 10, 16, 15, 5, 0, 0),
]


class Unfinished(Exception):
    """There is no result. The text says why."""


def pulumi(*arguments: str) -> str:
    done = subprocess.run(["pulumi", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unfinished(f"`pulumi {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout


class Gateway:
    """A client of the quickstart's gateway."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url = url.rstrip("/")
        self._client = client

    async def get(self, path: str) -> dict[str, Any] | None:
        """Return the answer, or None if there is no result yet. It waits for apps that start from zero."""
        reply = await self._awake("GET", path)
        if reply.status_code in (404, 503):
            return None
        return _read(reply)

    async def start(self, task: str, key: str) -> dict[str, Any]:
        # All attempts have the same key, so that a start whose answer was lost does not start a second run.
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"finish-{uuid.uuid4().hex}"}
        return _read(await self._awake("POST", f"/webhooks/{task}", headers=headers))

    async def _awake(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Return the first answer of the app. A proxy answers 502 or 504 while the app is starting.

        Raises Unfinished after WAKE_SECONDS.
        """
        url, deadline = self.url + path, time.monotonic() + WAKE_SECONDS
        while True:
            try:
                reply = await self._client.request(method, url, **options)
                if reply.status_code not in (502, 504):
                    return reply
                problem = f"it answered {reply.status_code}"
            except httpx.TransportError as error:
                problem = reason_of(error)
            if time.monotonic() > deadline:
                raise Unfinished(f"{method} {url} has not been answered within {WAKE_SECONDS:g} s: {problem}")
            await asyncio.sleep(PAUSE)

    async def watch(self, task: str, run: dict[str, Any]) -> None:
        """Print the phases of a run as they come. Raises Unfinished if the run does not succeed."""
        try:
            last = await asyncio.wait_for(self._follow(task, run["run"]), RUN_SECONDS)
        except asyncio.TimeoutError:
            raise Unfinished(f"{task} has not ended within {RUN_SECONDS} s: {run['url']}") from None
        if last.get("phase") != "succeeded":
            why = last.get("error") or "its log says more"
            raise Unfinished(f"{task} ended {last.get('phase', 'unseen')}: {why} ({run['url']})")

    async def _follow(self, task: str, run: str) -> dict[str, Any]:
        began, last = time.monotonic(), {}
        # Ignore proxies of the environment: the apps are on this machine or at the address in the stack.
        async with connect(f"ws{self.url.removeprefix('http')}/runs/{run}/watch", proxy=None) as socket:
            async for message in socket:
                last = json.loads(message)
                say(f"  {task:<9} {last['phase']:<13} {time.monotonic() - began:5.1f} s")
        return last


def reason_of(error: BaseException) -> str:
    """Return an error's text, or the name of its class if it has no text, as timeouts of httpx."""
    return str(error) or type(error).__name__


def _read(reply: httpx.Response) -> dict[str, Any]:
    if reply.is_error:
        raise Unfinished(f"{reply.request.method} {reply.url} answered {reply.status_code}: {reply.text[:300]}")
    content: dict[str, Any] = reply.json()
    return content


def say(text: str) -> None:
    print(text, flush=True)


async def first_result(gateway: Gateway, stack: str) -> dict[str, Any]:
    """Train and evaluate the first model. Steps that an interrupted `make up` has finished are not repeated."""
    say("\nThere is no result yet: training and evaluating the first model.")
    key = pulumi("config", "get", "webhookKey", "--stack", stack).strip()
    if await gateway.get("/model") is None:
        await gateway.watch("train", run := await gateway.start("train", key))
        await until_served(gateway, run["run"])
    await gateway.watch("evaluate", await gateway.start("evaluate", key))
    result = await gateway.get("/results")
    if result is None:
        raise Unfinished(f"the evaluation succeeded, and {gateway.url}/results does not show it")
    return result


async def until_served(gateway: Gateway, run: str) -> None:
    deadline = time.monotonic() + MODEL_SECONDS
    while (await gateway.get("/model") or {}).get("model") != run:
        if time.monotonic() > deadline:
            raise Unfinished(f"model-api did not load the model of run {run} within {MODEL_SECONDS} s")
        await asyncio.sleep(0.3)


def report(urls: dict[str, str], result: dict[str, Any]) -> str:
    """Return the accuracy, the addresses, and a command to paste for each pattern."""
    gateway, dashboard = urls["gateway"].rstrip("/"), urls["dashboard"].rstrip("/")
    # A pipe passes the key when the command runs, so that it is not on the screen, in the history or in `ps`.
    key = f"make -sC {ROOT} webhook-header |"
    upgrade = "-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13'"
    websocket_key = "-H 'Sec-WebSocket-Key: cHVsdW1pLWZseXRlLWtleQ=='"
    rows = json.dumps({"rows": [ROW]}, separators=(",", ":"))
    patterns = {
        "app → app: the gateway asks model-api what this digit is (a 3)": (
            f"curl -sS -X POST {gateway}/predictions -H 'Content-Type: application/json' -d '{rows}'"
        ),
        "app → task: a webhook starts a training run": f"{key} curl -sS -X POST {gateway}/webhooks/train -H @-",
        "task → app: an evaluation, which asks model-api over HTTP": (
            f"{key} curl -sS -X POST {gateway}/webhooks/evaluate -H @-"
        ),
        "WebSocket: the phases of a run": (
            f"curl -sS -N -m 60 --http1.1 --output - {upgrade} {websocket_key} {gateway}/runs/{result['run']}/watch"
        ),
        "browser → app: the dashboard (or open it in a browser)": f"curl -sS {dashboard}/_stcore/health",
    }
    lines = [
        "",
        f"Accuracy on the held-out digits: {result['accuracy']:.2%}  (model of run {result['model']})",
        "",
        f"  dashboard  {dashboard}/",
        f"  gateway    {gateway}/docs",
        f"  model-api  {urls['modelApi'].rstrip('/')}/docs",
        f"  console    {urls['console']}",
    ]
    for title, line in patterns.items():
        lines += ["", f"# {title}", line]
    return "\n".join([*lines, ""])


async def finish(stack: str) -> str:
    urls = json.loads(pulumi("stack", "output", "--json", "--stack", stack))
    async with httpx.AsyncClient(timeout=90, trust_env=False) as client:
        gateway = Gateway(urls["gateway"], client)
        result = await gateway.get("/results") or await first_result(gateway, stack)
    return report(urls, result)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack", default=os.environ.get("STACK", "dev"))
    arguments = parser.parse_args()
    try:
        say(asyncio.run(finish(arguments.stack)))
    except (Unfinished, httpx.HTTPError, WebSocketException, OSError, TimeoutError) as error:
        print(f"error: {reason_of(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
