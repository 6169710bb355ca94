"""A webhook: all checks between a request and a `Delivery`, the cheap ones first."""

# No `from __future__ import annotations` here: FastAPI reads the annotations of `Webhook.__call__`. For a callable
# object it does not know the module in which to look up names.

import inspect
import logging
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, Literal

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypeVar

from flyte_runtime.errors import WebhookError
from flyte_runtime.observability import log_lines
from flyte_runtime.serving.scope_keys import ANSWERED
from flyte_runtime.tasks import task
from flyte_runtime.webhooks import body, payload
from flyte_runtime.webhooks.delivery import Delivery
from flyte_runtime.webhooks.rate import Rate
from flyte_runtime.webhooks.refusal import Refused
from flyte_runtime.webhooks.replays import Earlier, FileReplays, Replays
from flyte_runtime.webhooks.route import path_of, route_of
from flyte_runtime.webhooks.verdict import Accepted, Identity, Refusal, Scheme

__all__ = ["Webhook"]

Payload = TypeVar("Payload", default=Any)
Handler = Callable[[Delivery[Payload]], Awaitable[Any]]
DAY = 24 * 60 * 60


@dataclass
class _Handling:
    """The state of one request: the fields of its audit line, and the identities that it has claimed."""

    request: Request
    started: float
    token: str = ""
    accepted: Accepted | None = None
    identities: tuple[Identity, ...] = ()
    claimed: bool = False
    size: int | None = None
    runs: list[str] | None = None
    refused_as: Literal["refused", "ignored", "duplicate"] = "refused"


class Webhook(Generic[Payload]):
    """A webhook. Use it as a FastAPI dependency (`Depends(hook)`), or with `hook.endpoint` in plain Starlette.

    scheme: the way in which senders prove who they are.
    model: the type of the payload: a pydantic model, or any type that pydantic supports.
    tasks: the aliases of the tasks that a delivery may start, or a mapping from aliases to the models of their inputs.
    events: the kinds of events that are handled. Others, such as GitHub's ping, are answered with 200 and ignored.
    name: the name of the webhook. It is part of the names of runs, so do not change it. Default: the scheme's name.
    max_body: the largest body, in bytes.
    rate: the limits on the number of deliveries.
    window: the time for which a repeated delivery is recognized, in seconds.
    lease: the longest time that one delivery may take, in seconds. After it, its process counts as dead.
    replays: the store that recognizes repeated deliveries.

    A repeated delivery at the same route is answered with 200 and the runs of the first one, or with 409 while the
    first one is being handled. A delivery that failed (an exception, or a status of 400 and above) may come again.

    A sender can cause only Refused, with a 4xx. If there is no key or the store cannot be used, the answer is a 503,
    and a line in the log says why.
    """

    def __init__(
        self,
        scheme: Scheme,
        *,
        model: type[Payload] | None = None,
        tasks: Iterable[str] | Mapping[str, Any] = (),
        events: Iterable[str] | None = None,
        name: str | None = None,
        max_body: int = 1024 * 1024,
        rate: Rate | None = None,
        window: float = DAY,
        lease: float = 600,
        replays: Replays | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.scheme = scheme
        self.name = name or scheme.name
        self.max_body = max_body
        self.window = window
        self.lease = lease
        self._model = None if model is None else TypeAdapter(model)
        self._tasks = _models_by_alias(tasks)
        for alias in self._tasks:
            task(alias)  # declare it, so that a container without its wiring does not start
        self._events = None if events is None else frozenset(_checked_names("events", events))
        self._rate = rate
        self._replays = replays
        self._clock = clock

    def __repr__(self) -> str:
        return f"Webhook({self.scheme!r}, name={self.name!r})"

    async def __call__(self, request: Request, response: Response) -> AsyncIterator[Delivery[Payload]]:
        """Yield the delivery as a FastAPI dependency, and record the outcome after the route has run."""
        handling = _Handling(request, time.perf_counter())
        delivery = await self._admit(handling)
        # A dependency does not see a Response that the route returns, but the access log of `rt.serve` does.
        exchange = request.scope.get(ANSWERED)
        try:
            yield delivery
        except BaseException as error:
            self._end(handling, getattr(exchange, "status", None) or _status(error), error)
            raise
        if exchange is None:
            self._end(handling, response.status_code or 200)
        elif exchange.status is None:  # FastAPI before 0.118, or scope="function": the answer is not sent yet
            exchange.at_end(partial(self._end, handling))
        else:
            self._end(handling, exchange.status)

    def endpoint(self, handler: Handler[Payload]) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint for Starlette: `Route(path, hook.endpoint(handler), methods=["POST"])`.

        The handler takes the delivery and returns a Response, or data for a JSON response, which may hold pydantic
        models. Raises WebhookError for a function that is not `async def`.
        """
        if inspect.isroutine(handler) and not inspect.iscoroutinefunction(handler):
            msg = (
                f"{handler.__qualname__}: a webhook's handler must be async def, so that it can wait for a run's start"
            )
            raise WebhookError(msg)

        async def handle(request: Request) -> Response:
            handling = _Handling(request, time.perf_counter())
            try:
                delivery = await self._admit(handling)
            except Refused as refused:
                return refused.response()
            try:
                answer = await handler(delivery)
                response = answer if isinstance(answer, Response) else JSONResponse(to_jsonable_python(answer))
            except Refused as refused:
                self._end(handling, refused.status_code, refused)
                return refused.response()
            except BaseException as error:
                self._end(handling, _status(error), error)
                raise
            self._end(handling, response.status_code)
            return response

        return handle

    async def _admit(self, handling: _Handling) -> Delivery[Payload]:
        """Return the delivery. Every other outcome is a Refused with an audit line."""
        try:
            return await self._checked(handling)
        except Refused as refused:
            refused.headers = {**_unread(handling), **(refused.headers or {})}
            self._audit(handling, handling.refused_as, refused.status_code, refused.reason)
            raise
        except (WebhookError, sqlite3.Error) as error:
            self._audit(handling, "failed", 503, str(error))
            headers = {"retry-after": "30", **_unread(handling)}
            raise Refused(503, "the webhook cannot take deliveries just now", headers=headers) from error

    async def _checked(self, handling: _Handling) -> Delivery[Payload]:
        request = handling.request
        headers = request.scope["headers"]
        now = self._clock()
        await self._limit("address", request.client.host if request.client else "")
        body.check_head(headers, self.max_body)
        claim = self.scheme.claim(headers, now)
        if isinstance(claim, Refusal):
            raise _refused(claim)
        content = await body.read(request, self.max_body)
        handling.size = len(content)
        verdict = claim(content)
        if isinstance(verdict, Refusal):
            raise _refused(verdict)
        handling.accepted = verdict
        body.keep(request, content, self.name)
        await self._limit("key", verdict.key)
        if self._events is not None and verdict.event not in self._events:
            handling.refused_as = "ignored"
            raise Refused(200, {"ignored": verdict.event}, reason="this event is not one of the hook's events")
        model = self._model
        value = payload.parsed(content) if model is None else payload.validated(model, content)
        self._claim(handling, verdict, now)
        delivery = Delivery(
            self.name, value, content, verdict.key, verdict.delivery, verdict.event, self._tasks, caller=verdict.caller
        )
        handling.runs = delivery.runs
        return delivery

    async def _limit(self, kind: Literal["key", "address"], sender: str) -> None:
        wait = None if self._rate is None else await self._rate.wait(kind, self.name, sender)
        if wait is not None:
            headers = {"retry-after": str(wait)}
            raise Refused(429, f"too many deliveries of this {kind}: wait {wait} s", headers=headers)

    def _claim(self, handling: _Handling, accepted: Accepted, now: float) -> None:
        if not accepted.identities:
            return
        if self._replays is None:
            self._replays = FileReplays()
        scope = handling.request.scope
        places = {"route": route_of(scope), "path": path_of(scope)}
        handling.identities = tuple(
            replace(
                identity,
                text=f"{self.name} {places[identity.place]} {identity.text}",
                seconds=self.window if identity.seconds is None else identity.seconds,
            )
            for identity in accepted.identities
        )
        handling.token = secrets.token_hex(8)
        earlier = self._replays.claim(handling.identities, handling.token, now, now + self.lease)
        if earlier is None:
            handling.claimed = True
            return
        if earlier.status is None:
            raise Refused(409, "this delivery is being handled", headers={"retry-after": "5"})
        handling.refused_as = "duplicate"
        handling.runs = list(earlier.runs)
        answer = {"duplicate": accepted.delivery, "runs": handling.runs}
        raise Refused(200, answer, reason="this delivery was here before")

    def _end(self, handling: _Handling, status: int, error: BaseException | None = None) -> None:
        """Record the outcome. `status` was answered; an error may come later, from a background task after a 200."""
        worst = status if error is None else max(status, _status(error))
        if handling.claimed and self._replays is not None:
            try:
                if worst < 400:
                    earlier = Earlier(status, tuple(handling.runs or ()))
                    self._replays.settle(handling.identities, handling.token, earlier, self._clock())
                else:
                    self._replays.release(handling.identities, handling.token)
            except sqlite3.Error as problem:
                # The claim expires after the lease. Until then the sender gets 409.
                record = {"audit": "webhook", "hook": self.name, "outcome": "not written down", "reason": str(problem)}
                log_lines.write(log_lines.AUDIT, logging.ERROR, record)
        outcome = "accepted" if worst < 400 else "failed" if worst >= 500 else "refused"
        reason = error.reason if isinstance(error, Refused) else type(error).__name__ if error else None
        self._audit(handling, outcome, status, reason)

    def _audit(self, handling: _Handling, outcome: str, status: int, reason: str | None) -> None:
        accepted = handling.accepted
        client = handling.request.client
        level = logging.ERROR if outcome == "failed" else logging.WARNING if outcome == "refused" else logging.INFO
        log_lines.write(
            log_lines.AUDIT,
            level,
            {
                "audit": "webhook",
                "hook": self.name,
                "scheme": self.scheme.name,
                "outcome": outcome,
                "status": status,
                "reason": reason,
                "delivery": accepted and accepted.delivery,
                "event": accepted and accepted.event,
                "key": accepted and accepted.key,
                "address": client.host if client else None,
                "bytes": handling.size,
                "runs": handling.runs or None,
                "ms": round((time.perf_counter() - handling.started) * 1000, 2),
            },
        )


def _models_by_alias(tasks: Iterable[str] | Mapping[str, Any]) -> dict[str, TypeAdapter[Any] | None]:
    models = tasks if isinstance(tasks, Mapping) else dict.fromkeys(_checked_names("tasks", tasks))
    return {alias: None if model is None else TypeAdapter(model) for alias, model in models.items()}


def _checked_names(argument: str, names: Iterable[str]) -> Iterable[str]:
    if isinstance(names, str):  # it would be taken as a list of letters
        msg = f"{argument} is the text {names!r}: pass a list, [{names!r}]"
        raise WebhookError(msg)
    return names


def _unread(handling: _Handling) -> dict[str, str]:
    """Return the headers of an answer that is sent before the body was read."""
    return body.headers_for_unread(handling.request.scope["headers"]) if handling.size is None else {}


def _refused(refusal: Refusal) -> Refused:
    return Refused(refusal.status, refusal.detail or refusal.reason, reason=refusal.reason)


def _status(error: BaseException) -> int:
    return error.status_code if isinstance(error, HTTPException) else 500
