"""The app that people call. It calls the backend by `env.endpoint`, and starts runs of the task."""

import os

import fastapi
import flyte
import flyte.remote
import httpx
from backend import backend
from flyte.app import Scaling
from flyte.app.extras import FastAPIAppEnvironment
from tasks import count, letters

app = fastapi.FastAPI(title="front")
front = FastAPIAppEnvironment(
    name="front",
    app=app,
    depends_on=[backend, letters],
    scaling=Scaling(replicas=(1, 2)),
    secrets=flyte.Secret("greeting-key", as_env_var="GREETING_KEY"),
)


@app.get("/hello/{name}")
async def hello(name: str) -> dict[str, str]:
    # An app that was scaled to zero starts with the first request.
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        reply = await client.get(f"{backend.endpoint}/greeting/{name}")
    return {**reply.raise_for_status().json(), "key": f"{len(os.environ['GREETING_KEY'])} characters"}


@app.post("/count")
async def start(text: str) -> dict[str, str]:
    await flyte.init_in_cluster.aio()
    run = await flyte.run.aio(flyte.remote.Task.get(count.name, auto_version="latest"), text=text)
    return {"run": run.name, "url": run.url}
