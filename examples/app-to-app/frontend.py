"""The app that people call. It asks the backend."""

import flyte_runtime as rt
from fastapi import FastAPI

backend = rt.app("backend")

app = FastAPI(title="frontend", lifespan=rt.lifespan)


@app.get("/greeting/{name}")
async def greeting(name: str) -> dict[str, str]:
    reply = await backend.get(f"/greeting/{name}")
    return reply.raise_for_status().json()
