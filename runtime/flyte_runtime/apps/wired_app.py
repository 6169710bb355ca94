"""A wired app as its clients see it: its address, the limits of its edge, and the way to send it a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flyte_runtime.apps.budget import Budget
from flyte_runtime.apps.edge import credential_of, join
from flyte_runtime.apps.policy import Policy

if TYPE_CHECKING:
    import httpx

    from flyte_runtime.apps.options import CallOptions
    from flyte_runtime.contract import AppInput

__all__ = ["WiredApp"]


class WiredApp:
    """The app wired as `alias`, with the policy and the retry budget of its edge.

    `AppHandle`, `SyncApp` and `WebSocket` are clients of one of these.
    """

    def __init__(self, alias: str, policy: Policy) -> None:
        self.alias = alias
        self.policy = policy
        self._budget = Budget()

    def __repr__(self) -> str:
        return f"rt.app({self.alias!r})"

    def __deepcopy__(self, memo: dict[int, object]) -> WiredApp:
        """Return this object, because all clients of an edge share its retry budget."""
        return self

    def __reduce__(self) -> tuple[type[WiredApp], tuple[str, Policy]]:
        """Pickle the alias and the policy. Each process has its own budget."""
        return WiredApp, (self.alias, self.policy)

    @property
    def input(self) -> AppInput:
        """The app's names, URLs and timeouts. Raises a WiringError that says what is missing."""
        from flyte_runtime.container import wiring  # imports pydantic, so not at the top of the module

        return wiring.app_input(self.alias)

    @property
    def url(self) -> str:
        """The URL by which this container reaches the app."""
        return self.input.url

    @property
    def public_url(self) -> str:
        """The URL by which people and other systems reach the app, or the internal URL if it has no public one."""
        return self.input.public_url or self.input.url

    async def send(self, method: str, path: str, options: CallOptions, *, streaming: bool = False) -> httpx.Response:
        """Send a request and return the response. Its body is read, unless `streaming` is true.

        Raises CallFailed, CallTimedOut, InvalidCall, a WiringError.
        """
        from flyte_runtime.apps.calls import Call

        app_input = self.input
        call = Call(
            alias=self.alias,
            base=app_input.url,
            method=method.upper(),
            url=join(app_input.url, path),
            credential=credential_of(app_input),
            options=options,
            policy=self.policy.with_edge(app_input.timeout, app_input.retries),
            budget=self._budget,
            streaming=streaming,
        )
        return await call.response()
