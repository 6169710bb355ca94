"""The engine's operations on a trigger. A deployment overwrites an existing trigger, so Create looks it up first."""

from __future__ import annotations

from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import Mark, new_creation
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.examination import examine
from pulumi_flyte_provider.properties.shape import parse
from pulumi_flyte_provider.properties.values import Properties, conceal, has_unknown, reveal, without_nones
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.project.references import foresee_project, require_project
from pulumi_flyte_provider.resources.state import State
from pulumi_flyte_provider.resources.task.references import TaskReferences
from pulumi_flyte_provider.resources.trigger import calls, identity, ownership, wire
from pulumi_flyte_provider.resources.trigger.identity import name_of, parse_id, path, title
from pulumi_flyte_provider.resources.trigger.shape import TriggerInputs, check_together
from pulumi_flyte_provider.resources.trigger.wire import NORMAL_FORM


class TriggerResource:
    """The resource `flyte:api:Trigger`."""

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Check the rules, fill in the scope, and claim the name."""
        check_together(examine(TriggerInputs, inputs, problems), problems)
        filled = scope.fill(operation, inputs)
        scope.check_domain(operation, filled["domain"], problems)
        if not problems and scope.is_known(filled, *identity.KEYS):
            name = name_of(reveal(filled))
            operation.claim_name(path(name), title(name), problems)
        return filled

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Replace the trigger if its task, its name or its scope has changed."""
        before, after = NORMAL_FORM.of(old.inputs), NORMAL_FORM.of(inputs)
        same = all(before.get(key) == after.get(key) for key in ("name", "task", "project", "domain"))
        changes = compare(before, after, replacing=identity.KEYS, ignoring=("adopt",))
        return Difference(changes, delete_first=same)

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Look the trigger up. All its outputs are known."""
        if not has_unknown(inputs):
            _foresee(operation, reveal(inputs), old)
        return {**inputs, "owner": operation.owner}

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Look the trigger up, and then deploy it."""
        plain = reveal(inputs)
        name = name_of(plain)
        require_project(operation, name)
        ownership.require_free(operation, plain, calls.get(operation.connection, name))
        _references(plain).require(operation)
        return _deploy(operation, inputs, new_creation())

    def read(self, operation: Operation, old: State) -> State | None:
        """Return the live trigger as inputs."""
        before = reveal(old.inputs)
        name = parse_id(old.id, operation.org_of(before))
        live = calls.get(operation.connection, name)
        if live is None:
            return None
        content = wire.read(live)
        mark = content.mark
        if old.is_import:
            takeover.require_importable(title(name), mark.owner if mark else None, operation.owner)
        others = {
            "name": name.name,
            "task": name.task_name,
            "project": name.project,
            "domain": name.domain,
            "org": name.org,
            "instance": before.get("instance"),
            "adopt": before.get("adopt"),
        }
        restored = {**content.inputs, **without_nones(others)}
        inputs = conceal(NORMAL_FORM.keep_spelling(restored, before), old.inputs)
        owner = takeover.recorded_owner(old.owner, mark, operation.owner)
        creation = (mark.creation if mark else None) or old.creation
        return State(old.id, inputs, _outputs(inputs, owner, creation))

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Deploy the trigger again."""
        plain = reveal(inputs)
        ownership.require_ours(operation, plain, calls.get(operation.connection, name_of(plain)), old)
        _references(plain).require(operation)
        return _deploy(operation, inputs, old.creation)

    def delete(self, operation: Operation, old: State) -> None:
        """Delete the trigger, unless it is gone or was taken over."""
        operation = operation.for_delete()
        name = parse_id(old.id, operation.org_of(old.outputs))
        live = calls.get(operation.connection, name)
        mark = wire.read(live).mark if live is not None else None
        if takeover.is_another_creation(mark, old.creation):
            operation.warn_of_remnant(title(name), takeover.MADE_ANEW)
            return
        if live is not None and not takeover.is_foreign(mark, old.owner, operation.owner):
            calls.delete(operation.connection, name)


def _foresee(operation: Operation, plain: Properties, old: State | None) -> None:
    """Report in a preview the problems for which `up` would fail, if the platform answers."""
    name = name_of(plain)
    live = operation.look(lambda: calls.get(operation.connection, name))
    if old is None:
        foresee_project(operation, name)
        ownership.require_free(operation, plain, live)
    else:
        ownership.require_ours(operation, plain, live, old)
    _references(plain).foresee(operation)


def _references(plain: Properties) -> TaskReferences:
    """Return the reference to the version of the task that the trigger starts."""
    name = name_of(plain)
    task = TaskIdentifier(
        org=name.org, project=name.project, domain=name.domain, name=name.task_name, version=plain["taskVersion"]
    )
    return TaskReferences(title(name), [task])


def _deploy(operation: Operation, inputs: Properties, creation: str | None) -> State:
    trigger, name = parse(TriggerInputs, reveal(inputs)), name_of(reveal(inputs))
    spec = wire.spec(trigger, Mark(owner=operation.owner, creation=creation))
    calls.deploy(operation.connection, name, spec, wire.automation(trigger))
    return State(path(name), inputs, _outputs(inputs, operation.owner, creation))


def _outputs(inputs: Properties, owner: str | None, creation: str | None) -> Properties:
    return {**inputs, **without_nones({"owner": owner, "creation": creation})}
