"""An app in the older spellings. Nothing in it asks for them: the container's variable does."""

import flyte
import flyte.app
import flyte.remote as remote
from fastapi import FastAPI, WebSocket

app = FastAPI()
env = flyte.app.AppEnvironment(
    name="older",
    args=["python", "-m", "flyte_runtime", "serve", "older:app", "--port", "8080"],
    include=("older.py",),
    requires_auth=False,
    env_vars={"FLYTE_RUNTIME_COMPAT": "1"},
)


@app.websocket("/runs")
async def follow(websocket: WebSocket) -> None:
    await websocket.accept()
    await flyte.init_in_cluster.aio()
    task = await remote.TaskDetails.fetch(name="jobs.resize", auto_version="latest")
    run = await flyte.run.aio(task, **await websocket.receive_json())
    await websocket.send_json({"run_id": run.id})
    async for update in run.stream():
        await websocket.send_json({"status": update.status, "message": update.message})
    await websocket.send_json({"status": run.status})
    await websocket.close()
