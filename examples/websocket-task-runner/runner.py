"""A client names a task of the list and its inputs, and gets the phases of the run as they come."""

import flyte_runtime as rt
from fastapi import FastAPI, WebSocket

simulate = rt.task("simulate")

app = FastAPI(title="runner", lifespan=rt.lifespan)


@app.websocket("/runs")
async def runs(ws: WebSocket) -> None:
    await rt.websockets.run_tasks(ws, [simulate])


@app.get("/runs/{name}")
async def result(name: str) -> float:
    """What a run returned; a run that goes on is waited for."""
    return await (await simulate.run(name)).result()
