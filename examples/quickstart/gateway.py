"""The one door: predictions (app → app), webhooks that start runs (app → task), and runs as they go (WebSocket)."""

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
async def out_of_reach(request: Request, error: Exception) -> JSONResponse:
    """What is behind this door does not answer: said in one sentence, as a passing state."""
    return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "5"})


def sender(given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
    """Lets those in who know the webhook key. The comparison takes as long for a near miss as for a far one."""
    key = rt.secret("webhook-key")
    if given is None or not hmac.compare_digest(given.credentials.encode(), key.encode()):
        raise HTTPException(401, "the webhook key is missing or wrong", {"WWW-Authenticate": "Bearer"})


class Training(BaseModel):
    """What a training webhook may ask for."""

    regularization: Annotated[float, Field(gt=0, le=1e6, description="the larger, the simpler the model")] = 1.0


class Started(BaseModel):
    run: str
    url: str


Delivery = Annotated[str | None, Header(alias="Idempotency-Key", description="one key starts one run")]


@app.post("/webhooks/train", status_code=202, dependencies=[Depends(sender)])
async def start_training(training: Training | None = None, delivery: Delivery = None) -> Started:
    wanted = training or Training()
    run = await train.start(regularization=wanted.regularization, idempotency_key=delivery)
    return Started(run=run.name, url=run.url)


@app.post("/webhooks/evaluate", status_code=202, dependencies=[Depends(sender)])
async def start_evaluation(delivery: Delivery = None) -> Started:
    run = await evaluate.start(idempotency_key=delivery)
    return Started(run=run.name, url=run.url)


@app.websocket("/runs/{name}/watch")
async def watch(socket: WebSocket, name: str) -> None:
    """`{"run", "phase", "error"}` at every change, the present state first; closed by us after the last one."""
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
    """A run of our two tasks; whatever else runs in the project is nobody's business here."""
    found = [*await train.runs(100), *await evaluate.runs(100)]
    return next((run for run in found if run.name == name), None)


@app.get("/runs")
async def runs() -> dict[str, list[dict[str, str]]]:
    """The newest runs of both tasks, newest first."""
    rows = [
        {"task": task.alias, "run": run.name, "phase": run.phase, "started": started(run)}
        for task in (train, evaluate)
        for run in await task.runs(10)
    ]
    return {"runs": sorted(rows, key=lambda row: row["started"], reverse=True)}


def started(run: rt.Run) -> str:
    """When, as ISO 8601 in UTC."""
    return run.flyte.pb2.action.status.start_time.ToJsonString()


@app.get("/results")
async def results() -> dict[str, Any]:
    """The newest evaluation."""
    run = await evaluate.latest(succeeded=True)
    if run is None:
        raise HTTPException(404, "no evaluation has succeeded yet")
    try:
        model, accuracy, matrix = await run.outputs()
    except TaskError as error:
        # Flyte keeps runs longer than a store may keep what they have put out.
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
