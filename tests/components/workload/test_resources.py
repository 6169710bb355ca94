"""The resources of a container."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.arguments.resources import Resources
from pulumi_flyte.platforms import local
from pulumi_flyte.workload.container import Container, ImageChoice
from pulumi_flyte.workload.resources import ContainerResources


@pytest.mark.parametrize(("gpu", "warned"), [(None, 0), (0, 0), (1, 1), ("T4:2", 1)])
def test_only_a_gpu_that_is_requested_is_warned_of(gpu: Any, warned: int) -> None:
    resources = ContainerResources.of(Resources(cpu="1", gpu=gpu))
    assert len(local.warnings(Container(image=ImageChoice(), resources=resources))) == warned
