"""`pulumi-flyte comment`: keep a report in the comment of its pull request."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path
from typing import get_args

from pulumi_flyte_review.commands.report_options import Subcommands
from pulumi_flyte_review.commands.reporting import write_text
from pulumi_flyte_review.comments.publishing import Publication, Timing, publish
from pulumi_flyte_review.comments.pull_request import HostName, PullRequest
from pulumi_flyte_review.comments.reporting import section_of
from pulumi_flyte_review.comments.section import Revision, Section
from pulumi_flyte_review.comments.surroundings import Options, pull_request_of
from pulumi_flyte_review.model.report import Report
from pulumi_flyte_review.rendering.documents import LARGEST, ReportError, report_from_json

DESCRIPTION = """\
Keep the report of `pulumi-flyte diff --format json` in one comment on the pull request, with a section for each stack.
In a job of GitHub Actions, GitLab CI or Bitbucket Pipelines, everything but the token is known.
Tokens: GITHUB_TOKEN, GITLAB_TOKEN, or BITBUCKET_TOKEN (with BITBUCKET_EMAIL for a person's API token).
Exit codes: 0 the section is in the comment, 1 error."""


def add_to(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "comment",
        help="keep a report in the comment of its pull request",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--report", "-r", default="-", metavar="FILE", help="the report; default: -, standard input")
    parser.add_argument("--stack", "-s", help="the stack's name in the comment; default: as in the report")
    parser.add_argument("--remove", metavar="SECTION", help="take a section out, such as `shop/dev` of a deleted stack")
    parser.add_argument("--host", choices=get_args(HostName), help="default: the host that runs this job")
    parser.add_argument("--repository", metavar="OWNER/NAME", help="on GitLab, the project's path or number")
    parser.add_argument("--pull-request", type=_positive, metavar="N", help="the number of the pull or merge request")
    parser.add_argument("--api", metavar="URL", help="the API of GitHub Enterprise, or of a GitLab of one's own")
    parser.add_argument("--link", metavar="URL", help="where the whole report is; default: this job's page")
    parser.add_argument("--untrusted", action="store_true", help="say that the code of a fork wrote the report")
    parser.add_argument("--settle", type=float, default=Timing().settle, metavar="SECONDS", help=SETTLE)
    parser.set_defaults(run=run)


SETTLE = "how long to stay and guard the section against other jobs that write at the same time; default: %(default)g"


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a pull request")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Write the comment, and print its address. Raises HostError and ReportError."""
    report = None if options.remove is not None else report_from_json(_read(options.report))
    pull_request = pull_request_of(
        Options(options.host, options.repository, options.pull_request, options.api, options.link), os.environ
    )
    _tell(*asyncio.run(_publish(report, pull_request, options)))
    return 0


async def _publish(
    report: Report | None, pull_request: PullRequest, options: argparse.Namespace
) -> tuple[Section, Publication]:
    """Write the section of a report, or take out the one that --remove names."""
    # It needs httpx, whose import takes the other subcommands longer than a report.
    from pulumi_flyte_review.comments.hosts import open_host

    async with open_host(pull_request) as host:
        job, now = pull_request.job, time.time_ns() // 1_000_000
        if report is None:
            section = Section(options.remove, Revision(job.run, job.attempt, now), ())
        else:
            section = section_of(report, job, host.dialect, time=now, title=options.stack, untrusted=options.untrusted)
        return section, await publish(host, section, timing=Timing(settle=options.settle))


def _tell(section: Section, publication: Publication) -> None:
    if publication.superseded:
        print(f"A newer pipeline has reported on {section.key} already. Its report stays.", file=sys.stderr)
    if publication.unnamed:
        print(
            f"warning: {publication.unnamed:,} deletions and replacements of {section.key} do not fit in the comment. "
            "It says how many, and where the whole report is.",
            file=sys.stderr,
        )
    if publication.url:
        write_text(f"{publication.url}\n", None)


def _read(path: str) -> bytes:
    try:
        with sys.stdin.buffer if path == "-" else Path(path).open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise ReportError(f"The report {path} cannot be read: {error.strerror}.") from None
