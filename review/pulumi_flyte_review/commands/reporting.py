"""Progress, secrets and output of the subcommands that write a report."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pulumi_flyte_review.commands.exit_codes import exit_code
from pulumi_flyte_review.engine import pulumi
from pulumi_flyte_review.engine.stack_secrets import StackSecrets
from pulumi_flyte_review.errors import ReviewError
from pulumi_flyte_review.model.report import Report
from pulumi_flyte_review.rendering.documents import json_text
from pulumi_flyte_review.rendering.markdown import markdown
from pulumi_flyte_review.rendering.masking import Masks
from pulumi_flyte_review.rendering.terminal import terminal

_WIDTH = 100


@contextmanager
def secrets_of(program: pulumi.Program) -> Iterator[StackSecrets]:
    """Provide the secret values of a stack, and mask them in the message of a ReviewError."""
    secrets = StackSecrets(program)
    try:
        yield secrets
    except ReviewError as error:
        raise type(error)(Masks(secrets.readable_values()).text(str(error))) from None


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Provide a function that shows the progress on standard error. It shows nothing if that is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    spinner = Spinner("dots", "pulumi")
    # Otherwise rich would redirect standard output to standard error.
    with Live(spinner, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False):
        yield lambda text: spinner.update(text=f"pulumi: {text}")


def write(report: Report, masks: Masks, options: argparse.Namespace) -> int:
    """Write the report without secret values, and return the exit code."""
    masked = masks.value(report)
    colour = options.output is None and sys.stdout.isatty()
    write_text(rendered(masked, options.format, colour=colour), options.output)
    return exit_code(report, options.fail_on)


def write_text(text: str, output: str | None) -> None:
    """Write to the file of `--output`, or to standard output. Raises ReviewError, and BrokenPipeError."""
    try:
        if output is not None:
            Path(output).write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        place = "standard output" if output is None else f"--output {output}: the file"
        raise ReviewError(f"{place} cannot be written: {error.strerror}") from None


def rendered(report: Report, form: str, *, colour: bool) -> str:
    """Return a report in one of the formats."""
    if form == "json":
        return json_text(report)
    if form == "markdown":
        return markdown(report)
    return terminal(report, width=shutil.get_terminal_size((_WIDTH, 24)).columns, colour=colour)
