"""The plugin serves the components to other languages, with the URNs and the state of a direct import."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.e2e.harness import Outcome, Stack, plugin_path
from tests.e2e.programs import EVERYTHING, KEY, SHOP

TYPESCRIPT = Path(__file__).parent / "typescript"

REMOTE = """\
import pulumi

class Remote(pulumi.ComponentResource):
    def __init__(self, kind, name, props, outputs):
        declared = {**props, **{key: None for key in outputs if key not in props}}
        super().__init__(f"flyte:index:{kind}", name, declared, pulumi.ResourceOptions(version="0.1.0"), remote=True)

config = pulumi.Config()
shop = Remote("Environment", "shop", {"python": config.get("python")}, ["settings"])
place = {"environment": shop.settings}
key = Remote("Secret", "webhook-api-key", {**place, "value": config.require_secret("webhookApiKey")}, ["link"])
nightly = {"nightly": {"cron": "0 2 * * *", "inputs": {"image": "cat.png"}}}
resize = Remote("Task", "resize", {**place, "source": "tasks.py:resize", "triggers": nightly}, ["link", "version"])
backend = Remote("App", "backend-api", {**place, "source": "backend.py:app"}, ["link", "publicEndpoint"])
webhook = Remote(
    "App",
    "webhook",
    {
        **place,
        "source": "webhook.py:app",
        "inputs": {"backend_url": backend.link, "resize": resize.link},
        "secrets": {"WEBHOOK_API_KEY": key.link},
    },
    ["link", "publicEndpoint"],
)
pulumi.export("backend", backend.publicEndpoint)
pulumi.export("webhook", webhook.publicEndpoint)
pulumi.export("version", resize.version)
"""


def prepared(stack: Stack, files: dict[str, str]) -> Stack:
    stack.write(files)
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    return stack


def get(stack: Stack, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/{path}", timeout=60)


def test_a_stack_moves_between_direct_and_remote_components_without_a_change(stack: Stack) -> None:
    prepared(stack, SHOP).deployed()
    stack.write({"__main__.py": REMOTE})
    remote = stack.preview("--diff")
    assert remote.code == 0, remote.text
    assert not remote.steps, remote.text
    assert stack.deployed().changed == set()
    stack.write({"__main__.py": SHOP["__main__.py"]})
    direct = stack.preview("--diff")
    assert not direct.steps, direct.text
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_a_first_preview_through_the_plugin_knows_every_endpoint(stack: Stack) -> None:
    prepared(stack, {**SHOP, "__main__.py": REMOTE})
    outcome = stack.preview("--diff")
    assert outcome.code == 0, outcome.text
    assert outcome.changed == EVERYTHING
    assert f"http://127.0.0.1:{stack.port}/apps/shop/development/webhook" in outcome.text
    assert (
        f'BACKEND_URL                     : "http://127.0.0.1:{stack.port}/apps/shop/development/backend-api"'
        in outcome.text
    )


def test_the_compiler_of_typescript_finds_every_mistake(node_modules: Path, tmp_path: Path) -> None:
    program = (TYPESCRIPT / "wrong.ts").read_text()
    (tmp_path / "wrong.ts").write_text(program)
    (tmp_path / "node_modules").symlink_to(node_modules)
    options = ("--noEmit", "--strict", "--skipLibCheck", "--target", "es2020", "--module", "commonjs")
    command = ["npx", "tsc", *options, "--moduleResolution", "node", "wrong.ts"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = program.splitlines()
    mistakes = {number for number, line in enumerate(lines, start=1) if lines[number - 2].startswith("// a")}
    assert len(mistakes) == 14
    assert {int(number) for number in re.findall(r"^wrong\.ts\((\d+),", done.stdout, re.MULTILINE)} == mistakes


def test_a_typescript_program_declares_wired_workloads(stack: Stack, node_modules: Path) -> None:
    files = {name: (TYPESCRIPT / name).read_text() for name in ("index.ts", "package.json", "tsconfig.json")}
    sources = {name: content for name, content in SHOP.items() if name != "__main__.py"}
    stack.write({**sources, **files, "Pulumi.yaml": f"name: shop\nruntime: nodejs\n{plugin_path()}"})
    (stack.folder / "node_modules").symlink_to(node_modules)
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    missing = stack.preview()
    assert missing.code == 0 or "python" in missing.text
    stack.configure({"python": sys.executable})
    assert stack.deployed().changed == EVERYTHING
    assert get(stack, "webhook/backend").json()["app"] == "backend"
    assert "cat.png@3" in get(stack, "webhook/jobs").json()["outputs"]
    assert stack.deployed().changed == set()
    assert stack.destroy().code == 0
    assert not stack.remaining()


# What a user may get wrong, and what the message says. Each program also has components that are right, some of which
# are being made when the mistake is found.
MISTAKES = {
    "an unknown property": (
        'new Flyte("App", "bad", { environment, sorce: "backend.py:app" });',
        "sorce: unknown property: did you mean 'source'?",
    ),
    "a wrong type": (
        'new Flyte("App", "bad", { environment, source: "backend.py:app", requiresAuth: "yes" });',
        "requiresAuth: expected True or False",
    ),
    "a missing property": ('new Flyte("App", "bad", { source: "backend.py:app" });', "environment: required"),
    "two mistakes": (
        'new Flyte("App", "bad", { environment, source: "backend.py:app", port: 0, scaling: { requestRate: 0 } });',
        "scaling.requestRate:",
    ),
    "a secret under a wrong name": (
        'new Flyte("Secret", "bad", { environment, valu: pulumi.secret("hunter2-hunter2") });',
        "did you mean 'value'?",
    ),
    "a secret that is no Secret": (
        'new Flyte("App", "bad", { environment, source: "backend.py:app", secrets: { K: pulumi.secret("hunter2") } });',
        "secrets.K: expected a Secret or an Output of its `link`",
    ),
    "no such component": ('new Flyte("Ap", "bad", { environment });', "unknown component 'flyte:index:Ap'"),
    "a name that is taken": (
        # After `slow`, as otherwise either of the two may be the first, and both fail then.
        'new Flyte("App", "bad", { environment, source: "backend.py:app", name: "slow" }, { dependsOn: slow });',
        "another resource declares the app",
    ),
    "a source that does not import": (
        'new Flyte("App", "bad", { environment, source: "broken.py:app" });',
        "broken.py:1",
    ),
}
SLOW = """\
import time
from answer import reply

time.sleep(6)  # longer than the engine waits for its plugins when a run has failed

async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200, {"app": "slow"})
"""


@pytest.fixture
def typescript(stack: Stack, node_modules: Path) -> Stack:
    """A stack of a TypeScript program that has every mistake and makes the one that its configuration names."""
    cases = "\n".join(f"if (mistake === {json.dumps(name)}) {{ {code} }}" for name, (code, _) in MISTAKES.items())
    files = {name: (TYPESCRIPT / name).read_text() for name in ("package.json", "tsconfig.json")}
    sources = {name: content for name, content in SHOP.items() if name != "__main__.py"}
    program = f"{(TYPESCRIPT / 'mistakes.ts').read_text()}{cases}\n"
    stack.write({**sources, **files, "index.ts": program, "broken.py": "def f(:\n", "slow.py": SLOW})
    stack.write({"Pulumi.yaml": f"name: shop\nruntime: nodejs\n{plugin_path()}"})
    (stack.folder / "node_modules").symlink_to(node_modules)
    stack.init()
    stack.configure({"python": sys.executable})
    return stack


def only_shows(outcome: Outcome, message: str) -> None:
    """Assert that a run failed with one error and printed nothing of the machinery."""
    assert outcome.code != 0
    assert message in outcome.text
    errors = [line for line in outcome.text.partition("Diagnostics:")[2].splitlines() if line.startswith("    error:")]
    assert len(errors) == 1, outcome.text
    for noise in ("prematurely", "client connection", "monitor", "Traceback", "    at ", "hunter2"):
        assert noise not in outcome.text, outcome.text


def test_a_preview_of_a_mistake_in_typescript_shows_the_mistake_only(typescript: Stack) -> None:
    for name, (_, message) in MISTAKES.items():
        typescript.configure({"mistake": name})
        only_shows(typescript.preview(), message)


def test_an_update_with_a_mistake_in_typescript_shows_the_mistake_only(typescript: Stack) -> None:
    for name in ("an unknown property", "a name that is taken"):
        typescript.configure({"mistake": name})
        only_shows(typescript.up(), MISTAKES[name][1])
    assert typescript.destroy().code == 0
    assert not typescript.remaining()
