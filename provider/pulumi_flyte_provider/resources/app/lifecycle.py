"""The engine's operations on an app."""

from __future__ import annotations

from flyteidl2.app import app_definition_pb2 as pb
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import Mark, new_creation
from pulumi_flyte_provider.properties import placeholders
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.examination import examine
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, conceal, reveal, without_nones
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.app import calls, identity, ownership, platform_variables, wire
from pulumi_flyte_provider.resources.app.deployment import Deployment, Recorded, outputs
from pulumi_flyte_provider.resources.app.identity import identifier_of, is_same, parse_id, title, with_urls
from pulumi_flyte_provider.resources.app.shape import AppInputs, check_together
from pulumi_flyte_provider.resources.app.status import is_stopped
from pulumi_flyte_provider.resources.app.wire import NORMAL_FORM
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.project.references import foresee_project, require_project
from pulumi_flyte_provider.resources.state import State
from pulumi_flyte_provider.resources.task.references import TaskReferences


class AppResource:
    """The resource `flyte:api:App`."""

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Check the rules, fill in the scope and the URLs, and claim the service name."""
        check_together(examine(AppInputs, inputs, problems), problems)
        if not operation.connection.control_plane.deploys_apps:
            platform = operation.connection.config.platform
            reason = "this platform's apps are objects of a cluster: declare a `flyte:index:App` (in Python, `App`)"
            problems.add("flyte:platform", reason, platform)
        filled = scope.fill(operation, inputs)
        scope.check_domain(operation, filled["domain"], problems)
        if not problems and scope.is_known(filled, *identity.KEYS):
            identity.claim(operation, reveal(filled), problems)
            filled = with_urls(operation, filled)
        return filled

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Replace the app if its name, scope or organisation changes."""
        if old.inputs == inputs:  # the usual case, without normalising both sides
            return Difference(())
        before, after = NORMAL_FORM.of(old.inputs), NORMAL_FORM.of(inputs)
        same = all(before.get(key) == after.get(key) for key in identity.ID_PARTS)
        changes = compare(before, after, replacing=identity.KEYS, ignoring=("adopt", "consoleUrl"))
        return Difference(changes, delete_first=same)

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Look the app up, and compute all outputs except a public URL that only the platform knows."""
        if not scope.is_known(inputs, *identity.ID_PARTS):
            unknown = dict.fromkeys(("endpoint", "publicEndpoint", "consoleUrl"), UNKNOWN)
            return {**inputs, "owner": operation.owner, **unknown}
        _foresee(operation, inputs, old)
        result = {**with_urls(operation, inputs), "owner": operation.owner}
        if result.get("publicEndpoint") is None:
            result["publicEndpoint"] = (old.outputs if old else {}).get("publicEndpoint") or UNKNOWN
        return result

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Create the app. Look it up first, because the API's create would silently overwrite an existing app."""
        plain = reveal(inputs)
        identifier = identifier_of(plain)
        require_project(operation, identifier)
        live = calls.get_present(operation.connection, identifier)
        ownership.require_free(operation, identifier, live, adopt=plain.get("adopt") is True)
        TaskReferences.of_wiring(title(identifier), inputs, identifier.org).require(operation)
        return Deployment(operation, inputs, live, Recorded(new_creation())).run()

    def read(self, operation: Operation, old: State) -> State | None:
        """Return the live spec as inputs."""
        before = reveal(old.inputs)
        identifier = parse_id(old.id, operation.org_of(before))
        live = calls.get(operation.connection, identifier)
        if live is None:
            return None
        content = wire.read(live.spec)
        mark = content.mark
        if old.is_import:
            takeover.require_importable(title(identifier), mark.owner if mark else None, operation.owner)
        restored = with_urls(operation, _restored(identifier, live, content, before))
        inputs = conceal(NORMAL_FORM.keep_spelling(restored, before), old.inputs)
        recorded = Recorded.of(old)
        if mark is not None and mark.creation is not None:
            recorded = Recorded(mark.creation, recorded.public_endpoint)
        owner = takeover.recorded_owner(old.owner, mark, operation.owner)
        return State(old.id, inputs, outputs(operation, inputs, live, recorded, owner))

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Deploy a new spec, or only stop the app. The API ignores other changes in a request to stop."""
        plain = reveal(inputs)
        identifier = identifier_of(plain)
        live = calls.get_present(operation.connection, identifier)
        ownership.require_ours(operation, identifier, live, old, adopt=plain.get("adopt") is True)
        TaskReferences.of_wiring(title(identifier), inputs, identifier.org).require(operation)
        return Deployment(operation, inputs, live, Recorded.of(old)).run()

    def delete(self, operation: Operation, old: State) -> None:
        """Delete the app, unless it is gone, was created again, or was taken over by somebody else."""
        operation = operation.for_delete()
        identifier = parse_id(old.id, operation.org_of(old.outputs))
        live = calls.get(operation.connection, identifier)
        if live is None or not is_same(live.metadata.id, identifier):
            return
        mark = wire.read(live.spec).mark
        if takeover.is_another_creation(mark, old.creation):
            operation.warn_of_remnant(title(identifier), takeover.MADE_ANEW)
            return
        if mark is not None and takeover.is_foreign(mark, old.owner, operation.owner):
            operation.warn(
                f"{title(identifier)} has been taken over by {mark.owner}: it is forgotten here, not deleted"
            )
            return
        calls.delete(operation.connection, identifier)


def _foresee(operation: Operation, inputs: Properties, old: State | None) -> None:
    """Report in a preview the problems for which `up` would fail, if the platform answers."""
    plain = reveal(inputs)
    identifier, adopt = identifier_of(plain), plain.get("adopt") is True
    live = operation.look(lambda: calls.get(operation.connection, identifier))
    if old is None:
        foresee_project(operation, identifier)
        ownership.require_free(operation, identifier, live, adopt=adopt)
    else:
        ownership.require_ours(operation, identifier, live, old, adopt=adopt)
    TaskReferences.of_wiring(title(identifier), inputs, identifier.org).foresee(operation)


def _restored(identifier: pb.Identifier, live: pb.App, content: wire.LiveApp, before: Properties) -> Properties:
    """Return the inputs of a live app, with those that are not part of its spec."""
    mark = content.mark or Mark(owner="")
    restored: Properties = placeholders.restore(content.inputs, before, bundle=mark.bundle, version=mark.version)
    others = {
        **{key: getattr(identifier, key) for key in identity.KEYS},
        "version": mark.version,
        "bundle": mark.bundle,
        "secretVersions": mark.secret_versions or None,
        "instance": before.get("instance"),
        "adopt": before.get("adopt"),
        # The spec of a stopped app says that it is active. An active app need not declare `active`.
        "active": False if is_stopped(live) else before.get("active") or None,
    }
    return platform_variables.restore({**restored, **without_nones(others)}, before, mark.left)
