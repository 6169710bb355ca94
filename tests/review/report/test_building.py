"""A preview as a report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pulumi_flyte_review.commands.exit_codes import exit_code
from pulumi_flyte_review.model.preview import Json, PropertyChange, Step
from pulumi_flyte_review.model.reason import FileReason, PropertyReason, SecretReason, UpstreamReason
from pulumi_flyte_review.rendering.markdown import markdown
from pulumi_flyte_review.rendering.terminal import terminal
from pulumi_flyte_review.report.building import report_of

from tests.review.report.previews import PLACE, component, preview, resource


def test_a_changed_file_is_named_and_reaches_who_is_pinned_to_the_task() -> None:
    task = component("Task", "resize", files=({"tasks.py": "1"}, {"tasks.py": "2"}))
    old, new = ({"inputs": {"resize": {"kind": "task", "name": "resize", **PLACE, "version": each}}} for each in "12")
    app = component("App", "web", operation="update", before=old, after=new)
    report = report_of(
        preview(
            task,
            resource("flyte:api:Task", "resize", task, "bundle", "version"),
            app,
            resource("flyte:api:App", "web", app, "env.RESIZE"),
        )
    )
    assert {change.name: change.reasons for change in report.changes} == {
        "resize": (FileReason("tasks.py", "update"),),
        "web": (UpstreamReason("task", "resize", "version"),),
    }
    assert {change.name: change.restarts for change in report.changes} == {"resize": False, "web": True}


def test_a_caller_by_name_is_a_dependent() -> None:
    api = component("App", "api", files=({"api.py": "1"}, {"api.py": "2"}))
    inputs: dict[str, Json] = {"environment": {**PLACE}, "inputs": {"api": {"app": "api"}}}
    web = component("App", "web", before=inputs, after=inputs)
    (change,) = report_of(preview(api, resource("flyte:api:App", "api", api, "bundle"), web)).changes
    assert (change.name, change.dependents) == ("api", ("app web",))


def test_a_secret_whose_value_changes_is_named() -> None:
    secret = component("Secret", "key")
    report = report_of(preview(secret, resource("flyte:api:Secret", "key", secret, "value")))
    assert [(change.name, change.reasons) for change in report.changes] == [("key", (SecretReason("key"),))]


def test_what_nothing_explains_is_a_property() -> None:
    app = component("App", "web")
    report = report_of(
        preview(app, resource("flyte:api:App", "web", app, "port", before={"port": 1}, after={"port": 2}))
    )
    (change,) = report.changes
    assert change.reasons == (PropertyReason("flyte:api:App web", "port", 1, 2),)


def test_deletions_and_replacements_come_first() -> None:
    web, old, key = component("App", "web"), component("App", "old", operation="delete"), component("Secret", "key")
    report = report_of(
        preview(
            web,
            resource("flyte:api:App", "web", web, "bundle"),
            key,
            resource("flyte:api:Secret", "key", key, "name", operation="replace", replaces=True),
            old,
            resource("flyte:api:App", "old", old, operation="delete"),
        )
    )
    assert [(change.operation, change.name) for change in report.changes] == [
        ("delete", "old"),
        ("replace", "key"),
        ("update", "web"),
    ]
    assert report.changes[1].replaced_because == ("name",)


def test_resources_of_others_are_counted_and_named() -> None:
    bucket = Step("urn:pulumi:dev::shop::aws:s3:Bucket::logs", "aws:s3:Bucket", "create")
    report = report_of(preview(bucket))
    assert report.changes == ()
    assert (report.others.counts, report.others.names) == ({"create": 1}, {"create": ("aws:s3:Bucket logs",)})


@pytest.mark.parametrize(("gone", "operation"), [(True, "delete"), (False, "update")])
def test_drift_of_a_resource_of_no_workload_is_counted(gone: bool, operation: str) -> None:
    bucket = Step("urn:pulumi:dev::shop::aws:s3:Bucket::logs", "aws:s3:Bucket", "same")
    drifted = replace(bucket, gone=gone, drifted=() if gone else (PropertyChange("acl", "update"),))
    report = report_of(preview(drifted), drift=True)
    assert report.others.names == {operation: ("aws:s3:Bucket logs",)}
    assert exit_code(report, ("drift",)) == 3
    word = "deleted" if gone else "changed"
    assert markdown(report) == (
        f"### `shop/dev`: 1 changed outside of Pulumi\n\n- **{word} 1 other resource**: `aws:s3:Bucket logs`\n"
    )
    assert f"{word} 1 other: aws:s3:Bucket logs" in terminal(report)
