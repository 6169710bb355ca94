"""The command against stand-ins of the hosts, over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pulumi_flyte_review.commands.main import main
from pulumi_flyte_review.comments.body import parse
from pulumi_flyte_review.comments.dialect import BITBUCKET, GITHUB, GITLAB, Dialect
from pulumi_flyte_review.model.reason import FileReason
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.rendering.documents import json_text

from tests.review.comments.hosts import TOKEN, BitbucketStandIn, GitHubStandIn, GitLabStandIn, Refusal, StandIn, serve
from tests.review.reports import large_report

Case = tuple[type[StandIn], Dialect, str]
CASES: list[Case] = [
    (GitHubStandIn, GITHUB, ""),
    (GitLabStandIn, GITLAB, "/api/v4"),
    (BitbucketStandIn, BITBUCKET, "/2.0"),
]


@pytest.fixture(params=CASES, ids=lambda case: case[1].name)
def host(request: pytest.FixtureRequest) -> Iterator[tuple[StandIn, Dialect, dict[str, str]]]:
    kind, dialect, path = request.param
    with serve(kind()) as stand_in:
        yield stand_in, dialect, surroundings(dialect, stand_in.url + path)


@pytest.fixture
def github() -> Iterator[tuple[StandIn, dict[str, str]]]:
    with serve(GitHubStandIn()) as stand_in:
        yield stand_in, surroundings(GITHUB, stand_in.url)


def surroundings(dialect: Dialect, api: str, *, run: int = 7, pull_request: int = 5) -> dict[str, str]:
    """Return the variables of a job for a pull request. Bitbucket has no variable for its API's address."""
    match dialect.name:
        case "GitHub":
            return {
                "GITHUB_ACTIONS": "true",
                "GITHUB_API_URL": api,
                "GITHUB_REPOSITORY": "acme/shop",
                "GITHUB_REF": f"refs/pull/{pull_request}/merge",
                "GITHUB_RUN_ID": str(run),
                "GITHUB_RUN_ATTEMPT": "1",
                "GITHUB_TOKEN": TOKEN,
            }
        case "GitLab":
            return {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": api,
                "CI_MERGE_REQUEST_PROJECT_ID": "acme/shop",
                "CI_MERGE_REQUEST_IID": str(pull_request),
                "CI_PIPELINE_ID": str(run),
                "CI_JOB_ID": "1",
                "CI_JOB_URL": "https://gitlab.example/acme/shop/-/jobs/1",
                "GITLAB_TOKEN": TOKEN,
            }
        case _:
            return {
                "BITBUCKET_BUILD_NUMBER": str(run),
                "BITBUCKET_REPO_FULL_NAME": "acme/shop",
                "BITBUCKET_PR_ID": str(pull_request),
                "BITBUCKET_TOKEN": TOKEN,
                "API": api,
            }


def report(stack: str = "dev", file: str = "backend.py") -> Report:
    return Report("shop", stack, changes=(Change("app", "backend", "urn:x", "update", (FileReason(file, "update"),)),))


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command, and returns its exit code and what it prints."""

    def call(environment: dict[str, str], value: Report, *options: str, settle: float = 0.0) -> tuple[int, str, str]:
        for name in list(os.environ):
            if name.startswith(("GITHUB_", "GITLAB_", "CI_", "BITBUCKET_", "GH_")):
                monkeypatch.delenv(name)
        for name, text in environment.items():
            monkeypatch.setenv(name, text)
        path = tmp_path / "report.json"
        path.write_text(json_text(value))
        api = ("--api", environment["API"]) if "API" in environment else ()
        code = main(["comment", "--report", str(path), "--settle", str(settle), *api, *options])
        out, err = capsys.readouterr()
        assert TOKEN not in out + err
        return code, out, err

    return call


def stacks(stand_in: StandIn, dialect: Dialect) -> dict[str, str]:
    """Return the text of each stack's section in the comments."""
    sections = [section for post in stand_in.present for section in parse(post.body, dialect).values()]
    return {section.key: "\n".join(passage.text for passage in section.passages) for section in sections}


def test_report_becomes_a_comment_and_the_next_one_edits_it(
    host: tuple[StandIn, Dialect, dict[str, str]], run: Run
) -> None:
    stand_in, dialect, environment = host
    code, out, err = run(environment, report())
    assert (code, err) == (0, "")
    assert out.startswith("https://")
    assert out.strip().endswith(str(stand_in.posts[0].number))
    code, _, _ = run(environment, report(file="models.py"))
    assert code == 0
    assert len(stand_in.present) == 1
    assert "`models.py` changed" in stacks(stand_in, dialect)["shop/dev"]
    assert "backend.py" not in stand_in.present[0].body


def test_comment_is_found_behind_five_hundred_others(host: tuple[StandIn, Dialect, dict[str, str]], run: Run) -> None:
    stand_in, dialect, environment = host
    for position in range(500):
        stand_in.add(f"comment {position}")
    run(environment, report("dev"))
    for position in range(120):
        stand_in.add(f"later {position}")
    run(environment, report("staging"))
    assert len(stand_in.present) == 621
    assert set(stacks(stand_in, dialect)) == {"shop/dev", "shop/staging"}


def test_comment_of_another_author_is_not_trusted(host: tuple[StandIn, Dialect, dict[str, str]], run: Run) -> None:
    stand_in, _, environment = host
    run(environment, report("production"))
    forged = stand_in.add(stand_in.posts.pop().body.replace("backend.py", "nothing.md"), author="mallory")
    run(environment, report("dev"))
    assert [post.author for post in stand_in.present] == ["mallory", stand_in.author]
    assert "nothing.md" in forged.body
    assert "production" not in stand_in.present[1].body


@pytest.mark.parametrize("case", [CASES[0], CASES[2]], ids=lambda case: case[1].name)
def test_comment_is_found_where_the_host_does_not_say_who_the_token_is(case: Case, run: Run) -> None:
    kind, dialect, path = case
    with serve(kind(token_has_user=False)) as stand_in:
        environment = surroundings(dialect, stand_in.url + path)
        run(environment, report("dev"))
        run(environment, report("staging"))
        assert len(stand_in.present) == 1
        assert set(stacks(stand_in, dialect)) == {"shop/dev", "shop/staging"}


def test_large_report_fits(host: tuple[StandIn, Dialect, dict[str, str]], run: Run) -> None:
    stand_in, dialect, environment = host
    code, _, err = run(environment, large_report())
    assert (code, err) == (0, "")
    assert len(stand_in.present[0].body) <= dialect.limit


def test_losses_that_do_not_fit_are_a_warning(run: Run) -> None:
    with serve(BitbucketStandIn()) as stand_in:
        code, _, err = run(surroundings(BITBUCKET, stand_in.url + "/2.0"), large_report(deleted=1000))
    assert code == 0
    assert "deletions and replacements of shop/production do not fit" in err


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (
            Refusal("POST /repos", 403, {"message": "Resource not accessible by integration"}),
            ["Resource not accessible by integration", "pull-requests: write", "fork"],
        ),
        (
            Refusal(
                "POST /repos",
                403,
                {"message": "Resource not accessible by personal access token"},
                {"x-accepted-github-permissions": "issues=write; pull_requests=write"},
            ),
            ["(issues: write or pull-requests: write)"],
        ),
        (
            Refusal("POST /repos", 403, {"message": "Unable to create comment because issue is locked."}),
            ["The conversation is locked"],
        ),
        (Refusal("GET /user", 401, {"message": "Bad credentials"}), ["Bad credentials", "GITHUB_TOKEN is not valid"]),
        (
            Refusal("POST /repos", 422, {"message": "Validation Failed", "errors": [{"message": "Body is odd"}]}),
            ["Validation Failed, Body is odd"],
        ),
        (Refusal("GET /repos", 200, {"rows": []}), ["something else than its API promises", "--api"]),
        (
            Refusal("GET /repos", 403, {"message": "API rate limit exceeded"}, {"retry-after": "3600"}),
            ["API rate limit exceeded", "wait for 3600 seconds"],
        ),
    ],
    ids=["integration", "permission", "locked", "token", "refused", "another server", "limit of an hour"],
)
def test_refusal_of_github_is_one_message(
    refusal: Refusal, words: list[str], github: tuple[StandIn, dict[str, str]], run: Run
) -> None:
    stand_in, environment = github
    stand_in.refusals.append(refusal)
    code, out, err = run(environment, report())
    assert (code, out) == (1, "")
    assert err.startswith("error: GitHub ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    for word in words:
        assert word in err


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_wrong_value_is_one_message(name: str, github: tuple[StandIn, dict[str, str]], run: Run) -> None:
    _, environment = github
    code, _, err = run({**environment, name: "acme/none"}, report())
    assert code == 1
    assert ("GITHUB_TOKEN is not valid" if name == "GITHUB_TOKEN" else "Check --repository") in err


def test_busy_host_is_asked_again(host: tuple[StandIn, Dialect, dict[str, str]], run: Run) -> None:
    stand_in, dialect, environment = host
    stand_in.refusals += [
        Refusal("GET", 502, {}, {"retry-after": "0"}),
        Refusal("POST", 429, {"message": "Too Many Requests"}, {"retry-after": "0"}),
        Refusal("GET", 503, {}, {"retry-after": "0"}),
    ]
    code, _, err = run(environment, report())
    assert (code, err) == (0, "")
    assert set(stacks(stand_in, dialect)) == {"shop/dev"}


def test_secondary_limit_of_github_is_waited_for(github: tuple[StandIn, dict[str, str]], run: Run) -> None:
    stand_in, environment = github
    limit = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
    stand_in.refusals.append(Refusal("POST /repos", 403, limit, {"retry-after": "1"}))
    code, _, _ = run(environment, report())
    assert code == 0
    assert len(stand_in.present) == 1


def test_host_that_cannot_be_reached_is_one_message(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from pulumi_flyte_review.comments.publishing import Timing

    monkeypatch.setattr("pulumi_flyte_review.commands.comment.Timing", lambda **_: Timing(give_up=1))
    code, _, err = run(surroundings(GITHUB, "http://127.0.0.1:9"), report())
    assert code == 1
    assert "GitHub cannot be reached at http://127.0.0.1:9/" in err


def test_page_on_another_server_gets_no_token(github: tuple[StandIn, dict[str, str]], run: Run) -> None:
    stand_in, environment = github
    stand_in.refusals.append(Refusal("GET /repos", 200, [], {"link": '<http://127.0.0.2:1/x>; rel="next"'}))
    code, _, err = run(environment, report())
    assert code == 1
    assert "another server, 127.0.0.2" in err


def test_workflow_for_a_fork_finds_its_pull_request(
    github: tuple[StandIn, dict[str, str]], run: Run, tmp_path: Path
) -> None:
    stand_in, environment = github
    stand_in.pulls = [
        {"number": 4, "head": {"sha": "a" * 40, "repo": {"full_name": "mallory/shop"}}},
        {"number": 6, "head": {"sha": "a" * 40, "repo": {"full_name": "ada/shop"}}},
        {"number": 8, "head": {"sha": "b" * 40, "repo": None}},
    ]
    event = {
        "workflow_run": {"event": "pull_request", "head_sha": "a" * 40, "head_repository": {"full_name": "ada/shop"}}
    }
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    environment = {**environment, "GITHUB_EVENT_PATH": str(path), "GITHUB_REF": "refs/heads/main"}
    code, _, err = run(environment, report(), "--untrusted")
    assert (code, err) == (0, "")
    assert any("POST /repos/acme/shop/issues/6/comments" in request for request in stand_in.requests)
    assert "The pull request's own code wrote this report" in stacks(stand_in, GITHUB)["shop/dev (fork)"]
    stand_in.pulls.pop(1)
    code, _, err = run(environment, report())
    assert code == 1
    assert f"has commit {'a' * 40} of ada/shop as its head" in err


def test_eight_processes_at_once_lose_nothing(host: tuple[StandIn, Dialect, dict[str, str]], tmp_path: Path) -> None:
    stand_in, dialect, environment = host
    stand_in.latency = 0.4
    for position in range(500):
        stand_in.add(f"comment {position}")
    api = ("--api", environment["API"]) if "API" in environment else ()
    processes = []
    for position in range(8):
        path = tmp_path / f"{position}.json"
        path.write_text(json_text(report(f"stack-{position}")))
        command = (sys.executable, "-m", "pulumi_flyte_review", "comment", "--report", str(path), *api)
        processes.append(
            subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], **environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    for process in processes:
        out, err = process.communicate(timeout=240)
        assert (process.returncode, err) == (0, ""), err
        assert TOKEN not in out
    assert len(stand_in.present) == 501
    assert set(stacks(stand_in, dialect)) == {f"shop/stack-{position}" for position in range(8)}
