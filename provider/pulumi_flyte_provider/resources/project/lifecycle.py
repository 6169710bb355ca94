"""The engine's operations on a project. Flyte cannot delete projects: Delete archives, and Create can restore."""

from __future__ import annotations

from flyteidl2.project import project_service_pb2 as pb
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.examination import examine
from pulumi_flyte_provider.properties.shape import parse
from pulumi_flyte_provider.properties.values import Properties, conceal, has_unknown, reveal
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.project import calls, ownership, wire
from pulumi_flyte_provider.resources.project.identity import title
from pulumi_flyte_provider.resources.project.shape import ProjectInputs, normal_form
from pulumi_flyte_provider.resources.state import State


class ProjectResource:
    """The resource `flyte:api:Project`."""

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Check the rules, fill in the organisation, and claim the name."""
        revealed = examine(ProjectInputs, inputs, problems)
        if wire.OWNER_LABEL in (revealed.get("labels") or {}):
            problems.add(f"labels.{wire.OWNER_LABEL}", "the provider sets this label itself")
        org = inputs.get("org")
        if not problems and scope.is_known(revealed, "name"):
            operation.claim_name(revealed["name"], title(revealed["name"]), problems)
        return {**inputs, "org": org if org is not None else operation.connection.config.org}

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Replace the project if its id or organisation changes."""
        before, after = normal_form(old.inputs), normal_form(inputs)
        same = before.get("name") == after.get("name")
        return Difference(compare(before, after, replacing=("name", "org"), ignoring=("adopt",)), delete_first=same)

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Look the project up. All its outputs are known."""
        if not has_unknown(inputs):
            project = parse(ProjectInputs, reveal(inputs))
            live = operation.look(lambda: _get(operation, project))
            if old is None:
                ownership.require_free(operation, project, live)
            else:
                ownership.require_ours(operation, project, live, old)
        return {**inputs, "owner": operation.owner}

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Create the project, or restore an archived one that has no other owner."""
        project = parse(ProjectInputs, reveal(inputs))
        message, live = wire.write(project, operation.owner), _get(operation, project)
        if live is None:
            calls.create(operation.connection, message)
        else:
            ownership.require_free(operation, project, live)
            calls.update(operation.connection, message)
        return State(project.name, inputs, {**inputs, "owner": operation.owner})

    def read(self, operation: Operation, old: State) -> State | None:
        """Return the live project. An archived project counts as gone."""
        org = operation.org_of(old.inputs)
        live = calls.get(operation.connection, old.id, org)
        if live is None or live.state in (pb.PROJECT_STATE_ARCHIVED, pb.PROJECT_STATE_SYSTEM_ARCHIVED):
            return None
        if old.is_import and ownership.is_foreign(operation, live, old):
            takeover.require_importable(title(old.id), wire.owner_label(live), operation.owner)
        inputs = conceal(wire.read(live, org=org, before=reveal(old.inputs)), old.inputs)
        return State(old.id, inputs, {**old.outputs, **inputs})

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Replace the whole project. Create it again if it is gone."""
        project = parse(ProjectInputs, reveal(inputs))
        live = _get(operation, project)
        if live is None:
            return self.create(operation, inputs)
        ownership.require_ours(operation, project, live, old)
        calls.update(operation.connection, wire.write(project, operation.owner))
        return State(old.id, inputs, {**inputs, "owner": operation.owner})

    def delete(self, operation: Operation, old: State) -> None:
        """Archive the project, unless somebody else has taken it over."""
        operation = operation.for_delete()
        live = calls.get(operation.connection, old.id, operation.org_of(old.outputs))
        if live is None:
            return
        if ownership.is_foreign(operation, live, old):
            operation.warn(
                f"{title(old.id)} has been taken over by {wire.owner_label(live)}: it is forgotten here, not archived"
            )
            return
        calls.archive(operation.connection, live)


def _get(operation: Operation, project: ProjectInputs) -> pb.Project | None:
    return calls.get(operation.connection, project.name, project.org or "")
