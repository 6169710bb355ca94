"""Greets, and says who asked."""

from fastapi import FastAPI, Request

app = FastAPI(title="backend")


@app.get("/greeting/{name}")
async def greeting(name: str, request: Request) -> dict[str, str]:
    # Whoever gets here carries a signed credential: the platform has turned all others away.
    return {"greeting": f"Hello, {name}!", "asked_by": request.state.caller.name}
