"""Starts runs and shows their state. `rt.lifespan` initialises Flyte before the app takes its first request."""

from typing import Any

import flyte_runtime as rt
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

process = rt.task("process")

app = FastAPI(title="api", lifespan=rt.lifespan)


class Job(BaseModel):
    numbers: list[int]
    factor: int = 1


@app.post("/jobs", status_code=202)
async def start(job: Job) -> dict[str, str]:
    run = await process.start(job.model_dump())
    return {"run": run.name, "url": run.url}


@app.get("/jobs/{name}")
async def show(name: str) -> dict[str, Any]:
    try:
        run = await process.run(name)
    except rt.errors.RunNotFound as error:
        raise HTTPException(404, str(error)) from None
    return {"phase": run.phase, "result": await run.result() if run.succeeded else None}


@app.post("/results")
async def wait(job: Job) -> dict[str, int]:
    """Return the result of a run. This is for work that takes only seconds."""
    run = await process.run_and_wait(job.model_dump(), timeout=60)
    return {"result": await run.result()}
