"""The quickstart, its program unchanged, on real pods: deployed, used, changed, rotated and deleted."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.e2e.harness import ROOT, VENV_BIN
from tests.examples.example import until
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.control_plane import ControlPlane, running
from tests.kubernetes.stack import ClusterStack

PATIENCE = 90.0
APPS = ("dashboard", "gateway", "model-api")


@dataclass
class Quickstart(ClusterStack):
    """The part of the repository that `make up` deploys."""

    control_plane: ControlPlane = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.home = self.control_plane.home
        self.control_plane.add_project("quickstart")
        self.config = {**self.config, **self.control_plane.settings, "flyte:namespace": self.namespace}
        shutil.copy(ROOT / "Pulumi.yaml", self.folder)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "examples" / "quickstart", self.folder / "examples" / "quickstart", ignore=ignored)
        (self.folder / ".venv").symlink_to(VENV_BIN.parent)

    def set_key(self) -> str:
        """Give the stack a new webhook key."""
        key = secrets.token_urlsafe(32)
        self.pulumi("config", "set", "--secret", "webhookKey", "--stack", self.name, check=True, stdin=key)
        return key

    def ask(self, method: str, app: str, path: str, **options: object) -> httpx.Response:
        """A request to an app's Service, from inside the cluster's network."""
        url = f"http://{app}.{self.namespace}.svc.cluster.local{path}"
        return httpx.request(method, url, timeout=PATIENCE, trust_env=False, **options)  # type: ignore[arg-type]

    def start(self, task: str, key: str) -> httpx.Response:  # type: ignore[override]
        """Start a run by the gateway's webhook."""
        return self.ask("POST", "gateway", f"/webhooks/{task}", headers={"Authorization": f"Bearer {key}"})

    @contextmanager
    def runs_in_pods(self, app: str) -> Iterator[None]:
        """Copy what tasks keep to the pods of an app, as long as this lasts.

        The local control plane keeps files in a folder of its machine, in place of a bucket that pods would read.
        Both are below /tmp, where pods may write.
        """
        runs = self.control_plane.home / "runs"
        assert runs.is_relative_to("/tmp"), f"--basetemp has to be below /tmp, where pods may write: {runs}"
        ended = threading.Event()

        def copy() -> None:
            while not ended.wait(1):
                for pod in self.pods(app):
                    target = f"kubectl exec -i -n {self.namespace} {pod['metadata']['name']} -- tar -C / -xf -"
                    self.cluster.run("sh", "-c", f"tar -C / -cf - {str(runs).lstrip('/')} | {target}")

        thread = threading.Thread(target=copy)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@pytest.fixture
def quickstart(cluster: Cluster, project: str, tmp_path: Path) -> Iterator[Quickstart]:
    with running(tmp_path, {**os.environ, **cluster.home.environment()}) as plane:
        stack = Quickstart(tmp_path / "stack", cluster=cluster, project=project, control_plane=plane)
        yield stack
        stack.close()


def test_the_quickstart_lives_on_pods(quickstart: Quickstart) -> None:
    quickstart.init()
    key = quickstart.set_key()
    quickstart.deployed()

    with quickstart.runs_in_pods("model-api"):
        finished = quickstart.run(sys.executable, "examples/quickstart/finish.py", "--stack", quickstart.name).text
    assert "Accuracy on the held-out digits: 9" in finished
    row = [0] * 64
    assert quickstart.ask("POST", "gateway", "/predictions", json={"rows": [row]}).status_code == 200
    assert quickstart.start("evaluate", key).status_code == 202
    assert quickstart.ask("GET", "dashboard", "/_stcore/health").text == "ok"

    again = quickstart.up()
    assert (again.code, again.steps) == (0, {}), again.text

    before = quickstart.running_pods()
    gateway = quickstart.folder / "examples" / "quickstart" / "gateway.py"
    gateway.write_text(gateway.read_text() + "\n# A change of the code.\n")
    quickstart.deployed()
    after = quickstart.running_pods()
    assert {app for app in APPS if before[app] != after[app]} == {"gateway"}
    assert quickstart.start("evaluate", key).status_code == 202

    new_key = quickstart.set_key()
    quickstart.deployed()
    rotated = quickstart.running_pods()
    assert {app for app in APPS if after[app] != rotated[app]} == {"gateway"}
    # The former pod answers what reaches it until the nodes know that it goes, so either key may meet either pod.
    until(lambda: quickstart.start("evaluate", key).status_code == 401, "the end of the old key")
    until(lambda: quickstart.start("evaluate", new_key).status_code == 202, "the beginning of the new key")

    gone = quickstart.destroy()
    assert gone.code == 0, gone.text
    assert quickstart.objects() == set()
    quickstart.wait_for_namespace_gone()
