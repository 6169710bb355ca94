"""Two components of one Pulumi name: a message that names both and the way out, and `prefix` for `discover`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PLACES = """
import pulumi
from pulumi_flyte import App, Environment, Secret, Task, discover

one, two = Environment("one", project="one"), Environment("two", project="two")
"""
SHOP = """
import flyte
from fastapi import FastAPI
from flyte.app.extras import FastAPIAppEnvironment

key = flyte.Secret(key="api-key", as_env_var="API_KEY")
web = FastAPIAppEnvironment(name="web", app=FastAPI(), image="web:1", secrets=[key])
words = flyte.TaskEnvironment(name="words", image="words:1")

@words.task
def count(text: str = "") -> int:
    return len(text)
"""


def run(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    (folder / "infra.py").write_text(PLACES + program)
    (folder / "shop.py").write_text(SHOP)
    command = [sys.executable, str(Path(__file__).with_name("mocked.py")), "{}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.parametrize(
    ("program", "kind", "hint"),
    [
        ('for each in (one, two): App("web", environment=each, image="web:1")', "App", "name= keeps its Flyte name"),
        ('for each in (one, two): Task("count", environment=each, source="shop.py:count")', "Task", "name= keeps"),
        ('for each in (one, two): Secret("key", environment=each, value="v")', "Secret", "name= keeps its key"),
        ('Environment("one", project="three")', "Environment", 'such as Environment("one-2", …)'),
    ],
)
def test_a_pulumi_name_that_is_taken_is_an_error_that_names_both_places(
    tmp_path: Path, program: str, kind: str, hint: str
) -> None:
    done = run(tmp_path, program)
    assert done.returncode != 0
    assert f"this program declares the {kind} " in done.stderr
    assert "in one/development on local at http://127.0.0.1:8480 and in " in done.stderr
    assert hint in done.stderr
    assert "Duplicate resource URN" not in done.stderr


def test_a_component_that_was_refused_takes_no_name(tmp_path: Path) -> None:
    program = """
from pulumi_flyte.errors import ArgumentsError

for declare, wrong in (
    (lambda **more: App("web", environment=one, image="web:1", **more), {"name": "A B"}),
    (lambda **more: Task("count", environment=one, source="shop.py:count", **more), {"retries": -1}),
    (lambda **more: Secret("key", environment=one, value="v", **more), {"name": "A B"}),
    (lambda **more: Environment("three", **more), {"platform": "x"}),
):
    try:
        declare(**wrong)
    except ArgumentsError as error:
        assert "twice" not in str(error)
    else:
        raise AssertionError("it was to be refused")
    declare()
"""
    done = run(tmp_path, program)
    assert done.returncode == 0, done.stderr


def test_a_name_that_is_declared_twice_in_one_place_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, 'for _ in range(2): App("web", environment=one, image="web:1")')
    assert "twice, both in one/development on local at http://127.0.0.1:8480, and Pulumi needs" in done.stderr


def test_components_with_parents_are_left_to_the_engine(tmp_path: Path) -> None:
    program = """
for each in (one, two):
    parent = pulumi.ComponentResource("team:index:Shop", f"shop-{each.values.project}")
    App("web", environment=each, image="web:1", opts=pulumi.ResourceOptions(parent=parent))
"""
    assert run(tmp_path, program).returncode == 0


def test_a_second_discover_names_all_that_is_taken_and_the_prefix(tmp_path: Path) -> None:
    done = run(tmp_path, 'for each in (one, two): discover("shop.py", environment=each)')
    assert done.returncode != 0
    for text in ("App 'web'", "Task 'words.count'", "Secret 'api-key'", "for two/development", 'prefix="two-"'):
        assert text in done.stderr
    assert "discover 'shop.py' has 1 problem" in done.stderr


def test_a_second_discover_of_the_same_place_says_to_make_it_one(tmp_path: Path) -> None:
    done = run(tmp_path, 'for _ in range(2): discover("shop.py", environment=one)')
    assert "discover the files in one call" in done.stderr


def test_with_a_prefix_only_the_pulumi_names_differ(tmp_path: Path) -> None:
    program = """
first = discover("shop.py", environment=one)
second = discover("shop.py", environment=two, prefix="two-", secrets={"api-key": "v"})
assert set(first.apps) == set(second.apps) == {"web"}
assert set(first.tasks) == set(second.tasks) == {"words.count"}
"""
    done = run(tmp_path, program)
    assert done.returncode == 0, done.stderr
    resources = json.loads(done.stdout.splitlines()[-1])["resources"]
    names = {(each["type"], each["name"]): each["inputs"].get("name") for each in resources}
    for kind, name in (("App", "web"), ("Task", "words.count"), ("Secret", "api-key")):
        assert names[f"flyte:api:{kind}", name] == names[f"flyte:api:{kind}", f"two-{name}"] == name


def test_an_output_in_a_prefix_is_named(tmp_path: Path) -> None:
    output = "pulumi.Output.from_input('x')"
    done = run(tmp_path, f'discover("shop.py", environment=one, prefix=f"{{{output}}}-")')
    assert "discover 'shop.py' has 1 problem:\n  - prefix: an f-string or str() was given an Output" in done.stderr
    done = run(tmp_path, f"discover({output}, environment=one, prefix={output})")
    for path in ("source", "prefix"):
        assert f"  - {path}: this is an Output, and a plain value is needed" in done.stderr


def test_a_prefix_is_a_text(tmp_path: Path) -> None:
    done = run(tmp_path, 'discover("shop.py", environment=one, prefix=2)')
    assert "prefix: a string that Pulumi names begin with" in done.stderr
