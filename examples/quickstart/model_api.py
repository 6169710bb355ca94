"""Serves the newest trained model.

The app becomes ready after it has looked for a model. Without a model it is healthy, and answers requests with 503.
It replaces the model within `LOOK_EVERY` seconds after a newer training run has succeeded, without a restart.
"""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, Any

import flyte_runtime as rt
from fastapi import FastAPI, HTTPException, Query
from flyte.io import File
from pydantic import BaseModel, Field

LOOK_EVERY = 3.0
# Seconds that the start waits for the first look. The app must start even if the control plane does not answer.
FIRST_LOOK = 40.0
log = logging.getLogger("model_api")
train = rt.task("train")

Pixel = Annotated[float, Field(ge=0, le=16)]
Row = Annotated[list[Pixel], Field(min_length=64, max_length=64)]


class Question(BaseModel):
    """Scanned digits: 8 × 8 pixels each, row by row, 0 (white) to 16 (black)."""

    rows: Annotated[list[Row], Field(min_length=1, max_length=1000)]


class Answer(BaseModel):
    """For each row, its digit and the probabilities of all ten digits. `model` is the training run of the model."""

    digits: list[int]
    probabilities: list[list[float]]
    model: str


class Examples(BaseModel):
    """Rows that no model was trained with, the digits that they show, and the predictions of the model for them."""

    rows: list[list[int]]
    labels: list[int]
    predictions: list[int]


@dataclass(frozen=True)
class Model:
    """A trained classifier and its report on the held-out rows."""

    run: str
    classifier: Any
    report: dict[str, list[Any]]


class Shelf:
    """The model in use."""

    def __init__(self) -> None:
        self.model: Model | None = None
        self.looked = asyncio.Event()
        self._looking = asyncio.Lock()

    async def look(self) -> None:
        """Load the model of the newest successful training run, unless it is already in use."""
        async with self._looking:
            run = await train.latest(succeeded=True)
            if run is not None and (self.model is None or self.model.run != run.name):
                classifier, report = await run.outputs()
                self.model = await load(run.name, classifier, report)
                log.info("now serving the model of run %s", run.name)
            self.looked.set()

    async def keep_looking(self) -> None:
        """Look for newer models for ever. If that fails, for example because files are gone, keep the current model."""
        while True:
            try:
                await self.look()
            except Exception as error:
                log.warning("looking for a newer model failed: %s", error)
            await asyncio.sleep(LOOK_EVERY)

    def current(self) -> Model:
        if self.model is None and not self.looked.is_set():
            raise HTTPException(503, "the model is being loaded, try again in 5 seconds", {"Retry-After": "5"})
        if self.model is None:
            raise HTTPException(
                503, "no model yet: no training run has succeeded", {"Retry-After": f"{LOOK_EVERY:.0f}"}
            )
        return self.model


async def load(run: str, classifier: File, report: File) -> Model:
    """Read the files that `train` has stored. joblib runs code from a file, so load only files from a trusted task."""
    async with classifier.open("rb") as file:
        dumped = bytes(await file.read())
    async with report.open("rb") as file:
        examples = json.loads(bytes(await file.read()))
    # Use a thread, because the first model imports scikit-learn, and health checks must be answered meanwhile.
    return Model(run, await asyncio.to_thread(undump, dumped), examples)


def undump(dumped: bytes) -> Any:
    import joblib
    import sklearn  # noqa: F401  # the model needs it, and the app's image holds the packages that the code imports

    return joblib.load(io.BytesIO(dumped))


shelf = Shelf()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with rt.lifespan(app):
        looking = asyncio.create_task(shelf.keep_looking())
        # The app takes no request before this, so that an app that was asleep answers with its model.
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(shelf.looked.wait(), FIRST_LOOK)
        yield
        looking.cancel()


app = FastAPI(title="model-api", lifespan=lifespan)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/model")
async def model() -> dict[str, str]:
    """Return the training run of the current model."""
    return {"model": shelf.current().run}


@app.post("/predictions")
async def predictions(question: Question) -> Answer:
    current = shelf.current()
    # No thread is needed: a thousand rows take a few milliseconds.
    odds = current.classifier.predict_proba(question.rows)
    digits = current.classifier.classes_[odds.argmax(axis=1)]
    return Answer(digits=digits.tolist(), probabilities=odds.tolist(), model=current.run)


@app.get("/examples")
async def examples(
    start: Annotated[int, Query(ge=0)] = 0,
    count: Annotated[int, Query(ge=1, le=100)] = 6,
) -> Examples:
    """Return some of the held-out rows."""
    report = shelf.current().report
    return Examples(**{key: values[start : start + count] for key, values in report.items()})
