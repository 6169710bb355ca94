"""The deployment of an app: sends its spec, stops it if declared, and waits until it works."""

from __future__ import annotations

from dataclasses import dataclass

from flyteidl2.app import app_definition_pb2 as pb

from pulumi_flyte_provider.errors import NotReadyError, ProviderError
from pulumi_flyte_provider.flyte_api import bundles
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties.placeholders import Placeholders
from pulumi_flyte_provider.properties.shape import parse
from pulumi_flyte_provider.properties.values import Properties, reveal, without_nones
from pulumi_flyte_provider.resources.app import calls, health, platform_variables, readiness, wire
from pulumi_flyte_provider.resources.app.deadline import Deadline
from pulumi_flyte_provider.resources.app.identity import identifier_of, path, title, with_urls
from pulumi_flyte_provider.resources.app.shape import AppInputs
from pulumi_flyte_provider.resources.app.status import Snapshot, is_stopped
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.state import State


@dataclass(frozen=True)
class Recorded:
    """The outputs of an app that a deployment does not change.

    creation: the id of its Create.
    public_endpoint: the URL from the platform.
    """

    creation: str | None
    public_endpoint: str | None = None

    @classmethod
    def of(cls, old: State) -> Recorded:
        """Return the outputs in a state."""
        return cls(old.creation, reveal(old.outputs).get("publicEndpoint"))


def outputs(
    operation: Operation, inputs: Properties, live: pb.App, recorded: Recorded, owner: str | None
) -> Properties:
    """Return the outputs of a live app."""
    result = with_urls(operation, inputs)
    if result.get("publicEndpoint") is None:
        # A stopped app has no ingress in its status. Its URL does not change.
        result["publicEndpoint"] = live.status.ingress.public_url or recorded.public_endpoint
    return without_nones({**result, "creation": recorded.creation, **({"owner": owner} if owner is not None else {})})


class Deployment:
    """One deployment of an app. `live` is the app before the deployment, if it exists."""

    def __init__(self, operation: Operation, inputs: Properties, live: pb.App | None, recorded: Recorded) -> None:
        self._operation = operation
        self._connection = operation.connection
        self._inputs = inputs
        self._app = parse(AppInputs, reveal(inputs))
        self._identifier = identifier_of(reveal(inputs))
        self._live = live
        self._before = Snapshot.of(live)
        self._recorded = recorded

    def run(self) -> State:
        """Deploy the app and wait until it works. If it does not, the state's failures have the reason."""
        app, live = self._app, self._live
        placeholders = Placeholders(bundle_url=self._upload(), version=app.version)
        former = _former_mark(live)
        mark = self._mark(former)
        spec = wire.write(app, mark, placeholders)
        is_equal = live is not None and _is_same_spec(spec, live.spec)
        if live is None or not is_equal or app.active is not False:
            mark, live = self._send(self._retried(mark) if is_equal else mark, placeholders)
            spec = wire.write(app, mark, placeholders)
            self._tell_of_variables(mark, former)
        if app.active is False:
            if not is_stopped(live):
                calls.stop(self._connection, self._identifier, spec, live)
            return self._state(live)
        return self._wait(self._state(live))

    def _upload(self) -> str | None:
        if self._app.bundle is None:
            return None
        return bundles.upload(self._connection, self._identifier, self._app.bundle)

    def _mark(self, former: Mark) -> Mark:
        return Mark(
            owner=self._operation.owner,
            creation=self._recorded.creation,
            version=self._app.version,
            bundle=self._app.bundle,
            secret_versions=self._app.secret_versions or {},
            attempt=former.attempt,
            left=former.left,
        )

    def _retried(self, mark: Mark) -> Mark:
        """Return the mark of another attempt, if the app has failed with this spec.

        The platform ignores an equal spec. A stop would help too, but would also end the older revision, which may
        still serve.
        """
        if not self._before.failed or self._operation.control_plane.supervises_apps:
            return mark
        return mark.model_copy(update={"attempt": mark.attempt + 1})

    def _send(self, mark: Mark, placeholders: Placeholders) -> tuple[Mark, pb.App]:
        """Send the spec. Return the mark in the accepted spec, and the app."""
        unsent = self._operation.control_plane.variables_of_every_app & set(self._app.env or {})
        return platform_variables.send(
            mark,
            unsent,
            lambda marked: wire.write(self._app, marked, placeholders),
            lambda spec: calls.send(self._connection, self._identifier, spec, self._live),
        )

    def _tell_of_variables(self, mark: Mark, former: Mark) -> None:
        always = self._operation.control_plane.variables_of_every_app
        message = platform_variables.news(mark.left, former.left, always)
        if message is not None:
            self._operation.say(message)

    def _state(self, live: pb.App) -> State:
        owner = self._operation.owner
        result = outputs(self._operation, self._inputs, live, self._recorded, owner)
        return State(path(self._identifier), self._inputs, result)

    def _wait(self, state: State) -> State:
        limit = readiness.time_limit(self._app.health.timeout if self._app.health else None)
        deadline = Deadline.after(self._operation.timeout or limit)
        try:
            live = readiness.wait_until_active(self._operation, self._identifier, deadline, self._before)
            state = self._state(live)
            url = state.outputs.get("publicEndpoint")
            self._warn_of_another_address(url, live.status.ingress.public_url)
            self._wait_until_healthy(url, deadline)
        except NotReadyError as error:
            return State(state.id, state.inputs, state.outputs, failures=(f"{title(self._identifier)}: {error}",))
        except ProviderError as error:
            return State(state.id, state.inputs, state.outputs, failures=(str(error),))
        return state

    def _wait_until_healthy(self, url: str | None, deadline: Deadline) -> None:
        health_path = self._app.health.path if self._app.health else None
        if url and health_path and not self._operation.control_plane.supervises_apps:
            health.wait_until_healthy(self._operation, self._identifier, url, health_path, deadline)

    def _warn_of_another_address(self, expected: str | None, actual: str) -> None:
        # The settings of the platform decide about URLs. The stack's settings only predict them.
        if actual and actual != expected and not self._operation.control_plane.serves_public_urls:
            self._operation.warn(
                f"{title(self._identifier)} is served at {actual}, not at {expected}: correct flyte:baseDomain (with"
                " its port, where it has one) and flyte:scheme, as those who are wired to the app got the other URL"
            )


def _former_mark(live: pb.App | None) -> Mark:
    mark = wire.read(live.spec).mark if live is not None else None
    return mark if mark is not None else Mark(owner="")


def _is_same_spec(new: pb.Spec, live: pb.Spec) -> bool:
    left, right = pb.Spec(), pb.Spec()
    left.CopyFrom(new)
    right.CopyFrom(live)
    for spec in (left, right):
        for name in ("desired_state", "creator", "runtime_metadata"):
            spec.ClearField(name)
    return bool(left == right)
