from __future__ import annotations

import json
from pathlib import Path

import pytest
from pulumi_flyte_review.comments.pull_request import Credentials, Head, Job, PullRequest
from pulumi_flyte_review.comments.surroundings import Options, pull_request_of
from pulumi_flyte_review.errors import HostError

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_API_URL": "https://github.acme.example/api/v3",
    "GITHUB_SERVER_URL": "https://github.acme.example",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ID": "77",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_SHA": "merge",
    "GITHUB_TOKEN": "t",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_API_V4_URL": "https://gitlab.acme.example/api/v4",
    "CI_PROJECT_ID": "11",
    "CI_PIPELINE_ID": "77",
    "CI_JOB_ID": "770",
    "CI_JOB_URL": "https://gitlab.acme.example/jobs/770",
    "CI_COMMIT_SHA": "abc",
    "CI_JOB_TOKEN": "job",
    "GITLAB_TOKEN": "t",
}
BITBUCKET = {
    "BITBUCKET_BUILD_NUMBER": "77",
    "BITBUCKET_REPO_FULL_NAME": "acme/shop",
    "BITBUCKET_COMMIT": "abc",
    "BITBUCKET_PR_ID": "5",
    "BITBUCKET_TOKEN": "t",
}


def event(folder: Path, value: object) -> dict[str, str]:
    path = folder / "event.json"
    path.write_text(json.dumps(value))
    return {**GITHUB, "GITHUB_EVENT_PATH": str(path)}


def test_github_names_the_pull_request_and_its_own_commit(tmp_path: Path) -> None:
    environment = event(tmp_path, {"pull_request": {"number": 5, "head": {"sha": "abc"}}, "number": 5})
    assert pull_request_of(Options(), environment) == PullRequest(
        "github",
        "https://github.acme.example/api/v3",
        "acme/shop",
        5,
        Credentials("t"),
        Job(77, 2, "https://github.acme.example/acme/shop/actions/runs/77", "abc"),
    )


WORKFLOW_RUN = {"event": "pull_request", "head_sha": "abc", "head_repository": {"full_name": "ada/shop"}}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ({"issue": {"number": 6, "pull_request": {"url": "x"}}}, 6),
        (
            {
                "workflow_run": {
                    "event": "pull_request",
                    "head_sha": "abc",
                    "head_repository": {"full_name": "ada/shop"},
                }
            },
            Head("ada/shop", "abc"),
        ),
    ],
    ids=["comment", "workflow of a fork"],
)
def test_other_events_of_github_name_it_too(value: object, number: int | Head, tmp_path: Path) -> None:
    assert pull_request_of(Options(), event(tmp_path, value)).number == number


def test_reference_of_github_is_enough() -> None:
    assert pull_request_of(Options(), {**GITHUB, "GITHUB_REF": "refs/pull/9/merge"}).number == 9


def test_gitlab_names_the_project_of_the_merge_request_which_a_fork_is_not() -> None:
    environment = {**GITLAB, "CI_MERGE_REQUEST_IID": "5", "CI_MERGE_REQUEST_PROJECT_ID": "10"}
    pull_request = pull_request_of(Options(), environment)
    assert (pull_request.repository, pull_request.number) == ("10", 5)
    assert pull_request.job == Job(77, 770, "https://gitlab.acme.example/jobs/770", "abc")


def test_gitlab_names_the_merge_request_of_a_branch() -> None:
    environment = {**GITLAB, "CI_OPEN_MERGE_REQUESTS": "acme/shop!12,acme/shop!13"}
    pull_request = pull_request_of(Options(), environment)
    assert (pull_request.repository, pull_request.number) == ("acme/shop", 12)


def test_bitbucket_names_the_pull_request() -> None:
    pull_request = pull_request_of(Options(), BITBUCKET)
    assert (pull_request.repository, pull_request.number) == ("acme/shop", 5)
    assert pull_request.job.link == "https://bitbucket.org/acme/shop/pipelines/results/77"


def test_command_line_wins() -> None:
    options = Options("gitlab", "acme/other", 3, "https://git.example/api/v4", "https://ci.example/1")
    pull_request = pull_request_of(options, {**BITBUCKET, "GITLAB_TOKEN": "g"})
    assert pull_request == PullRequest(
        "gitlab",
        "https://git.example/api/v4",
        "acme/other",
        3,
        Credentials("g"),
        Job(link="https://ci.example/1"),
    )


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, ["not a job of GitHub Actions", "--host github|gitlab|bitbucket"]),
        ({"GITHUB_ACTIONS": "true"}, ["No repository", "runs for no pull request", "set GITHUB_TOKEN"]),
        ({"GITLAB_CI": "true", "CI_JOB_TOKEN": "j"}, ["CI_JOB_TOKEN may not comment"]),
        ({"BITBUCKET_BUILD_NUMBER": "1"}, ["set BITBUCKET_TOKEN", "pullrequest:write"]),
        ({**GITHUB, "GITHUB_REF": "refs/heads/main"}, ["runs for no pull request"]),
    ],
    ids=["nowhere", "nothing", "token of the job", "bitbucket", "push"],
)
def test_everything_that_is_missing_is_named_at_once(environment: dict[str, str], words: list[str]) -> None:
    with pytest.raises(HostError) as error:
        pull_request_of(Options(), environment)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("text", ["", "[", "[]", '{"pull_request": 5}'])
def test_event_that_cannot_be_read_is_no_event(text: str, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(text)
    environment = {**GITHUB, "GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_REF": "refs/pull/5/merge"}
    assert pull_request_of(Options(), environment).number == 5


def test_token_is_in_no_printed_value() -> None:
    assert "secret-t0ken" not in repr(pull_request_of(Options(), {**BITBUCKET, "BITBUCKET_TOKEN": "secret-t0ken"}))
