"""The command `pulumi-flyte`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pulumi_flyte_review.commands import comment, diff, drift, graph, up
from pulumi_flyte_review.commands.exit_codes import ERROR
from pulumi_flyte_review.errors import ReviewError

# As a shell says it of a command that Ctrl-C ended.
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand, and return the exit code: 1 for an error, which is one message on standard error."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except ReviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="pulumi-flyte", description="Previews that people can read, and that bind.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for command in (diff, drift, graph, up, comment):
        command.add_to(commands)
    return top


if __name__ == "__main__":
    sys.exit(main())
