"""Real messages of image builders lead to the explanations that a user reads."""

from __future__ import annotations

import pytest
from pulumi_flyte.images.context import BuildContext, ContextFile
from pulumi_flyte.images.failures import explanation, is_of_packages

CONTEXT = BuildContext(
    "FROM a",
    {".pulumi-flyte/0/requirements.txt": ContextFile(b"nosuchpackage==1.0\n")},
    ("linux/arm64",),
)
REFUSED = "dial tcp 127.0.0.1:5999: connect: connection refused"


@pytest.mark.parametrize(
    ("error", "phrases"),
    [
        ('new builder: no builder "nope" found', ["no builder 'nope'", "docker buildx create --name nope"]),
        (
            "creating builder: failed to initialize builder x (x0): failed to connect to the docker API at unix:///s",
            ["no Docker answers", "flyte:builder"],
        ),
        (
            "failed to solve: localhost:5000/no:9: failed to resolve source metadata for localhost:5000/no:9:"
            " localhost:5000/no:9: not found",
            ["no image localhost:5000/no:9 to start from", "flyte:baseImage"],
        ),
        (
            "failed to solve: localhost:5999/no:9: failed to resolve source metadata for localhost:5999/no:9: failed to"
            f' do request: Head "http://localhost:5999/v2/no/manifests/9": {REFUSED}',
            ["cannot reach localhost:5999", "base image localhost:5999/no:9"],
        ),
        (
            "failed to solve: acme/no: failed to resolve source metadata for acme/no: pull access denied, repository"
            " does not exist or may require authorization: server message: insufficient_scope: authorization failed",
            ["docker.io does not hand out the base image acme/no", "docker login docker.io"],
        ),
        (
            "failed to solve: failed to push localhost:5998/x/web:1: failed to do request: Head"
            f' "http://localhost:5998/v2/x/web/blobs/sha256:0": {REFUSED}',
            ["cannot reach localhost:5998 to push it", "flyte:registry"],
        ),
        (
            "failed to solve: failed to push ghcr.io/acme/web:1: failed to authorize: failed to fetch oauth token:"
            " unexpected status from GET request to https://ghcr.io/token: 403 Forbidden",
            ["ghcr.io refuses to store it", "flyte:registryPassword"],
        ),
        (
            'failed to solve: process "/bin/sh -c /opt/uv/bin/uv pip install --requirement /opt/packages/requirements'
            '.txt" did not complete successfully: exit code: 1',
            ["uv pip install", "exit code 1", "installs nosuchpackage==1.0", "docker buildx history logs"],
        ),
        (
            'failed to solve: process "/bin/sh -c apt-get update" did not complete successfully: exit code: 100',
            ["`apt-get update` ended with exit code 100"],
        ),
        ("no match for platform in manifest: not found", ["does not support linux/arm64"]),
        ("anything else", ["nothing was pushed"]),
    ],
)
def test_a_failure_says_what_to_do(error: str, phrases: list[str]) -> None:
    text = explanation(error, CONTEXT)
    assert all(phrase in text for phrase in phrases), text
    assert "\n" not in text


def test_a_step_that_installs_packages_is_told_apart() -> None:
    assert is_of_packages(
        'process "/bin/sh -c /opt/uv/bin/uv pip install -r x" did not complete successfully: exit code: 1'
    )
    assert not is_of_packages('process "/bin/sh -c apt-get update" did not complete successfully: exit code: 100')
    assert not is_of_packages("failed to push localhost:5000/uv pip install : x")
