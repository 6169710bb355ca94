"""`PullRequest`: where a comment goes, and what the job that writes it is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

HostName: TypeAlias = Literal["github", "gitlab", "bitbucket"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token, and the user that it belongs to where the host wants both."""

    token: str = field(repr=False)
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """The job that writes. run, attempt: 0 outside of a pipeline. link: where the whole report is."""

    run: int = 0
    attempt: int = 0
    link: str | None = None
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The tip of a branch, by which GitHub finds the pull request of a workflow that ran for a fork."""

    repository: str
    commit: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request on a host. number: its number, or the head by which to find it.

    repository: `owner/name`; on GitLab the project's path or id. api: the base URL of the API.
    """

    host: HostName
    api: str
    repository: str
    number: int | Head
    credentials: Credentials
    job: Job = Job()
