import os
import flyte_runtime as rt
from answer import reply

backend, resize = rt.app("backend_url"), rt.task("resize")

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if path == "/backend":
        await reply(send, 200, (await backend.get("/")).json())
    elif path == "/jobs":
        run = await resize.start(image="cat.png")
        await run.wait()
        await reply(send, 200, {"run": run.name, "outputs": str(await run.outputs())})
    elif path == "/key":
        await reply(send, 200, {"length": len(rt.secret("webhook-api-key"))})
    else:
        await reply(send, 200, {"app": "webhook"})
