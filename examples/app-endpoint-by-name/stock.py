"""Keeps the stock of items. After a reservation it tells `orders`."""

import flyte_runtime as rt
from fastapi import FastAPI, HTTPException

orders = rt.app("orders")
shelf = {"pen": 3, "book": 1}

app = FastAPI(title="stock", lifespan=rt.lifespan)


@app.post("/reservations/{item}")
async def reserve(item: str, order: str) -> dict[str, int]:
    if not shelf.get(item):
        raise HTTPException(409, f"there is no {item} left")
    shelf[item] -= 1
    reply = await orders.put(f"/orders/{order}/state", json="reserved")
    reply.raise_for_status()
    return {"left": shelf[item]}
