"""The command `pulumi-flyte`. A signal such as Ctrl-C ends it without a traceback, also while modules are imported."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def main() -> int:
    """Run the command, and return its exit code, which is 128 and the number of the signal for one that ended it."""
    _on_signals(_leave)
    from pulumi_flyte_review.commands.main import main as command

    try:
        _on_signals(_interrupt)
        return command()
    except KeyboardInterrupt as interrupt:
        return 128 + (interrupt.args[0] if interrupt.args else signal.SIGINT)
    finally:
        # The interpreter waits for its threads now, and prints a traceback of what interrupts it.
        _on_signals(_leave)


def _on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in _SIGNALS:
        # `nohup` ignores SIGHUP, and a shell ignores Ctrl-C for what it runs in the background.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    """Exit at once. Nothing has begun yet, or everything is done."""
    os._exit(128 + number)


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    """End what runs, so that temporary files are removed and processes end."""
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    sys.exit(main())
