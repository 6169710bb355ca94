"""A preview as a report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pulumi_flyte.notation.engine_marks import SECRET, UNKNOWN
from pulumi_flyte_review.commands.exit_codes import exit_code
from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Diagnostic, Json, PropertyChange, Snapshot, Step
from pulumi_flyte_review.model.reason import DriftReason, FileReason, PropertyReason, SecretReason, UpstreamReason
from pulumi_flyte_review.model.report import Loss, Rename
from pulumi_flyte_review.rendering.markdown import markdown
from pulumi_flyte_review.rendering.terminal import terminal
from pulumi_flyte_review.report.building import report_of

from tests.review.report.previews import PLACE, component, preview, resource, urn


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
        "web": (UpstreamReason("task resize", "version"),),
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
    assert change.reasons == (PropertyReason("port", "flyte:api:App web", 1, 2),)


def test_the_order_of_the_engines_events_does_not_matter() -> None:
    old: dict[str, Json] = {**PLACE}
    new: dict[str, Json] = {**PLACE, "registry": "r"}
    before, after = (Snapshot({}, {"settings": each}) for each in (old, new))
    environments = [replace(component("Environment", name), before=before, after=after) for name in ("first", "second")]
    app = component("App", "web", before={"environment": old}, after={"environment": new})
    other = component("App", "other")
    steps = [
        *environments,
        app,
        resource("kubernetes:core/v1:Service", "web", app, "spec.type"),
        resource("kubernetes:apps/v1:Deployment", "web", app, "spec.replicas"),
        other,
        resource("kubernetes:core/v1:Service", "other", other, "spec.type"),
        resource("kubernetes:apps/v1:Deployment", "other", other, "spec.replicas"),
    ]
    report = report_of(preview(*steps))
    assert [change.name for change in report.changes] == ["first", "other", "web"]
    assert report_of(preview(*reversed(steps))) == report


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
    assert report.others == {"create": ("aws:s3:Bucket logs",)}


@pytest.mark.parametrize(("gone", "operation"), [(True, "delete"), (False, "update")])
def test_drift_of_a_resource_of_no_workload_is_counted(gone: bool, operation: str) -> None:
    bucket = Step("urn:pulumi:dev::shop::aws:s3:Bucket::logs", "aws:s3:Bucket", "same")
    drifted = replace(bucket, gone=gone, drifted=() if gone else (PropertyChange("acl", "update"),))
    report = report_of(preview(drifted), drift=True)
    assert report.others == {operation: ("aws:s3:Bucket logs",)}
    assert exit_code(report, ("drift",)) == 3
    word = "deleted" if gone else "changed"
    assert markdown(report) == (
        f"### `shop/dev`: 1 changed outside of Pulumi\n\n- **{word} 1 other resource**: `aws:s3:Bucket logs`\n"
    )
    assert f"{word} 1 other: aws:s3:Bucket logs" in terminal(report)


def stack_step(before: dict[str, Json], after: dict[str, Json]) -> Step:
    kind = "pulumi:pulumi:Stack"
    return Step(urn(kind, "shop-dev"), kind, "same", None, Snapshot({}, before), Snapshot({}, after))


def test_outputs_of_the_stack_that_change_are_named_and_secret_values_are_not_shown() -> None:
    before: dict[str, Json] = {"url": "http://a", "urls": {"web": "1", "api": "2"}, "old": 1, "key": SECRET, "same": 1}
    after: dict[str, Json] = {
        "url": UNKNOWN,
        "urls": {"web": "1", "api": "3"},
        "new": SECRET,
        "key": "plain",
        "same": 1.0,
        "fresh": UNKNOWN,
    }
    report = report_of(preview(stack_step(before, after)))
    assert report.exports == (
        ExportChange("fresh", "add", None, UNKNOWN),
        ExportChange("key", "update", SECRET, "plain"),
        ExportChange("new", "add", None, SECRET),
        ExportChange("old", "delete", 1, None),
        ExportChange("url", "update", "http://a", UNKNOWN),
        ExportChange("urls.api", "update", "2", "3"),
    )
    assert markdown(report) == (
        "### `shop/dev`: changes 4 outputs\n\n"
        "- **output `old` is removed, which breaks its readers (it was `1`)**\n\n"
        "- output `key`: `[secret]` → `plain`\n"
        "- output `new` is new: `[secret]`\n"
        "- output `urls.api`: `2` → `3`\n"
        "- outputs whose values are known only after the update: `fresh`, `url`\n"
    )
    assert exit_code(report) == 2
    assert "output urls.api: 2 → 3" in terminal(report)


def test_workloads_of_one_name_below_components_of_different_types_are_two() -> None:
    steps: list[Step] = []
    for owner in ("Shop", "Store"):
        app = component("App", "web", files=({"web.py": "1"}, {"web.py": "1" if owner == "Shop" else "2"}))
        link = {"link": {"kind": "app", "name": f"{owner}-web".lower(), **PLACE}}
        assert app.before is not None
        assert app.after is not None
        app = replace(
            app,
            urn=urn(f"team:index:{owner}$flyte:index:App", "web"),
            before=replace(app.before, outputs={**app.before.outputs, **link}),
            after=replace(app.after, outputs={**app.after.outputs, **link}),
        )
        steps += [app, *([resource("flyte:api:App", "web", app, "bundle")] if owner == "Store" else [])]
    inputs: dict[str, Json] = {"inputs": {"web": {"kind": "app", "name": "shop-web", **PLACE}}}
    report = report_of(preview(*steps, component("App", "page", before=inputs, after=inputs)))
    (change,) = report.changes
    assert (change.name, change.dependents) == ("Store/web", ()), "the page calls the other one"
    assert {node.name: node.operation for node in report.graph.nodes} == {
        "Shop/web": "same",
        "Store/web": "update",
        "page": "same",
    }
    assert [edge.callee for edge in report.graph.edges] == ["app Shop/web"]


def test_a_replacement_below_a_workload_is_named_and_counts() -> None:
    app = component("App", "web")
    report = report_of(
        preview(
            app,
            resource("kubernetes:apps/v1:Deployment", "web", app, "spec.template"),
            resource("kubernetes:core/v1:Service", "web", app, "spec.clusterIP", operation="replace", replaces=True),
        )
    )
    (change,) = report.changes
    assert change.operation == "update"
    assert change.losses == (Loss("kubernetes:core/v1:Service web", "replace", ("spec.clusterIP",)),)
    assert exit_code(report, ("replace",)) == 3
    assert exit_code(report, ("delete",)) == 2
    assert "replaces `kubernetes:core/v1:Service web`: `spec.clusterIP` cannot change in place" in markdown(report)


def test_a_resource_that_an_earlier_update_left_is_named_and_counts_as_a_deletion() -> None:
    app = component("App", "web")
    service = replace(resource("kubernetes:core/v1:Service", "web", app, operation="same"), leftover=True)
    bucket = Step("urn:pulumi:dev::shop::aws:s3:Bucket::logs", "aws:s3:Bucket", "same", leftover=True)
    report = report_of(preview(app, service, bucket))
    (change,) = report.changes
    assert (change.losses, change.resources) == ((Loss("kubernetes:core/v1:Service web", "delete"),), (service.urn,))
    assert report.others == {"delete": ("aws:s3:Bucket logs (an earlier update left it)",)}
    assert exit_code(report, ("delete",)) == 3
    assert "deletes `kubernetes:core/v1:Service web`, which an earlier update left to be deleted" in markdown(report)


def test_drift_that_the_update_leaves_alone_is_no_update() -> None:
    app = component("App", "web")
    drifted = replace(
        resource("flyte:api:App", "web", app, operation="same", before={"active": True}),
        drifted=(PropertyChange("active", "update"),),
        live=Snapshot({"active": False}),
    )
    report = replace(report_of(preview(app, drifted)), token="r1.x")
    (change,) = report.changes
    assert (change.operation, change.reasons) == ("same", (DriftReason("active", True, False),))
    assert [exit_code(report), exit_code(report, ("drift",))] == [0, 3]
    assert markdown(report) == (
        "### `shop/dev`: leaves 1\n\n"
        "- **leaves app `web`** (the update does not undo the drift): `active`: `true` → `false` outside of Pulumi\n"
    )


@pytest.mark.parametrize(("flyte_name", "hint"), [("web", None), (None, "web")])
def test_a_workload_that_comes_as_another_one_goes_looks_like_a_rename(
    flyte_name: str | None, hint: str | None
) -> None:
    inputs: dict[str, Json] = {"source": "web.py:app", "environment": {**PLACE}}
    arguments: dict[str, Json] = {} if flyte_name is None else {"name": flyte_name}
    files = {"web.py": "1"}
    old = component("App", "web", operation="delete", before={**inputs, **arguments}, files=(files, {}))
    new = component("App", "page", operation="create", after={**inputs, **arguments}, files=({}, files))
    report = report_of(preview(old, new))
    assert [change.rename for change in report.changes] == [Rename("page"), Rename("web", hint)]
    way = '`opts=ResourceOptions(aliases=[Alias(name="web")])`' + (f' and `name="{hint}"`' if hint else "")
    keep = "keep" if hint else "keeps"
    assert f"it looks like app `web` under another name: {way} {keep} that one" in markdown(report)
    other = component("App", "page", operation="create", after={**inputs, **arguments}, files=({}, {"web.py": "2"}))
    assert {change.rename for change in report_of(preview(old, other)).changes} == {None}
    twin = component("App", "site", operation="create", after={**inputs, **arguments}, files=({}, files))
    assert {change.rename for change in report_of(preview(old, new, twin)).changes} == {None}, "either could be it"


def test_a_warning_of_several_resources_is_told_once_with_their_names() -> None:
    warnings = tuple(Diagnostic("warning", "it is old", urn("aws:s3:Bucket", f"b{index:02}")) for index in range(10))
    report = report_of(
        replace(preview(), diagnostics=(*warnings, Diagnostic("warning", "be careful", warnings[0].urn)))
    )
    names = ", ".join(f"`b{index:02}`" for index in range(8))
    assert markdown(report).splitlines()[2:] == [
        "- warning: be careful (`b00`)",
        f"- warning: it is old (10 resources: {names} and 2 more)",
    ]
    assert terminal(report, width=200).count("it is old") == 1
