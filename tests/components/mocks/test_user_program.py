"""A program under Pulumi's mocks, as its author unit-tests it: no engine, no plugin, no control plane."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, blocks_of

PROGRAM = """
from pulumi_flyte import App, Environment, Secret, Task, discover

env = Environment("env", project="shop")
key = Secret("key", environment=env, value="a-secret-value")
back = App("back", environment=env, source="web.py:app", requires_auth=True, secrets={"KEY": key})
job = Task("job", environment=env, source="jobs.py:resize", inputs={"back": back}, triggers={"nightly": "0 2 * * *"})
page = App("page", environment=env, image="nginx:1", command=["nginx"], inputs={"job": job})
found = discover("found.py", environment=Environment("two", project="other"))
a, count, zz = found.apps["a"], found.tasks["words.count"], found.secrets["zz"]
"""
FILES = {
    "web.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "jobs.py": """
import flyte

words = flyte.TaskEnvironment(name="words", image="registry.example.com/words:1")

@words.task
def resize(image: str = "") -> str:
    return image
""",
    "found.py": """
import flyte
from fastapi import FastAPI
from flyte.app.extras import FastAPIAppEnvironment

secrets = [flyte.Secret(key="zz", as_env_var="ZZ")]
a = FastAPIAppEnvironment(name="a", app=FastAPI(), image="registry.example.com/a:1", secrets=secrets)
words = flyte.TaskEnvironment(name="words", image="registry.example.com/words:1")

@words.task
def count(text: str = "") -> int:
    return len(text)
""",
}
FLYTE = {
    "flyte:platform": "flyte",
    "flyte:endpoint": "dns:///flyte.example.com",
    "flyte:baseDomain": "apps.example.com",
}


Answer = dict[str, Any]
Run = Callable[[Mapping[str, str], str], Answer]
pytestmark = pytest.mark.xdist_group("user-program")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the program, once for each platform and mode, in a process of its own."""

    @cache
    def answer(platform: str, mode: str) -> str:
        folder = tmp_path_factory.mktemp("program")
        program = PROGRAM if platform == "local" else PROGRAM.replace('"shop")', '"shop", image="python:1")')
        for name, text in {**FILES, "infra.py": program}.items():
            (folder / name).write_text(text)
        config = json.dumps(FLYTE if platform == "flyte" else {})
        command = [sys.executable, str(Path(__file__).with_name("mocked.py")), config, mode]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()[-1]

    def run_once(config: Mapping[str, str], mode: str) -> Answer:
        loaded: Answer = json.loads(answer(config.get("flyte:platform", "local"), mode))
        return loaded

    return run_once


@pytest.mark.parametrize("mode", ["up", "preview"])
def test_every_url_name_and_version_is_known_on_local(run: Run, mode: str) -> None:
    outputs = run({}, mode)["outputs"]
    base, pages = "http://127.0.0.1:8480/apps", "http://127.0.0.1:8480/v2/domain/development/project"
    for name, place in (("back", "shop"), ("page", "shop"), ("a", "other")):
        url = f"{base}/{place}/development/{name}"
        assert (outputs[name]["endpoint"], outputs[name]["public_endpoint"]) == (url, url)
        assert outputs[name]["console_url"] == f"{pages}/{place}/apps/{name}"
        assert outputs[name]["link"]["url"] == url
    for name, place, task in (("job", "shop", "words.resize"), ("count", "other", "words.count")):
        assert outputs[name]["console_url"] == f"{pages}/{place}/tasks/{task}"
        assert outputs[name]["name"] == outputs[name]["link"]["name"] == task
        assert len(outputs[name]["version"]) == 16
        assert outputs[name]["link"]["version"] == outputs[name]["version"]
    assert len(outputs["page"]["version"]) == len(outputs["a"]["version"]) == 16
    assert outputs["env"]["settings.project"] == "shop"
    assert (outputs["key"]["link.name"], outputs["zz"]["link.name"]) == ("key", "zz")


@pytest.mark.parametrize("mode", ["up", "preview"])
def test_every_url_name_and_version_is_known_on_flyte(run: Run, mode: str) -> None:
    outputs = run(FLYTE, mode)["outputs"]
    pages = "https://flyte.example.com/v2/domain/development/project"
    for name, place in (("back", "shop"), ("page", "shop"), ("a", "other")):
        assert outputs[name]["endpoint"] == f"http://{name}-{place}-development.flyte.svc.cluster.local"
        assert outputs[name]["public_endpoint"] == f"https://{name}-{place}-development.apps.example.com"
        assert outputs[name]["console_url"] == f"{pages}/{place}/apps/{name}"
    assert outputs["job"]["console_url"] == f"{pages}/shop/tasks/words.resize"
    assert len(outputs["job"]["version"]) == len(outputs["count"]["version"]) == 16
    assert outputs["env"]["settings"]["platform"] == "flyte"


def test_what_only_the_plugin_makes_is_none_and_unknown_in_a_preview(run: Run) -> None:
    after, before = run({}, "up")["outputs"], run({}, "preview")["outputs"]
    assert (after["key"]["version"], before["key"]["version"]) == (None, "unknown")
    assert len(after["back"]["version"]) == 16
    assert before["back"]["version"] == "unknown"


def test_which_resources_there_are_and_with_what(run: Run) -> None:
    answer = run({}, "up")
    by_name = {(each["type"].removeprefix("flyte:"), each["name"]): each["inputs"] for each in answer["resources"]}
    assert len(by_name) == len(answer["resources"])
    assert set(by_name) == {
        *(("index:Environment", name) for name in ("env", "two")),
        *(("local:Server", name) for name in ("env", "two")),
        *((f"{module}:Secret", name) for module in ("index", "api") for name in ("key", "zz")),
        *((f"{module}:App", name) for module in ("index", "api") for name in ("back", "page", "a")),
        *((f"{module}:Task", name) for module in ("index", "api") for name in ("job", "words.count")),
        ("api:AuthKey", "back"),
        ("api:EdgeCredential", "job-calls-back"),
        ("api:Secret", "job-calls-back"),
        ("api:Trigger", "job-nightly"),
    }
    assert by_name["api:Secret", "key"]["value"]["value"] == "a-secret-value"
    assert by_name["api:Secret", "zz"]["existing"] is True
    back, page, job = by_name["api:App", "back"], by_name["api:App", "page"], by_name["api:Task", "job"]
    assert (back["requiresAuth"], back["secrets"]) == (True, [{"key": "key", "envVar": "KEY"}])
    assert back["endpoint"] == job["env"]["BACK"]
    assert (page["image"], page["command"]) == ("nginx:1", ["nginx"])
    assert page["env"]["JOB"] == f"shop/development/words.resize@{job['version']}"
    assert by_name["api:Trigger", "job-nightly"]["taskVersion"] == job["version"]
    assert by_name["index:App", "page"]["inputs"]["job"]["name"] == "words.resize"
    assert "a-secret-value" not in json.dumps([back, page, job])


def test_the_test_of_the_documentation_passes(tmp_path: Path) -> None:
    for block in blocks_of(ROOT / "docs" / "testing.md"):
        first, _, text = block.text.partition("\n")
        (tmp_path / first.removeprefix("# ")).write_text(text)
    (tmp_path / "web.py").write_text(FILES["web.py"])
    (tmp_path / "tasks.py").write_text(FILES["jobs.py"])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert "5 passed" in done.stdout, done.stdout + done.stderr
