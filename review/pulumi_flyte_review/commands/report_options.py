"""What the subcommands that write a report have in common: options, progress, output and exit code."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_flyte_review.model.report import Report
from pulumi_flyte_review.rendering.documents import json_text
from pulumi_flyte_review.rendering.markdown import markdown
from pulumi_flyte_review.rendering.terminal import terminal

if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subcommands = object

NO_CHANGE, CHANGES, FAILED_ON = 0, 2, 3
FORMATS = ("text", "markdown", "json")
KINDS = ("delete", "replace", "contract", "reachability", "policy", "drift", "any")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--stack", "-s", help="the name of the stack; default: the selected one")
    parser.add_argument("--cwd", "-C", default=".", help="the folder of the program")
    parser.add_argument("--format", "-f", choices=FORMATS, default="text")
    parser.add_argument("--output", "-o", help="a file for the report; default: standard output")
    parser.add_argument(
        "--fail-on", default="", metavar="KINDS", type=_kinds, help=f"exit with 3 on any of: {', '.join(KINDS)}"
    )


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in text.split(",") if kind.strip())
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown kind {unknown[0]!r}; there are {', '.join(KINDS)}")
    return kinds


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Give a function that shows on standard error what happens now. It shows nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("pulumi preview") as status:
        yield lambda text: status.update(f"pulumi preview: {text}")


def write(report: Report, options: argparse.Namespace) -> int:
    """Write the report, and return the exit code."""
    text = _rendered(report, options.format, to_file=options.output is not None)
    if options.output is None:
        sys.stdout.write(text)
    else:
        Path(options.output).write_text(text)
    return exit_code(report, options.fail_on)


def _rendered(report: Report, form: str, *, to_file: bool) -> str:
    if form == "json":
        return json_text(report)
    if form == "markdown":
        return markdown(report)
    width = shutil.get_terminal_size((100, 24)).columns
    return terminal(report, width=width, colour=not to_file and sys.stdout.isatty())


def exit_code(report: Report, fail_on: tuple[str, ...]) -> int:
    """Return 0 for no change, 2 for changes, and 3 for one of the kinds in `fail_on`."""
    changes = bool(report.changes or report.others.counts)
    operations = {change.operation for change in report.changes} | set(report.others.counts)
    present = {
        "delete": "delete" in operations,
        "replace": "replace" in operations,
        "contract": bool(report.contracts),
        "reachability": bool(report.reachability.gained or report.reachability.lost),
        "policy": bool(report.policies),
        "drift": any("drift" in type(reason).__name__.lower() for each in report.changes for reason in each.reasons),
        "any": changes,
    }
    if any(present[kind] for kind in fail_on):
        return FAILED_ON
    return CHANGES if changes else NO_CHANGE
