"""A report as a section of a comment. Pure."""

from __future__ import annotations

from dataclasses import replace

from pulumi_flyte_review.comments.dialect import Dialect
from pulumi_flyte_review.comments.pull_request import Job
from pulumi_flyte_review.comments.section import Revision, Section
from pulumi_flyte_review.model.report import Report
from pulumi_flyte_review.rendering.applying import applying
from pulumi_flyte_review.rendering.markdown import passages
from pulumi_flyte_review.rendering.passage import Passage, Rank, paragraph

UNTRUSTED = (
    "*The pull request's own code wrote this report, without any credentials. It can be wrong: read the code first.*"
)


def section_of(
    report: Report, job: Job, dialect: Dialect, *, time: int, title: str | None = None, untrusted: bool = False
) -> Section:
    """Return the section.

    time: in milliseconds since 1970. title: of the section; by default, the name of the stack. untrusted: whether a
    fork's job wrote the report.
    """
    # Nobody is to copy a command that a fork has written.
    report = replace(report, token=None) if untrusted else report
    # The foot has the command, as a paragraph of its own takes room from eight stacks in one comment.
    head, *rest = passages(replace(report, token=None, stack=title or report.stack))
    notes = [paragraph(Rank.NEVER_CUT, UNTRUSTED)] if untrusted else []
    shown = [part for part in rest if dialect.has_html or part.rank is not Rank.PICTURE]
    parts = [head, *notes, *shown, *_foot(job, applying(report))]
    key = (
        f"{report.project}/{title or report.stack}{' (drift)' if report.drift else ''}{' (fork)' if untrusted else ''}"
    )
    return Section(key, Revision(job.run, job.attempt, time), tuple(_disarmed(part, dialect) for part in parts))


def _foot(job: Job, command: str | None) -> list[Passage]:
    words = []
    if job.link:
        words.append(f"[Whole report]({job.link})")
    if job.commit:
        words.append(f"commit {job.commit[:12]}")
    if command is not None:
        words.append(f"`{command}` applies exactly this")
    return [paragraph(Rank.NEVER_CUT, ", ".join(words))] if words else []


def _disarmed(passage: Passage, dialect: Dialect) -> Passage:
    return replace(
        passage,
        head=dialect.disarm(passage.head),
        items=tuple(dialect.disarm(item) for item in passage.items),
        tail=dialect.disarm(passage.tail),
    )
