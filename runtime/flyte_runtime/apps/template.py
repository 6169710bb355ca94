"""The request of a call, built again for each attempt."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import httpx

from flyte_runtime.apps.policy import Policy
from flyte_runtime.apps.upload import Upload
from flyte_runtime.errors import InvalidCall
from flyte_runtime.observability import tracing

__all__ = ["Template"]

# The headers that httpx.AsyncClient would send, with our own User-Agent.
_DEFAULTS = (("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate"), ("User-Agent", "flyte-runtime/0.1.0"))


class Template:
    """A request that may be built several times. `options` are those of `httpx.Request`."""

    def __init__(
        self,
        method: str,
        url: str,
        options: dict[str, Any],
        idempotency_key: str | None,
    ) -> None:
        self.method = method
        self.url = _parsed(url)
        headers = _pairs(options.pop("headers", None))
        if isinstance(options.get("content"), (bytearray, memoryview)):
            options["content"] = bytes(options["content"])
        self._named = {name.lower().decode("latin-1") for name, _ in headers}
        if idempotency_key is not None:
            if self.keyed or not idempotency_key:
                why = "the headers have one too" if self.keyed else "it is empty"
                msg = f"idempotency_key={idempotency_key!r} cannot be sent: {why}"
                raise InvalidCall(msg)
            headers.append(("Idempotency-Key", idempotency_key))
            self._named.add("idempotency-key")
        self._headers = [*(pair for pair in _DEFAULTS if pair[0].lower() not in self._named), *headers]
        self._options = options
        self.upload: Upload | None = None

    @property
    def keyed(self) -> bool:
        """True if the request carries an idempotency key."""
        return "idempotency-key" in self._named

    @property
    def replayable(self) -> bool:
        """True if the body can be sent. A stream or a file can be sent only once."""
        return self.upload is None or not self.upload.begun

    def build(self, policy: Policy, *, streaming: bool) -> httpx.Request:
        """Return the request of the next attempt, with a new trace span. Raises InvalidCall."""
        spans = [] if "traceparent" in self._named else tracing.outgoing_headers()
        try:
            request = httpx.Request(
                self.method,
                self.url,
                headers=self._headers + spans,
                extensions={
                    "timeout": {
                        "connect": policy.connect,
                        "read": policy.read,
                        "write": policy.read,
                        "pool": policy.connect,
                    },
                    "streaming": streaming,
                },
                **self._options,
            )
        except (TypeError, ValueError, AttributeError, httpx.InvalidURL) as error:
            msg = f"{self.method} {self.url} cannot be sent: {error}"
            raise InvalidCall(msg) from error
        if not isinstance(request.stream, httpx.ByteStream):
            request.stream = self.upload = Upload(request.stream)
        return request


@lru_cache(maxsize=1024)
def _parsed(url: str) -> httpx.URL:
    """Return the parsed URL. It is cached, because parsing is the slowest step of building a request."""
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        msg = f"{url!r} is not a URL: {error}"
        raise InvalidCall(msg) from error


def _pairs(headers: Any) -> list[tuple[Any, Any]]:
    """Return the headers, in any form that httpx accepts, as pairs of bytes. Raises InvalidCall."""
    if headers is None:
        return []
    try:
        return list(httpx.Headers(headers).raw)
    except (TypeError, ValueError, AttributeError) as error:
        msg = f"headers={type(headers).__name__} cannot be sent: {error}"
        raise InvalidCall(msg) from error
