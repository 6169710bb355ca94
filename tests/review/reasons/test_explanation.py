"""A report explains why a workload changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from pulumi_flyte.notation.engine_marks import SECRET, UNKNOWN
from pulumi_flyte.workload.manifest import configuration_manifest
from pulumi_flyte_review.model.preview import Json, Snapshot, Step
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    ConfigurationReason,
    FileReason,
    PackageReason,
    Reason,
    SecretReason,
    UpstreamReason,
)
from pulumi_flyte_review.report.building import report_of

from tests.review.report.previews import PLACE, component, preview, resource, urn


def environment(settings: tuple[Json, Json], configuration: tuple[Mapping[str, str], Mapping[str, str]]) -> Step:
    before, after = (
        Snapshot({}, {"settings": each, "manifest": configuration_manifest(values)})
        for each, values in zip(settings, configuration, strict=True)
    )
    return Step(
        urn("flyte:index:Environment", "shop"), "flyte:index:Environment", "same", None, before=before, after=after
    )


def reasons(*steps: Step, name: str = "web") -> tuple[Reason, ...]:
    return next(change.reasons for change in report_of(preview(*steps)).changes if change.name == name)


def app(before: Mapping[str, Json], after: Mapping[str, Json], *paths: str) -> list[Step]:
    step = component("App", "web", operation="update", before=before, after=after)
    return [step, resource("flyte:api:App", "web", step, *(paths or ("version",)))]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ({"requiresAuth": True}, {}, ArgumentReason("requires_auth", True, None)),
        (
            {"scaling": {"scaledownAfter": 5}},
            {"scaling": {"scaledownAfter": 9}},
            ArgumentReason("scaling.scaledown_after", 5, 9),
        ),
        ({"env": {"logLevel": "a"}}, {"env": {"logLevel": "b"}}, ArgumentReason("env.logLevel", "a", "b")),
        ({"command": ["a"]}, {"command": ["a", "b"]}, ArgumentReason("command", ["a"], ["a", "b"])),
    ],
)
def test_an_argument_has_the_name_that_a_program_in_python_gives_it(
    before: Mapping[str, Json], after: Mapping[str, Json], reason: Reason
) -> None:
    assert reasons(*app(before, after)) == (reason,)


def test_whole_numbers_of_other_languages_are_no_difference() -> None:
    assert reasons(*app({"port": 8080, "retries": 1}, {"port": 8080.0, "retries": 2})) == (
        ArgumentReason("retries", 1, 2),
    )


def test_a_hidden_value_is_named_by_the_resource_that_it_reaches() -> None:
    inputs = {"env": {"DSN": SECRET, "OTHER": SECRET}}
    assert reasons(*app(inputs, inputs, "env.DSN", "version")) == (
        ArgumentReason("env.DSN", SECRET, SECRET, secret=True),
    )


def test_another_value_of_a_secret_is_one_reason() -> None:
    step = component("Secret", "key", operation="update", before={"value": SECRET}, after={"value": SECRET})
    assert reasons(step, resource("flyte:api:Secret", "key", step, "value"), name="key") == (SecretReason("key"),)


def test_a_value_of_the_configuration_leads_to_its_key() -> None:
    shop = environment(({}, {}), ({"shop:level": "info", "shop:x": "1"}, {"shop:level": "debug", "shop:x": "1"}))
    assert reasons(shop, *app({"env": {"L": "info"}}, {"env": {"L": "debug"}})) == (
        ConfigurationReason("shop:level"),
        ArgumentReason("env.L", "info", "debug"),
    )


def test_a_key_that_replaces_a_default_is_named() -> None:
    shop = environment(({}, {}), ({"shop:x": "1"}, {"shop:x": "1", "shop:level": "debug"}))
    assert ConfigurationReason("shop:level") in reasons(shop, *app({"env": {"L": "info"}}, {"env": {"L": "debug"}}))


def test_settings_of_an_environment_lead_to_the_configuration() -> None:
    old, new = {"project": "shop"}, {"project": "store"}
    shop = environment((old, new), ({"a:b": "c"}, {"a:b": "c", "flyte:project": "store"}))
    steps = [shop, *app({"environment": old}, {"environment": new})]
    assert reasons(*steps) == (UpstreamReason("environment shop", "settings"),)
    assert reasons(*steps, name="shop") == (ConfigurationReason("flyte:project"),)


def test_another_reference_is_an_argument_and_the_same_one_an_upstream() -> None:
    def link(name: str, **parts: str) -> Json:
        return {"kind": "app", "name": name, **PLACE, **parts}

    before = {"inputs": {"a": link("api", url="http://1"), "b": link("api"), "c": {"to": link("api"), "timeout": 1}}}
    after = {"inputs": {"a": link("api", url="http://2"), "b": link("page"), "c": {"to": link("api"), "timeout": 2}}}
    assert reasons(*app(before, after)) == (
        UpstreamReason("app api", "endpoint"),
        ArgumentReason("inputs.b", "app api", "app page"),
        ArgumentReason("inputs.c.timeout", 1, 2),
    )


def test_files_and_packages_come_from_the_manifests() -> None:
    step = component(
        "App",
        "web",
        files=({"a.py": "1", "b.py": "1", "c.py": "1"}, {"a.py": "2", "c.py": "1", "d.py": "1"}),
        packages=({"six": "1", "pulumi-flyte": "1"}, {"six": "2", "pulumi-flyte": "2"}),
    )
    assert reasons(step, resource("flyte:api:App", "web", step, "bundle")) == (
        FileReason("a.py", "update"),
        FileReason("b.py", "delete"),
        FileReason("d.py", "add"),
        PackageReason("six", "1", "2"),
    )


def test_another_version_of_pulumi_flyte_explains_only_what_nothing_else_does() -> None:
    step = component("App", "web", packages=({"pulumi-flyte": "1"}, {"pulumi-flyte": "2"}))
    assert reasons(step, resource("flyte:api:App", "web", step, "env.NEW")) == (
        PackageReason("pulumi-flyte", "1", "2"),
    )


def test_credentials_change_with_the_callees_key_and_not_with_the_callers_name() -> None:
    step = component("App", "web", operation="update", before={"name": "a"}, after={"name": "b"})
    credential = {"audience": "shop/development/api", "caller": "x"}
    for path, expected in (("caller", False), ("privateKey", True)):
        token = resource("flyte:api:EdgeCredential", "web-calls-api", step, path, before=credential, after=credential)
        assert (UpstreamReason("app api", "credential") in reasons(step, token)) is expected


@pytest.mark.parametrize("settings", [({"endpoint": "a"}, UNKNOWN), (None, {"endpoint": "a"})])
def test_settings_that_are_not_known_as_a_whole_name_no_key(settings: tuple[Json, Json]) -> None:
    step = replace(environment(settings, ({"flyte:endpoint": "a"}, {"flyte:endpoint": "b"})), operation="update")
    assert reasons(step, name="shop") == ()


def test_credential_whose_audience_is_not_known_yet_names_the_app_as_it_was() -> None:
    step = component("App", "web", operation="update")
    before, after = {"audience": "shop/development/api"}, {"audience": UNKNOWN}
    credential = resource("flyte:api:EdgeCredential", "web-api", step, "audience", before=before, after=after)
    assert reasons(step, credential) == (UpstreamReason("app api", "credential"),)


def test_the_first_key_of_a_configuration_is_named() -> None:
    settings: Json = {"project": "shop"}
    place = environment((settings, settings), ({}, {"shop:level": "debug"}))
    steps = app({"env": {"LEVEL": "info"}}, {"env": {"LEVEL": "debug"}})
    expected = (ConfigurationReason("shop:level"), ArgumentReason("env.LEVEL", "info", "debug"))
    assert reasons(place, *steps) == expected
    assert place.before is not None
    unread = replace(place, before=replace(place.before, outputs={"settings": settings}))
    assert reasons(unread, *steps) == expected[1:], "a state without a manifest tells nothing of the configuration"
