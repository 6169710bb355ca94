"""Options that a component cannot carry out are refused with a way out."""

from __future__ import annotations

import pulumi
import pytest
from pulumi_flyte.engine.object_options import ObjectProperties
from pulumi_flyte.engine.option_checks import check_options
from pulumi_flyte.platforms.flyte_api.object_properties import APP, SECRET, TASK
from pulumi_flyte.problems import Problems
from pulumi_flyte.version import VERSION


def problems_of(options: pulumi.ResourceOptions, properties: ObjectProperties | None = APP, kind: str = "App") -> str:
    problems = Problems()
    check_options(options, kind, properties, problems)
    return "\n".join(map(str, problems))


@pytest.mark.parametrize(
    "options",
    [
        pulumi.ResourceOptions(protect=True, retain_on_delete=True, delete_before_replace=True, version=VERSION),
        pulumi.ResourceOptions(ignore_changes=["env.A", "scaling", "serviceAccount", "console_links"]),
        pulumi.ResourceOptions(replace_on_changes=["*"], hide_diffs=["env"], replacement_trigger="1"),
        pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="1h30m", update="90s")),
        pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(delete="0.5h")),
    ],
)
def test_what_works_is_no_problem(options: pulumi.ResourceOptions) -> None:
    assert problems_of(options) == ""


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (pulumi.ResourceOptions(import_="shop/development/web"), "opts.import_: a component has no id"),
        (pulumi.ResourceOptions(version="9.9.9"), f"the installed package, {VERSION}"),
        (pulumi.ResourceOptions(additional_secret_outputs=["endpoint"]), "pulumi.Output.secret()"),
        (pulumi.ResourceOptions(ignore_changes=["env"]), "such as env.LOG_LEVEL"),
        (pulumi.ResourceOptions(ignore_changes=["scalng"]), "did you mean 'scaling'?"),
        (pulumi.ResourceOptions(ignore_changes=["source"]), "known: active, console_links"),
        (pulumi.ResourceOptions(ignore_changes=["scaling.replicas"]), "the whole argument"),
        (pulumi.ResourceOptions(ignore_changes=["*"]), "does not take this argument"),
        (pulumi.ResourceOptions(replace_on_changes=["inputs"]), "opts.replace_on_changes: this option does not take"),
        (pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="3 minutes")), '"90s", "5m" or "1h30m"'),
    ],
)
def test_what_has_no_effect_is_refused(options: pulumi.ResourceOptions, text: str) -> None:
    assert text in problems_of(options)
    assert problems_of(options).count("opts.") == 1


def test_each_component_has_its_rules() -> None:
    assert "hash of all its arguments" in problems_of(pulumi.ResourceOptions(ignore_changes=["image"]), TASK, "Task")
    assert problems_of(pulumi.ResourceOptions(ignore_changes=["value"]), SECRET, "Secret") == ""
    several = problems_of(pulumi.ResourceOptions(ignore_changes=["env"], replacement_trigger="1"), None, "Environment")
    assert several.count("stands for no single object") == 2


def test_what_pulumi_merges_binds_a_hook_only_where_somebody_has_bound_one() -> None:
    async def log(args: pulumi.ResourceHookArgs) -> None: ...

    parent, child = pulumi.ResourceOptions(protect=True), pulumi.ResourceOptions(depends_on=[])
    assert problems_of(pulumi.ResourceOptions.merge(parent, child), None) == ""
    parent.hooks = pulumi.ResourceHookBinding(after_create=[log])
    assert "opts.hooks: it has no effect" in problems_of(pulumi.ResourceOptions.merge(parent, child), None)


def test_a_value_of_a_wrong_type_is_named() -> None:
    options = pulumi.ResourceOptions()
    options.deleted_with = "shop"  # type: ignore[assignment]
    options.protect = "yes"  # type: ignore[assignment]
    options.ignore_changes = "env"  # type: ignore[assignment]
    text = problems_of(options)
    for expected in (
        "opts.deleted_with: expected a component",
        "opts.protect: expected True",
        'such as ["description"]',
    ):
        assert expected in text
