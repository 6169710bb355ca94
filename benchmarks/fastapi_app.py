"""The smallest FastAPI application: what most apps are, with what a framework costs each request."""

from __future__ import annotations

from fastapi import FastAPI

application = FastAPI()


@application.get("/")
async def greeting() -> dict[str, str]:
    return {"greeting": "hello"}
