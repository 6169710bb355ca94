"""The engine's operations on a task.

Flyte cannot delete versions. So Delete only forgets the task, and the next `up` adopts an identical version. Deploying
a version again would silently overwrite it, so Create looks it up first.
"""

from __future__ import annotations

from flyteidl2.task import task_definition_pb2 as pb
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.flyte_api import bundles
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties import placeholders
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.examination import examine
from pulumi_flyte_provider.properties.placeholders import Placeholders
from pulumi_flyte_provider.properties.shape import parse
from pulumi_flyte_provider.properties.values import (
    UNKNOWN,
    Properties,
    conceal,
    has_unknown,
    reveal,
    without_nones,
)
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.project.references import foresee_project, require_project
from pulumi_flyte_provider.resources.state import State
from pulumi_flyte_provider.resources.task import calls, identity, ownership, wire
from pulumi_flyte_provider.resources.task.identity import identifier_of, path, title
from pulumi_flyte_provider.resources.task.references import TaskReferences, record_version
from pulumi_flyte_provider.resources.task.shape import TaskInputs, check_together
from pulumi_flyte_provider.resources.task.wire import NORMAL_FORM


class TaskResource:
    """The resource `flyte:api:Task`."""

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Check the rules, fill in the scope, and claim the name."""
        check_together(examine(TaskInputs, inputs, problems), problems)
        filled = scope.fill(operation, inputs)
        scope.check_domain(operation, filled["domain"], problems)
        if not problems and scope.is_known(filled, *identity.KEYS):
            unversioned = identifier_of({**reveal(filled), "version": None})
            operation.claim_name(path(unversioned), title(unversioned), problems)
            filled["consoleUrl"] = _console_url(operation, filled)
        return filled

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Update for a new version. Another name is another task."""
        if old.inputs == inputs:  # the usual case, without normalising both sides
            return Difference(())
        before, after = NORMAL_FORM.of(old.inputs), NORMAL_FORM.of(inputs)
        return Difference(compare(before, after, replacing=identity.KEYS, ignoring=("adopt", "consoleUrl")))

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Look the task up, and compute the URL of its console page."""
        is_known = scope.is_known(inputs, *identity.KEYS)
        if is_known and not has_unknown(inputs):
            _foresee(operation, inputs, old)
        console_url = _console_url(operation, inputs) if is_known else UNKNOWN
        return {**inputs, "owner": operation.owner, "consoleUrl": console_url}

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Look up the version and the latest version, and then deploy."""
        identifier = identifier_of(reveal(inputs))
        require_project(operation, identifier)
        live = calls.get_version(operation.connection, identifier)
        latest = calls.get_latest(operation.connection, identifier)
        ownership.require_free(operation, identifier, inputs, live, latest)
        TaskReferences.of_wiring(title(identifier), inputs, identifier.org).require(operation)
        return _deploy(operation, inputs, identifier, live)

    def read(self, operation: Operation, old: State) -> State | None:
        """Read the recorded version. For an import, read the version in the id, or the latest."""
        id, _, version = old.id.partition("@")
        project, domain, name = scope.split_id(identity.TOKEN, id, "project", "domain", "name")
        before = reveal(old.inputs)
        identifier = pb.TaskIdentifier(
            org=operation.org_of(before),
            project=project,
            domain=domain,
            name=name,
            version=version or before.get("version") or "",
        )
        get = calls.get_version if identifier.version else calls.get_latest
        live = get(operation.connection, identifier)
        if live is None:
            return None
        identifier.version = live.task_id.version or identifier.version
        content = wire.read(live.spec)
        restored = _restored(operation, identifier, content, before)
        inputs = conceal(NORMAL_FORM.keep_spelling(restored, before), old.inputs)
        # Reading is safe for a task of any owner: Delete does nothing, and Update checks the owner.
        owner = takeover.recorded_owner(old.owner, content.mark, operation.owner)
        return State(id, inputs, without_nones({**inputs, "owner": owner}))

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Deploy the new version."""
        identifier = identifier_of(reveal(inputs))
        live = calls.get_version(operation.connection, identifier)
        ownership.require_ours(operation, identifier, inputs, live, old)
        TaskReferences.of_wiring(title(identifier), inputs, identifier.org).require(operation)
        return _deploy(operation, inputs, identifier, live)

    def delete(self, operation: Operation, old: State) -> None:
        """Do nothing, because Flyte cannot delete tasks. The versions and their runs stay."""


def _foresee(operation: Operation, inputs: Properties, old: State | None) -> None:
    """Report in a preview the problems for which `up` would fail, if the platform answers."""
    identifier = identifier_of(reveal(inputs))
    live = operation.look(lambda: calls.get_version(operation.connection, identifier))
    if old is None:
        foresee_project(operation, identifier)
        latest = operation.look(lambda: calls.get_latest(operation.connection, identifier))
        ownership.require_free(operation, identifier, inputs, live, latest)
    else:
        operation.look(lambda: ownership.require_ours(operation, identifier, inputs, live, old))
    TaskReferences.of_wiring(title(identifier), inputs, identifier.org).foresee(operation)
    record_version(operation, identifier)


def _deploy(
    operation: Operation, inputs: Properties, identifier: pb.TaskIdentifier, live: pb.TaskDetails | None
) -> State:
    task, connection = parse(TaskInputs, reveal(inputs)), operation.connection
    url = bundles.upload(connection, identifier, task.bundle) if task.bundle is not None else None
    mark = Mark(owner=operation.owner, bundle=task.bundle)
    spec = wire.write(task, mark, Placeholders(bundle_url=url, version=task.version))
    # An equal spec needs no deployment, unless the control plane needs headers that are not part of the spec.
    if live is None or live.spec != spec or operation.control_plane.workload_headers("task", identifier):
        calls.deploy(connection, identifier, spec)
    record_version(operation, identifier)
    outputs = {**inputs, "consoleUrl": _console_url(operation, inputs), "owner": operation.owner}
    return State(path(identifier), inputs, outputs)


def _restored(
    operation: Operation, identifier: pb.TaskIdentifier, content: wire.LiveTask, before: Properties
) -> Properties:
    """Return the inputs of a live task, with those that are not part of its message."""
    bundle = content.mark.bundle if content.mark else None
    restored: Properties = placeholders.restore(content.inputs, before, bundle=bundle, version=identifier.version)
    others = {
        **{key: getattr(identifier, key) for key in (*identity.KEYS, "version")},
        "bundle": bundle,
        "instance": before.get("instance"),
        "adopt": before.get("adopt"),
    }
    restored = {**restored, **without_nones(others)}
    return {**restored, "consoleUrl": _console_url(operation, restored)}


def _console_url(operation: Operation, properties: Properties) -> str | None:
    plain = reveal(properties)
    target = operation.connection.config.target(plain["project"], plain["domain"])
    return names.console_url("tasks", plain["name"], target)
