"""Existing Flyte code under Pulumi: what is deployed is what `flyte deploy` deploys, and it lives on as a stack."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Iterator
from typing import Any

import httpx

from tests.e2e.harness import VENV_BIN, Stack

TASKS = """\
import flyte
from flyte import Cron, Resources, Trigger
from text import clean

words = flyte.TaskEnvironment(
    name="words",
    description="Everything about words",
    resources=Resources(cpu=(1, 2), memory="256Mi"),
    secrets=[flyte.Secret("api-key", as_env_var="API_KEY"), flyte.Secret("cert", mount="/etc/flyte/secrets")],
    env_vars={"LEVEL": "debug"},
)

@words.task(retries=2, timeout=60, cache="auto", triggers=Trigger("nightly", Cron("0 2 * * *"), inputs={"text": "a b"}))
async def count(text: str, factor: int = 3) -> int:
    '''Counts words.

    Every word counts.

    Args:
        text: what is counted
    '''
    return len(clean(text)) * factor
"""
OTHER = """\
import flyte
other = flyte.TaskEnvironment(name="other")

@other.task
async def double(n: int) -> int:
    return 2 * n
"""
BACKEND = """\
import fastapi
from flyte import Resources
from flyte.app import Link, Port, Scaling, Timeouts
from flyte.app.extras import FastAPIAppEnvironment

app = fastapi.FastAPI()

@app.get("/greeting")
async def greeting() -> dict:
    return {"hello": "world"}

backend = FastAPIAppEnvironment(
    name="backend",
    app=app,
    image="registry.example.com/web:1",
    description="Greets",
    port=Port(8081, name="http1"),
    requires_auth=True,
    resources=Resources(cpu=1, memory="256Mi"),
    scaling=Scaling(replicas=(1, 2), metric=Scaling.Concurrency(10), scaledown_after=60),
    links=[Link(path="/greeting", title="Greeting", is_relative=True)],
    timeouts=Timeouts(request=30),
    env_vars={"LEVEL": "info"},
)
"""
FRONT = """\
import os
import pathlib
import fastapi
import httpx
from backend import backend
from flyte.app import AppEndpoint, Parameter
from flyte.app.extras import FastAPIAppEnvironment
from tasks import words

app = fastapi.FastAPI()

async def ask(url: str) -> dict:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{url}/greeting")).json()

@app.get("/")
async def front() -> dict:
    page = pathlib.Path("page.html").read_text()
    return {"own": await ask(backend.endpoint), "parameter": await ask(os.environ["BACKEND_URL"]), "page": page}

env = FastAPIAppEnvironment(
    name="front",
    app=app,
    image="registry.example.com/web:1",
    depends_on=[words],
    secrets="api-key",
    include=["page.html"],
    parameters=[
        Parameter(name="backend", value=AppEndpoint(app_name="backend"), env_var="BACKEND_URL"),
        Parameter(name="mode", value="fast", env_var="MODE"),
    ],
)
"""
SPARE = """\
from flyte.app import AppEnvironment
spare = AppEnvironment(name="spare", image="x:1", port=8082, args=["python", "-m", "http.server", "8082"])
"""
CODE = {
    "text.py": "def clean(text: str) -> list[str]:\n    return text.split()\n",
    "tasks.py": TASKS,
    "other.py": OTHER,
    "backend.py": BACKEND,
    "front.py": FRONT,
    "spare.py": SPARE,
    "page.html": "<p>page</p>",
}
PROGRAM = """\
import pulumi
from pulumi_flyte import Environment, discover

shop = Environment("shop")
code = discover("existing/", environment=shop)
pulumi.export("front", code.apps["front"].public_endpoint)
pulumi.export("names", [*code.apps, *code.tasks, *code.secrets])
"""
# What the Flyte API holds of a project, by kind and name.
SPECS = """\
import json, os, sys
import flyte, flyte.remote
from google.protobuf.json_format import MessageToDict
port, project, tasks = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
flyte.init(endpoint=f"dns:///127.0.0.1:{port}", insecure=True, project=project, domain="development", org="local")
specs = {f"app {app.name}": MessageToDict(app.pb2.spec) for app in flyte.remote.App.listall()}
for name in tasks:
    specs[f"task {name}"] = MessageToDict(flyte.remote.Task.get(name, auto_version="latest").fetch().pb2.spec)
for trigger in flyte.remote.Trigger.listall():
    details = MessageToDict(flyte.remote.Trigger.get(name=trigger.name, task_name="words.count").pb2)
    specs[f"trigger {trigger.name}"] = {key: details.get(key) for key in ("automationSpec", "spec")}
print("specs:" + json.dumps(specs))
# The SDK's native HTTP client sometimes aborts the process while the interpreter ends; all is said by then.
sys.stdout.flush()
os._exit(0)
"""


def specs(stack: Stack, project: str) -> dict[str, Any]:
    printed = stack.run(sys.executable, "-c", SPECS, str(stack.port), project, "words.count", "other.double").text
    by_name: dict[str, Any] = json.loads(printed.rpartition("specs:")[2])
    return {name: dict(comparable(spec)) for name, spec in by_name.items()}


# What documentation says is different: docs/discover.md.
OURS = ("FLYTE_", "_U_", "INTERNAL_APP_ENDPOINT_PATTERN", "PULUMI_FLYTE", "_F_SYS_PATH")
DIFFERENT = (
    "container.image",
    "runtimeMetadata",
    "metadata.runtime.version",
    "metadata.codeBundleUri",
    "taskTemplate.id.project",
    "taskTemplate.id.version",
    # A trigger's inputs are uploaded first by the one and sent along by the other.
    "spec.taskVersion",
    "spec.inputs",
    "spec.offloadedInputData",
)


def comparable(spec: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of every leaf that both ways of deploying must have alike."""
    if path.removeprefix("taskTemplate.") in DIFFERENT or path in DIFFERENT or path.endswith(".PULUMI_FLYTE"):
        return
    if path.endswith(("container.command", "container.args")):
        yield path, without(spec)
    elif isinstance(spec, dict):
        for key, value in spec.items():
            yield from comparable(value, f"{path}.{key}".removeprefix("."))
    elif isinstance(spec, list):
        for number, item in enumerate(spec):
            named = isinstance(item, dict) and "key" in item
            if not (named and item["key"].startswith(OURS)):
                yield from comparable(item, f"{path}[{item['key'] if named else number}]")
    else:
        yield path, spec


def without(command: list[str]) -> list[str]:
    """A command without what a version, a bundle and a project are called, and without the images that were built."""
    options = {"--version", "--project", "--tgz", "--image-cache"}
    return [word for before, word in zip(["", *command], command, strict=False) if not {before, word} & options]


def flyte(stack: Stack, *arguments: str) -> None:
    """The real CLI, in the folder of the code."""
    command = [str(VENV_BIN / "flyte"), "--config", "../flyte.yaml", *arguments]
    done = stack.run("sh", "-c", 'cd existing && exec "$@"', "sh", *command, check=False)
    # The SDK's native HTTP client sometimes aborts the process when all is done: what follows shows that it was.
    assert done.code in (0, -signal.SIGABRT, -signal.SIGSEGV), f"{done.code}: {done.text}"


def test_existing_code_is_deployed_as_flyte_deploy_does_and_lives_on_as_a_stack(stack: Stack) -> None:
    stack.write({"__main__.py": PROGRAM, **{f"existing/{path}": text for path, text in CODE.items()}})
    stack.init()
    stack.run(str(VENV_BIN / "flyte-local"), "start", "--port", str(stack.port))
    missing = stack.preview()
    assert missing.code != 0
    assert re.search(r"the secret shop/development/(api-key|cert) does not exist: create it", missing.text), (
        missing.text
    )
    stack.write({"flyte.yaml": stack.run(str(VENV_BIN / "flyte-local"), "config").text})
    for project in ("shop", "byhand"):
        for key in ("api-key", "cert"):
            flyte(stack, "create", "secret", key, "--value", "v", "--project", project, "--domain", "development")

    deployed = stack.deployed()
    assert "its code has requires_auth=True, which only the platform can enforce" in deployed.text
    outputs = stack.outputs()
    assert set(outputs["names"]) == {"backend", "front", "spare", "words.count", "other.double", "api-key", "cert"}
    greeting = {"hello": "world"}
    assert httpx.get(outputs["front"], timeout=60, follow_redirects=True, trust_env=False).json() == {
        "own": greeting,
        "parameter": greeting,
        "page": CODE["page.html"],
    }
    flyte(stack, "deploy", "--all", "--project", "byhand", "--domain", "development", ".")
    ours, theirs = specs(stack, "shop"), specs(stack, "byhand")
    assert (
        set(ours)
        == set(theirs)
        == {
            *("app backend", "app front", "app spare"),
            *("task words.count", "task other.double", "trigger nightly"),
        }
    )
    for name, spec in theirs.items():
        assert ours[name] == spec, f"{name} differs"

    assert waits_for(stack, "flyte:api:App::front") >= {
        "flyte:api:App::backend",
        "flyte:api:Task::words.count",
        "flyte:api:Secret::api-key",
    }
    assert not stack.preview().steps
    stack.write({"existing/other.py": OTHER.replace("2 * n", "n + n")})
    assert stack.deployed().changed == {"flyte:api:Task::other.double"}
    (stack.folder / "existing" / "spare.py").unlink()
    removed = stack.deployed()
    assert removed.changed == {"flyte:api:App::spare"}
    assert removed.steps[next(urn for urn in removed.steps if ":api:" in urn)] == "delete"
    assert "app spare" not in specs(stack, "shop")


def waits_for(stack: Stack, name: str) -> set[str]:
    """Return the dependencies of a resource in state."""
    from tests.e2e.harness import short

    resources = stack.export()["deployment"]["resources"]
    [resource] = [each for each in resources if short(each["urn"]) == name]
    return {short(urn) for urn in resource["dependencies"]}


REFUSED = """\
from pulumi_flyte import Environment, discover

shop = Environment("shop")
discover("existing/", environment=shop, secrets={"api_key": "x"}, overrides={"fronted": {}, "spare": {"port": 8012}})
"""


def test_everything_that_is_wrong_is_said_at_once_and_without_a_traceback(stack: Stack) -> None:
    files = {f"existing/{path}": text for path, text in CODE.items()}
    stack.write({**files, "__main__.py": REFUSED})
    stack.init()
    refused = stack.preview()
    assert refused.code != 0
    assert "discover 'existing/' has 2 problems:" in refused.text
    assert "secrets.api_key: no discovered code requests this secret: did you mean 'api-key'?" in refused.text
    assert (
        "overrides.fronted: no discovered app, task or environment has this name: did you mean 'front'?" in refused.text
    )
    stack.write({"__main__.py": REFUSED.replace('secrets={"api_key": "x"}, ', "").replace('"fronted": {}, ', "")})
    refused = stack.preview()
    assert "spare.port: Flyte reserves the ports" in refused.text
    stack.write({"existing/broken.py": "import os\nKEY = os.environ['NOWHERE']\n"})
    refused = stack.preview()
    assert "broken: broken.py:2: importing it raised KeyError: 'NOWHERE'" in refused.text
    assert "Traceback" not in refused.text


OLDER = """\
import fastapi
import flyte.remote
from flyte.app.extras import FastAPIAppEnvironment

app = fastapi.FastAPI()
env = FastAPIAppEnvironment(name="older", app=app)
there = hasattr(flyte.remote.Run, "stream")

@app.get("/")
async def older() -> bool:
    return there
"""
SWITCHED = """\
import pulumi
from pulumi_flyte import Environment, discover

code = discover("older.py", environment=Environment("shop", env={"FLYTE_RUNTIME_COMPAT": "1"}))
pulumi.export("older", code.apps["older"].public_endpoint)
"""


def test_code_in_older_spellings_runs_unedited_with_one_variable(stack: Stack) -> None:
    stack.write({"older.py": OLDER, "__main__.py": SWITCHED})
    stack.init()
    stack.deployed()
    answer = httpx.get(stack.outputs()["older"], timeout=60, follow_redirects=True, trust_env=False)
    assert answer.json() is True
