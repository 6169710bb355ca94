"""The variable for the older spellings: what makes it work, and where a preview says that it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flyte_runtime.contract import COMPAT_VARIABLE, is_reserved_variable
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec

from tests.components.workload.specs import build_app, build_task

SWITCH = {COMPAT_VARIABLE: "1"}
HERE = Settings(platform="local", project="shop")
CODE = """
import flyte
from fastapi import FastAPI
from flyte.app import AppEnvironment
from flyte.app.extras import FastAPIAppEnvironment

app = FastAPI()
served = FastAPIAppEnvironment(name="served", app=app, image="web:1")
switched = FastAPIAppEnvironment(name="switched", app=app, image="web:1", env_vars={"FLYTE_RUNTIME_COMPAT": "1"})
bare = AppEnvironment(name="bare", image="web:1", args=["uvicorn", "code:app"])
by_us = AppEnvironment(name="by-us", image="web:1", args=["python", "-m", "flyte_runtime", "serve", "code:app"])
words = flyte.TaskEnvironment(name="words", image="web:1")

@words.task
def count(text: str = "") -> int:
    return len(text)
"""


@pytest.fixture(autouse=True)
def _code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLYTE_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "shop.py").write_text(CODE)


def app(settings: Settings = HERE, **arguments: Any) -> AppSpec:
    return build_app(arguments, settings)


def resolver(words: tuple[Text, ...]) -> Text:
    return words[words.index("--resolver") + 1]


@pytest.mark.parametrize(
    ("source", "settings", "env"),
    [
        ("served", HERE, SWITCH),
        ("served", Settings(platform="local", project="shop", env=SWITCH), {}),
        ("switched", HERE, {}),
    ],
)
def test_flytes_own_server_loads_an_app_by_a_resolver_that_reads_it(
    source: str, settings: Settings, env: dict[str, str]
) -> None:
    built = app(settings, source=f"shop.py:{source}", env=env)
    assert resolver(built.container.command) == "flyte_runtime.compat.resolvers.AppResolver"
    assert not [text for text in built.warnings if COMPAT_VARIABLE in text]


def test_without_it_the_command_is_as_flyte_deploy_writes_it() -> None:
    built = app(source="shop.py:served")
    assert resolver(built.container.command) == "flyte._internal.resolvers.app_env.AppEnvResolver"


def test_a_task_is_loaded_by_such_a_resolver() -> None:
    built = build_task({"source": "shop.py:count", "env": SWITCH})
    assert resolver(built.container.args) == "flyte_runtime.compat.resolvers.TaskResolver"
    assert built.container.env[COMPAT_VARIABLE] == "1"


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        ({"source": "shop.py:app"}, False),
        ({"source": "shop.py:by_us"}, False),
        ({"command": ["flyte-runtime", "serve", "shop:app"]}, False),
        ({"source": "shop.py:bare"}, True),
        ({"image": "nginx:1"}, True),
    ],
)
def test_a_preview_says_where_nothing_reads_it(arguments: dict[str, Any], warned: bool) -> None:
    built = app(**arguments, env=SWITCH)
    assert any(COMPAT_VARIABLE in text for text in built.warnings) is warned


@pytest.mark.parametrize(
    "variable",
    [
        "FLYTE_RUNTIME_COMPAT",
        "FLYTE_LOG_FORMAT",
        "FLYTE_DISABLE_TELEMETRY",
        "FLYTE_AWS_ENDPOINT",
        "FLYTE_API_KEY",
        "FLYTE",
    ],
)
def test_a_variable_is_the_users_unless_the_platform_sets_it(variable: str) -> None:
    assert not is_reserved_variable(variable)


@pytest.mark.parametrize(
    "variable",
    [
        "FLYTE_WIRING",
        "FLYTE_REQUIRES_AUTH",
        "FLYTE_HEALTH_TIMEOUT",
        "FLYTE_CREDENTIAL_BACK",
        "FLYTE_INTERNAL_X",
        "PORT",
    ],
)
def test_what_the_platform_sets_is_refused(variable: str) -> None:
    assert is_reserved_variable(variable)
