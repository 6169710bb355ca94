"""The functions that docs/architecture.md names on the way of an input and of a secret's value are there."""

from __future__ import annotations

import pkgutil
import re

import pytest

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
WAYS = PAGE[PAGE.index("## How an input reaches the container") :]
MODULES = {
    "AppArguments": "arguments.app.AppArguments",
    "FlyteAppPlan": "platforms.flyte_api.app.FlyteAppPlan",
    "Edges": "wiring.edge.Edges",
    "App": "app.App",
    "Secret": "secret.Secret",
}
VALUES = {"edge.value", "edge.entry"}
NAMES = sorted(set(re.findall(r"`((?:\w+\.)+\w+)`", WAYS)) - VALUES)


@pytest.mark.parametrize("name", NAMES)
def test_a_named_function_exists(name: str) -> None:
    first, _, rest = name.partition(".")
    assert pkgutil.resolve_name(f"pulumi_flyte.{MODULES.get(first, first)}.{rest}") is not None


def test_the_ways_name_functions() -> None:
    assert len(NAMES) > 10
