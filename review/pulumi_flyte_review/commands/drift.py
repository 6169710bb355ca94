"""`pulumi-flyte drift`: what somebody changed outside of Pulumi. It writes nothing but its report."""

from __future__ import annotations

import argparse

from pulumi_flyte_review.commands import report_options, reporting
from pulumi_flyte_review.commands.report_options import Subcommands
from pulumi_flyte_review.engine import pulumi
from pulumi_flyte_review.rendering.masking import Masks
from pulumi_flyte_review.report.building import report_of


def add_to(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("drift", help="report changes outside of Pulumi")
    report_options.add_to(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare the state with the live resources, and write the report. Raises EngineError."""
    program = report_options.program_of(options)
    with reporting.secrets_of(program) as secrets:
        with reporting.progress() as progress:
            preview = pulumi.drift(program, progress=progress, lines=secrets.see)
        report = report_of(preview, drift=True)
        return reporting.write(report, Masks(secrets.values()), options)
