"""Flyte's own SDK and CLI, unmodified, with images that they have built by the local control plane."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from flyteidl2.app import app_payload_pb2 as app_payload
from flyteidl2.app.app_definition_pb2 import Identifier, Status
from flyteidl2.app.app_service_connect import AppServiceClientSync
from flyteidl2.common.identifier_pb2 import ProjectIdentifier
from flyteidl2.workflow.run_service_pb2 import ListRunsRequest

from tests.local.tasks.conftest import DOMAIN, PROJECT, World, until

TASKS = """
import os, sys
import flyte

image = flyte.Image.from_debian_base(name="talking").with_pip_packages("cowsay==6.1").with_env_vars({"MOOD": "calm"})
env = flyte.TaskEnvironment(name="farm", image=image)

@env.task
async def inner(text: str) -> str:
    import cowsay
    return cowsay.get_output_string("cow", text)

@env.task
async def speak(text: str) -> str:
    print("running in", sys.prefix)
    return os.environ["MOOD"] + await inner(text)
"""
BROKEN = """
import flyte
env = flyte.TaskEnvironment(
    name="broken", image=flyte.Image.from_debian_base(name="broken").with_pip_packages("no-such-package-of-anybody")
)

@env.task
async def speak(text: str) -> str:
    return text
"""
APP = """
import flyte, flyte.app
image = flyte.Image.from_debian_base(name="talking-app").with_pip_packages("cowsay==6.1")
app_env = flyte.app.AppEnvironment(
    name="cow", image=image, args=["python", "cow_server.py"], include=["cow_server.py"], port=8080
)
"""
BAKED = """
import pathlib
import flyte, flyte.app
import sidekick

here = pathlib.Path(__file__).parent
image = flyte.Image.from_debian_base(name="baked").with_source_folder(here, copy_contents_only=True)
image = image.with_env_vars({"RULES": "/home/flyte/rules/a.txt"})
env = flyte.TaskEnvironment(name="baked", image=image)
app_env = flyte.app.AppEnvironment(
    name="baked-app", image=image, args=["python", "/home/flyte/cow_server.py"], port=8080
)

@env.task
def read() -> str:
    import os
    pathlib.Path("rules/a.txt").open("a").write("!")  # A container's files are its own.
    return pathlib.Path(os.environ["RULES"]).read_text() + sidekick.text()

elsewhere = flyte.TaskEnvironment(
    name="elsewhere",
    image=flyte.Image.from_debian_base(name="elsewhere").with_source_file(here / "sidekick.py", dst="/etc/sidekick/"),
)

@elsewhere.task
def never() -> str:
    return ""
"""
SERVER = """
import http.server, os
import cowsay

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = cowsay.get_output_string("cow", "moo").encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    for name, text in {"farm.py": TASKS, "broken.py": BROKEN, "cow.py": APP, "cow_server.py": SERVER}.items():
        (folder / name).write_text(text)
    return folder


def builds(world: World) -> int:
    project = ProjectIdentifier(organization="local", name=PROJECT, domain=DOMAIN)
    runs = world.runs.list_runs(ListRunsRequest(project_id=project)).runs
    return sum(run.action.metadata.task.id.name == "build-image" for run in runs)


RUN = """
import sys
sys.path.insert(0, ".")
import farm
run = flyte.run(farm.speak, text="moo")
run.wait(quiet=True)
print(json.dumps({"phase": str(run.phase), "output": run.outputs()[0]}))
"""


def test_a_task_and_its_child_run_in_the_environment_of_their_image(world: World, code: Path) -> None:
    result = world.python(RUN, cwd=code)
    assert result["output"].startswith("calm"), result
    assert "| moo |" in result["output"]
    assert builds(world) == 1
    environments = [path.parent for path in (world.home.path / "images").glob("*/environment.json")]
    assert len(environments) == 1

    again = world.python(RUN, cwd=code)
    assert again == result
    assert builds(world) == 1, "an image that was built is found by its name"


def test_a_restart_keeps_what_was_built(world: World, code: Path) -> None:
    world.python(RUN, cwd=code)
    before = builds(world)
    world.close_clients()
    world.kill()
    world.start()
    assert "| moo |" in world.python(RUN, cwd=code)["output"]
    assert builds(world) == before


def test_a_failing_build_says_what_uv_said(world: World, code: Path) -> None:
    output = world.flyte("run", "broken.py", "speak", "--text", "x", cwd=code, check=False)
    assert "failed" in output.lower()
    project = ProjectIdentifier(organization="local", name=PROJECT, domain=DOMAIN)
    run = world.runs.list_runs(ListRunsRequest(project_id=project)).runs[0]
    message = world.action(run.action.id.run).error_info.message
    assert "no-such-package-of-anybody was not found in the package registry" in message, message


def test_an_app_runs_in_the_environment_of_its_image(world: World, code: Path) -> None:
    world.flyte("deploy", "cow.py", "app_env", cwd=code)
    apps = world.client(AppServiceClientSync)
    identifier = Identifier(org="local", project=PROJECT, domain=DOMAIN, name="cow")

    def serves() -> bool:
        status = apps.get(app_payload.GetRequest(app_id=identifier)).app.status.conditions[-1]
        assert status.deployment_status != Status.DEPLOYMENT_STATUS_FAILED, status.message
        return bool(status.deployment_status == Status.DEPLOYMENT_STATUS_ACTIVE)

    until(serves)
    url = f"http://127.0.0.1:{world.port}/apps/{PROJECT}/{DOMAIN}/cow/"
    with urllib.request.urlopen(url, timeout=60) as response:
        assert "| moo |" in response.read().decode()
    apps.delete(app_payload.DeleteRequest(app_id=identifier))


@pytest.fixture
def baked(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    server = SERVER.replace("import cowsay\n", "").replace(
        'cowsay.get_output_string("cow", "moo")', "open('rules/a.txt').read()"
    )
    files = {
        "baked.py": BAKED,
        "sidekick.py": "def text(): return 'side'",
        "rules/a.txt": "rule",
        "cow_server.py": server,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_files_that_an_image_carries_are_in_the_working_folder(world: World, baked: Path) -> None:
    outputs = world.python(
        """
        import baked
        runs = [flyte.with_runcontext(copy_style="none", version="x").run(baked.read) for _ in range(2)]
        for run in runs:
            run.wait(quiet=True)
        print(json.dumps([run.outputs()[0] for run in runs]))
        """,
        cwd=baked,
    )
    assert outputs == ["rule!side"] * 2
    world.flyte("deploy", "baked.py", "app_env", cwd=baked)
    apps = world.client(AppServiceClientSync)
    identifier = Identifier(org="local", project=PROJECT, domain=DOMAIN, name="baked-app")

    def serves() -> bool:
        status = apps.get(app_payload.GetRequest(app_id=identifier)).app.status.conditions[-1]
        assert status.deployment_status != Status.DEPLOYMENT_STATUS_FAILED, status.message
        return bool(status.deployment_status == Status.DEPLOYMENT_STATUS_ACTIVE)

    until(serves)
    with urllib.request.urlopen(
        f"http://127.0.0.1:{world.port}/apps/{PROJECT}/{DOMAIN}/baked-app/", timeout=60
    ) as response:
        assert response.read().decode() == "rule"
    apps.delete(app_payload.DeleteRequest(app_id=identifier))


def test_files_that_a_process_cannot_have_fail_the_build(world: World, baked: Path) -> None:
    world.flyte("run", "baked.py", "never", cwd=baked, check=False)
    project = ProjectIdentifier(organization="local", name=PROJECT, domain=DOMAIN)
    run = world.runs.list_runs(ListRunsRequest(project_id=project)).runs[0]
    assert run.action.metadata.task.id.name == "build-image"
    assert "the files that go to '/etc/sidekick/'" in world.action(run.action.id.run).error_info.message
