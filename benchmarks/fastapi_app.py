"""The smallest FastAPI application. It has the cost per request of a framework, as most apps have."""

from __future__ import annotations

from fastapi import FastAPI

application = FastAPI()


@application.get("/")
async def greeting() -> dict[str, str]:
    return {"greeting": "hello"}
