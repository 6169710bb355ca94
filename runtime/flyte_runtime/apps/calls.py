"""One call to an app: its attempts, within its total time and the retry budget of its edge."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from flyte_runtime.apps.budget import Budget
from flyte_runtime.apps.options import is_seconds
from flyte_runtime.apps.policy import Policy
from flyte_runtime.apps.pools import transport_for
from flyte_runtime.apps.retry import IDEMPOTENT_METHODS, RETRYABLE_STATUSES, pause, retry_after
from flyte_runtime.apps.template import Template
from flyte_runtime.errors import CallFailed, CallTimedOut, InvalidCall, reason_of
from flyte_runtime.event_loop import pacing

if TYPE_CHECKING:
    from flyte_runtime.apps.options import CallOptions

__all__ = ["Call"]

# After these errors the request was never sent, so any method may be tried again.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Call:
    """A call to an app, with the limits of its edge. `options` are the caller's (`CallOptions`)."""

    def __init__(
        self,
        *,
        alias: str,
        base: str,
        method: str,
        url: str,
        credential: tuple[str, str] | None,
        options: CallOptions,
        policy: Policy,
        budget: Budget,
        streaming: bool,
    ) -> None:
        request_options: dict[str, Any] = dict(options)
        self._policy = _limited(policy, request_options.pop("timeout", None), request_options.pop("retries", None))
        self._alias = alias
        self._base = base
        idempotency_key = request_options.pop("idempotency_key", None)
        self._template = Template(method, url, request_options, idempotency_key)
        self._credential = credential
        self._budget = budget
        self._streaming = streaming
        self._attempts = 0
        self._started = time.monotonic()
        # True if a request may be sent again even though the app may have received it.
        self._repeatable = method in IDEMPOTENT_METHODS or self._template.keyed

    async def response(self) -> httpx.Response:
        """Return the response to the last attempt. Its body is read, unless the call is streaming.

        Raises CallTimedOut or CallFailed if no response came, InvalidCall if the request is not valid, and any error
        that the caller's request body raises while it is read.
        """
        self._budget.deposit()
        try:
            async with pacing.deadline(self._policy.total):
                return await self._until_final()
        except CallFailed:
            raise
        except TimeoutError as error:
            if error is self._body_error():
                raise
            raise self._timed_out() from error

    async def _until_final(self) -> httpx.Response:
        while True:
            request = self._template.build(self._policy, streaming=self._streaming)
            self._attempts += 1
            # Look the transport up again: the attempt before may have failed because its pool was closed.
            outcome = await self._send(await transport_for(self._base), request)
            delay = self._pause_before_next(outcome)
            if isinstance(outcome, httpx.Response):
                if delay is None:
                    return outcome
                await outcome.aclose()
            elif delay is None:
                body_error = self._body_error()
                if body_error is not None:
                    raise body_error
                raise self.failed(request, outcome) from outcome
            await pacing.sleep(delay)

    async def _send(
        self, transport: httpx.AsyncBaseTransport, request: httpx.Request
    ) -> httpx.Response | httpx.TransportError:
        try:
            with self._authenticated(request):
                response = await transport.handle_async_request(request)
            if self._streaming:
                response.stream = _Body(response.stream, self, request)
            else:
                await response.aread()
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            msg = f"{_shown(request)} (app {self._alias!r}) cannot be sent: {error}"
            raise InvalidCall(msg) from error
        except httpx.TransportError as error:
            return error
        except httpx.DecodingError as error:
            raise self.failed(request, error) from error
        response.request = request  # not every transport sets it
        response.elapsed = timedelta(seconds=time.monotonic() - self._started)
        return response

    def _body_error(self) -> Exception | None:
        """Return the error that the caller's request body raised while it was read. It is not a failure of the call."""
        return self._template.upload.failure if self._template.upload is not None else None

    @contextmanager
    def _authenticated(self, request: httpx.Request) -> Iterator[None]:
        """Put the credential on the request only while it is sent, because `response.request` may be printed."""
        if self._credential is None or self._credential[0] in request.headers:
            yield
            return
        name, value = self._credential
        request.headers[name] = value
        try:
            yield
        finally:
            del request.headers[name]

    def _pause_before_next(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Return the seconds until the next attempt, or None if this outcome is final."""
        policy, minimum = self._policy, 0.0
        if isinstance(outcome, httpx.Response):
            if outcome.status_code not in RETRYABLE_STATUSES or not self._repeatable:
                return None
            minimum = retry_after(outcome.headers.get("Retry-After")) or 0.0
        elif not (self._repeatable or isinstance(outcome, _NOT_SENT)):
            return None
        delay = pause(self._attempts - 1, policy.base_delay, policy.max_delay, minimum)
        in_time = delay < policy.total - (time.monotonic() - self._started)
        allowed = in_time and self._attempts <= policy.retries and self._template.replayable
        return delay if allowed and self._budget.withdraw() else None

    def failed(self, request: httpx.Request, failure: httpx.RequestError) -> CallFailed:
        """Return the error for a call whose last request ended in `failure`."""
        tried = "" if self._attempts == 1 else f" after {self._attempts} attempts"
        detail = reason_of(failure)
        message = f"{_shown(request)} (app {self._alias!r}) failed{tried}: {detail}"
        kind = CallTimedOut if isinstance(failure, httpx.TimeoutException) else CallFailed
        return kind(message, alias=self._alias, url=str(request.url), attempts=self._attempts)

    def _timed_out(self) -> CallTimedOut:
        attempts = f"{self._attempts} attempt{'' if self._attempts == 1 else 's'}"
        message = (
            f"app {self._alias!r} at {self._base} gave no response within {self._policy.total:g} s ({attempts}); "
            "the limit is the edge's timeout in the Pulumi program, or timeout= of this call"
        )
        return CallTimedOut(message, alias=self._alias, url=self._base, attempts=self._attempts)


class _Body(httpx.AsyncByteStream):
    """A streamed response body. Its transport errors become CallFailed."""

    def __init__(self, source: Any, call: Call, request: httpx.Request) -> None:
        self._source = source
        self._call = call
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._source:
                yield chunk
        except httpx.TransportError as error:
            raise self._call.failed(self._request, error) from error

    async def aclose(self) -> None:
        await self._source.aclose()


def _limited(policy: Policy, timeout: Any, retries: Any) -> Policy:
    """Return the edge's policy with the caller's limits. Raises InvalidCall."""
    if timeout is not None and not _is_limit(timeout):
        msg = f"timeout={timeout!r}: expected finite seconds above 0, or an httpx.Timeout of finite seconds"
        raise InvalidCall(msg)
    if isinstance(timeout, httpx.Timeout):
        connect, read = (policy.total if limit is None else limit for limit in (timeout.connect, timeout.read))
        policy, timeout = replace(policy, connect=connect, read=read), None
    if retries is not None and not (isinstance(retries, int) and retries >= 0):
        msg = f"retries={retries!r}: expected the number of further attempts, 0 or more"
        raise InvalidCall(msg)
    return policy.with_edge(timeout, retries)


def _is_limit(timeout: Any) -> bool:
    if isinstance(timeout, httpx.Timeout):
        return all(limit is None or _is_limit(limit) for limit in timeout.as_dict().values())
    return is_seconds(timeout)


def _shown(request: httpx.Request) -> str:
    """Return method and URL without the query, which may hold secrets."""
    return f"{request.method} {request.url.copy_with(query=None)}"
