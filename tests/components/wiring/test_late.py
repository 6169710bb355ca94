"""References that arrive as Outputs."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import TaskLink
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.late import checked_input, checked_parts, checked_secret

CONSUMER = Consumer("App", "web", Settings("local", "p"))


def refusal(value: object, *, secret: bool = False) -> list[str]:
    """Return the problems of an Output with this value."""
    check, path = (checked_secret, "secrets.a") if secret else (checked_input, "inputs.a")

    async def look() -> object:
        return await check(pulumi.Output.secret(value), path, CONSUMER).future()

    with pytest.raises(ArgumentsError) as refused:
        asyncio.run(look())
    return str(refused.value).splitlines()[1:]


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        (
            {"kind": "app", "project": 5, "domain": "d", "name": "b", "url": []},
            ["a.project: expected a string", "a.url: expected a string"],
        ),
        ({"kind": "task", "project": "p", "domain": "d", "name": None}, ["a.name: expected a string"]),
        ({"kind": "secret", "name": "k"}, ["a: a Secret goes into secrets="]),
        ({"app": "No App"}, ["a.name: an app name is"]),
        (
            {"to": {"app": "back"}, "timeout": -1, "retries": 99},
            ["a.timeout: expected a positive", "a.retries: expected a whole number between 0"],
        ),
        ({"to": "text"}, ["a: a Link has options for an edge"]),
        ({"to": 5}, ["a: expected an Output of a string"]),
        (5, ["a: expected an Output of a string"]),
    ],
    ids=str,
)
def test_every_problem_of_a_broken_reference_is_reported_without_its_values(value: Any, problems: list[str]) -> None:
    lines = refusal(value)
    assert not [line for line in lines if "(got" in line]
    starts = [line.startswith(f"  - inputs.{start}") for line, start in zip(lines, problems, strict=True)]
    assert all(starts), lines


@pytest.mark.parametrize("value", [5, None, ["a"], {"a": "b"}], ids=repr)
def test_an_output_as_a_part_that_is_no_text_is_reported(value: object) -> None:
    async def look(name: str) -> object:
        output: Any = pulumi.Output.secret(value)
        link = checked_parts(TaskLink("p", "d", output, version=output), "inputs.a", CONSUMER)
        return await getattr(link, name).future()

    for name in ("name", *(["version"] if value is not None else [])):
        with pytest.raises(ArgumentsError, match=rf"inputs\.a\.{name}: expected an Output of a string"):
            asyncio.run(look(name))


def test_a_broken_link_of_a_secret_is_reported() -> None:
    assert refusal({"kind": "secret", "name": ["k"]}, secret=True)[0].startswith(
        "  - secrets.a.name: expected a string"
    )
    assert refusal("text", secret=True)[0].startswith("  - secrets.a: expected a Secret or")
