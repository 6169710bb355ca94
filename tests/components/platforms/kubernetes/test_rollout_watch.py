"""The messages about a rollout while it is awaited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from pulumi_flyte.platforms.kubernetes.cluster_reading import Rollout
from pulumi_flyte.platforms.kubernetes.rollout_watch import early_warning, lasting_obstacles

from tests.components.platforms.kubernetes.test_failures import DIED, FAILED_REPLICA, QUOTA, pod, waiting

PULLED = waiting("ContainerCreating")
RUNS = {"ready": False, "state": {"running": {}}}


async def obstacles_in(*looks: Rollout | None) -> tuple[Sequence[str], int]:
    """Return what is said after these looks, and how many of them it took."""
    count = 0
    answers: Iterator[Rollout | None] = iter(looks)

    async def read() -> Rollout | None:
        nonlocal count
        count += 1
        return next(answers)

    async def pause(_: float) -> None:
        pass

    return await lasting_obstacles(read, pause), count


def rollout(*pods: dict[str, Any], deployment: Any = None) -> Rollout:
    return Rollout(deployment or {}, pods, ())


async def test_a_process_that_ended_is_told_at_the_second_look() -> None:
    (reason,), count = await obstacles_in(rollout(pod(PULLED)), rollout(pod(DIED)), rollout(pod(DIED)))
    assert "cannot open model" in reason
    assert count == 3


async def test_what_passes_is_not_told() -> None:
    looks = [rollout(pod(state)) for state in (DIED, RUNS, DIED, RUNS)]
    assert await obstacles_in(*looks, None) == ((), 5)


@pytest.mark.parametrize("state", [PULLED, RUNS], ids=["pulls its image", "does not answer yet"])
async def test_a_pod_that_takes_its_time_is_no_obstacle(state: dict[str, Any]) -> None:
    assert await obstacles_in(rollout(pod(state)), rollout(pod(state)), None) == ((), 3)


async def test_pods_that_cannot_be_made_are_told() -> None:
    refused = rollout(deployment=FAILED_REPLICA)
    (reason,), _ = await obstacles_in(refused, refused)
    assert QUOTA in reason


def test_the_warning_names_the_app_and_says_that_it_goes_on() -> None:
    text = early_warning("web", ["its process ended with 1"])
    assert text.startswith("the app 'web' is not ready yet:\n  - its process ended with 1\n")
    assert "Ctrl+C" in text
