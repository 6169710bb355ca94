"""`pulumi-flyte consumers` and `diff --consumers` on a file backend of real stacks, against the engine's own answer."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from pulumi_flyte_review.model.preview import Json

from tests.review.consumers.test_generated import NUMBER, changed, expected_breaks, generated
from tests.review.e2e.command import pulumi_flyte
from tests.review.e2e.teams import Team, add, at_once, broken


def told_before_and_after_it_goes(owner: Team, web: Team) -> None:
    """Check the answers about a stack whose outputs another stack uses. One story, as each step runs the engine."""
    for team in (owner, web):
        team.init()
    owner.exports = {"resize": "job-resize", "greeting": "hello", "unused": "job-unused"}
    owner.deploy()
    web.uses = {"linked": (owner.name, "resize", True), "referenced": (owner.name, "greeting", False)}
    web.deploy()
    assert web.stack.deployed().changed == set()
    answer = pulumi_flyte(owner.stack, "consumers")
    assert (answer.code, answer.errors) == (0, "")
    assert answer.output == (
        "organization/p0/dev is used by:\n"
        "  organization/p1/dev  Task linked  inputs.x: resize\n"
        "  organization/p1/dev  Task referenced  inputs.x: greeting\n"
    )

    owner.exports = {"resize-images": "job-resize", "greeting": "hello"}
    owner.write()
    diff = pulumi_flyte(owner.stack, "diff", "--stack", "dev", "--consumers", "--fail-on", "policy", "--format", "json")
    assert diff.code == 3, diff.errors
    assert [each["message"] for each in diff.report["policies"]] == [
        "organization/p1/dev: Task linked: inputs.x: organization/p0/dev has no output 'resize';"
        " 'resize-images' is the same task"
    ]
    owner.deploy()
    assert broken(owner) == {("organization/p1/dev", "linked", "resize")}
    refused = web.stack.preview()
    assert refused.code != 0
    assert "inputs.x.output: the stack 'organization/p0/dev' has no output 'resize': did you mean" in refused.text


def test_the_consumers_of_an_output_are_named_before_and_after_it_goes(teams: list[Team], tmp_path: Path) -> None:
    told_before_and_after_it_goes(add(teams, tmp_path), add(teams, tmp_path))


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_thirty_stacks_of_a_file_backend(teams: list[Team], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """States that are made here, in the backend's own files: each change takes seconds, and not an update."""
    chance = random.Random(30)
    at_once([add(teams, tmp_path) for _ in range(NUMBER)], Team.init)
    breaks = 0
    for _ in range(5):
        model = generated(chance)
        former = [dict(each) for each in model.exports]
        gone = changed(model, chance)
        states = model.states(former)

        def load(team: Team, states: dict[str, list[dict[str, Json]]] = states) -> None:
            deployment = {"manifest": {"time": "2026-11-30T00:00:00Z"}, "resources": states[team.name]}
            team.stack.write({"state.json": json.dumps({"version": 3, "deployment": deployment})})
            team.stack.pulumi("stack", "import", "--file", "state.json", "--stack", "dev", check=True)

        at_once(teams, load)
        expected = {
            (consumer, app.removeprefix("App "), output) for consumer, app, _, output in expected_breaks(model, gone)
        }
        reported = broken(teams[0])
        assert reported == expected, f"missing {expected - reported}, false {reported - expected}"
        breaks += len(expected)
    with capsys.disabled():
        print(f"\n30 stacks in files, 5 rounds of changes: {breaks} broken uses, all named and none falsely")
