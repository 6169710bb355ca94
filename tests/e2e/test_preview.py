"""Preview is exact: every endpoint is known from the first one on, and what it names is what `up` changes."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from tests.e2e.harness import Stack
from tests.e2e.programs import (
    BACKEND_APP,
    EVERYTHING,
    KEY,
    PROGRAM,
    SECRET,
    SHOP,
    TASK,
    TRIGGER,
    WEBHOOK_APP,
)


@pytest.fixture
def shop(stack: Stack) -> Stack:
    """The shop's stack, not deployed."""
    stack.write(SHOP)
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    return stack


def url(stack: Stack, name: str) -> str:
    return f"http://127.0.0.1:{stack.port}/apps/shop/development/{name}"


def test_the_first_preview_knows_every_endpoint(shop: Stack) -> None:
    outcome = shop.preview("--diff")
    assert outcome.code == 0, outcome.text
    assert outcome.changed == EVERYTHING
    for name in ("backend-api", "webhook"):
        assert url(shop, name) in outcome.text
    digest = shop.pulumi("preview", "--json", "--stack", shop.name, check=True).text
    steps = {step["urn"].split("::")[-1]: step for step in json.loads(digest)["steps"] if ":api:App" in step["urn"]}
    for name in ("backend-api", "webhook"):
        inputs = steps[name]["newState"]["inputs"]
        assert inputs["endpoint"] == inputs["publicEndpoint"] == url(shop, name)
    assert steps["webhook"]["newState"]["inputs"]["env"]["BACKEND_URL"] == url(shop, "backend-api")
    assert KEY not in digest
    assert not shop.remaining(), "a preview starts nothing"


def second_machine(shop: Stack, make_stack: Callable[..., Stack]) -> Stack:
    """Return the same stack on a machine that shares the backend and the control plane, and nothing else."""
    second = make_stack(port=shop.port, home=shop.base / "home", backend=shop.base / "backend")
    second.write({path.name: path.read_text() for path in shop.folder.iterdir() if path.suffix in (".py", ".yaml")})
    return second


def test_every_change_is_previewed_exactly(shop: Stack, make_stack: Callable[..., Stack]) -> None:
    assert shop.deployed().changed == EVERYTHING
    with httpx.Client(base_url=url(shop, "webhook"), timeout=60) as client:
        assert client.get("/backend").json() == {"app": "backend", "edition": 1}
        assert "cat.png@3" in client.get("/jobs").json()["outputs"]
        assert client.get("/key").json() == {"length": len(KEY)}
    assert shop.deployed().changed == set(), "an unchanged program changes nothing"

    shop.write({"backend.py": SHOP["backend.py"].replace('"edition": 1', '"edition": 2')})
    assert shop.deployed().changed == {BACKEND_APP}, "siblings in the folder are not disturbed"
    assert httpx.get(url(shop, "backend-api"), timeout=60).json()["edition"] == 2

    shop.write({"tasks.py": SHOP["tasks.py"].replace("@{size}", "@{size}px")})
    assert shop.deployed().changed == {TASK, TRIGGER, WEBHOOK_APP}, "the task and what is pinned to it"
    assert "cat.png@3px" in httpx.get(f"{url(shop, 'webhook')}/jobs", timeout=60).json()["outputs"]

    program = PROGRAM.replace('source="tasks.py:resize",', 'source="tasks.py:resize", resources={"cpu": "100m"},')
    shop.write({"__main__.py": program})
    assert shop.deployed().changed == {TASK, TRIGGER, WEBHOOK_APP}

    program = program.replace('"tasks.py:resize",', '"tasks.py:resize", inputs={"backend": "http://elsewhere"},')
    shop.write({"__main__.py": program})
    assert shop.deployed().changed == {TASK, TRIGGER, WEBHOOK_APP}

    program = program.replace('"backend_url": backend', '"backend": backend')
    shop.write({"__main__.py": program, "webhook.py": SHOP["webhook.py"].replace("backend_url", "backend")})
    assert shop.deployed().changed == {WEBHOOK_APP}

    shop.configure({"webhookApiKey": KEY + "-rotated"}, secret=True)
    assert shop.deployed().changed == {SECRET, WEBHOOK_APP}, "rotation rolls exactly the dependents"
    assert httpx.get(f"{url(shop, 'webhook')}/key", timeout=60).json() == {"length": len(KEY) + 8}

    program = program.replace('source="backend.py:app"', 'source="backend.py:app", scaling={"replicas": (1, 2)}')
    shop.write({"__main__.py": program})
    scaled = shop.preview("--diff")
    assert "maxReplicas" in scaled.text
    assert shop.deployed().changed == {BACKEND_APP}

    shop.move_to("elsewhere")
    assert shop.deployed().changed == set(), "another path of the checkout changes nothing"

    second = second_machine(shop, make_stack)
    assert second.deployed().changed == set(), "a state from another machine changes nothing"
    assert second.refresh().summary == {}
    assert shop.deployed().changed == set(), "nor does what the second machine left"

    removed = program.replace('"backend": backend, ', "").replace(
        'pulumi.export("backend", backend.public_endpoint)\n', ""
    )
    removed = "".join(line for line in removed.splitlines(True) if not line.startswith("backend = "))
    shop.write(
        {
            "__main__.py": removed,
            "webhook.py": SHOP["webhook.py"].replace(
                'backend, resize = rt.app("backend_url"), rt.task("resize")', 'resize = rt.task("resize")'
            ),
        }
    )
    assert shop.deployed().changed == {BACKEND_APP, WEBHOOK_APP}
    assert httpx.get(url(shop, "backend-api"), timeout=60).status_code == 404

    gone = shop.destroy()
    assert gone.code == 0, gone.text
    assert not shop.remaining(), "the last stack's destroy stops the server"
    assert shop.destroy().code == 0, "destroying twice is fine"
