"""Chat rooms. They belong to this process: with several replicas, each has its own clients."""

from typing import Annotated

import flyte_runtime as rt
from fastapi import FastAPI, Path, WebSocket

app = FastAPI(title="chat", lifespan=rt.lifespan)
rooms = rt.websockets.Rooms(max_message=2000, rate=5, burst=10, max_per_room=100)

Name = Annotated[str, Path(pattern=r"^[a-z]{1,20}$")]


@app.websocket("/chat/{room}/{name}")
async def chat(ws: WebSocket, room: Name, name: Name) -> None:
    async with rooms.join(ws, room) as client:
        await rooms[room].broadcast({"joined": name, "present": len(rooms[room])})
        async for text in client:
            await rooms[room].broadcast({"from": name, "text": str(text)}, except_=client)
    await rooms[room].broadcast({"left": name, "present": len(rooms[room])})
