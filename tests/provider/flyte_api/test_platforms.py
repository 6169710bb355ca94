"""The differences between the platforms of the plugin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi_flyte.naming import names
from pulumi_flyte.source import staging
from pulumi_flyte_provider.flyte_api import platforms, settings
from pulumi_flyte_provider.flyte_api.platforms.control_plane import ControlPlane
from pulumi_flyte_provider.flyte_api.platforms.local import PYTHON_HEADER
from pulumi_flyte_provider.properties.values import Secret

KEY = Secret("t0ken")
SETTINGS = {
    "local": {"apiKey": KEY, "localPort": 8481, "localHome": "/a b"},
    "flyte": {"platform": "flyte", "endpoint": "dns:///flyte.example.com", "apiKey": KEY},
    "kubernetes": {"platform": "kubernetes", "endpoint": "dns:///flyte.example.com", "apiKey": KEY},
}


@dataclass(frozen=True)
class Workload:
    """An app's identifier."""

    org: str = "local"
    project: str = "shop"
    domain: str = "development"
    name: str = "web"


@pytest.fixture(params=names.PLATFORMS)
def plane(request: pytest.FixtureRequest) -> ControlPlane:
    """The control plane of each platform."""
    return platforms.control_plane(settings.parse(dict(SETTINGS[request.param])))


def test_every_platform_has_a_control_plane_that_names_its_endpoint(plane: ControlPlane) -> None:
    config = plane.config
    local = config.platform == "local"
    assert config.endpoint == ("http://127.0.0.1:8481" if local else "https://flyte.example.com")
    message = plane.no_answer("no answer in time")
    assert f"at {config.endpoint} (no answer in time): " in message


def test_a_credential_goes_to_the_endpoint_of_the_settings_only(plane: ControlPlane) -> None:
    expected = {} if plane.config.platform == "local" else {"authorization": "Bearer t0ken"}
    assert plane.credentials() == expected


def test_the_local_server_is_started_with_the_home_of_the_settings() -> None:
    local = platforms.control_plane(settings.parse(dict(SETTINGS["local"])))
    assert "flyte-local start --port 8481 --home '/a b'" in local.no_answer("refused")


def test_only_the_local_server_knows_its_domains(plane: ControlPlane) -> None:
    assert (plane.domain_problem("testing") is not None) == (plane.config.platform == "local")
    assert plane.domain_problem("development") is None


def test_only_the_local_server_is_told_the_interpreter(
    plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path))
    staging.put_interpreter("app", "shop", "development", "web", "/venv/bin/python")
    expected = {PYTHON_HEADER: "/venv/bin/python"} if plane.config.platform == "local" else {}
    assert plane.workload_headers("app", Workload()) == expected
    assert plane.workload_headers("task", Workload()) == {}


def test_a_cluster_without_a_flyte_api_says_how_to_name_one() -> None:
    plane = platforms.control_plane(settings.parse({"platform": "kubernetes"}))
    assert plane.config.endpoint == ""
    assert "`pulumi config set flyte:endpoint https://…`" in plane.no_answer("no answer in time")


def test_only_flyte_needs_an_endpoint() -> None:
    platforms_with_one = [name for name in (*names.PLATFORMS, "flyt") if platforms.needs_endpoint(name)]
    assert platforms_with_one == ["flyte"]
