"""Find the pull request that a job of a CI system runs for, from the job's environment variables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from pulumi_flyte_review.comments.pull_request import Credentials, Head, HostName, Job, PullRequest
from pulumi_flyte_review.errors import HostError

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line. None: the value comes from the environment."""

    host: HostName | None = None
    repository: str | None = None
    pull_request: int | None = None
    api: str | None = None
    link: str | None = None


def pull_request_of(options: Options, environment: Environment) -> PullRequest:
    """Return the pull request. Raises HostError that names every value that is missing."""
    host = options.host or _host_of(environment)
    match host:
        case "github":
            return _github(options, environment)
        case "gitlab":
            return _gitlab(options, environment)
        case "bitbucket":
            return _bitbucket(options, environment)


def _host_of(environment: Environment) -> HostName:
    if environment.get("GITHUB_ACTIONS") == "true":
        return "github"
    if environment.get("GITLAB_CI") == "true":
        return "gitlab"
    if "BITBUCKET_BUILD_NUMBER" in environment:
        return "bitbucket"
    raise HostError(
        "This is not a job of GitHub Actions, GitLab CI or Bitbucket Pipelines. Say where the pull request is: "
        "--host github|gitlab|bitbucket, --repository and --pull-request."
    )


def _whole(
    options: Options,
    host: HostName,
    *,
    api: str,
    repository: str | None,
    number: int | Head | None,
    credentials: Credentials | None,
    credentials_advice: str,
    job: Job,
) -> PullRequest:
    problems = []
    repository = options.repository or repository
    number = options.pull_request or number
    if repository is None:
        problems.append("No repository is known: give --repository.")
    if number is None:
        problems.append("This job runs for no pull request: run it for pull requests only, or give --pull-request.")
    if credentials is None:
        problems.append(f"No token is set: set {credentials_advice}.")
    if repository is None or number is None or credentials is None:
        raise HostError(" ".join(problems))
    link = options.link or job.link
    return PullRequest(
        host, options.api or api, repository, number, credentials, Job(job.run, job.attempt, link, job.commit)
    )


class _Repository(BaseModel):
    full_name: str


class _Head(BaseModel):
    sha: str


class _PullRequest(BaseModel):
    number: int
    head: _Head


class _Issue(BaseModel):
    number: int
    pull_request: object = None


class _WorkflowRun(BaseModel):
    event: str
    head_sha: str
    # None if the fork is deleted.
    head_repository: _Repository | None = None


class _Event(BaseModel):
    """The parts of an event of GitHub that say which pull request it is about."""

    pull_request: _PullRequest | None = None
    issue: _Issue | None = None
    workflow_run: _WorkflowRun | None = None


def _github(options: Options, environment: Environment) -> PullRequest:
    event = _event(environment)
    repository = environment.get("GITHUB_REPOSITORY")
    run = environment.get("GITHUB_RUN_ID")
    link = f"{environment.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}/actions/runs/{run}"
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN")
    return _whole(
        options,
        "github",
        api=environment.get("GITHUB_API_URL", "https://api.github.com"),
        repository=repository,
        number=_github_number(event, environment),
        credentials=Credentials(token) if token else None,
        credentials_advice="GITHUB_TOKEN, in a workflow by `env: {GITHUB_TOKEN: ${{ github.token }}}`",
        job=Job(
            run=_number(run) or 0,
            attempt=_number(environment.get("GITHUB_RUN_ATTEMPT")) or 0,
            link=link if repository and run else None,
            commit=_github_commit(event, environment),
        ),
    )


def _event(environment: Environment) -> _Event:
    path = environment.get("GITHUB_EVENT_PATH")
    if not path:
        return _Event()
    try:
        return TypeAdapter(_Event).validate_python(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return _Event()


def _github_number(event: _Event, environment: Environment) -> int | Head | None:
    if event.pull_request is not None:
        return event.pull_request.number
    if event.issue is not None and event.issue.pull_request is not None:
        return event.issue.number
    run = event.workflow_run
    if run is not None and run.event == "pull_request" and run.head_repository is not None:
        return Head(run.head_repository.full_name, run.head_sha)
    reference = re.fullmatch(r"refs/pull/(\d+)/\w+", environment.get("GITHUB_REF", ""))
    return int(reference[1]) if reference else None


def _github_commit(event: _Event, environment: Environment) -> str | None:
    # GITHUB_SHA is a commit that merges the pull request, which nobody has seen, or the tip of another branch.
    if event.pull_request is not None:
        return event.pull_request.head.sha
    if event.workflow_run is not None:
        return event.workflow_run.head_sha
    return environment.get("GITHUB_SHA") if event.issue is None else None


def _gitlab(options: Options, environment: Environment) -> PullRequest:
    token = environment.get("GITLAB_TOKEN")
    # A branch's pipeline names the merge requests of the branch as `group/project!12,group/project!13`.
    project, _, number = environment.get("CI_OPEN_MERGE_REQUESTS", "").split(",")[0].partition("!")
    if "CI_MERGE_REQUEST_IID" in environment:
        # The pipeline of a fork's merge request runs in the fork, and the merge request is in the other project.
        project = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or environment.get("CI_PROJECT_ID", "")
        number = environment["CI_MERGE_REQUEST_IID"]
    return _whole(
        options,
        "gitlab",
        api=environment.get("CI_API_V4_URL", "https://gitlab.com/api/v4"),
        repository=project or environment.get("CI_PROJECT_ID"),
        number=_number(number),
        credentials=Credentials(token) if token else None,
        credentials_advice=(
            "GITLAB_TOKEN to an access token of the project with the scope `api` "
            "(the job's own CI_JOB_TOKEN may not comment)"
        ),
        job=Job(
            run=_number(environment.get("CI_PIPELINE_ID")) or 0,
            attempt=_number(environment.get("CI_JOB_ID")) or 0,
            link=environment.get("CI_JOB_URL"),
            commit=environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA"),
        ),
    )


def _bitbucket(options: Options, environment: Environment) -> PullRequest:
    token, user = environment.get("BITBUCKET_TOKEN"), environment.get("BITBUCKET_EMAIL")
    repository, build = environment.get("BITBUCKET_REPO_FULL_NAME"), environment.get("BITBUCKET_BUILD_NUMBER")
    return _whole(
        options,
        "bitbucket",
        api="https://api.bitbucket.org/2.0",
        repository=repository,
        number=_number(environment.get("BITBUCKET_PR_ID")),
        credentials=Credentials(token, user) if token else None,
        credentials_advice=(
            "BITBUCKET_TOKEN to an access token of the repository with the permission `pullrequest:write`, "
            "or to a person's API token with BITBUCKET_EMAIL beside it"
        ),
        job=Job(
            run=_number(build) or 0,
            link=f"https://bitbucket.org/{repository}/pipelines/results/{build}" if repository and build else None,
            commit=environment.get("BITBUCKET_COMMIT"),
        ),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() else None
