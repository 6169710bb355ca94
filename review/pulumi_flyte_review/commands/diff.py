"""`pulumi-flyte diff`: what an update would change, and why."""

from __future__ import annotations

import argparse
from dataclasses import replace

from pulumi_flyte_review.commands import policies, report_options, reporting
from pulumi_flyte_review.commands.consumers import warn_of_unread
from pulumi_flyte_review.commands.report_options import Subcommands
from pulumi_flyte_review.commands.tokens import token_text
from pulumi_flyte_review.engine import pulumi
from pulumi_flyte_review.engine.backend import full_name, read_backend
from pulumi_flyte_review.engine.offline.comparison import preview_offline
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.rendering.masking import Masks
from pulumi_flyte_review.report.building import report_of
from pulumi_flyte_review.report.consumers import with_consumers


def add_to(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("diff", help="report what an update would change, and why")
    report_options.add_to(parser)
    parser.add_argument("--refresh", action="store_true", help="compare the state with the live resources first")
    parser.add_argument("--offline", action="store_true", help="compare with --base, without state and credentials")
    parser.add_argument("--base", metavar="REF", help="the Git reference that --offline compares with")
    policies.add_to(parser)
    parser.add_argument(
        "--consumers", action="store_true", help="check the other stacks of the backend for uses that break"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Preview, and write the report. Raises EngineError, CheckoutError and UnusablePoliciesError."""
    rules = policies.policies_of(options)
    if options.offline or options.base is not None:
        return _run_offline(options, rules)
    program = report_options.program_of(options)
    with reporting.secrets_of(program) as secrets:
        with reporting.progress() as progress:
            preview = pulumi.preview(program, refresh=options.refresh, progress=progress, lines=secrets.see)
        checked = policies.checked(preview, rules)
        if options.consumers:
            backend = read_backend(program.folder)
            warn_of_unread(backend)
            checked = with_consumers(checked, backend.states, full_name(program, preview, backend))
        report = replace(report_of(checked), token=token_text(preview, program))
        return reporting.write(report, Masks(secrets.values()), options)


def _run_offline(options: argparse.Namespace, rules: policies.Policies) -> int:
    """Compare two checkouts. There is no token and no secret value, as nothing of the stack is looked at."""
    if not options.offline or options.base is None or options.refresh or options.consumers:
        raise EngineError(
            "--offline and --base REF go together, without --refresh and --consumers: two checkouts are compared"
        )
    report = report_of(
        policies.checked(preview_offline(report_options.folder_of(options), options.base, options.stack), rules)
    )
    return reporting.write(report, Masks(()), options)
