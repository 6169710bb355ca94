"""Returns a greeting and the name of the caller."""

from fastapi import FastAPI, Request

app = FastAPI(title="backend")


@app.get("/greeting/{name}")
async def greeting(name: str, request: Request) -> dict[str, str]:
    # Every call that reaches this code has a valid credential. The others were refused before.
    return {"greeting": f"Hello, {name}!", "asked_by": request.state.caller.name}
