"""Apps that are meant to be closed: who closes them, and what a preview says where nobody does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import AppEnvironmentDescription

from tests.components.source.loaded import load
from tests.components.workload.specs import LOCAL, app_problems, plan_app

FLYTE = Settings(platform="flyte", project="shop", endpoint="dns:///flyte.example.com")
UNION = Settings(platform="flyte", project="shop", endpoint="dns:///union", platform_auth=True, image="mine:1")
BARE = {"image": "nginx:1", "command": ["nginx"]}
ENVIRONMENTS = """\
from flyte.app import AppEnvironment

said = AppEnvironment(name="said", command=["x"], requires_auth=True)
denied = AppEnvironment(name="denied", command=["x"], requires_auth=False)
silent = AppEnvironment(name="silent", command=["x"])
copy = silent.clone_with(name="copy")
changed = silent.clone_with(name="changed", requires_auth=True)
kept = said.clone_with(name="kept")
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "apps.py").write_text(ENVIRONMENTS)
    (tmp_path / "web.py").write_text("async def app(scope, receive, send): ...\n")


@pytest.mark.parametrize(("settings", "warned"), [(LOCAL, False), (FLYTE, True), (UNION, False)])
def test_a_bare_app_that_nothing_guards_is_said_to_be_open(settings: Settings, warned: bool) -> None:
    plan = plan_app({**BARE, "requires_auth": True}, settings)
    assert plan.spec.requires_credentials
    assert plan.delivery.enforces_auth is not warned
    assert any("open to every caller" in text for text in plan.warnings) is warned


def test_an_asgi_source_guards_itself() -> None:
    plan = plan_app({"source": "web.py:app", "image": "mine:1", "requires_auth": True}, FLYTE)
    assert not [text for text in plan.warnings if "strangers" in text]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("said", True), ("denied", False), ("silent", None), ("copy", None), ("changed", True), ("kept", True)],
)
def test_of_a_flyte_environment_only_what_was_said_counts(tmp_path: Path, name: str, expected: bool | None) -> None:
    (tmp_path / "apps.py").write_text(ENVIRONMENTS)
    description = load(tmp_path, f"apps.py:{name}").description
    assert isinstance(description, AppEnvironmentDescription)
    assert description.requires_auth is expected


@pytest.mark.parametrize(
    ("source", "settings", "sent", "warned"),
    [
        ("said", LOCAL, None, True),
        ("kept", LOCAL, None, True),
        ("said", replace(FLYTE, image="mine:1"), None, True),
        ("said", UNION, None, False),
        ("denied", LOCAL, False, False),
        ("silent", LOCAL, None, False),
    ],
)
def test_what_flyte_code_says_is_left_to_the_platform(
    source: str, settings: Settings, sent: bool | None, warned: bool
) -> None:
    plan = plan_app({"source": f"apps.py:{source}"}, settings)
    assert not plan.spec.requires_credentials
    assert plan.properties(None)["requires_auth"] is sent
    assert any("its code has requires_auth=True" in text for text in plan.warnings) is warned


@pytest.mark.parametrize("source", ["said", "denied", "silent"])
def test_the_argument_closes_an_app_whatever_flyte_code_says(source: str) -> None:
    plan = plan_app({"source": f"apps.py:{source}", "requires_auth": True}, LOCAL)
    assert plan.spec.requires_credentials
    assert plan.properties(None)["requires_auth"] is True
    assert not [text for text in plan.warnings if "its code has" in text]


@pytest.mark.parametrize("arguments", [{"auth_rotation": "2026-11"}, {"auth_rotation": "x", "requires_auth": False}])
def test_there_is_no_key_to_rotate_without_one(arguments: dict[str, object]) -> None:
    assert app_problems({**BARE, **arguments}) == ["auth_rotation"]
