"""Three webhooks with one key: one validates, one waits for the result, and one starts a task of a list."""

from typing import Annotated

import flyte_runtime as rt
from fastapi import Depends, FastAPI
from flyte_runtime.webhooks import Bearer, Delivery, Env, Rate, Webhook
from pydantic import BaseModel, Field

app = FastAPI(title="webhook", lifespan=rt.lifespan)
sender = Bearer(Env("WEBHOOK_KEY"))
rate = Rate(per_key="600/minute")


class Order(BaseModel):
    item: Annotated[str, Field(min_length=1, max_length=100)]
    count: Annotated[int, Field(ge=1, le=1000)] = 1


class Refund(BaseModel):
    order: str


orders = Webhook(sender, name="orders", model=Order, tasks=["ship"], rate=rate)
anything = Webhook(sender, name="anything", tasks={"ship": Order, "refund": Refund}, rate=rate)


@app.post("/orders", status_code=202)
async def ship(delivery: Annotated[Delivery[Order], Depends(orders)]) -> dict[str, str]:
    run = await delivery.start("ship")
    return {"run": run.name, "url": run.url}


@app.post("/orders/wait")
async def ship_and_wait(delivery: Annotated[Delivery[Order], Depends(orders)]) -> dict[str, str]:
    """Answer with the result. This is for senders that can wait a minute for it."""
    run = await delivery.start("ship")
    await run.wait(timeout=60)
    return {"run": run.name, "result": await run.result()}


@app.post("/tasks/{name}", status_code=202)
async def start(name: str, delivery: Annotated[Delivery, Depends(anything)]) -> dict[str, str]:
    """Start the task that the sender names. A task that is not on the list gives 403, even if it is wired."""
    run = await delivery.start(name)
    return {"run": run.name}
