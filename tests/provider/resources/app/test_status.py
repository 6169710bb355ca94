"""The interpretation of an app's conditions."""

from __future__ import annotations

from flyteidl2.app import app_definition_pb2 as pb
from pulumi_flyte_provider.resources.app import status

Status = pb.Status


def test_the_newest_condition_counts_and_a_failure_before_others_of_its_time() -> None:
    def app(*conditions: tuple[int, int]) -> pb.App:
        made = pb.App()
        for deployment_status, seconds in conditions:
            made.status.conditions.add(deployment_status=deployment_status).last_transition_time.seconds = seconds
        return made

    def verdict(*conditions: tuple[int, int]) -> int:
        return status.verdict(app(*conditions)).deployment_status

    failed, deploying = Status.DEPLOYMENT_STATUS_FAILED, Status.DEPLOYMENT_STATUS_DEPLOYING
    active, pending = Status.DEPLOYMENT_STATUS_ACTIVE, Status.DEPLOYMENT_STATUS_PENDING
    assert verdict((failed, 9), (failed, 9), (deploying, 1)) == failed
    assert verdict((pending, 9), (pending, 9), (deploying, 1)) == pending
    assert verdict((failed, 1), (active, 9)) == active, "a history: the failure is past"
    assert verdict((deploying, 5), (failed, 5), (deploying, 5)) == failed
    assert verdict() == Status.DEPLOYMENT_STATUS_UNSPECIFIED
