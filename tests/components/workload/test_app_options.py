"""An argument that is empty says nothing."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.app_domain import AppDomain
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppOptions

SOURCE = AppOptions(
    scaling=Scaling(replicas=(1, 3)), domain=AppDomain(subdomain="shop"), request_timeout=30, description="of the code"
)


def options_of(**arguments: Any) -> AppOptions:
    environment = Settings(platform="local", project="shop").as_dict()
    return AppOptions.of(AppArguments.collect(Problems(), environment=environment, **arguments))


@pytest.mark.parametrize("empty", [{"scaling": {}}, {"domain": {}}, {"timeouts": {}}, {"console_links": []}])
def test_an_empty_argument_leaves_it_to_the_source(empty: dict[str, Any]) -> None:
    assert options_of(**empty) == AppOptions()
    assert options_of(**empty).over(SOURCE) == SOURCE


def test_an_argument_wins_over_the_source() -> None:
    options = options_of(scaling={"replicas": 2}).over(SOURCE)
    assert options.scaling == Scaling(replicas=2)
    assert options.domain == SOURCE.domain
