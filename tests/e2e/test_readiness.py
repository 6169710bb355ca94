"""A dependent starts only after what it depends on answers; what does not come up says why."""

from __future__ import annotations

import httpx

from tests.e2e.harness import Stack
from tests.e2e.programs import ANSWER

SLOW = """\
import asyncio, time
from answer import reply

ready_at = time.monotonic() + 3

async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200 if time.monotonic() >= ready_at else 503, {})
"""
QUICK = """\
from answer import reply

async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200, {})
"""
PROGRAM = """\
from pulumi_flyte import App, Environment

shop = Environment("shop")
model = App("model-api", environment=shop, source="model.py:app", health="/ready")
gateway = App("gateway", environment=shop, source="gateway.py:app", inputs={"model": model})
"""


def events(stack: Stack, app: str) -> list[dict[str, object]]:
    query = {"project": "shop", "domain": "development", "app": app}
    url = f"http://127.0.0.1:{stack.port}/local/v1/events"
    app_events: list[dict[str, object]] = httpx.get(url, params=query, timeout=60).json()
    return app_events


def moment(stack: Stack, app: str, event: str) -> float:
    return min(float(str(item["at"])) for item in events(stack, app) if item["event"] == event)


def test_a_dependent_starts_after_its_dependency_answers_its_health_path(stack: Stack) -> None:
    stack.write({"__main__.py": PROGRAM, "answer.py": ANSWER, "model.py": SLOW, "gateway.py": QUICK})
    stack.init()
    stack.deployed()
    model = (moment(stack, "model-api", "starting"), moment(stack, "model-api", "healthy"))
    assert model[1] - model[0] >= 3, "it was not healthy before its path said so"
    assert moment(stack, "gateway", "starting") >= model[1]
    assert stack.destroy().code == 0
    assert not stack.remaining()


CRASHING = (
    """\
import sys
for number in range(30):
    print(f"line {number}", file=sys.stderr, flush=True)
if __name__ != "__main__" and "FLYTE_ROOT_PATH" in __import__("os").environ:
    raise SystemExit("no model file")
"""
    + QUICK
)
ONE = """\
import pulumi
from pulumi_flyte import App, Environment

shop = Environment("shop")
App("web", environment=shop, source="web.py:app", {extra}
    opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="{limit}", update="{limit}")))
"""


def test_an_app_that_crashes_fails_with_its_last_lines_and_the_next_up_mends_it(stack: Stack) -> None:
    stack.write({"__main__.py": ONE.format(extra="", limit="120s"), "answer.py": ANSWER, "web.py": CRASHING})
    stack.init()
    failed = stack.up()
    assert failed.code != 0
    assert "exited" in failed.text
    assert "line 29" in failed.text, "its last lines are shown"
    assert "line 5\n" not in failed.text, "and no more than twenty"
    assert "Traceback" not in failed.text
    stack.write({"web.py": QUICK})
    stack.deployed()
    assert httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/web/", timeout=60).status_code == 200
    assert stack.destroy().code == 0
    assert not stack.remaining()


NEVER = QUICK.replace("200", "503")


def test_an_app_that_never_becomes_healthy_fails_in_its_time(stack: Stack) -> None:
    # The time is short only where it must pass. A slow machine needs more to start an app.
    short, long = (ONE.format(extra='health="/ready",', limit=limit) for limit in ("15s", "120s"))
    stack.write({"__main__.py": short, "answer.py": ANSWER, "web.py": NEVER})
    stack.init()
    failed = stack.up()
    assert failed.code != 0
    assert "/ready" in failed.text
    assert "503" in failed.text
    stack.write({"__main__.py": long, "web.py": QUICK})
    stack.deployed()
    stack.write({"__main__.py": short, "web.py": NEVER})
    assert stack.up().code != 0, "a failed update is an error"
    answer = httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/web/", timeout=60)
    assert answer.status_code == 200, "the old revision still serves"
    assert stack.destroy().code == 0
    assert not stack.remaining()
