"""The inputs of `flyte:api:Task`. Limits: flyteidl2 `task/task_definition.proto` (buf.validate)."""

from __future__ import annotations

from flyteidl2.task.task_definition_pb2 import TaskSpec
from google.protobuf import json_format
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.properties import placeholders
from pulumi_flyte_provider.properties.field_types import (
    Bool,
    BundleDigest,
    Environment,
    Json,
    NonEmpty,
    Scope,
    TaskName,
    Text,
    Version,
    Whole,
)
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field
from pulumi_flyte_provider.properties.values import Properties, has_unknown
from pulumi_flyte_provider.resources.container.compute_resources import Resources, check_limits
from pulumi_flyte_provider.resources.container.secret_requests import SecretRequest, check_variables


class TaskInputs(Shape):
    """A version of a Flyte task."""

    name: TaskName = required_field("The task's Flyte name, for a Flyte task `environment.function`.")
    version: Version = required_field("The version, at most 63 characters; a new one is an update.")
    project: Scope | None = optional_field("The Flyte project; by default the provider's, or the stack's.")
    domain: Scope | None = optional_field("The Flyte domain; by default the provider's, or the stack's.")
    org: Text | None = optional_field("The organisation; by default the provider's.")
    image: NonEmpty | None = optional_field("The container image; on `local` the interpreter staged for the task runs.")
    command: list[Text] | None = optional_field("The command; `{{bundle}}` and `{{version}}` are filled in.")
    args: list[Text] | None = optional_field("The arguments; `{{bundle}}` and `{{version}}` are filled in.")
    env: Environment | None = optional_field("Variables; `{{bundle}}` and `{{version}}` are filled in.")
    secrets: list[SecretRequest] | None = optional_field("The secrets that the container gets.")
    resources: Resources | None = optional_field("The compute resources of the container: requests and limits.")
    template: Json | None = optional_field("Protobuf JSON of `flyteidl2.task.TaskSpec` for everything else.")
    bundle: BundleDigest | None = optional_field("The sha256 of a staged code bundle.")
    console_url: Text | None = optional_field("Computed: its page in the console.")
    instance: Whole | None = optional_field("The local server's epoch: another one deploys the task again.")
    adopt: Bool | None = optional_field("Take over an existing task that does not belong to this resource.")


def check_together(revealed: Properties, problems: Problems) -> None:
    """Check the rules that span several properties of revealed inputs. Some values may be unknown."""
    check_limits(revealed.get("resources"), problems)
    template = revealed.get("template")
    if isinstance(template, dict) and not has_unknown(template):
        try:
            json_format.ParseDict(template, TaskSpec())
        except json_format.ParseError as error:
            problems.add("template", f"not the protobuf JSON of a flyteidl2.task.TaskSpec: {error}")
    if revealed.get("bundle") is None:
        for path in ("command", "args", "env"):
            if placeholders.used(revealed.get(path), placeholders.BUNDLE):
                problems.add(path, f"{placeholders.BUNDLE} needs the property bundle")
    check_variables(revealed, problems)
