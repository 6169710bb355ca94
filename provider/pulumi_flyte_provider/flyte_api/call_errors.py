"""Converts errors of calls to the Flyte API to errors for the user."""

from __future__ import annotations

from http import HTTPStatus

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from pulumi_flyte_provider.errors import AlreadyExistsError, ApiError, NotFoundError, UnreachableError
from pulumi_flyte_provider.flyte_api.platforms.control_plane import ControlPlane

_HTTP_PHRASES = frozenset({"Unimplemented", *(status.phrase for status in HTTPStatus)})


def explained(error: ConnectError, what: str, control_plane: ControlPlane) -> UnreachableError | ApiError:
    """Return the plugin's error for an error of the client. `what` names the call."""
    message = (error.message or "").strip()
    code = error.code.name.lower()
    if error.code == Code.NOT_FOUND:
        return NotFoundError(f"{what}: {message or 'not found'}", code)
    if error.code == Code.ALREADY_EXISTS:
        return AlreadyExistsError(f"{what}: {message or 'it exists already'}", code)
    if error.code == Code.DEADLINE_EXCEEDED:
        return UnreachableError(f"{what}: {control_plane.no_answer('no answer in time')}")
    if error.code == Code.UNAVAILABLE or _is_from_other_server(error):
        return UnreachableError(f"{what}: {control_plane.no_answer(_root_cause(message))}")
    if error.code in (Code.UNAUTHENTICATED, Code.PERMISSION_DENIED):
        advice = f"check flyte:apiKey for {control_plane.config.endpoint}"
        return ApiError(f"{what}: the Flyte API refused the credentials ({message or code}); {advice}", code)
    return ApiError(f"{what}: the Flyte API answered {code}: {message or 'no further reason'}", code)


def _is_from_other_server(error: ConnectError) -> bool:
    # Some other web server has answered with HTML. The client then reports the HTTP status as a Connect code.
    return error.code in (Code.UNKNOWN, Code.INTERNAL, Code.UNIMPLEMENTED) and (
        "content-type" in (error.message or "").lower() or (error.message or "") in _HTTP_PHRASES
    )


def _root_cause(detail: str) -> str:
    if "dns error" in detail:
        return "this machine cannot resolve its name"
    return detail.rsplit(": ", 1)[-1] if detail else "no reason given"
