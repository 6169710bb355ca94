"""Sends each message to all clients, in the same order. A client that does not read is closed (1013)."""

import flyte_runtime as rt
from fastapi import FastAPI, WebSocket

app = FastAPI(title="board", lifespan=rt.lifespan)
rooms = rt.websockets.Rooms(max_clients=1000)


@app.websocket("/board")
async def board(ws: WebSocket) -> None:
    async with rooms.join(ws, "board") as client:
        async for message in client:
            await rooms["board"].broadcast(message)
