"""The Flyte API as the plugin calls it: the generated clients, one credential, and errors a person can read."""

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
    """Clients of one endpoint. Safe to use from several threads: the generated clients keep no state of a call.

    Each is loaded when it is first used: most previews call nothing, and the generated code takes a while.
    """

    def __init__(self, config: ProviderConfig, address: str | None = None, *, brief: bool = False) -> None:
        """`address`: the URL to call, where it is another one than the endpoint of the settings.

        `brief`: a preview looks, and does not wait for a platform that does not answer.
        """
        self.config = config
        self.control_plane = platforms.control_plane(config)
        self.address = address or config.endpoint
        self._timeout, self._attempts = (BRIEF_TIMEOUT, 1) if brief else (float("inf"), ATTEMPTS)
        self._silent = threading.Event()

    @cached_property
    def apps(self) -> AppServiceClientSync:
        """AppService."""
        from flyteidl2.app.app_service_connect import AppServiceClientSync

        return AppServiceClientSync(self.address)

    @cached_property
    def app_logs(self) -> AppLogsServiceClientSync:
        """AppLogsService."""
        from flyteidl2.app.app_logs_service_connect import AppLogsServiceClientSync

        return AppLogsServiceClientSync(self.address)

    @cached_property
    def tasks(self) -> TaskServiceClientSync:
        """TaskService."""
        from flyteidl2.task.task_service_connect import TaskServiceClientSync

        return TaskServiceClientSync(self.address)

    @cached_property
    def secrets(self) -> SecretServiceClientSync:
        """SecretService. Requests are not compressed: a compressed secret beside known text leaks its length."""
        from flyteidl2.secret.secret_connect import SecretServiceClientSync

        return SecretServiceClientSync(self.address, send_compression=None)

    @cached_property
    def triggers(self) -> TriggerServiceClientSync:
        """TriggerService."""
        from flyteidl2.trigger.trigger_service_connect import TriggerServiceClientSync

        return TriggerServiceClientSync(self.address)

    @cached_property
    def projects(self) -> ProjectServiceClientSync:
        """ProjectService."""
        from flyteidl2.project.project_service_connect import ProjectServiceClientSync

        return ProjectServiceClientSync(self.address)

    @cached_property
    def data(self) -> DataProxyServiceClientSync:
        """DataProxyService."""
        from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyServiceClientSync

        return DataProxyServiceClientSync(self.address)

    @property
    def headers(self) -> dict[str, str]:
        """The headers that every call carries."""
        return self.control_plane.credentials()

    def now(self) -> Connection:
        """Return a connection to where the control plane is now. Names and endpoints stay those of the settings."""
        return self._at(self.control_plane.current_address())

    def for_deletes(self) -> Connection:
        """Return a connection to a control plane that runs if it has anything to delete."""
        return self._at(self.control_plane.address_for_deletes())

    def for_previews(self) -> Connection:
        """Return a connection that waits briefly and asks once."""
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
        """Make one unary call. `what` names it in errors, as in `deploying the app shop/development/web`.

        A server that does not answer is asked again: every call of the plugin may be repeated safely, since creating
        is preceded by looking and updating is a replacement.
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
        """Ask the platform for a preview. Return None if it cannot be asked, now or at an earlier look.

        It may not run yet, or refuse to be looked at: then `up` will say what a preview could not know.
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
