"""Serves the newest trained model. It is ready when it has looked for one, so its first answer is right.

Without a trained model it is healthy too, and says that there is none. A newer successful training run's model takes
over within `LOOK_EVERY` seconds, without a restart.
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
# A control plane that does not answer must not keep the app from starting.
FIRST_LOOK = 40.0
log = logging.getLogger("model_api")
train = rt.task("train")

Pixel = Annotated[float, Field(ge=0, le=16)]
Row = Annotated[list[Pixel], Field(min_length=64, max_length=64)]


class Question(BaseModel):
    """Scanned digits: 8 × 8 pixels each, row by row, 0 (white) to 16 (black)."""

    rows: Annotated[list[Row], Field(min_length=1, max_length=1000)]


class Answer(BaseModel):
    """For each row the digit that it shows and how likely each of the ten digits is; the run that made the model."""

    digits: list[int]
    probabilities: list[list[float]]
    model: str


class Examples(BaseModel):
    """Rows that no model was trained with, what they show, and what the model took them for when it was trained."""

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
        """Takes the newest successful training run's model, where it is another one."""
        async with self._looking:
            run = await train.latest(succeeded=True)
            if run is not None and (self.model is None or self.model.run != run.name):
                classifier, report = await run.outputs()
                self.model = await load(run.name, classifier, report)
                log.info("now serving the model of run %s", run.name)
            self.looked.set()

    async def keep_looking(self) -> None:
        """A control plane that does not answer, or a run whose files are gone, leaves the present model in use."""
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
    """Reads what `train` kept. joblib runs code from the file, so it must be a file of our own task's, as here."""
    async with classifier.open("rb") as file:
        dumped = bytes(await file.read())
    async with report.open("rb") as file:
        said = json.loads(bytes(await file.read()))
    # In a thread: the first one imports scikit-learn, and health checks go on meanwhile.
    return Model(run, await asyncio.to_thread(undump, dumped), said)


def undump(dumped: bytes) -> Any:
    import joblib
    import sklearn  # noqa: F401  # the model is one of its classes, and an image made for this code holds what it imports

    return joblib.load(io.BytesIO(dumped))


shelf = Shelf()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with rt.lifespan(app):
        looking = asyncio.create_task(shelf.keep_looking())
        # The app takes no request before this: one that was asleep has its model when it answers.
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
    """The training run whose model is in use."""
    return {"model": shelf.current().run}


@app.post("/predictions")
async def predictions(question: Question) -> Answer:
    used = shelf.current()
    # Right here, not in a thread: a row takes a fraction of a millisecond, a thousand take a few.
    odds = used.classifier.predict_proba(question.rows)
    digits = used.classifier.classes_[odds.argmax(axis=1)]
    return Answer(digits=digits.tolist(), probabilities=odds.tolist(), model=used.run)


@app.get("/examples")
async def examples(
    start: Annotated[int, Query(ge=0)] = 0,
    count: Annotated[int, Query(ge=1, le=100)] = 6,
) -> Examples:
    """Some of the held-out rows."""
    report = shelf.current().report
    return Examples(**{key: values[start : start + count] for key, values in report.items()})
