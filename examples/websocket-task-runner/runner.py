"""Starts the task that a client names, and sends the phases of its run as they come."""

import flyte_runtime as rt
from fastapi import FastAPI, WebSocket

simulate = rt.task("simulate")

app = FastAPI(title="runner", lifespan=rt.lifespan)


@app.websocket("/runs")
async def runs(ws: WebSocket) -> None:
    await rt.websockets.run_tasks(ws, [simulate])


@app.get("/runs/{name}")
async def result(name: str) -> float:
    """Wait for a run and return its result."""
    return await (await simulate.run(name)).result()
