"""`pulumi-flyte diff`: what an update would change, and why."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from pulumi_flyte_review.commands import report_options
from pulumi_flyte_review.commands.report_options import Subcommands
from pulumi_flyte_review.commands.tokens import token_text
from pulumi_flyte_review.engine import pulumi
from pulumi_flyte_review.engine.offline.comparison import preview_offline
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Preview
from pulumi_flyte_review.report.building import report_of


def add_to(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("diff", help="say what an update would change, and why")
    report_options.add_to(parser)
    parser.add_argument("--refresh", action="store_true", help="compare the state with the world first")
    parser.add_argument("--offline", action="store_true", help="compare with --base, without state and credentials")
    parser.add_argument("--base", metavar="REF", help="the Git reference that --offline compares with")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Preview, and write the report. Raises EngineError and CheckoutError."""
    if options.offline or options.base is not None:
        return report_options.write(report_of(_offline(options)), options)
    program = pulumi.Program(Path(options.cwd), options.stack)
    with report_options.progress() as progress:
        preview = pulumi.preview(program, refresh=options.refresh, progress=progress)
    return report_options.write(replace(report_of(preview), token=token_text(preview, program)), options)


def _offline(options: argparse.Namespace) -> Preview:
    """Return the preview of the stand-in engine. There is no token: nothing of the stack is looked at."""
    if not options.offline or options.base is None or options.refresh:
        raise EngineError("--offline and --base REF go together, without --refresh: two checkouts are compared")
    return preview_offline(Path(options.cwd), options.base, options.stack)
