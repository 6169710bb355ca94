"""Takes orders. For each order it asks `stock`, which calls back."""

from typing import Annotated
from uuid import uuid4

import flyte_runtime as rt
from fastapi import Body, FastAPI, HTTPException

stock = rt.app("stock")
states: dict[str, str] = {}

app = FastAPI(title="orders", lifespan=rt.lifespan)


@app.post("/orders/{item}")
async def order(item: str) -> dict[str, str]:
    name = uuid4().hex[:8]
    reply = await stock.post(f"/reservations/{item}", params={"order": name}, idempotency_key=name)
    if reply.status_code == 409:
        raise HTTPException(409, reply.json()["detail"])
    reply.raise_for_status()
    return {"order": name, "state": states[name]}


@app.put("/orders/{name}/state")
async def change(name: str, state: Annotated[str, Body()]) -> None:
    states[name] = state
