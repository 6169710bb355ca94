"""The parts of references that are written as mappings or made by constructors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
import pytest
from pulumi_flyte import AppEndpoint, TaskRef
from pulumi_flyte.links import SecretLink, from_dict, to_dict
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.reference_parts import part_problems
from pulumi_flyte.wiring.resolution import resolve

CONSUMER = Consumer("App", "web", Settings("local", "p"))
APP = {"kind": "app", "project": "p", "domain": "development", "name": "b", "url": "http://b"}
TASK = {"kind": "task", "project": "p", "domain": "development", "name": "b", "version": "1"}
SECRET = {"kind": "secret", "name": "k", "version": "1", "project": "p", "domain": "development"}
NO_TEXTS = (5, True, ["a"], {"a": "b"}, b"a", object())


@pytest.fixture(autouse=True)
def _event_loop() -> Iterator[None]:
    """Outputs are made in a loop, and a test before may have closed the thread's."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


def output(value: object) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(value)


def paths_of(inputs: Mapping[str, object], secrets: Mapping[str, object]) -> list[str]:
    problems = Problems()
    resolve(inputs, secrets, CONSUMER, problems)
    return [problem.path for problem in problems]


@pytest.mark.parametrize("part", ["name", "project", "domain"])
@pytest.mark.parametrize("kind", [AppEndpoint, TaskRef])
def test_an_output_as_a_part_of_a_reference_by_name_is_a_problem(kind: type, part: str) -> None:
    reference = kind(**{"name": "b", part: output("b")})
    assert paths_of({"a": reference}, {}) == [f"inputs.a.{part}"]


def test_the_version_of_a_task_may_be_an_output() -> None:
    version = output("1")
    reference = TaskRef("b", version=version)  # type: ignore[arg-type]
    assert part_problems(reference) == []
    assert to_dict(reference)["version"] is version


@pytest.mark.parametrize("value", NO_TEXTS, ids=lambda value: type(value).__name__)
def test_each_part_of_a_link_that_is_no_text_is_a_problem(value: object) -> None:
    for link in (APP, TASK):
        for part in set(link) - {"kind"}:
            assert paths_of({"a": {**link, part: value}}, {}) == [f"inputs.a.{part}"], link
    for part in set(SECRET) - {"kind"}:
        assert paths_of({}, {"A": {**SECRET, part: value}}) == [f"secrets.A.{part}"]


def test_the_key_of_a_link_is_a_urn() -> None:
    assert paths_of({"a": {**APP, "authKey": "key"}}, {}) == ["inputs.a.auth_key"]
    reference = from_dict({**APP, "authKey": "urn:pulumi:dev::shop::flyte:index:App$flyte:api:AuthKey::b"})
    assert part_problems(reference) == []  # type: ignore[arg-type]


def test_all_wrong_parts_of_a_link_are_reported_at_once() -> None:
    link = {**APP, "project": 5, "name": "", "publicUrl": []}
    assert paths_of({"a": link}, {}) == ["inputs.a.project", "inputs.a.name", "inputs.a.public_url"]


def test_parts_of_a_link_may_be_outputs_and_unknown() -> None:
    for later in (output("x"), pulumi.output.Unknown()):
        for link in (APP, TASK):
            for part in set(link) - {"kind"}:
                reference = from_dict({**link, part: later})
                assert reference is not None
                assert part_problems(reference) == []  # type: ignore[arg-type]
        assert part_problems(SecretLink(name=later, version=later)) == []  # type: ignore[arg-type]
