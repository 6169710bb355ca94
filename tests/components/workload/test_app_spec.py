"""The argument comes first, then the source's own, then the environment's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppOptions

from tests.components.workload.specs import build_app

CODE = """
import flyte
from flyte.app import AppEnvironment, Scaling

quiet = AppEnvironment(name="quiet", command=["x"])
loud = AppEnvironment(
    name="loud", command=["x"], port=9000, description="code", scaling=Scaling(replicas=(1, 2)),
    resources=flyte.Resources(cpu="2"), env_vars={"A": "code", "B": "code"},
)
"""
HERE = Settings(platform="local", project="shop", service_account="robot", env={"B": "environment", "C": "environment"})


@pytest.fixture(autouse=True)
def _code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLYTE_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "apps.py").write_text(CODE)


def test_options_fill_what_is_not_set() -> None:
    options = AppOptions(description="mine", active=False)
    defaults = AppOptions(description="default", active=True, service_account="robot")
    assert options.over(defaults) == AppOptions(description="mine", active=False, service_account="robot")
    assert options.over(AppOptions()) is options


@pytest.mark.parametrize(
    ("arguments", "port", "description", "replicas"),
    [
        ({"source": "apps.py:loud"}, 9000, "code", (1, 2)),
        ({"source": "apps.py:loud", "port": 9001, "description": "mine"}, 9001, "mine", (1, 2)),
        ({"source": "apps.py:loud", "scaling": Scaling(replicas=(3, 4))}, 9000, "code", (3, 4)),
        ({"source": "apps.py:quiet"}, 8080, None, None),
    ],
)
def test_an_argument_wins_over_the_source(
    arguments: dict[str, Any], port: int, description: str | None, replicas: tuple[int, int] | None
) -> None:
    spec = build_app(arguments, HERE)
    assert (spec.port, spec.options.description) == (port, description)
    assert spec.options.service_account == "robot"
    scaling = spec.options.scaling
    assert replicas is None or (scaling is not None and scaling.bounds == replicas)


def test_variables_of_all_three_are_there() -> None:
    spec = build_app({"source": "apps.py:loud", "env": {"A": "mine"}}, HERE)
    assert spec.container.env == {"A": "mine", "B": "code", "C": "environment"}


def test_a_specification_says_nothing_of_the_platform() -> None:
    """The same arguments are the same specification, wherever the environment is."""
    flyte = Settings(platform="flyte", project="shop", endpoint="dns:///flyte.example.com")
    arguments = {"image": "nginx:1", "command": ["nginx"], "port": 9000}
    assert build_app(arguments) == build_app(arguments, flyte)
