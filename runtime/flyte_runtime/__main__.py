"""`flyte-runtime serve module:attribute [--port N]`, also `python -m flyte_runtime serve …`."""

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
    """Exit codes: 0 stopped by a signal; 2 what was asked for cannot be served (one sentence on stderr); 1 an error of
    the application's own code; 130 or 143 a stop that something held up for more than 27 s, 143 also a stop while the
    application was imported."""
    options = _parser().parse_args(argv)
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:  # which the first process of a container ignores
        signal.signal(signal.SIGTERM, _exit)
    from flyte_runtime.serving.serve import serve

    try:
        serve(options.source, port=options.port, host=options.host, log_level=options.log_level)
    except FlyteRuntimeError as error:
        print(f"flyte-runtime: {error}", file=sys.stderr)
        return 2
    return 0


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    """Stop a process that does not serve yet. From then on, the server handles the signal."""
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="flyte-runtime", description="Serve what runs in a Flyte container.")
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
