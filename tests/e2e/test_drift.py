"""Drift is detected and repaired. Objects of others are left alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.e2e.harness import VENV_BIN, Stack
from tests.e2e.programs import BACKEND_APP, EVERYTHING, KEY, SECRET, SERVER, SHOP, WEBHOOK_APP

OUTSIDE = """\
import os, sys
import flyte, flyte.remote
flyte.init(endpoint="dns:///127.0.0.1:{port}", insecure=True, project="shop", domain="development", org="local")
{code}
# The SDK's native HTTP client sometimes aborts the process while the interpreter ends; all is said by then.
sys.stdout.flush()
os._exit(0)
"""


def outside(stack: Stack, code: str) -> None:
    """Somebody else's use of the Flyte SDK."""
    stack.run(sys.executable, "-c", OUTSIDE.format(port=stack.port, code=code))


def deployed(stack: Stack) -> Stack:
    stack.write(SHOP)
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    stack.deployed()
    return stack


def test_refresh_sees_what_was_stopped_or_deleted_outside_and_up_repairs_it(stack: Stack) -> None:
    deployed(stack)
    outside(stack, 'flyte.remote.App.get("backend-api").deactivate(wait=True)')
    outside(stack, 'flyte.remote.Secret.delete("webhook-api-key")')
    seen = stack.refresh("--diff")
    assert seen.code == 0, seen.text
    assert "active" in seen.text
    assert "webhook-api-key" in seen.text
    repaired = stack.deployed().changed
    assert {BACKEND_APP, SECRET} <= repaired <= {BACKEND_APP, SECRET, WEBHOOK_APP}
    assert httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/backend-api/", timeout=60).status_code == 200
    assert stack.refresh().summary == {}, "nothing differs after the repair"
    assert stack.deployed().changed == set()
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_an_app_of_another_stack_is_not_taken_over(stack: Stack, make_stack: Callable[..., Stack]) -> None:
    deployed(stack)
    other = make_stack(port=stack.port, name="other", home=stack.base / "home")
    other.write(
        {
            "__main__.py": """\
                from pulumi_flyte import App, Environment
                App("backend-api", environment=Environment("mine", project="shop"), source="backend.py:app")
            """,
            "answer.py": SHOP["answer.py"],
            "backend.py": SHOP["backend.py"],
        }
    )
    other.init()
    refused = other.up()
    assert refused.code != 0
    assert "shop/dev" in refused.text, "the owner is named"
    assert "Traceback" not in refused.text
    assert other.destroy().code == 0
    assert stack.deployed().changed == set(), "the first stack did not notice"
    assert stack.destroy().code == 0
    assert not stack.remaining()


def test_a_stopped_server_is_started_and_a_wiped_one_is_filled_again(stack: Stack) -> None:
    deployed(stack)
    stack.run(str(VENV_BIN / "flyte-local"), "stop")
    started = stack.preview("--diff")
    assert started.changed == {SERVER}
    assert "will be started" in started.text
    assert stack.deployed().changed == {SERVER}
    assert httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/webhook/backend", timeout=60).json()

    stack.run(str(VENV_BIN / "flyte-local"), "stop")
    wipe(stack.base / "home")
    assert stack.deployed().changed == EVERYTHING, "all is redeployed"
    assert httpx.get(f"http://127.0.0.1:{stack.port}/apps/shop/development/webhook/key", timeout=60).json() == {
        "length": len(KEY)
    }
    assert stack.deployed().changed == set()
    assert stack.destroy().code == 0
    assert not stack.remaining()


def wipe(home: Path) -> None:
    for folder, folders, files in os.walk(home, topdown=False):
        for name in files:
            (Path(folder) / name).unlink()
        for name in folders:
            (Path(folder) / name).rmdir()


CLI_APP = """\
import flyte
import flyte.app

env = flyte.app.AppEnvironment(
    name="by-cli", image="local/python", port=8080, args=["python", "-m", "http.server", "8080"],
    resources=flyte.Resources(cpu="100m", memory="64Mi"),
)
"""


def test_an_app_that_flytes_cli_deployed_is_imported_without_a_difference(stack: Stack) -> None:
    stack.write(
        {
            "__main__.py": """\
                from pulumi_flyte import Environment
                Environment("shop")
            """,
            "by_cli.py": CLI_APP,
        }
    )
    stack.init()
    stack.deployed()
    config = stack.run(str(VENV_BIN / "flyte-local"), "config").text
    stack.write({"flyte.yaml": config})
    stack.run(
        str(VENV_BIN / "flyte"), "-c", "flyte.yaml", "deploy", "-p", "shop", "-d", "development", "by_cli.py", "env"
    )
    imported = stack.pulumi(
        "import", "flyte:api:App", "by-cli", "shop/development/by-cli", "--yes", "--protect=false",
        "--generate-code=false", "--stack", stack.name,
    )  # fmt: skip
    assert imported.code == 0, imported.text
    inputs = next(
        item["inputs"] for item in stack.export()["deployment"]["resources"] if item["type"] == "flyte:api:App"
    )
    stack.write(
        {
            "__main__.py": f"""\
                from pulumi_flyte import Environment, api
                from pulumi_flyte.naming.casing import camel
                import inspect
                inputs = {inputs!r}
                names = {{camel(name): name for name in inspect.signature(api.App.__init__).parameters}}
                Environment("shop")
                api.App("by-cli", **{{names[key]: value for key, value in inputs.items() if key in names}})
            """
        }
    )
    again = stack.preview("--diff")
    assert again.code == 0, again.text
    assert again.changed == set(), again.text
    assert stack.destroy().code == 0
