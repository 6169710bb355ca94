"""A preview bundles everything that a program's containers need: imports, data, factories, packages."""

from __future__ import annotations

import httpx

from tests.e2e.harness import Stack
from tests.e2e.programs import ANSWER

PROGRAM = """\
from pulumi_flyte import App, Environment, Task

shop = Environment("shop")
App("late", environment=shop, source="app/late.py:app")
App("linked", environment=shop, source="app/linked.py:app")
App("beside", environment=shop, source="app/beside.py:app")
App("factory", environment=shop, source="app/factory.py:make")
App("package", environment=shop, source="ns/web.py:app")
App("page", environment=shop, source="app/page.py:app"{include})
Task("words", environment=shop, source="app/tasks.py:work")
"""
SERVES = """
from answer import reply
async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200, {"name": name()})
"""
FILES = {
    "app/answer.py": ANSWER,
    "ns/answer.py": ANSWER,
    "app/late.py": "def name():\n    from helper import NAME\n    return NAME\n" + SERVES,
    "app/helper.py": "NAME = 'late'\n",
    "app/linked.py": "from shared.common import NAME\ndef name():\n    return NAME\n" + SERVES,
    "app/beside.py": "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'libs'))\n"
    "def name():\n    import common\n    return common.NAME\n" + SERVES,
    "libs/common.py": "NAME = 'common'\n",
    "app/factory.py": "def name():\n    return 'factory'\n" + SERVES + "def make():\n    return app\n",
    "ns/web.py": "from .names import NAME\ndef name():\n    return NAME\n" + SERVES.replace("answer", ".answer"),
    "ns/names.py": "NAME = 'package'\n",
    "app/page.py": "import pathlib\nPAGES = pathlib.Path(__file__).parent / 'pages'\n"
    "def name():\n    return (PAGES / 'index.txt').read_text()\n" + SERVES,
    "app/pages/index.txt": "page",
    "app/tasks.py": "import flyte\nenv = flyte.TaskEnvironment('words')\n@env.task\nasync def work() -> str:\n"
    "    from helper import NAME\n    return NAME\n",
}


def test_everything_that_the_code_names_is_in_the_bundle_or_in_the_preview(stack: Stack) -> None:
    stack.write({**FILES, "__main__.py": PROGRAM.format(include="")})
    (stack.folder / "app" / "shared").symlink_to("../libs")
    stack.init()
    before = stack.preview()
    warnings = {line.partition("warning: ")[2] for line in before.text.splitlines() if "the code names data" in line}
    assert warnings == {
        "the code names data that the bundle does not contain: 'pages/index.txt' (page.py:4)."
        ' Add include=["pages/index.txt"]'
    }
    stack.write({"__main__.py": PROGRAM.format(include=', include=["pages/index.txt"]')})
    stack.deployed()
    expected = {"late": "late", "linked": "common", "beside": "common", "factory": "factory", "package": "package"}
    for app, name in {**expected, "page": "page"}.items():
        url = f"http://127.0.0.1:{stack.port}/apps/shop/development/{app}/"
        assert httpx.get(url, timeout=60).json() == {"name": name}, app
    stack.write({"app/helper.py": "NAME = 'changed'\n"})
    assert {name.rpartition("::")[2] for name in stack.preview().changed} == {"late", "words"}
    assert stack.destroy().code == 0
    assert not stack.remaining()
