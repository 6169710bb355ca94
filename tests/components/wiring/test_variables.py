"""The runtime reads the variables that a component writes."""

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
from pulumi_flyte.wiring import variables
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.edge import AppEdge, Edges, TaskEdge
from pulumi_flyte.wiring.resolution import alias_problem, resolve

SETTINGS = Settings(platform="local", project="shop", domain="development")
IDENTITY = contract.Identity(kind="app", project="shop", domain="development", name="web")
KEY = SecretLink("key")
words = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
aliases = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True).filter(
    lambda alias: not contract.is_reserved_variable(alias.upper())
)
apps = st.builds(AppLink, project=words, domain=words, name=words, url=words.map(lambda w: f"http://{w}"))
tasks = st.builds(TaskLink, project=words, domain=words, name=words, version=st.one_of(st.none(), words))
references = st.one_of(st.builds(AppEndpoint, name=words), st.builds(TaskRef, name=words, version=words))
edges = st.one_of(apps, tasks, references, st.text(max_size=20))
inputs = st.dictionaries(aliases, edges, max_size=6)


def resolved(given_inputs: dict[str, Any], secrets: dict[str, SecretLink] | None = None) -> Edges:
    problems = Problems()
    edges = resolve(given_inputs, secrets, Consumer("App", "web", SETTINGS), problems)
    assert not problems, [str(problem) for problem in problems]
    return edges


def written(given_inputs: dict[str, Any], secrets: dict[str, SecretLink] | None = None) -> dict[str, Any]:
    return variables.wiring_variables(IDENTITY, resolved(given_inputs, secrets), "local")


@given(inputs)
def test_the_document_round_trips(given_inputs: dict[str, Any]) -> None:
    read = contract.Wiring.from_json(written(given_inputs)[contract.WIRING_VARIABLE])
    assert set(read.inputs) == set(given_inputs)
    for edge in resolved(given_inputs).inputs:
        entry = read.inputs[edge.alias]
        if isinstance(edge, AppEdge):
            assert isinstance(entry, contract.AppInput)
            link = (entry.project, entry.domain, entry.name, entry.url)
            assert link == (edge.link.project, edge.link.domain, edge.link.name, edge.link.url)
        elif isinstance(edge, TaskEdge):
            assert isinstance(entry, contract.TaskInput)
            assert (entry.name, entry.version) == (edge.link.name, edge.link.version)
        else:
            assert isinstance(entry, contract.ValueInput)


@given(inputs)
def test_each_alias_has_its_own_variable(given_inputs: dict[str, Any]) -> None:
    variables = written(given_inputs)
    for edge in resolved(given_inputs).inputs:
        text = variables[contract.variable_name(edge.alias)]
        if isinstance(edge, AppEdge):
            assert text == edge.link.url
        elif isinstance(edge, TaskEdge):
            task = edge.link
            assert contract.parse_task_reference(text) == contract.TaskInput(
                project=task.project, domain=task.domain, name=task.name, version=str(task.version or "") or None
            )
        else:
            assert text == given_inputs[edge.alias]


def test_a_name_is_resolved_in_the_consumers_own_place() -> None:
    edges = resolved({"app": AppEndpoint("back"), "task": TaskRef("words.count", project="other")})
    app, task = edges.inputs
    assert isinstance(app, AppEdge)
    assert isinstance(task, TaskEdge)
    assert app.link.url == "http://127.0.0.1:8480/apps/shop/development/back"
    assert (task.link.project, task.link.domain, task.link.version) == ("other", "development", None)
    assert edges.callees("shop", "development") == [], "a name orders nothing"


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
    entry = read.inputs["backend"]
    assert isinstance(entry, contract.AppInput)
    assert (entry.timeout, entry.retries) == (3, 1)


def test_secrets_are_named_by_key_and_variable_never_by_value() -> None:
    variables = written({}, {"WEBHOOK_API_KEY": SecretLink("webhook-api-key", "v1")})
    assert contract.Wiring.from_json(variables[contract.WIRING_VARIABLE]).secrets == {
        "webhook-api-key": "WEBHOOK_API_KEY"
    }
    assert "WEBHOOK_API_KEY" not in variables


ILLEGAL = ["", "1st", "with-dash", "with space", "ünï", "a.b", "_u_ep_override", "flyte_internal_x", "port"]


@pytest.mark.parametrize("alias", ILLEGAL)
def test_an_alias_that_cannot_be_a_variable_is_a_problem(alias: str) -> None:
    assert alias_problem(alias) is not None


def test_placeholders_name_everything_and_hold_nothing_real() -> None:
    edges = resolved({"backend": AppLink("shop", "development", "b", "http://real"), "text": "a"}, {"KEY": KEY})
    placeholders = variables.placeholder_variables("app", edges, "local")
    assert {"BACKEND", "TEXT", "KEY", contract.WIRING_VARIABLE} <= placeholders.keys()
    assert "real" not in "".join(placeholders.values())
