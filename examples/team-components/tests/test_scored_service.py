"""The component has the defaults that the team promises, and Pulumi's options reach all that is in it."""

from pathlib import Path

import pulumi
import pytest
from acme_flyte import ScoredService, ScoredServiceArgs
from pulumi_flyte import ArgumentsError
from pulumi_flyte.testing import DeclaredStack, run_program

CONSUMER = Path(__file__).parents[1] / "consumers" / "python"
CODE = Path(__file__).parents[1] / "consumers" / "code"


def declared(opts: pulumi.ResourceOptions | None = None, replicas: int = 1) -> DeclaredStack:
    """Return what one service declares."""

    def program() -> dict[str, pulumi.Output[str]]:
        args: ScoredServiceArgs = {
            "app": f"{CODE}/scorer.py:app",
            "task": f"{CODE}/tasks.py:evaluate",
            "key": pulumi.Output.secret("k3y"),
            "replicas": replicas,
        }
        return {"url": ScoredService("fraud", args, opts).url}

    return run_program(program)


def test_a_service_has_the_teams_defaults() -> None:
    stack = declared()
    app = stack.resource("flyte:api:App", "fraud-api")
    assert app["scaling.minReplicas"] == app["scaling.maxReplicas"] == 1
    assert app["timeouts.request"] == 30
    assert stack.resource("flyte:api:Trigger", "fraud-evaluation-nightly")["cron"] == "0 2 * * *"
    assert stack.secret("fraud-key")["value"].reveal() == "k3y"
    assert stack.exports["url"] == stack.app("fraud-api")["publicEndpoint"]


def test_protection_reaches_all_that_is_in_a_service() -> None:
    stack = declared(pulumi.ResourceOptions(protect=True))
    service = stack.resource("acme:index:ScoredService", "fraud")
    assert service.protect
    inside = stack.below(service)
    assert {"fraud-api", "fraud-evaluation", "fraud-key"} <= {each.name for each in inside}
    assert [str(each) for each in inside if not each.protect] == []


def test_a_wrong_argument_is_an_error_that_names_it() -> None:
    with pytest.raises(ArgumentsError, match=r"scaling\.replicas"):
        declared(replicas=-1)


def test_the_consumers_program_declares_two_replicas() -> None:
    stack = run_program(CONSUMER, secrets={"modelKey": "k3y"})
    assert stack.resource("flyte:api:App", "fraud-api")["scaling.maxReplicas"] == 2
