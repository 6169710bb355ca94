"""The gateway: predictions (app → app), webhooks that start runs (app → task), and phases of runs (WebSocket)."""

import hmac
from typing import Annotated, Any

import flyte_runtime as rt
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from flyte_runtime.errors import TaskError
from pydantic import BaseModel, Field

model_api = rt.app("model_api")
train, evaluate = rt.task("train"), rt.task("evaluate")

app = FastAPI(title="gateway", lifespan=rt.lifespan)
bearer = HTTPBearer(auto_error=False, description="The webhook key")


@app.exception_handler(rt.FlyteRuntimeError)
async def unavailable(request: Request, error: Exception) -> JSONResponse:
    """Answer 503 if the model or the control plane does not answer."""
    return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "5"})


def check_key(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
    """Refuse requests without the webhook key. The time of the comparison tells nothing about the key."""
    key = rt.secret("webhook-key")
    if credentials is None or not hmac.compare_digest(credentials.credentials.encode(), key.encode()):
        raise HTTPException(401, "the webhook key is missing or wrong", {"WWW-Authenticate": "Bearer"})


class Training(BaseModel):
    """The options of a training run."""

    regularization: Annotated[float, Field(gt=0, le=1e6, description="the larger, the simpler the model")] = 1.0


class Started(BaseModel):
    run: str
    url: str


Delivery = Annotated[str | None, Header(alias="Idempotency-Key", description="one key starts one run")]


@app.post("/webhooks/train", status_code=202, dependencies=[Depends(check_key)])
async def start_training(training: Training | None = None, delivery: Delivery = None) -> Started:
    options = training or Training()
    run = await train.start(regularization=options.regularization, idempotency_key=delivery)
    return Started(run=run.name, url=run.url)


@app.post("/webhooks/evaluate", status_code=202, dependencies=[Depends(check_key)])
async def start_evaluation(delivery: Delivery = None) -> Started:
    run = await evaluate.start(idempotency_key=delivery)
    return Started(run=run.name, url=run.url)


@app.websocket("/runs/{name}/watch")
async def watch(socket: WebSocket, name: str) -> None:
    """Send `{"run", "phase", "error"}` now and at every change. Close after the last one."""
    await socket.accept()
    try:
        run = await find(name)
        if run is None:
            await socket.close(1008, f"no run {name} of train or evaluate")
            return
        async for update in run.watch():
            await socket.send_json({"run": name, "phase": update.phase, "error": update.error})
        await socket.close()
    except WebSocketDisconnect:
        return
    except rt.FlyteRuntimeError as error:
        await socket.close(1011, str(error)[:100])


async def find(name: str) -> rt.Run | None:
    """Return the run if it belongs to one of the two tasks. Runs of other tasks must not be shown here."""
    newest = [*await train.runs(100), *await evaluate.runs(100)]
    return next((run for run in newest if run.name == name), None)


@app.get("/runs")
async def runs() -> dict[str, list[dict[str, str]]]:
    """Return the newest runs of both tasks, the newest first."""
    rows = [
        {"task": task.alias, "run": run.name, "phase": run.phase, "started": started(run)}
        for task in (train, evaluate)
        for run in await task.runs(10)
    ]
    return {"runs": sorted(rows, key=lambda row: row["started"], reverse=True)}


def started(run: rt.Run) -> str:
    """Return the time of a run's start as ISO 8601 in UTC."""
    return run.flyte.pb2.action.status.start_time.ToJsonString()


@app.get("/results")
async def results() -> dict[str, Any]:
    """Return the newest evaluation."""
    run = await evaluate.latest(succeeded=True)
    if run is None:
        raise HTTPException(404, "no evaluation has succeeded yet")
    try:
        model, accuracy, matrix = await run.outputs()
    except TaskError as error:
        # The object store may delete outputs before Flyte deletes the run.
        raise HTTPException(404, f"the results of run {run.name} cannot be read: evaluate again") from error
    return {"run": run.name, "model": model, "accuracy": accuracy, "matrix": matrix}


@app.post("/predictions")
async def predictions(request: Request) -> Response:
    reply = await model_api.post(
        "/predictions", content=await request.body(), headers={"Content-Type": "application/json"}
    )
    return passed_on(reply)


@app.get("/examples")
async def examples(request: Request) -> Response:
    return passed_on(await model_api.get("/examples", params=request.query_params))


@app.get("/model")
async def model() -> Response:
    return passed_on(await model_api.get("/model"))


def passed_on(reply: Any) -> Response:
    return Response(reply.content, reply.status_code, media_type=reply.headers.get("content-type"))
