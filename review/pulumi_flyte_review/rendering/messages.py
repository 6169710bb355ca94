"""Messages of the engine and of policies in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte.naming.urns import is_stack

from pulumi_flyte_review.model.preview import PolicyViolation
from pulumi_flyte_review.model.report import Report
from pulumi_flyte_review.model.urns import name_of
from pulumi_flyte_review.rendering.pieces import Name, Piece, listed


def messages(report: Report) -> Iterator[list[Piece]]:
    """Yield each message of the engine once, with the resources that it is about. One of the whole stack names none."""
    resources: dict[tuple[str, str], list[tuple[Name]]] = {}
    for each in report.diagnostics:
        names = resources.setdefault((each.severity, each.message), [])
        if each.urn is not None and not is_stack(each.urn):
            names.append((Name(name_of(each.urn)),))
    for (severity, message), names in resources.items():
        pieces: list[Piece] = [f"{severity}: {message}"]
        count = f"{len(names):,} resources: " if len(names) > 1 else ""
        yield [*pieces, f" ({count}", *listed(names), ")"] if names else pieces


def violated(violation: PolicyViolation) -> list[Piece]:
    """Return a rule that the update breaks."""
    level = "mandatory" if violation.mandatory else "advisory"
    return ["policy ", Name(violation.policy), f" ({level}): {violation.message}"]
