"""An app serves after it was replaced or moved. The user chooses its name, so old and new are one object."""

from __future__ import annotations

import httpx

from tests.e2e.harness import Stack, short
from tests.e2e.programs import BACKEND_APP, KEY, SECRET, SERVER, SHOP, TASK, TRIGGER, WEBHOOK_APP


def get(stack: Stack, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/{path}", timeout=60)


def urns(stack: Stack) -> dict[str, str]:
    """Return the URN of every resource, by `type::name`. Fails if the state has one twice."""
    everything = [item["urn"] for item in stack.export()["deployment"]["resources"]]
    assert len({short(urn) for urn in everything}) == len(everything), everything
    return {short(urn): urn for urn in everything}


def test_an_app_that_is_replaced_by_hand_serves_afterwards(stack: Stack) -> None:
    stack.write(SHOP)
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    stack.deployed()
    deployed = urns(stack)

    replaced = stack.up("--replace", deployed[BACKEND_APP])
    assert replaced.code == 0, replaced.text
    assert get(stack, "webhook/backend").json()["app"] == "backend"
    assert urns(stack) == deployed
    assert stack.deployed().changed == set(), "state is what runs"
    assert stack.refresh().summary == {}

    everything = [SERVER, SECRET, TASK, TRIGGER, BACKEND_APP, WEBHOOK_APP]
    replaced = stack.up(*(part for name in everything for part in ("--replace", deployed[name])))
    assert replaced.code == 0, replaced.text
    assert get(stack, "webhook/key").json() == {"length": len(KEY)}
    assert get(stack, "webhook/backend").json()["app"] == "backend"
    assert "cat.png@3" in get(stack, "webhook/jobs").json()["outputs"]
    assert urns(stack) == deployed
    assert stack.deployed().changed == set()
    assert stack.refresh().summary == {}
    assert stack.destroy().code == 0
    assert not stack.remaining()


PROGRAM = """\
import pulumi
from pulumi_flyte import Environment, api

CODE = '''
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"moved" if os.environ["EDITION"] == "2" else b"here")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
'''

shop = Environment("shop")
group = pulumi.ComponentResource("my:index:Group", "group")
opts = pulumi.ResourceOptions({opts})
api.App(
    "web", name="web", image="local/python", command=["python", "-c", CODE], env={{"EDITION": "{edition}"}},
    opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[shop])),
)
"""


def test_an_app_that_moves_under_a_component_needs_aliases_and_serves_on(stack: Stack) -> None:
    stack.write({"__main__.py": PROGRAM.format(opts="", edition=1)})
    stack.init()
    stack.deployed()
    assert get(stack, "web/").text == "here"

    stack.write({"__main__.py": PROGRAM.format(opts="parent=group", edition=2)})
    for moved in (stack.preview(), stack.up()):
        assert moved.code != 0
        assert "if that one was renamed or moved to another parent, name it in `aliases`" in moved.text
        assert "Traceback" not in moved.text
    assert get(stack, "web/").text == "here", "nothing was changed and nothing was deleted"

    aliased = "parent=group, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]"
    stack.write({"__main__.py": PROGRAM.format(opts=aliased, edition=2)})
    stack.deployed()
    assert get(stack, "web/").text == "moved"
    assert sum(name == "flyte:api:App::web" for name in urns(stack)) == 1
    stack.write({"__main__.py": PROGRAM.format(opts="parent=group", edition=2)})
    assert stack.deployed().changed == set(), "the alias has done its work"
    assert stack.destroy().code == 0
    assert not stack.remaining()


SOURCE = """\
import pulumi
from pulumi_flyte import App, Environment

App("web", environment=Environment("shop"), source="web.py:app", health={"path": "/ready", "timeout": SECONDS})
"""
# The time until an app is given up is short only where it must pass. A slow machine needs more to start an app.
SHORT, LONG = "15", "120"
WEB = """\
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": %d, "headers": []})
        await send({"type": "http.response.body", "body": b"edition %d"})
"""


def test_the_old_revision_serves_through_every_failed_attempt(stack: Stack) -> None:
    stack.write({"__main__.py": SOURCE.replace("SECONDS", LONG), "web.py": WEB % (200, 1)})
    stack.init()
    stack.deployed()
    stack.write({"__main__.py": SOURCE.replace("SECONDS", SHORT), "web.py": WEB % (503, 2)})
    for _ in range(2):
        failed = stack.up()
        assert failed.code != 0
        assert "/ready" in failed.text
        answer = get(stack, "web/")
        assert (answer.status_code, answer.text) == (200, "edition 1")
    stack.write({"__main__.py": SOURCE.replace("SECONDS", LONG), "web.py": WEB % (200, 3)})
    stack.deployed()
    assert get(stack, "web/").text == "edition 3"
    assert stack.destroy().code == 0
    assert not stack.remaining()


MOVING = """\
import pulumi
from pulumi_flyte import App, Environment, Secret

place = Environment("place", domain=pulumi.Config().require("where"))
key = Secret("key", environment=place, value="of the place")
health = {"path": "/ready", "timeout": SECONDS}
App("web", environment=place, source="web.py:app", secrets={"KEY": key}, health=health)
"""
MOVED = """\
import os
async def app(scope, receive, send):
    if scope["type"] == "http":
        failing = os.environ["FLYTE_INTERNAL_EXECUTION_DOMAIN"] == "staging" and %r
        await send({"type": "http.response.start", "status": 503 if failing else 200, "headers": []})
        await send({"type": "http.response.body", "body": os.environ["KEY"].encode()})
"""


def test_a_move_to_another_domain_that_fails_leaves_the_old_place_whole(stack: Stack) -> None:
    stack.write({"__main__.py": MOVING.replace("SECONDS", LONG), "web.py": MOVED % True})
    stack.init()
    stack.configure({"where": "development"})
    stack.deployed()

    stack.configure({"where": "staging"})
    stack.write({"__main__.py": MOVING.replace("SECONDS", SHORT)})
    failed = stack.up()
    assert failed.code != 0
    assert "/ready" in failed.text
    assert get(stack, "web/").text == "of the place"
    assert sum("::key" in item["urn"] for item in stack.export()["deployment"]["resources"]) >= 2, "both secrets stand"

    stack.write({"__main__.py": MOVING.replace("SECONDS", LONG), "web.py": MOVED % False})
    assert stack.up().code == 0
    moved = httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/staging/web/", timeout=60)
    assert moved.text == "of the place"
    assert get(stack, "web/").status_code == 404, "the old place is left once the new one stands"
    assert len(urns(stack)) > 0
    assert stack.deployed().changed == set()
    assert stack.destroy().code == 0
    assert not stack.remaining()
