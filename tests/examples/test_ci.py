"""The workflow files of examples/ci: their shell runs for real, and a fork's half of them as a whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from pulumi_flyte_review.comments.body import parse
from pulumi_flyte_review.comments.dialect import GITHUB

from tests.review.comments.hosts import TOKEN, GitHubStandIn, serve

ROOT = Path(__file__).resolve().parent.parent.parent
CI = ROOT / "examples" / "ci"
WORKFLOWS = sorted((CI / "github").glob("*.yml"))


def workflow(name: str) -> Mapping[str, dict[str, dict[str, object]]]:
    content: Mapping[str, dict[str, dict[str, object]]] = yaml.safe_load((CI / "github" / name).read_text())
    return content


def step(name: str, job: str, title: str) -> str:
    """Return the shell script of a step."""
    steps = workflow(name)["jobs"][job]["steps"]
    assert isinstance(steps, list)
    return str(next(each["run"] for each in steps if each.get("name") == title))


def gitlab(job: str) -> str:
    """Return the script of a job of GitLab, as its runner runs it."""
    content = yaml.safe_load((CI / "gitlab" / ".gitlab-ci.yml").read_text())
    return "\n".join(content[job]["script"])


def shell(script: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub and GitLab do: an error ends it."""
    return subprocess.run(
        ("bash", "-eo", "pipefail", "-c", script), cwd=cwd, env=environment, text=True, capture_output=True, timeout=280
    )


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """Make a `pulumi-flyte` that notes its arguments, writes the report, and exits with $STATUS at diff and drift."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pulumi-flyte").write_text(
        '#!/bin/sh\necho "$@" >> calls\n'
        'case "$*" in *"--output "*) f="${*##*--output }"; echo report > "${f%% *}" ;; esac\n'
        'case "$1" in diff|drift) exit "$STATUS" ;; esac\n'
    )
    (folder / "pulumi-flyte").chmod(0o755)
    return folder


@pytest.mark.parametrize("path", [*WORKFLOWS, CI / "gitlab" / ".gitlab-ci.yml"], ids=lambda path: path.name)
def test_file_is_yaml_and_has_jobs(path: Path) -> None:
    content = yaml.safe_load(path.read_text())
    assert content.get("jobs") or content["preview"]["script"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_expression_is_part_of_a_script(path: Path) -> None:
    """An expression in a script is pasted into it: a branch's name would be run."""
    for name, job in workflow(path.name)["jobs"].items():
        steps = job["steps"]
        assert isinstance(steps, list)
        for each in steps:
            assert "${{" not in each.get("run", ""), name


def test_code_of_a_fork_runs_without_a_secret_and_without_a_token_that_writes() -> None:
    for path in WORKFLOWS:
        assert "pull_request_target" not in path.read_text(), path.name
    fork = workflow("preview.yml")["jobs"]["fork"]
    assert fork["permissions"] == {"contents": "read"}
    assert "secrets." not in json.dumps(fork)
    writer = json.dumps(workflow("comment-on-forks.yml"))
    assert "actions/checkout" not in writer
    assert "requirements.txt" not in writer


@pytest.mark.parametrize(("status", "code"), [(0, 0), (2, 0), (3, 0), (1, 1)])
def test_diff_step_goes_on_with_changes_and_stops_at_errors(
    status: int, code: int, command: Path, tmp_path: Path
) -> None:
    environment = {"PATH": f"{command}:{os.environ['PATH']}", "STACK": "dev", "STATUS": str(status)}
    done = shell(step("preview.yml", "diff", "Diff"), tmp_path, GITHUB_OUTPUT=str(tmp_path / "out"), **environment)
    assert done.returncode == code, done.stderr
    assert (tmp_path / "out").read_text() == f"status={status}\n"


@pytest.mark.parametrize(("status", "code", "comments"), [(0, 0, 1), (2, 0, 1), (3, 1, 1), (1, 1, 0)])
def test_preview_of_gitlab_comments_and_fails_where_it_is_asked_to(
    status: int, code: int, comments: int, command: Path, tmp_path: Path
) -> None:
    environment = {"PATH": f"{command}:{os.environ['PATH']}", "STACK": "dev", "STATUS": str(status)}
    done = shell(gitlab("preview"), tmp_path, **environment)
    assert done.returncode == code, done.stderr
    assert (tmp_path / "calls").read_text().count("comment --report report.json") == comments


@pytest.mark.parametrize(("status", "code"), [(0, 0), (2, 0), (1, 1)])
def test_deployment_is_asked_for_where_there_are_changes(status: int, code: int, command: Path, tmp_path: Path) -> None:
    environment = {"PATH": f"{command}:{os.environ['PATH']}", "STACK": "production", "STATUS": str(status)}
    out, summary = tmp_path / "out", tmp_path / "summary"
    done = shell(
        step("deploy.yml", "diff", "Diff"),
        tmp_path,
        GITHUB_OUTPUT=str(out),
        GITHUB_STEP_SUMMARY=str(summary),
        **environment,
    )
    assert done.returncode == code, done.stderr
    assert out.read_text() == f"status={status}\n"
    assert shell(gitlab("diff"), tmp_path, **environment).returncode == code


@pytest.mark.parametrize("status", [0, 1, 2])
def test_drift_is_a_job_that_fails(status: int, command: Path, tmp_path: Path) -> None:
    environment = {"PATH": f"{command}:{os.environ['PATH']}", "STACK": "dev", "STATUS": str(status)}
    script = step("drift.yml", "drift", "Drift")
    done = shell(script, tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / "summary"), **environment)
    assert done.returncode == status
    assert (tmp_path / "summary").read_text() == "report\n"
    assert shell(gitlab("drift"), tmp_path, **environment).returncode == status


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    """Make a clone of a project in which one line has changed since the base, as a fork's job has it."""
    folder = tmp_path / "fork"
    shutil.copytree(ROOT / "examples" / "app-to-app", folder)
    (folder / "Pulumi.yaml").write_text(
        f"name: app-to-app\nruntime:\n  name: python\n  options:\n    virtualenv: {Path(sys.prefix)}\n"
    )
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "base")
    git(folder, "tag", "base")
    backend = folder / "backend.py"
    backend.write_text(backend.read_text() + "\n\ndef never_called() -> None:\n    pass\n")
    git(folder, "commit", "--quiet", "--all", "--message", "change")
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *identity, *arguments), cwd=folder, check=True, capture_output=True)


def test_fork_gets_its_comment_in_two_steps(fork: Path, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    diff = shell(step("preview.yml", "fork", "Diff"), fork, PATH=path, HOME=str(tmp_path), BASE="base")
    assert diff.returncode == 0, diff.stderr
    run = {"event": "pull_request", "head_sha": "a" * 40, "head_repository": {"full_name": "ada/shop"}}
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"workflow_run": run}))
    with serve(GitHubStandIn(token_has_user=False)) as github:
        github.pulls = [{"number": 5, "head": {"sha": "a" * 40, "repo": {"full_name": "ada/shop"}}}]
        comment = shell(
            step("comment-on-forks.yml", "comment", "Comment") + " --settle 0",
            fork,
            PATH=path,
            GITHUB_ACTIONS="true",
            GITHUB_API_URL=github.url,
            GITHUB_REPOSITORY="acme/shop",
            GITHUB_RUN_ID="9",
            GITHUB_EVENT_PATH=str(event),
            GITHUB_TOKEN=TOKEN,
            RUN="https://github.com/acme/shop/actions/runs/8",
        )
        assert comment.returncode == 0, comment.stderr
        (post,) = github.present
    (section,) = parse(post.body, GITHUB).values()
    assert section.key == "app-to-app/dev (fork)"
    assert "`backend.py` changed" in post.body
    assert "The pull request's own code wrote this report" in post.body
    assert "https://github.com/acme/shop/actions/runs/8" in post.body
