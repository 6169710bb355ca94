"""Builds that fail: one clear message each, and nothing half-made."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Outcome
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.daemons import Daemon
from tests.kubernetes.images.conftest import MakeTask, use_image
from tests.kubernetes.stack import ClusterStack

TASK = "flyte:api:Task::double"
GOOD = 'Image(packages=["cowsay==6.1"])'
# Of the password "right", by bcrypt: a registry reads no other form.
HTPASSWD = "robot:$2y$05$abcdefghijklmnopqrstuu8xaCxxL82bnl.UY74PMksDxIJShppPC\n"
REGISTRY = """
version: 0.1
storage: {{filesystem: {{rootdirectory: {root}}}}}
http: {{addr: "127.0.0.1:0"}}
auth: {{htpasswd: {{realm: tests, path: {htpasswd}}}}}
"""


def failure_of(stack: ClusterStack) -> Outcome:
    """Return an `up` that fails, whose preview knew nothing of it and which leaves the task as it was."""
    assert stack.preview().code == 0
    outcome = stack.up()
    assert outcome.code != 0, outcome.text
    assert TASK not in {name for name in outcome.changed if outcome.metadata(name)["op"] != "same"}, outcome.text
    assert "Traceback" not in outcome.text
    return outcome


def test_each_failure_says_what_to_do_and_the_version_before_stays(make_task: MakeTask) -> None:
    stack = make_task(GOOD)
    stack.deployed()
    before = stack.export()["deployment"]["resources"]
    for image, phrases in (
        # Tests run in the cluster's network, from where uv reaches no index to ask for more.
        ('Image(packages=["no-such-package-here==1.0"])', ["uv pip install", "It installs no-such-package-here==1.0"]),
        (
            'Image(base="localhost:5000/no-such-base:9", packages=["cowsay"])',
            ["no image localhost:5000/no-such-base:9"],
        ),
        ('Image(base="localhost:5999/base:1", packages=["cowsay"])', ["cannot reach localhost:5999"]),
        ('Image(apt=["no-such-package-here"])', ["apt-get install", "exit code 100"]),
    ):
        use_image(stack, image)
        text = failure_of(stack).text
        assert all(phrase in text for phrase in phrases), text
    use_image(stack, GOOD)
    for key, value, phrase in (
        ("flyte:registry", "localhost:5998/acme", "cannot reach localhost:5998 to push it"),
        ("flyte:builder", "nobody", "no builder 'nobody'"),
    ):
        stack.configure({key: value})
        text = failure_of(stack).text
        assert phrase in text, text
        stack.configure({"flyte:registry": "localhost:5000", "flyte:builder": "local"})
    (task,) = [each for each in before if each["type"] == "flyte:api:Task"]
    assert task in stack.export()["deployment"]["resources"]


@pytest.fixture
def guarded_registry(cluster: Cluster, tmp_path: Path) -> Iterator[str]:
    """A registry that asks for a user and a password, in the network of the builder."""
    htpasswd, config, log = (tmp_path / name for name in ("htpasswd", "registry.yml", "registry.log"))
    htpasswd.write_text(HTPASSWD)
    config.write_text(REGISTRY.format(root=tmp_path / "storage", htpasswd=htpasswd))
    program = cluster.home.debian / "usr/bin/docker-registry"
    outside = ["nsenter", f"--net=/proc/{Daemon(cluster.home, 'buildkitd').pid}/ns/net"]
    command = [*outside, str(program), "serve", str(config)]
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            yield f"localhost:{listening_port(process, log)}/acme"
        finally:
            process.terminate()


def listening_port(registry: subprocess.Popen[bytes], log: Path) -> int:
    """Return the port that the system has given to a registry, once it listens."""
    deadline = time.monotonic() + 60
    while not (line := re.search(r"listening on 127\.0\.0\.1:(\d+)", log.read_text())):
        assert registry.poll() is None, f"the registry has ended: {log.read_text()}"
        assert time.monotonic() < deadline, f"the registry does not listen: {log.read_text()}"
        time.sleep(0.1)
    return int(line[1])


def test_a_registry_lets_in_who_has_its_password(make_task: MakeTask, guarded_registry: str) -> None:
    stack = make_task(GOOD, registry=guarded_registry)
    text = failure_of(stack).text
    assert "refuses to store it: it needs `docker login localhost:" in text
    stack.configure({"flyte:registryUsername": "robot"})
    stack.configure({"flyte:registryPassword": "wrong-password"}, secret=True)
    text = failure_of(stack).text
    assert "refuses to store it" in text
    assert "wrong-password" not in text
    stack.configure({"flyte:registryPassword": "right"}, secret=True)
    stack.deployed()
    stack.configure({"flyte:registryPassword": "changed"}, secret=True)
    assert not stack.preview().changed, "another password is no other image"
