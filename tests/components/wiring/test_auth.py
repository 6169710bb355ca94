"""Edges with credentials: what is planned before anything is declared, and what is said where they cannot be."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flyte_runtime.contract import CREDENTIAL_HEADER, Auth, Wiring, is_reserved_variable, parse_subject
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.links import AppLink, Link, from_dict
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import AppEnvironmentDescription
from pulumi_flyte.wiring import auth, container
from pulumi_flyte.wiring.auth import Callee
from pulumi_flyte.wiring.crossing import Consumer
from pulumi_flyte.wiring.edges import Edges, edges_of
from pulumi_flyte.workload import app_spec

from tests.components.source.loaded import load

LOCAL = Settings(platform="local", project="shop")
FLYTE = Settings(platform="flyte", project="shop", endpoint="dns:///flyte.example.com")
BACKEND = Callee("shop", "development", "backend", "key", 1, [])
CONSUMER = Consumer("App", "web", LOCAL)
NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,28}[a-z0-9])?", fullmatch=True)


def build(
    given: dict[str, Any], settings: Settings = LOCAL, edges: Edges | None = None
) -> tuple[Problems, app_spec.AppArguments | None]:
    problems = Problems()
    return problems, app_spec.build("web", given, settings, edges or edges_of(None, None, CONSUMER, problems), problems)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_CACHE_DIR", str(tmp_path))


BARE = {"image": "nginx:1", "command": ["nginx"]}


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_edges_have_secrets_of_their_own(one: tuple[str, str], other: tuple[str, str]) -> None:
    def key(edge: tuple[str, str]) -> str:
        return auth.secret_name(f"shop/development/app/{edge[0]}", f"shop/development/{edge[1]}")

    assert names.secret_name_problem(key(one)) is None
    assert len(key(one)) <= 80
    assert (key(one) == key(other)) == (one == other)


def test_an_app_and_a_task_of_one_name_are_two_callers() -> None:
    audience = "shop/development/backend"
    assert auth.secret_name("shop/development/app/x", audience) != auth.secret_name("shop/development/task/x", audience)


def test_the_consumer_asks_for_the_secret_and_its_wiring_names_the_variable() -> None:
    link = AppLink("shop", "development", "backend", "http://b")
    edges = Edges({"backend_url": Link(link, timeout=3)}, {}, [], {"backend_url": BACKEND})
    problems, built = build(BARE, edges=edges)
    assert not problems
    assert built is not None
    (request,) = built.spec["secrets"]
    assert request["envVar"] == "FLYTE_CREDENTIAL_BACKEND_URL"
    assert re.fullmatch(r"edge-web-backend-[0-9a-f]{8}", request["key"])
    assert is_reserved_variable(request["envVar"]), "no alias and no variable of the user's can be it"
    document = Wiring.from_json(app_spec.finished(built, LOCAL, edges, None)["env"]["FLYTE_WIRING"])
    found: Any = document.inputs["backend_url"]
    assert found.credential_variable == request["envVar"]
    assert document.auth is None


def test_a_version_without_credentials_is_what_it_was() -> None:
    """An app that neither requires nor carries any has no trace of them in its wiring."""
    text = container.wired_variables(kind="app", name="web", settings=LOCAL, inputs={}, secrets={})["FLYTE_WIRING"]
    assert "auth" not in json.loads(text)


def test_the_callee_learns_keys_and_audience() -> None:
    known = {"audience": "shop/development/web", "keys": [{"kid": "k", "kty": "OKP"}], "enforced_by": "platform"}
    text = container.wired_variables(kind="app", name="web", settings=LOCAL, inputs={}, secrets={}, auth=known)[
        "FLYTE_WIRING"
    ]
    found = Wiring.from_json(text).auth
    assert found == Auth(audience="shop/development/web", keys=({"kid": "k", "kty": "OKP"},), enforced_by="platform")


@pytest.mark.parametrize(
    ("settings", "by_platform", "warned"),
    [
        (LOCAL, True, False),
        (FLYTE, False, True),
        (Settings(platform="flyte", project="shop", endpoint="dns:///union", platform_auth=True), True, False),
    ],
)
def test_a_bare_app_that_nothing_guards_is_said_to_be_open(settings: Settings, by_platform: bool, warned: bool) -> None:
    _, built = build({**BARE, "requires_auth": True}, settings)
    assert built is not None
    assert built.guarded
    assert built.by_platform is by_platform
    assert any("nothing turns strangers away" in text for text in built.warnings) is warned


def test_an_asgi_source_guards_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web.py").write_text("async def app(scope, receive, send): ...\n")
    _, built = build({"source": "web.py:app", "image": "mine:1", "requires_auth": True}, FLYTE)
    assert built is not None
    assert not [text for text in built.warnings if "strangers" in text]


ENVIRONMENTS = """\
from flyte.app import AppEnvironment

said = AppEnvironment(name="said", command=["x"], requires_auth=True)
denied = AppEnvironment(name="denied", command=["x"], requires_auth=False)
silent = AppEnvironment(name="silent", command=["x"])
copy = silent.clone_with(name="copy")
changed = silent.clone_with(name="changed", requires_auth=True)
kept = said.clone_with(name="kept")
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("said", True), ("denied", False), ("silent", None), ("copy", None), ("changed", True), ("kept", True)],
)
def test_of_a_flyte_environment_only_what_was_said_counts(tmp_path: Path, name: str, expected: bool | None) -> None:
    (tmp_path / "apps.py").write_text(ENVIRONMENTS)
    description = load(tmp_path, f"apps.py:{name}").description
    assert isinstance(description, AppEnvironmentDescription)
    assert description.requires_auth is expected


UNION = Settings(platform="flyte", project="shop", endpoint="dns:///union", platform_auth=True, image="mine:1")


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, settings: Settings, sent: bool | None, warned: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "apps.py").write_text(ENVIRONMENTS)
    _, built = build({"source": f"apps.py:{source}"}, settings)
    assert built is not None
    assert not built.guarded
    assert built.spec.get("requires_auth") is sent
    assert any("its code says requires_auth=True" in text for text in built.warnings) is warned


@pytest.mark.parametrize("source", ["said", "denied", "silent"])
def test_the_argument_closes_an_app_whatever_flyte_code_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "apps.py").write_text(ENVIRONMENTS)
    _, built = build({"source": f"apps.py:{source}", "requires_auth": True}, LOCAL)
    assert built is not None
    assert built.guarded
    assert built.spec["requires_auth"] is True
    assert not [text for text in built.warnings if "its code says" in text]


@pytest.mark.parametrize("given", [{"auth_rotation": "2026-11"}, {"auth_rotation": "x", "requires_auth": False}])
def test_there_is_no_key_to_rotate_without_one(given: dict[str, Any]) -> None:
    problems, built = build({**BARE, **given})
    assert built is None
    assert [problem.path for problem in problems] == ["auth_rotation"]


def test_a_link_says_that_credentials_are_required_and_crosses_the_engine() -> None:
    link = AppLink("shop", "development", "b", "http://b", "http://p", "urn:pulumi:dev::shop::flyte:api:AuthKey::b")
    crossed = link.as_dict()
    assert str(crossed["authKey"]).startswith("urn:")
    assert from_dict(crossed) == link
    assert "authKey" not in AppLink("shop", "development", "b", "http://b").as_dict()


@given(NAMES, NAMES)
def test_callers_are_named_as_the_runtime_reads_them(project: str, name: str) -> None:
    settings = Settings(platform="local", project=project)
    caller = parse_subject(auth.subject("task", f"{name}.count", settings))
    assert (caller.kind, caller.project, caller.domain, caller.name) == (
        "task",
        project,
        "development",
        f"{name}.count",
    )


def test_the_header_is_no_applications_own() -> None:
    assert CREDENTIAL_HEADER.lower() not in ("authorization", "cookie", "proxy-authorization")
