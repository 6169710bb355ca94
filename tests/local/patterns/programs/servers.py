"""Servers of every make: hooks around one's own, a plain one with arguments, Streamlit in one file."""

import asyncio
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import flyte
import flyte.app

FILE = Path(__file__).name


class Handler(BaseHTTPRequestHandler):
    text = "nothing"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *_: object) -> None:
        pass


plain_env = flyte.app.AppEnvironment(
    name="plain",
    args=["python", FILE, "plain", "--greeting", "$GREETING", "--port", "9137"],
    port=9137,
    parameters=[flyte.app.Parameter("greeting", "moin", env_var="GREETING")],
    requires_auth=False,
)

board_env = flyte.app.AppEnvironment(
    name="board",
    args=["streamlit", "run", FILE, "--server.port", "8080", "--", "board"],
    requires_auth=False,
)

lived_env = flyte.app.AppEnvironment(
    name="lived",
    parameters=[flyte.app.Parameter("word", "grown"), flyte.app.Parameter("diary", os.environ.get("DIARY", "-"))],
    requires_auth=False,
)
state: dict[str, str] = {}


@lived_env.on_startup
async def born(word: str, diary: str) -> None:
    state["word"] = word
    Path(diary).write_text("born\n")


@lived_env.server
async def live(word: str, diary: str) -> None:
    """Return after SIGTERM. A server that the signal kills does not reach `on_shutdown`."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    Handler.text = f"{state['word']} and {flyte.app.get_parameter('word')}"
    server = HTTPServer(("127.0.0.1", lived_env.get_port().port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    await stop.wait()
    server.shutdown()


@lived_env.on_shutdown
async def gone(word: str, diary: str) -> None:
    Path(diary).write_text(Path(diary).read_text() + f"gone, {state['word']}\n")


served_env = flyte.app.AppEnvironment(
    name="served",
    parameters=[flyte.app.Parameter("diary", os.environ.get("DIARY", "-"))],
    requires_auth=False,
)


@served_env.server
async def serve() -> None:
    """Serve with uvicorn, as Flyte's examples do. When a signal stops uvicorn, it raises the signal again."""
    import uvicorn

    async def application(scope, receive, send):  # type: ignore[no-untyped-def]
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"served"})

    await uvicorn.Server(uvicorn.Config(application, port=8080)).serve()


@served_env.on_shutdown
async def tidy(diary: str) -> None:
    Path(diary).with_name("served.txt").write_text("tidied\n")


if __name__ == "__main__" and "plain" in sys.argv:
    options = dict(zip(sys.argv[2::2], sys.argv[3::2], strict=True))
    Handler.text = options["--greeting"]
    HTTPServer(("127.0.0.1", int(options["--port"])), Handler).serve_forever()

if __name__ == "__main__" and "board" in sys.argv:
    import streamlit as st

    st.title("Sales of today")
    st.write(f"Hello, {st.text_input('Who looks?', 'Ada')}")
