"""Settings of the stack that nothing reads, which a program without Flyte's plugin would not be told of."""

from __future__ import annotations

from pulumi_flyte import Environment
from pulumi_flyte.platforms.kubernetes.unknown_settings import unknown_setting_problems

from tests.components.mocks.manifests import KUBERNETES
from tests.components.mocks.registrations import error_of


def test_a_setting_that_is_mistyped_names_the_one_that_was_meant() -> None:
    (problem,) = unknown_setting_problems(["flyte:egres", "flyte:egress", "flyte:buildSecrets", "aws:region", "token"])
    assert str(problem) == "flyte:egres: unknown setting: did you mean 'egress'?"


def test_an_environment_on_a_cluster_refuses_it() -> None:
    error = error_of(lambda: [Environment("env")], {**KUBERNETES, "flyte:ingressHosts": "{app}.example.com"})
    assert "flyte:ingressHosts: unknown setting: did you mean 'ingressHost'?" in error
