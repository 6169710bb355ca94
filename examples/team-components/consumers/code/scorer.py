"""The product team's model, behind an API."""

import os

import flyte_runtime as rt
from fastapi import FastAPI

app = FastAPI(title="fraud", lifespan=rt.lifespan)


@app.get("/score")
async def score(amount: float) -> dict[str, bool]:
    return {"fraud": amount > 1000 and "MODEL_KEY" in os.environ}
