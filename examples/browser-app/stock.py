"""A service that keeps the number of each item."""

from fastapi import FastAPI, HTTPException

app = FastAPI(title="stock")
shelf = {"pens": 12, "books": 7, "lamps": 3}


@app.get("/items")
async def items() -> dict[str, int]:
    return shelf


@app.post("/items/{name}")
async def add(name: str, count: int = 1) -> dict[str, int]:
    if name not in shelf:
        raise HTTPException(404, f"there is no {name}")
    shelf[name] += count
    return shelf
