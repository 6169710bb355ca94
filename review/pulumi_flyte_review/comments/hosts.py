"""The client of each host."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pulumi_flyte_review.comments.bitbucket import Bitbucket
from pulumi_flyte_review.comments.github import GitHub
from pulumi_flyte_review.comments.gitlab import GitLab
from pulumi_flyte_review.comments.host import Host
from pulumi_flyte_review.comments.pull_request import HostName, PullRequest

CLIENTS: dict[HostName, type[GitHub] | type[GitLab] | type[Bitbucket]] = {
    "github": GitHub,
    "gitlab": GitLab,
    "bitbucket": Bitbucket,
}


@asynccontextmanager
async def open_host(pull_request: PullRequest) -> AsyncIterator[Host]:
    """Give the comments of a pull request, and close the connections afterwards."""
    host = CLIENTS[pull_request.host](pull_request)
    try:
        yield host
    finally:
        await host.close()
