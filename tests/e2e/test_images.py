"""An image's packages, on the platform `local`: an environment of their own, built once."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path

from tests.e2e.harness import Stack

APP = """\
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    import cowsay  # only the image has it

    text = cowsay.get_output_string("cow", "moo").encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": text})
"""
TASKS = """\
import flyte

image = flyte.Image.from_debian_base(name="talking").with_apt_packages("ffmpeg").with_pip_packages("cowsay==6.1")
env = flyte.TaskEnvironment(name="farm", image=image)

@env.task
async def inner(text: str) -> str:
    import cowsay
    return cowsay.get_output_string("cow", text)

@env.task
async def speak(text: str) -> str:
    return await inner(text)
"""
CALLER = """\
import flyte_runtime as rt

speak = rt.task("speak")

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    text = b""
    if "/say/" in scope["path"]:  # the health check starts no run
        run = await speak.start(text=scope["path"].rpartition("/")[2])
        await run.wait()
        text = str((await run.outputs())).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": text})
"""
PROGRAM = """\
import pulumi
from pulumi_flyte import App, Environment, Image, Task

farm = Environment("farm")
cow = App("cow", environment=farm, source="cow.py:app", image=Image(packages=["cowsay==6.1"]))
speak = Task("speak", environment=farm, source="tasks.py:speak")
caller = App("caller", environment=farm, source="caller.py:app", inputs={"speak": speak})
pulumi.export("cow", cow.endpoint)
pulumi.export("caller", caller.endpoint)
"""


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=120) as response:
        return str(response.read().decode())


def test_packages_of_images_are_installed_once(stack: Stack) -> None:
    stack.write({"cow.py": APP, "tasks.py": TASKS, "caller.py": CALLER, "__main__.py": PROGRAM})
    stack.init()
    first = stack.preview("--diff")
    assert "the system packages ffmpeg: not carried out on `local`" in first.text
    assert "cowsay==6.1" in first.text, "a reviewer sees what an image is"
    done = stack.up()
    assert done.code == 0, done.text

    outputs = stack.outputs()
    assert "| moo |" in fetch(outputs["cow"] + "/")
    assert "| hi |" in fetch(outputs["caller"] + "/say/hi").replace("\\n", "\n")
    built = sorted(Path(stack.environment["FLYTE_LOCAL_HOME"], "images").glob("*/environment.json"))
    assert len(built) == 1, "the same packages are one environment"

    again = stack.preview()
    assert again.code == 0, again.text
    assert not again.changed

    stack.write({"__main__.py": PROGRAM.replace("cowsay==6.1", "no-such-package-of-anybody")})
    failed = stack.up()
    assert failed.code != 0
    assert "no-such-package-of-anybody was not found in the package registry" in failed.text
    assert "| moo |" in fetch(outputs["cow"] + "/"), "the old revision serves"
    assert os.path.exists(built[0])
    assert stack.destroy().code == 0
