"""One call to an app: its attempts, within its time, within its edge's retry budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx

from flyte_runtime import pacing
from flyte_runtime.errors import CallFailed, CallTimedOut, InvalidCall
from flyte_runtime.policy import Policy
from flyte_runtime.retry import RETRYABLE_STATUSES, Budget, pause, retry_after
from flyte_runtime.transport import transport_for

__all__ = ["Call"]

# The request was never sent, so any method may be tried again.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass
class Call:
    """What is wanted: `build` gives each attempt its request; `repeatable` says whether one that was sent may be sent
    again; `replayable` whether there is a body to send again at all."""

    alias: str
    base: str
    build: Callable[[], httpx.Request]
    policy: Policy
    budget: Budget
    repeatable: bool
    replayable: bool = True

    async def response(self) -> httpx.Response:
        """The response to the last attempt made, body read (unless the request asks to stream it).

        Raises CallTimedOut and CallFailed where no response came.
        """
        self.budget.deposit()
        transport = await transport_for(self.base)
        policy, started, attempt = self.policy, time.monotonic(), 0
        try:
            async with pacing.deadline(policy.total):
                while True:
                    request = self.build()
                    failure: httpx.TransportError | None = None
                    asked: float | None = None
                    try:
                        response = await transport.handle_async_request(request)
                        if not request.extensions.get("streaming"):
                            await response.aread()
                    except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
                        msg = f"{request.method} {request.url} (app {self.alias!r}) cannot be sent: {error}"
                        raise InvalidCall(msg) from error
                    except httpx.TransportError as error:
                        failure = error
                        again = self.repeatable or isinstance(error, _NOT_SENT)
                    else:
                        response.elapsed = timedelta(seconds=time.monotonic() - started)
                        if response.status_code not in RETRYABLE_STATUSES or not self.repeatable:
                            return response
                        again = True
                        asked = retry_after(response.headers.get("Retry-After"))

                    delay = max(pause(attempt, policy.base_delay, policy.max_delay), asked or 0.0)
                    left = policy.total - (time.monotonic() - started)
                    if not (
                        again
                        and self.replayable
                        and attempt < policy.retries
                        and delay < left
                        and self.budget.withdraw()
                    ):
                        if failure is None:
                            return response
                        raise self._failed(request, failure, attempt + 1) from failure
                    if failure is None:
                        await response.aclose()
                    await pacing.sleep(delay)
                    attempt += 1
        except TimeoutError as error:
            raise self._timed_out(attempt + 1) from error

    def _failed(self, request: httpx.Request, failure: Exception, attempts: int) -> CallFailed:
        tried = "" if attempts == 1 else f" after {attempts} attempts"
        detail = str(failure) or type(failure).__name__
        message = f"{request.method} {request.url} (app {self.alias!r}) failed{tried}: {detail}"
        kind = CallTimedOut if isinstance(failure, httpx.TimeoutException) else CallFailed
        return kind(message, alias=self.alias, url=str(request.url), attempts=attempts)

    def _timed_out(self, attempts: int) -> CallTimedOut:
        message = (
            f"app {self.alias!r} at {self.base} gave no response within {self.policy.total:g} s ({attempts} "
            f"{'attempt' if attempts == 1 else 'attempts'}); the limit is the edge's timeout in the Pulumi program, "
            "or timeout= of this call"
        )
        return CallTimedOut(message, alias=self.alias, url=self.base, attempts=attempts)
