"""Checks the health path of an app, on platforms that do not check it."""

from __future__ import annotations

from flyteidl2.app import app_definition_pb2 as pb
from pulumi_flyte.errors import reason_of

from pulumi_flyte_provider.resources.app.deadline import Deadline
from pulumi_flyte_provider.resources.app.readiness import failure
from pulumi_flyte_provider.resources.operation import Operation

UNREACHABLE_ATTEMPTS = 3
REQUEST_SECONDS = 10.0
PAUSE_SECONDS = 1.0
_CREDENTIALS_ASKED = (401, 403)


def wait_until_healthy(
    operation: Operation, identifier: pb.Identifier, url: str, path: str, deadline: Deadline
) -> None:
    """Request the health path until it answers with success. Raise NotReadyError if it does not.

    If this machine cannot connect to the URL several times in a row (a private ingress), return, because the platform
    says that the app is active. If something accepts the connection and does not answer, that is the app.
    """
    import httpx

    unreachable = 0
    while True:
        limit = min(REQUEST_SECONDS, max(1.0, deadline.remaining))
        try:
            status = httpx.get(f"{url.rstrip('/')}{path}", timeout=limit).status_code
            if status < 400 or status in _CREDENTIALS_ASKED:
                return
            unreachable, last = 0, f"HTTP {status}"
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            operation.warn(
                f"the app's public URL {url!r} is not one that can be asked: its health path was not looked at"
            )
            return
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            unreachable, last = unreachable + 1, reason_of(error)
            if unreachable >= UNREACHABLE_ATTEMPTS:
                return
        except httpx.RequestError as error:
            unreachable, last = 0, reason_of(error)
        if deadline.passed:
            summary = f"{path} does not answer well within {deadline.seconds:g} s (last: {last})"
            raise failure(operation, identifier, summary)
        operation.wait(PAUSE_SECONDS)
