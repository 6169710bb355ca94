"""Takes readings and sends each of them to all clients. A new client first gets the last readings."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import flyte_runtime as rt
from fastapi import FastAPI, WebSocket

EVERY = 0.2
rooms = rt.websockets.Rooms()
last: deque[dict[str, float]] = deque(maxlen=100)


async def measure() -> None:
    for number in count():
        last.append({"number": number, "value": round(20 + 5 * math.sin(number / 10), 2)})
        await rooms["readings"].broadcast(last[-1])
        await asyncio.sleep(EVERY)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with rt.lifespan(app):
        measuring = asyncio.create_task(measure())
        yield
        measuring.cancel()


app = FastAPI(title="feed", lifespan=lifespan)


@app.websocket("/readings")
async def readings(ws: WebSocket, after: int = -1) -> None:
    async with rooms.join(ws, "readings") as client:
        for reading in tuple(last):
            if reading["number"] > after:
                await client.send(reading)
        async for _ in client:
            pass
