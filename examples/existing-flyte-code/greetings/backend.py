"""An app that the front calls."""

import fastapi
import flyte
from flyte.app.extras import FastAPIAppEnvironment

app = fastapi.FastAPI(title="backend")
backend = FastAPIAppEnvironment(name="backend", app=app, resources=flyte.Resources(cpu=1, memory="256Mi"))


@app.get("/greeting/{name}")
async def greeting(name: str) -> dict[str, str]:
    return {"greeting": f"Hello, {name}"}
