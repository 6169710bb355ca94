"""`pulumi-flyte up --reviewed`: apply what was reviewed, or refuse."""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from pulumi_flyte_review.binding.review import Review, operations_of
from pulumi_flyte_review.binding.staleness import refusal
from pulumi_flyte_review.binding.token import Token, start_of, token_of
from pulumi_flyte_review.commands import report_options, reporting
from pulumi_flyte_review.commands.exit_codes import NO_CHANGE
from pulumi_flyte_review.commands.report_options import Subcommands
from pulumi_flyte_review.commands.tokens import ciphertexts_of
from pulumi_flyte_review.engine import pulumi
from pulumi_flyte_review.engine.state import fingerprint
from pulumi_flyte_review.errors import ReviewError, StaleReviewError
from pulumi_flyte_review.model.preview import Preview, Step
from pulumi_flyte_review.rendering.documents import report_from_json
from pulumi_flyte_review.report.building import report_of

# If the state changes during a preview, the preview is made again.
_ATTEMPTS = 3


def add_to(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("up", help="apply what was reviewed, or refuse and say what has changed")
    parser.add_argument(
        "--reviewed", required=True, metavar="TOKEN", help="the token of a report, or a file with a JSON report"
    )
    report_options.add_program_to(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Preview again, compare, and apply with the engine's own plan. Raises StaleReviewError and EngineError.

    The state is read before the preview and right before the update. The plan makes the engine refuse other steps than
    those of the preview.
    """
    review = _review(options.reviewed)
    program = report_options.program_of(options)
    with reporting.secrets_of(program) as secrets, reporting.progress() as progress:
        done = _applied(program, review, progress, secrets.see)
    reporting.write_text(f"applied what was reviewed: {_counts(done)}\n", None)
    return NO_CHANGE


def _applied(program: pulumi.Program, review: Review, progress: pulumi.Progress, lines: pulumi.Lines) -> Preview:
    refresh = review.token.is_refreshed
    with tempfile.TemporaryDirectory(prefix="pulumi-flyte-plan-") as folder:
        plan = Path(folder, "plan.json")
        for _ in range(_ATTEMPTS):
            before = fingerprint(program)
            options = ("--save-plan", str(plan))
            preview = pulumi.preview(program, refresh=refresh, options=options, progress=progress, lines=lines)
            _require(review, preview, program)
            if fingerprint(program) == before:
                break
        else:
            raise StaleReviewError(
                f"the state changed during each of {_ATTEMPTS} previews, so somebody else is updating this stack."
                " Nothing was changed. Run the command again once the other update has ended"
            )
        done = pulumi.update(program, plan, refresh=refresh, progress=progress, lines=lines)
    _require_same_start(preview, done)
    return done


def _review(argument: str) -> Review:
    """Return the review of a token or of a file. Raises StaleReviewError and ReviewError."""
    if not os.path.isfile(argument):
        return Review(Token.parse(argument))
    try:
        return Review.of_report(report_from_json(Path(argument).read_bytes()))
    except OSError as error:
        raise ReviewError(f"--reviewed {argument}: the report cannot be read: {error.strerror}") from None


def _require(review: Review, preview: Preview, program: pulumi.Program) -> None:
    """Raise StaleReviewError with the parts that have changed since the review."""
    now = token_of(preview, ciphertexts_of(program, preview.stack))
    reason = refusal(review, now, lambda: operations_of(report_of(preview)))
    if reason is not None:
        raise StaleReviewError(reason)


def _require_same_start(preview: Preview, done: Preview) -> None:
    """Raise StaleReviewError if the update began from another state than the one that was compared.

    Between the last look at the state and the engine's lock of the stack, about a second, another update may end.
    """
    compared = {step.urn: _before(step, preview) for step in preview.steps}
    updated = [step.name for step in done.steps if step.changes and _before(step, preview) != compared.get(step.urn)]
    if updated:
        raise StaleReviewError(
            f"the update was applied, but somebody else had updated {', '.join(updated)} in the second before it began."
            " Look at what they deployed, and review `pulumi-flyte diff` again"
        )


def _before(step: Step, preview: Preview) -> object:
    return start_of(replace(step, live=None, drifted=(), gone=False), refreshed=preview.refreshed)


def _counts(done: Preview) -> str:
    operations = [step.operation for step in done.steps if step.changes]
    counts = (f"{operations.count(each)} {each}" for each in dict.fromkeys(operations))
    return ", ".join(counts) or "nothing had to be changed"
