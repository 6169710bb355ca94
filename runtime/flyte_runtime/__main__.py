"""The command line: `flyte-runtime serve module:attribute [--port N]`, also `python -m flyte_runtime serve …`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from flyte_runtime.errors import FlyteRuntimeError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    - 0: a signal stopped the server.
    - 1: the application's code raised an error.
    - 2: the application cannot be served; stderr has one sentence that says why.
    - 130 or 143: the server had not stopped 27 s after the signal.
    - 143: the signal came while the application was imported.
    """
    options = _parser().parse_args(argv)
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        # The first process of a container ignores a signal that it does not handle.
        signal.signal(signal.SIGTERM, _exit)
    from flyte_runtime.serving.serve import serve

    try:
        serve(options.source, port=options.port, host=options.host, log_level=options.log_level)
    except FlyteRuntimeError as error:
        print(f"flyte-runtime: {error}", file=sys.stderr)
        return 2
    return 0


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    """End a process that does not serve yet. Once it serves, the server handles the signal."""
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="flyte-runtime", description="Serve an application in a Flyte container.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve an ASGI application")
    serve.add_argument("source", metavar="MODULE:ATTRIBUTE", help="the application, for example backend:app")
    serve.add_argument("--port", type=_port, help="default 8080; the variable PORT wins")
    serve.add_argument("--host", help="default 0.0.0.0; on the local platform 127.0.0.1")
    serve.add_argument("--log-level", default="info", choices=["critical", "error", "warning", "info", "debug"])
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        msg = f"{text!r}: expected a number between 1 and 65535"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
