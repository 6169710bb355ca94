"""The short way of a client's connection: a small request to an app that is up goes on without a task and without ASGI.

Once the whole request is there, the proxy says whether it may (`ask`). Everything else takes uvicorn's way,
which this protocol only puts off: its callbacks are made a moment later, with the same arguments.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import unquote

from flyte_local.proxy.http import MOMENT, SMALL
from flyte_local.proxy.quick_request import QuickRequest
from flyte_local.web.asgi import Scope
from flyte_local.web.uvicorn_internals import HttpConnection

_ROOT = b"/apps/"
Ask = Callable[[Scope, bytes, bytes], QuickRequest | None]
"""Called with a request's scope, the header that frames its body, and its body."""


class QuickPath(HttpConnection):
    """A client's connection with the short way before uvicorn's."""

    ask: Ask | None = None
    # The body of a request that may go the short way, until it is complete.
    _pieces: list[bytes] | None = None
    _framing = b""
    _quick: QuickRequest | None = None
    # One for the connection: a timer for each request would cost more than the look at one that fires for nothing.
    _watch: asyncio.TimerHandle | None = None

    def on_message_begin(self) -> None:
        """Called by the parser."""
        # The client does not wait for its answer: uvicorn keeps the order.
        self._go_on()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        if self._is_short():
            self._pieces = []
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        if self._pieces is None:
            super().on_body(body)
        else:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._pieces is not None:
            body = b"".join(self._pieces)
            if self._go(body):
                self._pieces = None
                return
            self.take_usual_way()
        super().on_message_complete()

    def take_usual_way(self) -> None:
        """For a request that is not complete yet; called when all that has come was read."""
        pieces, self._pieces = self._pieces, None
        if pieces is None or self.transport.is_closing():
            return
        super().on_headers_complete()
        for piece in pieces:
            super().on_body(piece)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        quick, self._quick = self._quick, None
        if quick is not None:
            quick.forget()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Called by uvicorn when the server ends."""
        self._go_on()
        super().shutdown()

    def _is_short(self) -> bool:
        """Whether it can be passed on in one piece, and nothing is under way here that it would have to wait for."""
        target = self.request_target()
        if (
            self.ask is None
            or not target.startswith(_ROOT)
            or not target.isascii()
            or b"#" in target
            or not self.is_simple_request()
        ):
            return False
        self._framing = b""
        for name, value in self.request_headers():
            if name == b"content-length":
                if int(value) > SMALL:
                    return False
                self._framing = b"content-length: %d\r\n" % int(value)
            elif name == b"transfer-encoding":
                return False
        return True

    def _go(self, body: bytes) -> bool:
        scope = self.request_scope()
        scope["method"] = self.request_method().decode("ascii")
        scope["raw_path"], _, scope["query_string"] = self.request_target().partition(b"?")
        assert self.ask is not None
        quick = self.ask(scope, self._framing, body)
        if quick is None:
            return False
        self._quick = quick
        quick.listen(self._answered, self._go_on)
        if self._watch is None:
            self._watch = self.loop.call_later(MOMENT, self._look)
        return True

    def _look(self) -> None:
        """An answer that takes more than a moment takes the usual way."""
        self._watch = None
        if self._quick is None:
            return
        left = self._quick.at + MOMENT - self.loop.time()
        if left > 0:
            self._watch = self.loop.call_later(left, self._look)
        else:
            self._go_on()

    def _answered(self, answer: bytes) -> None:
        self._quick = None
        self.answer(answer)

    def _go_on(self) -> None:
        """The usual way from here on."""
        quick, self._quick = self._quick, None
        if quick is None:
            return
        quick.scope["path"] = unquote(quick.scope["raw_path"].decode("ascii"))
        self.run_application(quick.go_on(), quick.scope, quick.body)
