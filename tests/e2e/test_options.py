"""Options of Pulumi on components: they reach the object that the component stands for, or are refused."""

from __future__ import annotations

import httpx

from tests.e2e.harness import Stack
from tests.e2e.programs import ANSWER

APP = "flyte:api:App::web"
SHOW = """\
import os
from answer import reply

async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200, {name: os.environ[name] for name in ("LEVEL", "KEY", "MODE")})
"""
PROGRAM = """\
from pulumi import CustomTimeouts, ResourceOptions
from pulumi_flyte import App, Environment, Secret
shop = Environment("shop")
key = Secret("key", environment=shop, value="VALUE", opts=ResourceOptions(ignore_changes=["value"]))
App(
    "web",
    environment=shop,
    source="show.py:app",
    env={"LEVEL": "VALUE", "MODE": "a"},
    secrets={"KEY": key},
    opts=ResourceOptions(OPTIONS),
)
"""
OPTIONS = 'ignore_changes=["env.LEVEL"], replace_on_changes=["env.MODE"]'
IMPOSSIBLE = (
    'import_="shop/development/web", version="9.9.9", custom_timeouts=CustomTimeouts(create="3 minutes"),'
    ' ignore_changes=["source"]'
)


def test_options_reach_the_object_of_a_component(stack: Stack) -> None:
    def program(value: str, mode: str = "a", options: str = OPTIONS) -> None:
        text = PROGRAM.replace("OPTIONS", options).replace("VALUE", value)
        stack.write({"__main__.py": text.replace('"MODE": "a"', f'"MODE": "{mode}"')})

    def answer() -> dict[str, str]:
        url = f"http://127.0.0.1:{stack.port}/apps/shop/development/web"
        variables: dict[str, str] = httpx.get(url, timeout=60).json()
        return variables

    stack.write({"answer.py": ANSWER, "show.py": SHOW})
    program("first", options=IMPOSSIBLE)
    stack.init()
    refused = stack.preview()
    for text in ("App 'web' has 1 problem", "opts.custom_timeouts.create: expected a duration"):
        assert text in refused.text, refused.text
    assert "Traceback" not in refused.text

    program("first")
    assert stack.up().code == 0
    program("second")
    ignored = stack.up()
    assert ignored.summary == {}, ignored.text
    assert answer() == {"LEVEL": "first", "KEY": "first", "MODE": "a"}

    resources = stack.export()["deployment"]["resources"]
    app = next(each["urn"] for each in resources if each["type"] == "flyte:api:App")
    replaced = stack.up("--replace", app)
    assert replaced.changed == {APP}, replaced.text
    # Pulumi makes a replacement from the program's values.
    assert answer() == {"LEVEL": "second", "KEY": "first", "MODE": "a"}
    program("second", mode="b")
    replaced = stack.up()
    assert "replace" in replaced.metadata(APP)["op"], replaced.text
    assert stack.up().summary == {}
    assert stack.destroy().code == 0
    assert not stack.remaining()
