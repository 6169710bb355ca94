"""An app that starts runs for clients with the key, waits for the runs, and streams them over a WebSocket."""

import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import flyte
import flyte.remote as remote
from fastapi import Depends, FastAPI, Header, HTTPException, Request, WebSocket
from flyte.app.extras import FastAPIAppEnvironment, FlyteWebhookAppEnvironment
from pydantic import BaseModel

jobs_env = flyte.TaskEnvironment(name="jobs")


@jobs_env.task
async def resize(image: str, width: int = 100) -> str:
    return f"{image}@{width}"


@jobs_env.task
async def broken(image: str) -> str:
    raise ValueError(f"no such image: {image}")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await flyte.init_in_cluster.aio()
    yield


app = FastAPI(lifespan=lifespan)
env = FastAPIAppEnvironment(
    name="hooks",
    app=app,
    requires_auth=False,
    secrets=flyte.Secret(key="hook-key", as_env_var="HOOK_KEY"),
    depends_on=[jobs_env],
)

ready_made = FlyteWebhookAppEnvironment(
    name="ready-made",
    title="Ready-made",
    image="auto",
    endpoint_groups=["core", "task", "run"],
    task_allowlist=["jobs.resize"],
)


class Order(BaseModel):
    image: str
    width: int = 100


def keeper(authorization: str = Header("")) -> None:
    if not hmac.compare_digest(authorization, f"Bearer {os.environ['HOOK_KEY']}"):
        raise HTTPException(403, "wrong key")


async def start(name: str, **inputs: object) -> remote.Run:
    return await flyte.run.aio(remote.Task.get(name, auto_version="latest"), **inputs)


@app.post("/start/{task}", dependencies=[Depends(keeper)])
async def start_task(task: str, order: Order) -> dict[str, str]:
    run = await start(task, **order.model_dump())
    return {"name": run.name, "url": run.url}


@app.post("/finish/{task}", dependencies=[Depends(keeper)])
async def finish_task(task: str, inputs: dict[str, object]) -> dict[str, object]:
    run = await start(task, **inputs)
    await run.wait.aio(quiet=True)
    details = await run.details.aio()
    outputs = list(await run.outputs.aio()) if run.phase == "succeeded" else []
    return {"phase": run.phase, "outputs": outputs, "error": details.action_details.error_message}


@app.post("/github")
async def github(request: Request, x_hub_signature_256: str = Header("")) -> dict[str, str]:
    body = await request.body()
    expected = "sha256=" + hmac.new(os.environ["HOOK_KEY"].encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(x_hub_signature_256, expected):
        raise HTTPException(403, "wrong signature")
    if request.headers.get("X-GitHub-Event") != "push":
        return {"status": "ignored"}
    return {"run": (await start("jobs.resize", image=(await request.json())["after"])).name}


@app.websocket("/runs")
async def follow(websocket: WebSocket) -> None:
    await websocket.accept()
    run = await start("jobs.resize", **await websocket.receive_json())
    await websocket.send_json({"name": run.name})
    async for details in run.watch():
        await websocket.send_json({"phase": details.phase})
    await websocket.close()
