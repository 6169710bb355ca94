"""The plugin serves the components to other languages, with the URNs and the state of a direct import."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.e2e.harness import TOOLS_BIN, Stack, plugin_path
from tests.e2e.programs import EVERYTHING, KEY, SHOP

TYPESCRIPT = Path(__file__).parent / "typescript"

REMOTE = """\
import pulumi

class Remote(pulumi.ComponentResource):
    def __init__(self, kind, name, props, outputs):
        given = {**props, **{key: None for key in outputs if key not in props}}
        super().__init__(f"flyte:index:{kind}", name, given, pulumi.ResourceOptions(version="0.1.0"), remote=True)

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


def test_bad_input_through_the_plugin_is_as_clear_as_directly(stack: Stack) -> None:
    bad = REMOTE.replace('"source": "backend.py:app"', '"sorce": "backend.py:app", "port": 8012')
    prepared(stack, {**SHOP, "__main__.py": bad})
    outcome = stack.preview()
    assert outcome.code != 0
    assert "sorce" in outcome.text
    assert "did you mean" in outcome.text


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Node.js SDK, installed once per run."""
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(TYPESCRIPT / name, folder)
    assert shutil.which("npm"), "Node.js is needed for the TypeScript program"
    assert (TOOLS_BIN / "pulumi-language-nodejs").exists() or shutil.which("pulumi-language-nodejs"), (
        "tools/build --all"
    )
    done = subprocess.run(["npm", "ci", "--silent"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "node_modules"


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
