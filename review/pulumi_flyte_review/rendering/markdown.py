"""A report as Markdown. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from pulumi_flyte_review.model.report import Change, Others, Report
from pulumi_flyte_review.rendering.sentences import VERBS, Name, Piece, because


def markdown(report: Report) -> str:
    """Return the report as GitHub and GitLab show it."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"### {_code(f'{report.project}/{report.stack}')}: {summary(report)}"
    yield ""
    for change in report.changes:
        yield from _change(change)
    yield from _others(report.others)
    for policy in report.policies:
        word = "stops the update" if policy.mandatory else "advice"
        yield f"- policy {_code(policy.policy)} ({word}): {_inline(policy.message)}"
    for diagnostic in report.diagnostics:
        yield f"- {diagnostic.severity}: {_inline(diagnostic.message)}"


def summary(report: Report) -> str:
    """Return the counts of a report in one line."""
    counts = Counter(change.operation for change in report.changes)
    parts = [f"{VERBS[operation]} {counts[operation]}" for operation in VERBS if counts[operation]]
    total = sum(report.others.counts.values())
    if total:
        parts.append(f"{total} other resource{'s' if total > 1 else ''}")
    return ", ".join(parts) or "no changes"


def _change(change: Change) -> Iterator[str]:
    head = f"- **{VERBS[change.operation]} {change.kind} {_code(change.name)}**"
    notes = []
    if change.replaced_because:
        notes.append(f"since {', '.join(map(_code, change.replaced_because))} cannot change in place")
    if change.restarts:
        notes.append("restarts")
    if notes:
        head += f" ({', '.join(notes)})"
    reasons = [_pieces(because(reason)) for reason in change.reasons]
    if len(reasons) == 1:
        yield f"{head}: {reasons[0]}"
        return
    yield f"{head}:" if reasons else head
    yield from (f"  - {reason}" for reason in reasons)


def _others(others: Others) -> Iterator[str]:
    for operation, names in others.names.items():
        yield f"- {VERBS[operation]} {len(names)} other: {', '.join(map(_code, names))}"


def _pieces(pieces: Iterable[Piece]) -> str:
    return "".join(_code(piece.text) if isinstance(piece, Name) else _inline(piece) for piece in pieces)


def _code(text: str) -> str:
    """Return a code span. Its fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _inline(text: str) -> str:
    """Return words on one line, in which nothing is markup."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", re.sub(r"\s+", " ", text))
