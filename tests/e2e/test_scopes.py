"""The projects and domains of stacks, and the references between them."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.e2e.harness import Stack
from tests.e2e.programs import ANSWER, BACKEND, TASKS

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
    assert not stack.remaining()


OWNER = """\
import pulumi
from pulumi_flyte import App, Environment, Secret, Task

keys = Environment("keys")
key = Secret("api-key", environment=keys, value="a-value-of-keys")
pulumi.export("key", key.link)
pulumi.export("resize", Task("resize", environment=keys, source="tasks.py:resize").link)
pulumi.export("backend", App("backend-api", environment=keys, source="backend.py:app").link)
"""
CONSUMER = """\
import pulumi
from pulumi_flyte import App, Environment, Link, Secret, StackLink, Task

other = pulumi.StackReference("organization/keys/dev")
shop = Environment("shop")
moved = Environment("moved", platform="flyte", endpoint="https://flyte.example.com", image="x:1")
mine = Secret("mine", environment=shop, value="v")
staging = Secret("staging", environment=Environment("staging", domain="staging"), value="v")
app = {"environment": shop, "source": "backend.py:app"}
match pulumi.Config().require("case"):
    case "stack reference":
        App("caller", **app, secrets={"KEY": other.get_output("key")})
    case "link of another domain":
        App("caller", **app, secrets={"KEY": staging.link})
    case "inside an Output":
        elsewhere = mine.link.apply(lambda link: {**link, "project": "elsewhere"})
        Task("caller", environment=shop, source="tasks.py:resize", secrets={"KEY": elsewhere})
    case "app of another platform":
        App("caller", environment=moved, source="backend.py:app", inputs={"b": Link(other.get_output("backend"))})
    case "task of another platform":
        App("caller", environment=moved, source="backend.py:app", inputs={"b": other.get_output("resize")})
    case "no such output":
        App("caller", **app, inputs={"b": other.get_output("bakend")})
    case "removed output":
        App("caller", **app, inputs={"b": StackLink("organization/keys/dev", "bakend")})
    case "output of another domain":
        App("caller", **app, inputs={"b": StackLink("organization/keys/dev", "backend", domain="staging")})
    case "unknown stack":
        App("caller", **app, inputs={"b": StackLink("organization/kyes/dev", "backend")})
    case "organisation of another backend":
        App("caller", **app, inputs={"b": StackLink("acme/keys/dev", "backend")})
    case "a value":
        App("caller", **app, secrets={"KEY": pulumi.Output.secret("hunter2hunter2")})
    case "what may cross":
        App("caller", **app, inputs={"b": other.get_output("backend"), "r": other.get_output("resize"),
            "s": StackLink("organization/keys/dev", "backend")},
            secrets={"KEY": mine.link})
"""
REFUSED = {
    "stack reference": ("secrets.KEY: the secret 'api-key' is in keys/development", "shop/development"),
    "link of another domain": ("secrets.KEY: the secret 'staging' is in shop/staging",),
    "app of another platform": ("inputs.b: the app 'backend-api' is on another control plane", "flyte.example.com"),
    "task of another platform": ("inputs.b: the task 'images.resize' is on another control plane",),
    "no such output": ("inputs.b: expected an Output of a string", "other stack"),
    "removed output": (
        "inputs.b.output: the stack 'organization/keys/dev' has no output 'bakend': did you mean 'backend'?",
    ),
    "output of another domain": ("inputs.b.domain: the output 'backend'", "'development', and not in 'staging'"),
    "unknown stack": (
        'inputs.b.stack: its outputs cannot be read: unknown stack "organization/kyes/dev". `pulumi stack ls',
    ),
    "organisation of another backend": (
        "inputs.b.stack: its outputs cannot be read: organization name must be 'organization'. In a folder or a bucket",
    ),
    "a value": ("secrets.KEY: expected a Secret or an Output of its `link`",),
}


def test_links_in_outputs_are_compared_with_where_they_are_used(stack: Stack, make_stack: Callable[..., Stack]) -> None:
    files = {"answer.py": ANSWER, "backend.py": BACKEND, "tasks.py": TASKS}
    owner = make_stack(port=stack.port, project="keys", home=stack.base / "home", backend=stack.base / "backend")
    owner.write({**files, "__main__.py": OWNER})
    owner.init()
    owner.deployed()
    stack.write({**files, "__main__.py": CONSUMER})
    stack.init()
    for case, texts in REFUSED.items():
        stack.configure({"case": case})
        refused = stack.preview()
        assert refused.code != 0, case
        assert "App 'caller' has 1 problem" in refused.text, refused.text
        for text in texts:
            assert text in refused.text, refused.text
        assert "Traceback" not in refused.text
        assert "hunter2" not in refused.text
    stack.configure({"case": "what may cross"})
    stack.deployed()
    assert stack.deployed().changed == set()
    stack.configure({"case": "inside an Output"})
    refused = stack.preview()
    assert "Task 'caller' has 1 problem" in refused.text, "known once the first `up` was done"
    assert "the secret 'mine' is in elsewhere/development" in refused.text
    assert stack.destroy().code == 0
    assert owner.destroy().code == 0
    assert not stack.remaining()
