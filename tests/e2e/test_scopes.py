"""Where stacks deploy to, and what may cross from one project, domain or control plane into another."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.e2e.harness import Stack
from tests.e2e.programs import ANSWER, BACKEND

BACKEND_ONLY = {
    "__main__.py": """\
        import pulumi
        from pulumi_flyte import App, Environment
        backend = App("backend-api", environment=Environment("shop"), source="backend.py:app")
        pulumi.export("url", backend.endpoint)
    """,
    "answer.py": ANSWER,
    "backend.py": BACKEND,
}


def test_two_stacks_of_one_program_run_side_by_side(stack: Stack, make_stack: Callable[..., Stack]) -> None:
    bob = make_stack(port=stack.port, name="bob", home=stack.base / "home")
    for each in (stack, bob):
        each.write(BACKEND_ONLY)
        each.init()
        each.deployed()
    urls = [each.outputs()["url"] for each in (stack, bob)]
    assert [url.split("/apps/")[1] for url in urls] == [
        "shop/development/backend-api",
        "shop-bob/development/backend-api",
    ]
    for url in urls:
        assert httpx.get(url, timeout=60).json() == {"app": "backend", "edition": 1}
    assert bob.destroy().code == 0
    assert httpx.get(urls[0], timeout=60).status_code == 200, "the other stack's app stays"
    assert stack.deployed().changed == set()
    assert stack.destroy().code == 0
    assert not stack.processes()
