"""Every example, its program unchanged, on real pods: the tests of the platform `local`, run against a cluster.

Around each of them: the preview names what `up` changes, a second `up` changes nothing, and `destroy` leaves nothing.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.examples import test_calls, test_webhooks, test_websockets
from tests.examples.conftest import Deploy
from tests.examples.example import Example, outputs_of
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.control_plane import ControlPlane, running
from tests.kubernetes.stack import ClusterStack

# One worker, and so one control plane, for all of them.
pytestmark = pytest.mark.xdist_group("cluster-examples")

PATTERNS: list[Callable[[Deploy], None]] = [
    test
    for module in (test_calls, test_webhooks, test_websockets)
    for name, test in vars(module).items()
    if name.startswith("test_")
]


@dataclass
class ClusterExample(Example, ClusterStack):
    """An example whose apps are pods. The namespace is its own, so that several people can share a cluster."""

    control_plane: ControlPlane = field(kw_only=True)
    time_limit: float = ClusterStack.time_limit

    def __post_init__(self) -> None:
        Example.__post_init__(self)
        self.own_namespace = f"{self.example[:40]}-{uuid.uuid4().hex[:6]}"
        self.home = self.control_plane.home
        self.control_plane.add_project(self.example)

    @property
    def namespace(self) -> str:
        """The namespace of the stack's objects."""
        return self.own_namespace

    def deploy(self, secrets: Mapping[str, str]) -> None:
        """`pulumi up` of a new stack, which does what its preview says."""
        self.pulumi("stack", "init", self.name, check=True)
        self.configure({**self.platform_settings, **self.control_plane.settings, "flyte:namespace": self.namespace})
        for key, value in secrets.items():
            self.pulumi("config", "set", "--secret", key, "--stack", self.name, check=True, stdin=value)
        self.urls = outputs_of(self.deployed())

    def follow_readme(self) -> None:
        """Follow it as on `local`, where an app's URL is another one."""
        readme = self.folder / "README.md"
        readme.write_text(re.sub(r"^# http://127\.0\.0\.1:…/apps/\S+$", "# http://…", readme.read_text(), flags=re.M))
        super().follow_readme()


@pytest.fixture(scope="session")
def control_plane(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running(tmp_path_factory.mktemp("plane"), {**os.environ, **cluster.home.environment()}) as plane:
        yield plane


@pytest.fixture(scope="session")
def deployed(
    cluster: Cluster, control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deploy]:
    """`with deployed("webhook", webhookKey="…") as example`, as the tests of the platform `local` have it."""
    checkout = tmp_path_factory.mktemp("checkout")
    examples: list[ClusterExample] = []

    @contextmanager
    def deploy(name: str, **secrets: str) -> Iterator[Example]:
        example = ClusterExample(checkout, example=name, cluster=cluster, control_plane=control_plane)
        examples.append(example)
        example.deploy(secrets)
        yield example
        again = example.up()
        assert (again.code, again.steps) == (0, {}), again.text
        gone = example.destroy()
        assert gone.code == 0, gone.text
        assert example.objects() == set()
        example.wait_for_namespace_gone()

    yield deploy
    for example in examples:
        example.close()


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.__name__.removeprefix("test_"))
def test_a_pattern_works_on_pods(pattern: Callable[[Deploy], None], deployed: Deploy) -> None:
    pattern(deployed)


def test_a_dashboard_and_a_page_work_on_pods(deployed: Deploy) -> None:
    with deployed("browser-app") as example:
        example.follow_readme()
        assert "<html" in example.ask("GET", "page").text
        assert example.ask("GET", "dashboard", "/_stcore/health").text == "ok"
        assert "Streamlit" in example.ask("GET", "dashboard", "/").text


def test_existing_flyte_code_works_on_pods(deployed: Deploy) -> None:
    with deployed("existing-flyte-code") as example:
        assert "Ada" in example.ask("GET", "front", "/hello/Ada").text
        assert example.ask("POST", "front", "/count?text=hello").status_code == 200
