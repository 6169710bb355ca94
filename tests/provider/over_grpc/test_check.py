"""Check reports all problems, each with path, value and suggestion, and never a secret's value."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret

from tests.provider.over_grpc.plugin import Plugin

APP, TASK, SECRET = "flyte:api:App", "flyte:api:Task", "flyte:api:Secret"
TRIGGER, PROJECT, SERVER = "flyte:api:Trigger", "flyte:api:Project", "flyte:local:Server"
GOOD: dict[str, dict[str, Any]] = {
    APP: {"name": "web", "image": "nginx"},
    TASK: {"name": "env.task", "version": "v1", "image": "py"},
    SECRET: {"name": "key", "value": "x"},
    TRIGGER: {"name": "nightly", "task": "env.task", "taskVersion": "v1", "cron": "0 2 * * *"},
    PROJECT: {"name": "shop"},
    SERVER: {},
}

CASES: list[tuple[str, dict[str, Any], str, str]] = [
    (APP, {"name": "Web_App"}, "name: ", "for example 'web-app'"),
    (APP, {"name": "a" * 31}, "name: ", "at most 30 characters, this one has 31"),
    (APP, {"name": 5}, "name: ", "expected a text (got 5)"),
    (APP, {"name": None}, "name: ", "it is required"),
    (APP, {"project": "No_Good"}, "project: ", "lower-case letters"),
    (APP, {"domain": "x" * 64}, "domain: ", "at most 63 characters"),
    (APP, {"port": 8012}, "port: ", "Flyte reserves the ports 8012"),
    (APP, {"port": 70000}, "port: ", "between 1 and 65535"),
    (APP, {"port": 80.5}, "port: ", "expected a whole number"),
    (APP, {"port": "8080"}, "port: ", "expected a whole number (got '8080')"),
    (APP, {"port": True}, "port: ", "expected a whole number"),
    (APP, {"prot": 1}, "prot: ", "did you mean 'port'?"),
    (APP, {"imagge": "x"}, "imagge: ", "did you mean 'image'?"),
    (APP, {"image": None}, "image: ", "an app needs an image"),
    (APP, {"image": ""}, "image: ", "must not be empty"),
    (APP, {"command": "serve"}, "command: ", "expected a list (got 'serve')"),
    (APP, {"args": [1]}, "args[0]: ", "expected a text (got 1)"),
    (APP, {"env": {"A": 1}}, "env.A: ", "expected a text (got 1)"),
    (APP, {"env": {"1A": "x"}}, 'env["1A"]: ', "starts with no digit"),
    (APP, {"env": {"PULUMI_FLYTE": "x"}}, "env.PULUMI_FLYTE: ", "sets this variable itself"),
    (APP, {"env": "A=1"}, "env: ", "expected a mapping"),
    (APP, {"secrets": [{"key": "a b"}]}, "secrets[0].key: ", "letters, digits"),
    (APP, {"secrets": [{"key": "a", "envVar": "lower"}]}, "secrets[0].envVar: ", "upper-case"),
    (APP, {"secrets": [{"key": "a", "mount": "/x"}]}, "secrets[0].mount: ", "/etc/flyte/secrets"),
    (APP, {"secrets": [{"keyy": "a"}]}, "secrets[0].key: ", "it is required"),
    (APP, {"secrets": [{"key": "a"}, {"key": "A"}]}, "secrets[1]: ", "the variable A is set twice"),
    (APP, {"secrets": [{"key": "a"}], "env": {"A": "1"}}, "secrets[0]: ", "the variable A is set twice"),
    (APP, {"resources": {"requests": {"cpu": "lots"}}}, "resources.requests.cpu: ", "such as 500m"),
    (APP, {"resources": {"requests": {"cpu": 1}}}, "resources.requests.cpu: ", "expected a text (got 1)"),
    (
        APP,
        {"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}},
        "resources.requests.cpu: ",
        "above the limit 1",
    ),
    (TASK, {"resources": {"requests": {"gpu": "2"}, "limits": {"gpu": "1"}}}, "resources.requests.gpu: ", "above"),
    (APP, {"resources": {"request": {}}}, "resources.request: ", "did you mean 'requests'?"),
    (APP, {"resources": {"requests": {"memroy": "1"}}}, "resources.requests.memroy: ", "did you mean 'memory'?"),
    (APP, {"resources": {"accelerator": {}}}, "resources.accelerator.device: ", "it is required"),
    (APP, {"scaling": {"minReplicas": -1}}, "scaling.minReplicas: ", "at least 0 (got -1)"),
    (APP, {"scaling": {"maxReplicas": 0}}, "scaling.maxReplicas: ", "at least 1 (got 0)"),
    (APP, {"scaling": {"minReplicas": 3, "maxReplicas": 2}}, "scaling: ", "minReplicas (3) is greater than"),
    (APP, {"scaling": {"concurrency": 1, "requestRate": 1}}, "scaling: ", "give concurrency or requestRate"),
    (APP, {"timeouts": {"request": 4000}}, "timeouts.request: ", "between 0 and 3600"),
    (APP, {"links": [{"path": ""}]}, "links[0].path: ", "must not be empty"),
    (APP, {"description": "x" * 101}, "description: ", "at most 100 characters, this has 101"),
    (APP, {"health": {"path": "healthz"}}, "health.path: ", "starts with '/'"),
    (APP, {"bundle": "abc"}, "bundle: ", "64 hexadecimal digits"),
    (APP, {"command": ["{{bundle}}"]}, "command: ", "needs the property bundle"),
    (APP, {"env": {"V": "{{version}}"}}, "env: ", "needs the property version"),
    (APP, {"version": "v" * 64}, "version: ", "at most 63 characters"),
    (APP, {"active": "no"}, "active: ", "expected true or false"),
    (TASK, {"name": "-x"}, "name: ", "a task name is"),
    (TASK, {"version": ""}, "version: ", "must not be empty"),
    (TASK, {"version": None}, "version: ", "it is required"),
    (TASK, {"template": {"taskTemplat": {}}}, "template: ", "not the protobuf JSON"),
    (TASK, {"args": ["{{bundle}}"]}, "args: ", "needs the property bundle"),
    (SECRET, {"name": "a.b"}, "name: ", "letters, digits"),
    (SECRET, {"value": None}, "value: ", "it is required (or existing=true"),
    (SECRET, {"value": ""}, "value: ", "missing configuration value?"),
    (SECRET, {"existing": True}, "value: ", "takes no value"),
    (SECRET, {"project": "a", "domain": ""}, "project: ", "needs a domain"),
    (TRIGGER, {"cron": "99 * * * *"}, "cron: ", "not a cron expression"),
    (TRIGGER, {"cron": "0 2 * *"}, "cron: ", "five fields"),
    (TRIGGER, {"cron": "0 2 * * 7"}, "cron: ", "write 0 for 7"),
    (TRIGGER, {"intervalMinutes": 5}, "cron: ", "not both"),
    (TRIGGER, {"cron": None, "intervalMinutes": 0}, "intervalMinutes: ", "at least 1"),
    (TRIGGER, {"timezone": "Mars/Olympus"}, "timezone: ", "IANA name"),
    (TRIGGER, {"cron": None, "timezone": "UTC"}, "timezone: ", "only a cron expression"),
    (TRIGGER, {"startTime": "2026-01-01T00:00:00Z"}, "startTime: ", "only a fixed interval"),
    (TRIGGER, {"cron": None, "intervalMinutes": 5, "startTime": "soon"}, "startTime: ", "RFC 3339"),
    (TRIGGER, {"inputs": [{"nme": "x"}]}, "inputs[0]: ", "not the protobuf JSON"),
    (TRIGGER, {"cron": "0 0 31 2 *"}, "cron: ", "it never fires"),
    (TRIGGER, {"name": "bad name!"}, "name: ", "letters, digits, '-', '_' and '.'"),
    (TRIGGER, {"name": "a/b"}, "name: ", "letters, digits"),
    (TRIGGER, {"name": ""}, "name: ", "must not be empty"),
    (TRIGGER, {"taskVersion": None}, "taskVersion: ", "it is required"),
    (PROJECT, {"name": "My Project"}, "name: ", "lower-case letters"),
    (PROJECT, {"labels": {"pulumi-flyte-owner": "x"}}, "labels.pulumi-flyte-owner: ", "sets this label itself"),
    (SERVER, {"port": 0}, "port: ", "between 1 and 65535"),
    (SERVER, {"hoem": "/x"}, "hoem: ", "did you mean 'home'?"),
]


@pytest.mark.parametrize(
    ("token", "change", "path", "reason"), CASES, ids=[f"{c[0]}-{c[2]}{n}" for n, c in enumerate(CASES)]
)
def test_bad_inputs_have_one_clear_message(
    flyte: Plugin, token: str, change: dict[str, Any], path: str, reason: str
) -> None:
    inputs = {**GOOD[token], **change}
    problems = flyte.failures(token, "it", inputs)
    matching = [text for text in problems if text.startswith(path) and reason in text]
    assert matching, problems
    assert len(problems) <= 2, problems


@pytest.mark.parametrize("token", GOOD)
def test_good_inputs_pass(flyte: Plugin, token: str) -> None:
    assert flyte.failures(token, "it", GOOD[token]) == []


def test_all_problems_come_at_once(flyte: Plugin) -> None:
    inputs = {"name": "Web_App", "port": 9090, "prot": 1, "env": {"A": 1}, "scaling": {"maxReplicas": 0}}
    paths = [text.split(":")[0] for text in flyte.failures(APP, "web", inputs)]
    assert sorted(paths) == ["env.A", "image", "name", "port", "prot", "scaling.maxReplicas"]


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"env": {"A": Secret("c4n4ry")}, "version": Secret("v1")}, ["env.A"]),
        ({"env": {"FLYTE_WIRING": Secret("{}"), "A": Secret("c4n4ry")}, "version": Secret("v1")}, ["env.A"]),
        ({"env": {"FLYTE_WIRING": Secret("{}")}, "version": Secret("v1")}, ["env.FLYTE_WIRING"]),
        ({"env": {"FLYTE_WIRING": Secret("{}")}, "args": [Secret("x")]}, ["args[0]", "env.FLYTE_WIRING"]),
        ({"env": Secret({"A": "c4n4ry"}), "version": Secret("v1")}, ["env"]),
        ({"version": Secret("v1")}, ["version"]),
    ],
)
def test_a_secret_is_reported_where_it_was_given_and_not_where_it_was_derived(
    flyte: Plugin, change: dict[str, Any], paths: list[str]
) -> None:
    problems = flyte.failures(APP, "web", {**GOOD[APP], **change})
    assert sorted(text.split(": ")[0] for text in problems) == paths


def test_a_leap_day_is_a_schedule(flyte: Plugin) -> None:
    assert flyte.failures(TRIGGER, "it", {**GOOD[TRIGGER], "name": "leap.day_1-a", "cron": "0 0 29 2 *"}) == []


def test_values_of_secrets_are_never_shown(flyte: Plugin) -> None:
    inputs = {
        **GOOD[APP],
        "env": Secret({"A": 12345678}),
        "args": ["x", Secret(12345678)],
        "scaling": {"minReplicas": Secret(-12345678)},
    }
    problems = flyte.failures(APP, "web", inputs)
    assert problems
    assert "12345678" not in "".join(problems)


@pytest.mark.parametrize(("token", "inputs"), GOOD.items())
def test_unknown_values_pass_everywhere(flyte: Plugin, token: str, inputs: dict[str, Any]) -> None:
    assert flyte.failures(token, "it", dict.fromkeys(inputs, UNKNOWN)) == []


@pytest.mark.parametrize("token", [APP, TASK, SECRET, TRIGGER])
def test_project_and_domain_default_to_those_of_the_stack(flyte: Plugin, token: str) -> None:
    flyte.stack = "bob"
    checked = flyte.check(token, "mine", GOOD[token])
    assert (checked["project"], checked["domain"]) == ("shop-bob", "development")
    flyte.stack = "prod"
    checked = flyte.check(token, "ours", GOOD[token])
    assert (checked["project"], checked["domain"]) == ("shop", "production")


def test_a_pulumi_project_that_is_no_flyte_project_gets_one_that_is(flyte: Plugin) -> None:
    flyte.project = "My.Project"
    checked = flyte.check(APP, "web", GOOD[APP])
    assert re.fullmatch(r"my-project-[0-9a-f]{8}", checked["project"])


def test_configured_scopes_win_over_those_of_the_stack(flyte: Plugin) -> None:
    flyte.stack = "bob"
    flyte.configure(project="team", domain="staging")
    checked = flyte.check(APP, "web", GOOD[APP])
    assert (checked["project"], checked["domain"]) == ("team", "staging")


def test_two_resources_of_one_object_are_found(flyte: Plugin) -> None:
    for token in (TASK, SECRET, TRIGGER, PROJECT):
        flyte.check(token, "one", GOOD[token])
        flyte.check(token, "one", GOOD[token])
        (problem,) = flyte.failures(token, "two", GOOD[token])
        assert "another resource ('one') declares" in problem
