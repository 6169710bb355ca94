"""Undocumented parts of uvicorn, behind names that say what they do. Checked with uvicorn 0.54.

uvicorn documents `Config` and `Server`, and that `http=` and `ws=` take other classes. It does not document which
methods these classes must have, or which methods of its own classes can be overridden. Each class below says why it is
needed, and which change in uvicorn would make it unnecessary. The other modules of this package use only `Config` of
uvicorn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import select
import signal
import socket
import threading
from collections.abc import Callable, Generator
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.lifespan.on import LifespanOn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as FastestHttp
else:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as FastestHttp
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as FastestHttp

__all__ = ["CancellableLifespan", "FastestHttp", "HttpConnection", "SignalledServer", "WebSocketConnection"]

# Drops the messages that uvicorn logs about a cancelled lifespan: that it failed, or that the application has none.
_NOWHERE = logging.Logger("flyte_runtime.serving.given_up", level=logging.CRITICAL + 1)
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class HttpConnection:
    """The state of one HTTP connection. `protocol` is uvicorn's protocol for it.

    uvicorn limits neither the time for the head of a request nor the bytes of one read. The time limit was requested in
    github.com/Kludex/uvicorn/issues/157 and not added; there is no upstream issue about the bytes.
    """

    def __init__(self, protocol: FastestHttp) -> None:
        self.protocol: asyncio.Protocol = protocol
        self._state = protocol

    @property
    def transport(self) -> asyncio.Transport:
        """The connection's transport."""
        return self._state.transport

    @property
    def keep_alive(self) -> float:
        """The seconds for which an idle connection is kept (`timeout_keep_alive`)."""
        return self._state.timeout_keep_alive

    def call_later(self, delay: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call a function after `delay` seconds in the connection's event loop."""
        return self._state.loop.call_later(delay, callback)

    def last_request(self) -> object | None:
        """Return an object that identifies the last request whose head has arrived."""
        return self._state.cycle

    def is_answered(self) -> bool:
        """Check that the response to the last request is complete. Return True before the first request."""
        cycle = self._state.cycle
        return cycle is None or cycle.response_complete

    def unfetched_bytes(self) -> int:
        """Return how many bytes of the body have arrived that the application has not fetched yet."""
        return 0 if self.is_answered() else len(self._state.cycle.body)

    def has_unread(self) -> bool:
        """Check whether the kernel has bytes, or the end of the stream, that the event loop has not read yet."""
        unread = select.poll()
        unread.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(unread.poll(0))

    def pause_reading(self) -> None:
        """Stop reading until the application has fetched the bytes that have arrived."""
        self._state.flow.pause_reading()


class WebSocketConnection(WebSocketsSansIOProtocol):
    """One WebSocket. A subclass uses only `transport`, `loop` and the methods below.

    uvicorn waits up to 10 seconds for the peer's close frame (github.com/Kludex/uvicorn/pull/3053). Then it closes the
    transport, but a transport with unsent bytes stays open while the peer does not read. uvicorn would have to abort
    it. There is no upstream issue about that yet.
    """

    def on_finished(self) -> None:
        """Called when the server has finished with the connection. It may be called more than once."""

    async def send(self, message: Any) -> None:
        """Send a message of the application.

        uvicorn waits until the peer reads before it sends a close frame. Here, the close frame is queued behind the
        earlier messages at once. There is no upstream issue about this yet.
        """
        is_stalled = message["type"] == "websocket.close" and not self.writable.is_set()
        if is_stalled:
            self.writable.set()
        await super().send(message)
        if is_stalled:
            self.on_finished()

    async def run_asgi(self) -> None:
        """Called by uvicorn to run the application."""
        try:
            await super().run_asgi()
        finally:
            self.on_finished()

    def is_open(self) -> bool:
        """Check whether the peer may still send and get messages, or is about to."""
        return not self.close_sent and not self.transport.is_closing()

    def restart(self) -> None:
        """Close with 1012, "service restart". A handshake goes on."""
        if self.handshake_complete:
            self.shutdown()

    def shutdown(self) -> None:
        """Called by the server when it ends."""
        super().shutdown()
        self.on_finished()

    def keepalive_timeout(self) -> None:
        """Called by uvicorn when the peer has not answered a ping."""
        super().keepalive_timeout()
        self.on_finished()

    def handle_ping(self) -> None:
        """Send a pong, unless the peer does not read: its pongs would fill the memory.

        RFC 6455 (§5.5.3) does not require a pong for each ping. There is no upstream issue about this yet.
        """
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def send_receive_event_to_app(self) -> None:
        """Close with 1007 on text that is not UTF-8.

        uvicorn 0.54 does so too, but logs it with a traceback as an error of the server. There is no upstream issue
        about this yet.
        """
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.fail(1007, "text is not UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()


class CancellableLifespan(LifespanOn):
    """The lifespan of an application. Its start and its end can be cancelled.

    uvicorn's `startup` and `shutdown` wait for them without a limit. A limit was discussed in
    github.com/Kludex/uvicorn/issues/157, and an interrupt was proposed in github.com/Kludex/uvicorn/pull/2752. Both
    were closed without a change.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._application: asyncio.Task[None] | None = None

    async def main(self) -> None:
        """Called by uvicorn as the task in which the application's lifespan runs."""
        self._application = asyncio.current_task()
        await super().main()

    def has_failed(self) -> bool:
        """Check whether the application has refused to start or stop."""
        return self.should_exit

    def is_starting(self) -> bool:
        """Check whether the application was called and has not reported yet that it has started."""
        return self._application is not None and not self.startup_event.is_set()

    def cancel_start(self) -> None:
        """Cancel a start that is under way. It then counts as failed."""
        self.startup_failed = True
        self._cancel()

    async def cancel_end(self, patience: float) -> None:
        """Cancel a shutdown that is under way. It then counts as failed.

        Wait at most `patience` seconds for the application.
        """
        self.shutdown_failed = True
        self._cancel()
        if self._application is not None:
            await asyncio.wait({self._application}, timeout=patience)

    def _cancel(self) -> None:
        self.logger = _NOWHERE
        if self._application is not None:
            self._application.cancel()


class SignalledServer(uvicorn.Server):
    """A uvicorn server that does not raise the stop signal again after it has stopped.

    uvicorn restores the earlier signal handlers and raises the signal again (github.com/Kludex/uvicorn/pull/1600). The
    process then dies without running its exit handlers. A switch was proposed in github.com/Kludex/uvicorn/pull/402 and
    not added.

    A subclass may override `startup` and `shutdown`, which uvicorn calls at the beginning and the end.
    """

    def told_to_stop(self, number: int) -> None:
        """Called with the number of each stop signal, before uvicorn handles the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Called by uvicorn. It handles the stop signals while the server runs."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called by the interpreter for each stop signal."""
        self.told_to_stop(sig)
        super().handle_exit(sig, frame)

    async def start_with(self, lifespan: CancellableLifespan, sockets: list[socket.socket] | None) -> bool:
        """Start the application and listen. Return False if the lifespan has failed (uvicorn raises SystemExit).

        Raises OSError if a socket cannot be used.
        """
        self.lifespan = lifespan
        try:
            await super().startup(sockets)
        except SystemExit:
            return False
        return True

    def is_told_to_stop(self) -> bool:
        """Check whether a stop signal has come."""
        return self.should_exit

    def is_forced_to_stop(self) -> bool:
        """Check whether a second Ctrl+C has come."""
        return self.force_exit

    def protocols(self) -> list[object]:
        """Return the protocol of each open connection: the wrapper, if uvicorn's protocol is wrapped."""
        return [connection.transport.get_protocol() for connection in self.server_state.connections]

    def stop_listening(self) -> None:
        """Stop taking new connections."""
        for server in self.servers:
            server.close()

    async def stop_within(self, seconds: float, sockets: list[socket.socket] | None) -> None:
        """Close the connections, cancel requests that take longer than `seconds`, and end the lifespan."""
        self.config.timeout_graceful_shutdown = max(1, round(seconds))
        await super().shutdown(sockets)
