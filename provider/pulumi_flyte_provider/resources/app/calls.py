"""The calls of AppService. Facts about the API: flyteorg/flyte `app/internal` (create is an upsert; an update to
stopped changes nothing else; Get answers from a cache, up to 30 seconds old, and Watch begins with what is)."""

from __future__ import annotations

from collections.abc import Iterator

from connectrpc.errors import ConnectError
from flyteidl2.app import app_definition_pb2 as pb
from flyteidl2.app.app_payload_pb2 import (
    CreateRequest,
    DeleteRequest,
    GetRequest,
    UpdateRequest,
    WatchRequest,
    WatchResponse,
)

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.flyte_api.connection import Connection, optional
from pulumi_flyte_provider.resources.app.identity import is_same, title

LOOK_SECONDS = 5.0
LEAST_SECONDS = 0.5


def get(connection: Connection, identifier: pb.Identifier) -> pb.App | None:
    """Return the app, or None if it does not exist. The answer may be some seconds old."""
    method, request = connection.apps.get, GetRequest(app_id=identifier)
    answer = optional(lambda: connection.call(method, request, what=f"looking up {title(identifier)}"))
    return None if answer is None else answer.app


def get_present(connection: Connection, identifier: pb.Identifier) -> pb.App | None:
    """Return the current app, or None if it does not exist.

    It is for use before a change. With an older state, the states after the change would be misinterpreted.
    """
    app = get(connection, identifier)
    if app is None or connection.control_plane.settles_at_once:
        return app
    require_same_app(app, identifier)
    return optional(lambda: next(states(connection, identifier, LOOK_SECONDS)))


def states(connection: Connection, identifier: pb.Identifier, seconds: float) -> Iterator[pb.App]:
    """Yield the current app, and then the app after each change, for some seconds.

    If the platform has no Watch, or Watch sends nothing, yield the answer of Get.
    """
    silent = True
    if not connection.control_plane.settles_at_once:
        request, limit = WatchRequest(app_id=identifier), int(max(seconds, LEAST_SECONDS) * 1000)
        try:
            for event in connection.apps.watch(request, headers=connection.headers, timeout_ms=limit):
                app = _app_of(event)
                # The stream also has events of apps with the same name in other projects.
                if app is not None and is_same(app.metadata.id, identifier):
                    silent = False
                    yield app
        except ConnectError:
            pass
    if silent:
        method, request_now = connection.apps.get, GetRequest(app_id=identifier)
        yield connection.call(method, request_now, what=f"looking at {title(identifier)}").app


def send(connection: Connection, identifier: pb.Identifier, spec: pb.Spec, live: pb.App | None) -> pb.App:
    """Create the app, or update it if it exists. Return the platform's app."""
    return _create(connection, identifier, spec) if live is None else _update(connection, identifier, spec, live)


def stop(connection: Connection, identifier: pb.Identifier, spec: pb.Spec, live: pb.App) -> None:
    """Stop the app."""
    stopped = pb.Spec()
    stopped.CopyFrom(spec)
    stopped.desired_state = pb.Spec.DESIRED_STATE_STOPPED
    _update(connection, identifier, stopped, live)


def delete(connection: Connection, identifier: pb.Identifier) -> None:
    """Delete the app, unless it is already gone."""
    method, request = connection.apps.delete, DeleteRequest(app_id=identifier)
    optional(lambda: connection.call(method, request, what=f"deleting {title(identifier)}"))


def require_same_app(live: pb.App, identifier: pb.Identifier) -> None:
    """Raise ProviderError if the platform answers with another app.

    Flyte OSS does so if both have the same service name (flyteorg/flyte `app_client.go`).
    """
    if not is_same(live.metadata.id, identifier):
        raise ProviderError(
            f"{title(identifier)} would take the service name of {title(live.metadata.id)}: choose another name"
        )


def _create(connection: Connection, identifier: pb.Identifier, spec: pb.Spec) -> pb.App:
    plane = connection.control_plane
    answer = connection.call(
        connection.apps.create,
        CreateRequest(app=pb.App(metadata=pb.Meta(id=identifier), spec=spec)),
        what=f"deploying {title(identifier)}",
        headers=plane.workload_headers("app", identifier),
        timeout=plane.deploy_timeout(spec.container.image),
    )
    require_same_app(answer.app, identifier)
    return answer.app


def _update(connection: Connection, identifier: pb.Identifier, spec: pb.Spec, live: pb.App) -> pb.App:
    if live.spec.HasField("creator"):
        spec.creator.CopyFrom(live.spec.creator)
    plane, metadata = connection.control_plane, pb.Meta(id=identifier, revision=live.metadata.revision)
    answer = connection.call(
        connection.apps.update,
        UpdateRequest(app=pb.App(metadata=metadata, spec=spec), reason="pulumi up"),
        what=f"updating {title(identifier)}",
        headers=plane.workload_headers("app", identifier),
        timeout=plane.deploy_timeout(spec.container.image),
    )
    return answer.app


def _app_of(event: WatchResponse) -> pb.App | None:
    kind = event.WhichOneof("event")
    if kind == "create_event":
        return event.create_event.app
    return event.update_event.updated_app if kind == "update_event" else None
