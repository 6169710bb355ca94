"""JSON over HTTP, as all hosts speak it. A failure is one message for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from pulumi_flyte_review.errors import HostBusyError, HostError

T = TypeVar("T")
Refusal = Callable[[httpx.Response], str]

# Answers after which the same call can succeed.
BUSY = frozenset({429, 500, 502, 503, 504})
# Headers that say when a limit ends, in seconds since 1970: of GitHub, of GitLab.
RESETS = ("x-ratelimit-reset", "ratelimit-reset")


class Api:
    """A host's API under one base URL. refusal: returns what to do about an answer that is an error."""

    def __init__(self, host: str, base: str, headers: Mapping[str, str], secret: str, refusal: Refusal) -> None:
        self._host = host
        self._base = httpx.URL(base.rstrip("/") + "/")
        self._secret = secret
        self._refusal = refusal
        if self._base.scheme not in {"http", "https"} or not self._base.host or self._base.userinfo:
            raise HostError(
                f"The address of {host}'s API is {self._hide(base)!r}. "
                "It must begin with https:// and hold no password."
            )
        self._client = httpx.AsyncClient(
            headers={"User-Agent": "pulumi-flyte", **headers}, timeout=httpx.Timeout(15), follow_redirects=True
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def call(
        self,
        method: str,
        path: str,
        shape: TypeAdapter[T],
        *,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> tuple[T, httpx.Response]:
        """Return the answer, checked against the shape. path: relative to the base, or the URL of another page."""
        response = await self._send(method, self._base.join(path), json, params)
        try:
            return shape.validate_json(response.content), response
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in problem["loc"]) or "the answer"
            raise HostError(
                f"{self._host} answered {method} {response.url.path} with something else than its API promises "
                f"({place}: {problem['msg']}). Is {self._base} the address of the API? --api sets another one."
            ) from None

    async def change(self, method: str, path: str, shape: TypeAdapter[T], json: Mapping[str, object]) -> bool:
        """Replace what is at the path. Return False if it is gone."""
        try:
            await self.call(method, path, shape, json=json)
        except NotFoundError:
            return False
        return True

    async def delete(self, path: str) -> None:
        """Delete what is at the path, unless it is gone."""
        with suppress(NotFoundError):
            await self._send("DELETE", self._base.join(path), None, None)

    async def _send(
        self, method: str, url: httpx.URL, json: Mapping[str, object] | None, params: Mapping[str, str] | None
    ) -> httpx.Response:
        if (url.scheme, url.host, url.port) != (self._base.scheme, self._base.host, self._base.port):
            raise HostError(f"{self._host} names a page on another server, {url.host}. The token is not sent there.")
        try:
            response = await self._client.request(method, url, json=json, params=params)
        except httpx.TimeoutException:
            raise HostBusyError(f"{self._host} did not answer {method} {url.path} in time.") from None
        except httpx.HTTPError as error:
            problem = self._hide(str(error)) or type(error).__name__
            raise HostBusyError(f"{self._host} cannot be reached at {self._base}: {problem}") from None
        if response.is_success:
            return response
        raise self._failure(method, response)

    def _failure(self, method: str, response: httpx.Response) -> HostError:
        reason = self._hide(reason_of(response))
        call = f"{self._host} answered {method} {response.url.path} with {response.status_code}: {reason}"
        if response.status_code in BUSY or is_rate_limit(response, reason):
            return HostBusyError(call, wait_of(response))
        advice = self._refusal(response)
        return ERRORS.get(response.status_code, HostError)(f"{call} {advice}".strip())

    def _hide(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text


class NotFoundError(HostError):
    """There is nothing under this address, or the token may not see it."""


class UnauthorizedError(HostError):
    """The host does not accept the token."""


ERRORS: Mapping[int, type[HostError]] = {401: UnauthorizedError, 404: NotFoundError, 410: NotFoundError}


def reason_of(response: httpx.Response) -> str:
    """Return a host's own words about an error, on one line, with a full stop."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    reason = response.reason_phrase
    match answer:
        # Bitbucket.
        case {"error": {"message": str(message)}}:
            reason = message
        # GitHub, and GitLab.
        case {"message": str(message), "errors": [*problems]}:
            details = [problem.get("message") if isinstance(problem, dict) else problem for problem in problems]
            reason = ", ".join([message, *(str(detail) for detail in details if detail)])
        case {"message": str(message)}:
            reason = message
        case {"message": dict(fields)}:
            reason = ", ".join(f"{field} {problem}" for field, problem in fields.items())
        case {"error": str(message)}:
            reason = f"{message} {answer.get('error_description', '')}"
    words = " ".join(reason.split())[:300]
    return words if words.endswith((".", "!", "?")) else f"{words}."


def is_rate_limit(response: httpx.Response, reason: str) -> bool:
    """Return whether a refusal is a limit in disguise: GitHub answers with 403 then."""
    if response.status_code != httpx.codes.FORBIDDEN:
        return False
    headers = response.headers
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or "rate limit" in reason.lower()


def wait_of(response: httpx.Response) -> float | None:
    """Return the seconds that a host asks to wait, None if it does not."""
    now = datetime.now(timezone.utc).timestamp()
    after = response.headers.get("retry-after", "")
    if after.isdecimal():
        return float(after)
    if after:
        try:
            return max(parsedate_to_datetime(after).timestamp() - now, 0.0)
        except ValueError:
            return None
    is_used_up = "0" in {response.headers.get(name) for name in ("x-ratelimit-remaining", "ratelimit-remaining")}
    reset = next((response.headers[name] for name in RESETS if name in response.headers), "")
    if is_used_up and reset.isdecimal():
        return max(float(reset) - now, 0.0)
    # GitHub's rule for its secondary limits: wait for a minute at least.
    return 60.0 if response.status_code in {403, 429} else None
