"""A Pulumi stack whose apps run on the test cluster: the real CLI, plugins, image builds and pods."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.harness import Outcome, Stack, plugin_path
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.home import REGISTRY
from tests.kubernetes.cluster.images import BASE_IMAGE
from tests.kubernetes.surroundings import Surroundings

_POLL = 0.5  # seconds


@dataclass
class ClusterStack(Stack):
    """One stack of the platform `kubernetes`. Its project is its own, so its namespace is too."""

    cluster: Cluster = field(kw_only=True)
    time_limit: float = 900  # several images are built, and several apps are awaited
    surroundings: Surroundings = field(default_factory=Surroundings)
    _sees_cluster: bool = field(default=True, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.config = {**self.platform_settings, **self.config}

    @property
    def platform_settings(self) -> dict[str, str]:
        """Stack configuration that leads to the test cluster, its registry and its builder."""
        return {
            "flyte:platform": "kubernetes",
            "flyte:registry": REGISTRY,
            "flyte:baseImage": BASE_IMAGE,
            "flyte:builder": "local",
        }

    @property
    def environment(self) -> dict[str, str]:
        """The variables, with kubectl, its configuration, the image builder, and the plugins for both."""
        inherited = super().environment
        own = self.cluster.home.environment()
        path = os.pathsep.join([str(self.surroundings.python.programs), inherited["PATH"], own["PATH"]])
        names = ("KUBECONFIG", "DOCKER_CONFIG", "DOCKER_HOST", "CLUSTER_HOME")
        variables = {**inherited, **{name: own[name] for name in names}, "PATH": path}
        variables.update(self.surroundings.variables)
        if self.surroundings.user:
            variables["HOME"] = str(self.base)
        if not self._sees_cluster:
            nowhere = str(self.base / "nowhere")
            variables.update(KUBECONFIG=f"{nowhere}/kubeconfig", DOCKER_CONFIG=f"{nowhere}/docker")
        return variables

    @property
    def project_file(self) -> str:
        """The content of Pulumi.yaml, with the plugin of the Python that runs the program."""
        return f"name: {self.project}\nruntime: python\n{plugin_path(self.surroundings.python.programs)}"

    def command(self, *arguments: str) -> list[str]:
        """The CLI, as it is run in these surroundings."""
        return self.surroundings.command(super().command(*arguments))

    @property
    def namespace(self) -> str:
        """The namespace of the stack's objects. The domain is `development` as the stack's name is no domain."""
        return f"{self.project}-development"

    def pods(self, app: str | None = None) -> list[dict[str, Any]]:
        """Return the pods of an app, or all of the namespace."""
        selection = [] if app is None else ["-l", f"app.kubernetes.io/name={app}"]
        return self.cluster.objects("pods", "-n", self.namespace, *selection)

    def running_pods(self) -> dict[str, set[str]]:
        """Return the ids of each app's pods that are not on their way out."""
        running: dict[str, set[str]] = {}
        for pod in self.pods():
            if "deletionTimestamp" not in pod["metadata"]:
                app = pod["metadata"]["labels"]["app.kubernetes.io/name"]
                running.setdefault(app, set()).add(pod["metadata"]["uid"])
        return running

    def objects(self) -> set[str]:
        """Return `kind/name` of every object in the namespace that this project made; none once it is destroyed."""
        kinds = "deployments,services,secrets,serviceaccounts,horizontalpodautoscalers,poddisruptionbudgets"
        kinds += ",networkpolicies,ingresses"
        selection = ("-l", "app.kubernetes.io/managed-by=pulumi-flyte", "-o", "name", "--ignore-not-found")
        return set(self.cluster.kubectl("get", kinds, "-n", self.namespace, *selection).split())

    def blind_preview(self, *arguments: str) -> Outcome:
        """A preview that reaches no cluster, no registry and no builder."""
        self._sees_cluster = False
        try:
            return self.preview(*arguments)
        finally:
            self._sees_cluster = True

    def deployed(self) -> Outcome:
        """Deploy, as a preview without a cluster said; a failure shows the pods and events of the namespace."""
        try:
            before = self.blind_preview()
            assert before.code == 0, before.text
            after = super().deployed()
            assert before.changed == after.changed, f"previewed {before.changed}, changed {after.changed}"
            self.wait_for_services()
            return after
        except (AssertionError, subprocess.TimeoutExpired):
            for kind in ("pods,deployments", "events"):
                print(self.cluster.run("kubectl", "get", kind, "-n", self.namespace, "-o", "wide").stdout)
            raise

    def close(self) -> None:
        """Delete what a failed test left in the cluster and on this machine."""
        self.cluster.run("kubectl", "delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false")
        super().close()

    def wait_for_services(self, seconds: float = 60) -> None:
        """Wait until every Service with ready pods passes connections on. The node learns of the pods a moment later.

        The pods are read anew in each turn, since those that were ready may be on their way out.
        """
        deadline = time.monotonic() + seconds
        while closed := self._closed_services():
            assert time.monotonic() < deadline, f"no connection to the Services {', '.join(closed)}"
            time.sleep(_POLL)

    def _closed_services(self) -> list[str]:
        """Return the names of the Services that have a ready pod and pass no connection on."""
        slices = self.cluster.objects("endpointslices", "-n", self.namespace)
        served = {
            one["metadata"]["labels"]["kubernetes.io/service-name"]
            for one in slices
            if any(endpoint["conditions"].get("ready") for endpoint in one.get("endpoints") or ())
        }
        services = self.cluster.objects("services", "-n", self.namespace)
        return [
            service["metadata"]["name"]
            for service in services
            if service["metadata"]["name"] in served and not _takes_connections(service)
        ]

    def wait_for_rollouts(self, seconds: float = 180) -> None:
        """Wait until every Deployment has the pods that it wants, and those of before are at least on their way out."""
        self.cluster.wait_for_rollouts(self.namespace, seconds)

    def wait_for_namespace_gone(self, seconds: float = 180) -> None:
        """Wait until the namespace and all that is in it are deleted."""
        deadline = time.monotonic() + seconds
        while self.cluster.kubectl("get", "namespace", self.namespace, "--ignore-not-found"):
            assert time.monotonic() < deadline, f"the namespace {self.namespace} is still there"
            time.sleep(_POLL)


def _takes_connections(service: dict[str, Any]) -> bool:
    address = service["spec"]["clusterIP"], service["spec"]["ports"][0]["port"]
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
