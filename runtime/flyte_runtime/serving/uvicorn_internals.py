"""The parts of uvicorn that it does not document, behind names that say what they do. Checked with uvicorn 0.54.

uvicorn documents `Config`, `Server`, and that `http=` and `ws=` take classes of its user's; it does not document what
uvicorn calls on such a class, nor what can be overridden in its own. Each class below says why it is needed and which
change of uvicorn's would let it go. Nothing else in this room uses a name of uvicorn's beyond `Config`.
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

# Takes what uvicorn logs of a lifespan that was cancelled: that it failed, or that there is none.
_NOWHERE = logging.Logger("flyte_runtime.serving.given_up", level=logging.CRITICAL + 1)
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class HttpConnection:
    """The state of one HTTP connection. `protocol` is uvicorn's protocol for it.

    uvicorn has no limit on how long the head of a request may take, and none on how much it reads at once. The former
    was asked for in github.com/Kludex/uvicorn/issues/157 (closed without it); there is no upstream issue for the
    latter yet.
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
        """Return an object that stands for the last request whose head has arrived."""
        return self._state.cycle

    def is_answered(self) -> bool:
        """Check that the last request has its whole response. It is True before the first request."""
        cycle = self._state.cycle
        return cycle is None or cycle.response_complete

    def unfetched_bytes(self) -> int:
        """Return the size of the part of the body that has arrived and that the application has not fetched."""
        return 0 if self.is_answered() else len(self._state.cycle.body)

    def has_unread(self) -> bool:
        """Check whether the kernel has bytes, or an end, that the event loop has not read yet."""
        unread = select.poll()
        unread.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(unread.poll(0))

    def pause_reading(self) -> None:
        """Read no more until the application has fetched what has arrived."""
        self._state.flow.pause_reading()


class WebSocketConnection(WebSocketsSansIOProtocol):
    """One WebSocket. A subclass uses `transport`, `loop` and the methods below, and nothing else of uvicorn's.

    uvicorn waits up to 10 seconds for the peer's close frame (github.com/Kludex/uvicorn/pull/3053). Then it closes the
    transport, which still waits for a peer that reads nothing: it would have to abort the transport. There is no
    upstream issue for that yet.
    """

    def on_finished(self) -> None:
        """Called whenever the server has no more to do with the connection; it may be called more than once."""

    async def send(self, message: Any) -> None:
        """Send a message of the application. A close frame does not wait until the peer has read the earlier ones, as
        uvicorn does: it goes behind them. There is no upstream issue for this yet."""
        is_stalled = message["type"] == "websocket.close" and not self.writable.is_set()
        if is_stalled:
            self.writable.set()
        await super().send(message)
        if is_stalled:
            self.on_finished()

    async def run_asgi(self) -> None:
        """Called by uvicorn for the application's whole work."""
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
        """Called by uvicorn when the peer has answered no ping."""
        super().keepalive_timeout()
        self.on_finished()

    def handle_ping(self) -> None:
        """Send a pong, unless the peer does not read: its pongs would fill the memory. RFC 6455 (§5.5.3) does not ask
        for a pong to each ping. There is no upstream issue for this yet."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def send_receive_event_to_app(self) -> None:
        """Close with 1007 on text that is not UTF-8. uvicorn 0.54 does so as well, but logs it as an error of the
        server with a traceback. There is no upstream issue for this yet."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.fail(1007, "text is not UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()


class CancellableLifespan(LifespanOn):
    """The lifespan of an application, whose start and end can be cancelled. `startup` and `shutdown` wait for them.

    uvicorn waits for both without a limit. A limit was considered in github.com/Kludex/uvicorn/issues/157, and
    interrupting them was proposed in github.com/Kludex/uvicorn/pull/2752; both are closed without it.
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
        """Check whether the application has been called and has not said yet that it has started."""
        return self._application is not None and not self.startup_event.is_set()

    def cancel_start(self) -> None:
        """Cancel a start that is under way: it counts as failed."""
        self.startup_failed = True
        self._cancel()

    async def cancel_end(self, patience: float) -> None:
        """Cancel an end that is under way: it counts as failed. Wait for the application for at most `patience`."""
        self.shutdown_failed = True
        self._cancel()
        if self._application is not None:
            await asyncio.wait({self._application}, timeout=patience)

    def _cancel(self) -> None:
        self.logger = _NOWHERE
        if self._application is not None:
            self._application.cancel()


class SignalledServer(uvicorn.Server):
    """uvicorn's server, which does not raise the signal again that has ended it.

    uvicorn restores the earlier handlers and raises the signal once more (github.com/Kludex/uvicorn/pull/1600), so that
    a process dies of it and nobody's exit handlers run. A switch was proposed in
    github.com/Kludex/uvicorn/pull/402 (closed without it).

    A subclass may override `startup` and `shutdown`, which uvicorn calls at the beginning and the end.
    """

    def told_to_stop(self, number: int) -> None:
        """Called with the number of each stop signal, before uvicorn handles it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Called by uvicorn around its work."""
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
        """Called by the interpreter with a signal."""
        self.told_to_stop(sig)
        super().handle_exit(sig, frame)

    async def start_with(self, lifespan: CancellableLifespan, sockets: list[socket.socket] | None) -> bool:
        """Start the application and listen. Return False where the lifespan has failed, which uvicorn tells by
        SystemExit. Raises OSError where a socket cannot be used."""
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
        """Return the protocol of each open connection, as its transport has it: a wrapper stands for what it wraps."""
        return [connection.transport.get_protocol() for connection in self.server_state.connections]

    def stop_listening(self) -> None:
        """Take no new connections."""
        for server in self.servers:
            server.close()

    async def stop_within(self, seconds: float, sockets: list[socket.socket] | None) -> None:
        """Close what is open, cancel requests that take longer than `seconds`, and end the lifespan."""
        self.config.timeout_graceful_shutdown = max(1, round(seconds))
        await super().shutdown(sockets)
