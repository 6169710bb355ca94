"""Outputs as inputs: a string, somebody's `link`, a link of another stack."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.e2e.harness import Stack
from tests.e2e.programs import KEY, SHOP

PROGRAM = """\
import pulumi
from pulumi_flyte import App, Environment, Link, Secret, Task

config = pulumi.Config()
shop = Environment("shop")
key = Secret("webhook-api-key", environment=shop, value=config.require_secret("webhookApiKey"))
resize = Task("resize", environment=shop, source="tasks.py:resize", inputs={"note": pulumi.Output.from_input("x")})
backend = App("backend-api", environment=shop, source="backend.py:app")
webhook = App(
    "webhook",
    environment=shop,
    source="webhook.py:app",
    inputs={"backend_url": Link(backend.link, timeout=20), "resize": resize.link, "note": backend.endpoint},
    secrets={"WEBHOOK_API_KEY": key.link},
)
pulumi.export("backend", backend.link)
pulumi.export("resize", resize.link)
"""
OTHER = """\
import pulumi
from pulumi_flyte import App, Environment

shop = pulumi.StackReference("organization/shop/dev")
App(
    "caller",
    environment=Environment("other"),
    source="caller.py:app",
    inputs={"backend_url": shop.get_output("backend"), "resize": shop.get_output("resize")},
)
"""
CALLER = """\
import flyte_runtime as rt
from answer import reply

async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200, (await rt.app("backend_url").get("/")).json())
"""


LATE = """\
import pulumi
from pulumi_flyte import App, Environment, Secret, Task

# The version of a secret is unknown in the first preview.
late = Secret("late", environment=Environment("first"), value="v").version
tag = pulumi.Output.concat("registry.example.com/shop:", late)
shop = Environment("shop", image=tag, env={"LATE": late})
App("from-environment", environment=shop, source="backend.py:app")
App(
    "server",
    environment=Environment("second"),
    image=tag,
    command=["python", "server.py", "8080", late, "two words"],
    include=["server.py"],
    env={"TAG": tag},
)
Task("job", environment=shop, image=tag, command=["run", late], interface={})
"""
SERVER = """\
import http.server, json, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps([sys.argv[2:], os.environ["TAG"]]).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_images_commands_and_variables_may_be_outputs(stack: Stack) -> None:
    stack.write({**SHOP, "__main__.py": LATE, "server.py": SERVER})
    stack.init()
    stack.deployed()
    url = f"http://127.0.0.1:{stack.port}/apps/shop/development/server/"
    (late, words), tag = httpx.get(url, timeout=60).json()
    assert words == "two words"
    assert tag == f"registry.example.com/shop:{late}"
    state = stack.export()["deployment"]["resources"]
    images = {each["outputs"]["image"] for each in state if each["type"] in ("flyte:api:App", "flyte:api:Task")}
    assert images == {tag}
    assert stack.deployed().changed == set()
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_outputs_are_wired_like_the_components_they_come_from(stack: Stack, make_stack: Callable[..., Stack]) -> None:
    stack.write({**SHOP, "__main__.py": PROGRAM})
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    stack.deployed()
    url = f"http://127.0.0.1:{stack.port}/apps"
    assert httpx.get(f"{url}/shop/development/webhook/backend", timeout=60).json()["app"] == "backend"
    assert httpx.get(f"{url}/shop/development/webhook/key", timeout=60).json() == {"length": len(KEY)}
    assert "cat.png" in httpx.get(f"{url}/shop/development/webhook/jobs", timeout=60).json()["outputs"]
    assert stack.deployed().changed == set()

    other = make_stack(port=stack.port, project="other", home=stack.base / "home", backend=stack.base / "backend")
    other.write({"__main__.py": OTHER, "caller.py": CALLER, "answer.py": SHOP["answer.py"]})
    other.init()
    other.deployed()
    assert httpx.get(f"{url}/other/development/caller", timeout=60).json()["app"] == "backend"
    assert other.destroy().code == 0
    assert stack.destroy().code == 0
    assert not stack.remaining()
