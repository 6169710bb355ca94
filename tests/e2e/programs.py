"""The small shop that most tests deploy: a task, two wired apps, a secret; every file is quick to import."""

from __future__ import annotations

ANSWER = """\
import json, os

async def reply(send, status, body):
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
"""

BACKEND = """\
from answer import reply

async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200, {"app": "backend", "edition": 1})
"""

WEBHOOK = """\
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
"""

TASKS = """\
import flyte

env = flyte.TaskEnvironment(name="images")

@env.task
async def resize(image: str, size: int = 3) -> str:
    return f"{image}@{size}"
"""

PROGRAM = """\
import pulumi
from pulumi_flyte import App, Environment, Secret, Task

config = pulumi.Config()
shop = Environment("shop")
key = Secret("webhook-api-key", environment=shop, value=config.require_secret("webhookApiKey"))
nightly = {"cron": "0 2 * * *", "inputs": {"image": "cat.png"}}
resize = Task("resize", environment=shop, source="tasks.py:resize", triggers={"nightly": nightly})
backend = App("backend-api", environment=shop, source="backend.py:app")
webhook = App(
    "webhook",
    environment=shop,
    source="webhook.py:app",
    inputs={"backend_url": backend, "resize": resize},
    secrets={"WEBHOOK_API_KEY": key},
)
pulumi.export("backend", backend.public_endpoint)
pulumi.export("webhook", webhook.public_endpoint)
pulumi.export("version", resize.version)
"""

SHOP = {
    "__main__.py": PROGRAM,
    "answer.py": ANSWER,
    "backend.py": BACKEND,
    "webhook.py": WEBHOOK,
    "tasks.py": TASKS,
}
SERVER = "flyte:local:Server::shop"
SECRET = "flyte:api:Secret::webhook-api-key"
TASK = "flyte:api:Task::resize"
TRIGGER = "flyte:api:Trigger::resize-nightly"
BACKEND_APP = "flyte:api:App::backend-api"
WEBHOOK_APP = "flyte:api:App::webhook"
EVERYTHING = {SERVER, SECRET, TASK, TRIGGER, BACKEND_APP, WEBHOOK_APP}
KEY = "s3cret-of-the-webhook"
