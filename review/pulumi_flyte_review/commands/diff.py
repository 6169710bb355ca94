"""`pulumi-flyte diff`: what an update would change, and why."""

from __future__ import annotations

import argparse
from pathlib import Path

from pulumi_flyte_review.commands import report_options
from pulumi_flyte_review.commands.report_options import Subcommands
from pulumi_flyte_review.engine import pulumi
from pulumi_flyte_review.report.building import report_of


def add_to(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("diff", help="say what an update would change, and why")
    report_options.add_to(parser)
    parser.add_argument("--refresh", action="store_true", help="compare the state with the world first")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Preview, and write the report. Raises EngineError."""
    program = pulumi.Program(Path(options.cwd), options.stack)
    with report_options.progress() as progress:
        preview = pulumi.preview(program, refresh=options.refresh, progress=progress)
    return report_options.write(report_of(preview), options)
