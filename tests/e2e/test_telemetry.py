"""Apps and tasks of the local platform turn off Flyte's error reports by default."""

from __future__ import annotations

import httpx

from tests.e2e.harness import Stack
from tests.e2e.programs import ANSWER

FILES = {
    "__main__.py": """\
from pulumi_flyte import App, Environment, Task

shop = Environment("shop")
tell = Task("tell", environment=shop, source="tasks.py:tell")
App("quiet", environment=shop, source="web.py:app", inputs={"tell": tell})
App("open", environment=shop, source="web.py:app", inputs={"tell": tell}, env={"FLYTE_DISABLE_TELEMETRY": "false"})
App("bare", environment=shop, image="python:3.11", command=["python", "-m", "uvicorn", "web:app", "--port", "8080"],
    include=["web.py", "answer.py"])
""",
    "tasks.py": """\
import os
import flyte

env = flyte.TaskEnvironment("words")

@env.task
async def tell() -> str:
    return os.environ.get("FLYTE_DISABLE_TELEMETRY", "")
""",
    "web.py": """\
import os
import flyte_runtime as rt
from answer import reply

async def app(scope, receive, send):
    if scope["type"] == "http" and scope["path"] == "/task":
        run = await rt.task("tell").run_and_wait()
        await reply(send, 200, await run.result())
    elif scope["type"] == "http":
        await reply(send, 200, os.environ.get("FLYTE_DISABLE_TELEMETRY", ""))
""",
    "answer.py": ANSWER,
}


def test_reports_are_off_in_apps_and_tasks_unless_one_allows_them(stack: Stack) -> None:
    stack.write(FILES)
    stack.init()
    stack.deployed()
    base = f"http://127.0.0.1:{stack.port}/apps/shop/development"
    assert {name: httpx.get(f"{base}/{name}/", timeout=60).json() for name in ("quiet", "open", "bare")} == {
        "quiet": "true",
        "open": "false",
        "bare": "true",
    }
    assert httpx.get(f"{base}/quiet/task", timeout=120).json() == "true"
    assert stack.destroy().code == 0
    assert not stack.remaining()
