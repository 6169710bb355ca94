"""Serves the page and the data for its script. The browser calls this app, and this app calls the service."""

from pathlib import Path

import flyte_runtime as rt
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

stock = rt.app("stock")
PAGE = Path(__file__).with_name("page.html").read_text()

app = FastAPI(title="page", lifespan=rt.lifespan)


@app.get("/")
async def page() -> HTMLResponse:
    return HTMLResponse(PAGE)


@app.get("/items")
async def items() -> dict[str, int]:
    return (await stock.get("/items")).raise_for_status().json()


@app.post("/items/{name}")
async def add(name: str) -> dict[str, int]:
    return (await stock.post(f"/items/{name}")).raise_for_status().json()
