"""Four ways to use a WebSocket: echo, a broadcast, a stream from the server, and rooms."""

import asyncio
from collections import defaultdict

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from flyte.app.extras import FastAPIAppEnvironment

app = FastAPI()
env = FastAPIAppEnvironment(name="sockets", app=app, requires_auth=False)
rooms: dict[str, set[WebSocket]] = defaultdict(set)


@app.get("/present/{room}")
def present(room: str) -> int:
    return len(rooms[room])


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol=next(iter(websocket.scope["subprotocols"]), None))
    async for message in websocket.iter_text():
        await websocket.send_text(f"you said {message}")


@app.websocket("/bytes")
async def binary(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_bytes((await websocket.receive_bytes())[::-1])
    await websocket.close(4001, "enough")


@app.websocket("/count/{end}")
async def count(websocket: WebSocket, end: int) -> None:
    await websocket.accept()
    for number in range(end):
        await websocket.send_json({"number": number})
        await asyncio.sleep(0.01)
    await websocket.close()


@app.websocket("/rooms/{room}")
async def chat(websocket: WebSocket, room: str) -> None:
    await websocket.accept()
    rooms[room].add(websocket)
    try:
        while True:
            message = await websocket.receive_text()
            for other in rooms[room] - {websocket}:
                await other.send_text(message)
    except WebSocketDisconnect:
        rooms[room].discard(websocket)
