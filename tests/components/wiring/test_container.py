"""What a component writes is what the runtime reads."""

from __future__ import annotations

from typing import Any

import pytest
from flyte_runtime import contract
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte import links
from pulumi_flyte.links import AppEndpoint, AppLink, Link, SecretLink, TaskLink, TaskRef
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring import container
from pulumi_flyte.wiring.edges import check_alias

SETTINGS = Settings(platform="local", project="shop", domain="development")
words = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
aliases = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True).filter(
    lambda alias: not contract.is_reserved_variable(alias.upper())
)
apps = st.builds(AppLink, project=words, domain=words, name=words, url=words.map(lambda w: f"http://{w}"))
tasks = st.builds(TaskLink, project=words, domain=words, name=words, version=st.one_of(st.none(), words))
references = st.one_of(st.builds(AppEndpoint, name=words), st.builds(TaskRef, name=words, version=words))
edges = st.one_of(apps, tasks, references, st.text(max_size=20))
inputs = st.dictionaries(aliases, edges, max_size=6)


def written(given_inputs: dict[str, Any], secrets: dict[str, SecretLink] | None = None) -> dict[str, Any]:
    return container.wired_variables(
        kind="app", name="web", settings=SETTINGS, inputs=given_inputs, secrets=secrets or {}
    )


@given(inputs)
def test_the_document_round_trips(given_inputs: dict[str, Any]) -> None:
    read = contract.Wiring.from_json(written(given_inputs)[contract.WIRING_VARIABLE])
    assert set(read.inputs) == set(given_inputs)
    for alias, value in given_inputs.items():
        resolved, found = container.resolve(value, SETTINGS), read.inputs[alias]
        if isinstance(resolved, AppLink):
            assert isinstance(found, contract.AppInput)
            assert (found.project, found.domain, found.name, found.url) == (
                resolved.project,
                resolved.domain,
                resolved.name,
                resolved.url,
            )
        elif isinstance(resolved, TaskLink):
            assert isinstance(found, contract.TaskInput)
            assert (found.name, found.version) == (resolved.name, resolved.version)
        else:
            assert isinstance(found, contract.ValueInput)


@given(inputs)
def test_each_alias_has_its_own_variable(given_inputs: dict[str, Any]) -> None:
    variables = written(given_inputs)
    for alias, value in given_inputs.items():
        resolved = container.resolve(value, SETTINGS)
        found = variables[contract.variable_name(alias)]
        if isinstance(resolved, AppLink):
            assert found == resolved.url
        elif isinstance(resolved, TaskLink):
            assert contract.parse_task_reference(found) == contract.TaskInput(
                project=resolved.project, domain=resolved.domain, name=resolved.name, version=resolved.version
            )
        else:
            assert found == value


@given(inputs)
def test_equal_wirings_give_equal_bytes_whatever_the_order(given_inputs: dict[str, Any]) -> None:
    assert written(given_inputs) == written(dict(reversed(given_inputs.items())))


@given(st.one_of(apps, tasks))
def test_a_link_crosses_the_engine_unchanged(link: AppLink | TaskLink) -> None:
    assert links.from_dict(link.as_dict()) == link


@given(references)
def test_a_reference_by_name_crosses_the_engine_unchanged(reference: AppEndpoint | TaskRef) -> None:
    assert links.from_dict(links.to_dict(reference)) == reference


def test_an_edges_options_reach_the_document() -> None:
    app = AppLink("shop", "development", "backend", "http://b")
    read = contract.Wiring.from_json(written({"backend": Link(app, timeout=3, retries=1)})[contract.WIRING_VARIABLE])
    found = read.inputs["backend"]
    assert isinstance(found, contract.AppInput)
    assert (found.timeout, found.retries) == (3, 1)


def test_secrets_are_named_by_key_and_variable_never_by_value() -> None:
    variables = written({}, {"WEBHOOK_API_KEY": SecretLink("webhook-api-key", "v1")})
    assert contract.Wiring.from_json(variables[contract.WIRING_VARIABLE]).secrets == {
        "webhook-api-key": "WEBHOOK_API_KEY"
    }
    assert "WEBHOOK_API_KEY" not in variables


ILLEGAL = ["", "1st", "with-dash", "with space", "ünï", "a.b", "_u_ep_override", "flyte_internal_x", "port"]


@pytest.mark.parametrize("alias", ILLEGAL)
def test_an_alias_that_cannot_be_a_variable_is_a_problem(alias: str) -> None:
    problems = Problems()
    check_alias(alias, f"inputs.{alias}", problems)
    assert len(problems.found) == 1


def test_placeholders_name_everything_and_hold_nothing_real() -> None:
    inputs = {"backend": AppLink("shop", "development", "b", "http://real"), "key": "value"}
    given_placeholders = container.placeholders(
        kind="app", settings=SETTINGS, inputs=inputs, secrets={"KEY": SecretLink("key")}
    )
    assert {"BACKEND", "KEY", contract.WIRING_VARIABLE} <= given_placeholders.keys()
    assert "real" not in "".join(given_placeholders.values())
