"""The command `pulumi-flyte`."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from pulumi_flyte_review.commands import comment, consumers, diff, drift, graph, up
from pulumi_flyte_review.commands.exit_codes import ERROR
from pulumi_flyte_review.errors import ReviewError

# As a shell says it of a command whose reader went away.
BROKEN_PIPE = 141
# A variable that shows the traceback of an unexpected error.
TRACEBACK = "PULUMI_FLYTE_TRACEBACK"
COMMANDS = (diff, drift, graph, up, comment, consumers)


class Parser(argparse.ArgumentParser):
    """A parser whose errors exit with 1. argparse itself exits with 2, which means here that there are changes."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ERROR, f"error: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand, and return the exit code: 1 for an error, which is one message on standard error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal of another encoding shows a question mark for what it does not have.
        sys.stdout.reconfigure(errors="replace")
    try:
        options = parser().parse_args(arguments)
        code: int = options.run(options)
        return code
    except ReviewError as error:
        message = str(error)
    except BrokenPipeError:
        return BROKEN_PIPE
    except OSError as error:
        # The machine refuses something, such as a temporary file on a full disk.
        message = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part is not None)
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        message = _unexpected(error)
    finally:
        _drop_what_is_left(sys.stdout)
    print(f"error: {message}", file=sys.stderr)
    return ERROR


def _drop_what_is_left(stream: TextIO) -> None:
    """Leave out what cannot be written: Python tries it again when it ends, and would say that this fails."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _unexpected(error: Exception) -> str:
    """Return a message about a defect of this command. It has no text of the error, which may hold a secret value."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return (
        f"unexpected {type(error).__name__} in {Path(last.filename).name}, line {last.lineno}: this is a defect of"
        f" pulumi-flyte, please report it. {TRACEBACK}=1 shows the traceback, which may have secret values of the stack"
    )


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = Parser(prog="pulumi-flyte", description="Previews that people can read, and that bind.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return top
