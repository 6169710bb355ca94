"""The connection to the Flyte API: the generated clients, the credential, and readable errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from pulumi_flyte_provider.errors import AlreadyExistsError, ApiError, NotFoundError, UnreachableError
from pulumi_flyte_provider.flyte_api import platforms
from pulumi_flyte_provider.flyte_api.call_errors import explained
from pulumi_flyte_provider.flyte_api.config import CALL_TIMEOUT, ProviderConfig

if TYPE_CHECKING:
    from flyteidl2.app.app_logs_service_connect import AppLogsServiceClientSync
    from flyteidl2.app.app_service_connect import AppServiceClientSync
    from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyServiceClientSync
    from flyteidl2.project.project_service_connect import ProjectServiceClientSync
    from flyteidl2.secret.secret_connect import SecretServiceClientSync
    from flyteidl2.task.task_service_connect import TaskServiceClientSync
    from flyteidl2.trigger.trigger_service_connect import TriggerServiceClientSync

Request = TypeVar("Request", contravariant=True)
Response = TypeVar("Response", covariant=True)
Answer = TypeVar("Answer")
BRIEF_TIMEOUT = 5.0
ATTEMPTS = 3


class Method(Protocol[Request, Response]):
    """A unary method of a generated client."""

    def __call__(
        self, request: Request, *, headers: Mapping[str, str] | None = None, timeout_ms: int | None = None
    ) -> Response: ...


class Connection:
    """The clients of one endpoint. Several threads may use a connection, since the generated clients have no state.

    A client is loaded when it is first used. Most previews make no calls, and loading the generated code takes time.
    """

    def __init__(self, config: ProviderConfig, address: str | None = None, *, brief: bool = False) -> None:
        """Create a connection.

        address: the URL to call, if it differs from the endpoint in the settings.
        brief: for previews, which do not wait long for a platform that does not answer.
        """
        self.config = config
        self.control_plane = platforms.control_plane(config)
        self.address = address or config.endpoint
        self._timeout, self._attempts = (BRIEF_TIMEOUT, 1) if brief else (float("inf"), ATTEMPTS)
        self._silent = threading.Event()

    @cached_property
    def apps(self) -> AppServiceClientSync:
        """The client of AppService."""
        from flyteidl2.app.app_service_connect import AppServiceClientSync

        return AppServiceClientSync(self.address)

    @cached_property
    def app_logs(self) -> AppLogsServiceClientSync:
        """The client of AppLogsService."""
        from flyteidl2.app.app_logs_service_connect import AppLogsServiceClientSync

        return AppLogsServiceClientSync(self.address)

    @cached_property
    def tasks(self) -> TaskServiceClientSync:
        """The client of TaskService."""
        from flyteidl2.task.task_service_connect import TaskServiceClientSync

        return TaskServiceClientSync(self.address)

    @cached_property
    def secrets(self) -> SecretServiceClientSync:
        """The client of SecretService. It does not compress: the length of compressed data can reveal a secret."""
        from flyteidl2.secret.secret_connect import SecretServiceClientSync

        return SecretServiceClientSync(self.address, send_compression=None)

    @cached_property
    def triggers(self) -> TriggerServiceClientSync:
        """The client of TriggerService."""
        from flyteidl2.trigger.trigger_service_connect import TriggerServiceClientSync

        return TriggerServiceClientSync(self.address)

    @cached_property
    def projects(self) -> ProjectServiceClientSync:
        """The client of ProjectService."""
        from flyteidl2.project.project_service_connect import ProjectServiceClientSync

        return ProjectServiceClientSync(self.address)

    @cached_property
    def data(self) -> DataProxyServiceClientSync:
        """The client of DataProxyService."""
        from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyServiceClientSync

        return DataProxyServiceClientSync(self.address)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every call."""
        return self.control_plane.credentials()

    def now(self) -> Connection:
        """Return a connection to the current address of the control plane. Names and endpoints do not change."""
        return self._at(self.control_plane.current_address())

    def for_deletes(self) -> Connection:
        """Return a connection for deletes. It starts the control plane if it is down and still has objects."""
        return self._at(self.control_plane.address_for_deletes())

    def for_previews(self) -> Connection:
        """Return a connection that waits only briefly and does not repeat calls."""
        return Connection(self.config, self.control_plane.current_address(), brief=True)

    def _at(self, address: str) -> Connection:
        return self if address == self.address else Connection(self.config, address)

    def call(
        self,
        method: Method[Any, Response],
        request: Any,
        *,
        what: str,
        headers: Mapping[str, str] | None = None,
        timeout: float = CALL_TIMEOUT,
    ) -> Response:
        """Make a unary call. `what` names it in errors, for example `deploying the app shop/development/web`.

        The call is repeated if the server does not answer. All calls of the plugin are safe to repeat: it looks an
        object up before it creates it, and an update replaces the whole object.
        """
        limit = int(min(timeout, self._timeout) * 1000)
        for attempt in range(1, self._attempts + 1):
            try:
                return method(request, headers={**self.headers, **(headers or {})}, timeout_ms=limit)
            except ConnectError as error:
                if error.code != Code.UNAVAILABLE or attempt == self._attempts:
                    raise explained(error, what, self.control_plane) from error
                time.sleep(0.2 * attempt)
        raise AssertionError("unreachable")

    def look(self, question: Callable[[], Answer]) -> Answer | None:
        """Ask the platform during a preview. Return None if it does not answer, or did not answer before.

        The platform may not run yet, or may refuse the request. Then `up` reports the problems that the preview could
        not find.
        """
        if self._silent.is_set():
            return None
        try:
            return question()
        except UnreachableError:
            self._silent.set()
        except (NotFoundError, AlreadyExistsError):
            raise
        except ApiError:
            pass
        return None


def optional(function: Callable[[], Response]) -> Response | None:
    """Return the result, or None if the object does not exist."""
    try:
        return function()
    except NotFoundError:
        return None
