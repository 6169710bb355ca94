"""Variables that an install of Flyte sets in every app by itself."""

from __future__ import annotations

from pulumi_flyte_provider.flyte_api.platforms.flyte import FlyteControlPlane
from pulumi_flyte_provider.resources.app import platform_variables

from tests.provider.over_grpc.oss_server import ALWAYS_SET

ALWAYS = FlyteControlPlane.variables_of_every_app


def test_it_is_said_once_that_other_values_count() -> None:
    left = ("_U_EP_OVERRIDE", "_U_INSECURE", *ALWAYS_SET)
    assert platform_variables.news(left, (), ALWAYS) == (
        "Flyte sets _U_EP_OVERRIDE and _U_INSECURE in every app itself: its values count here"
    )
    assert platform_variables.news(left, left, ALWAYS) is None
    assert platform_variables.news(ALWAYS_SET, (), ALWAYS) is None, "their values are the same"
