"""`Kubernetes`: the settings that change the defaults of an app's objects on `kubernetes`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypedDict

import pulumi
from flyte_runtime import contract
from pydantic import Strict

from pulumi_flyte.arguments.cluster_values import Annotations, Labels, Names, ObjectName, PodCount, PodShare
from pulumi_flyte.arguments.declaration import Declaration, Property, values_of
from pulumi_flyte.arguments.pod_security import Capability, Seccomp
from pulumi_flyte.arguments.refusal import Converted, Expected, rule, sequence
from pulumi_flyte.arguments.toleration import Toleration, TolerationDict, tolerations
from pulumi_flyte.arguments.values import Flag, Whole, between
from pulumi_flyte.problems import Problem

MOST_USER = 2**31 - 1
DEFAULT_USER = 65532
DEFAULT_REVISIONS = 3
DEFAULT_CPU_TARGET = 70

_USER = f"expected the id of a user, a whole number between 0 and {MOST_USER}"
_GRACE = "expected a whole number of seconds between 1 and 86400"
_DELAY = "expected a whole number of seconds between 0 and 3600"
_REVISIONS = "expected a whole number between 0 and 100"
_TARGET = "expected a whole number of percent between 1 and 1000"
_WRITABLE = 'expected a list of folders, such as ["/tmp"]'


def _folder_problem(path: str) -> str | None:
    parts = path.split("/")
    if not path.startswith("/") or path == "/" or ".." in parts or ":" in path:
        return "expected the absolute path of a folder, such as /tmp"
    return None


Folder = Annotated[str, Strict(), Expected("expected a plain string"), rule(_folder_problem)]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Kubernetes(Declaration):
    """Settings of an app's objects on the platform `kubernetes`.

    Every app gets the defaults without asking. An app's values win over its Environment's; mappings are merged by key.
    """

    expected: ClassVar[str] = 'expected a mapping such as {"run_as_user": 1000, "spread": False}'

    run_as_user: Annotated[
        Whole | None,
        Expected(_USER),
        between(0, MOST_USER, _USER),
        Property("The id of the user and group that the container runs as. 0 is root.", default=DEFAULT_USER),
    ] = None
    user_from_cluster: Annotated[
        Flag | None,
        Property("Whether the cluster chooses that id, as OpenShift does for each namespace.", default=False),
    ] = None
    read_only_root: Annotated[
        Flag | None, Property("Whether the container's own files cannot be changed.", default=True)
    ] = None
    writable: Annotated[
        Sequence[Folder] | None,
        sequence(_WRITABLE),
        Property("Folders that the container may write to, each empty at the start; `/tmp` by default."),
    ] = None
    privilege_escalation: Annotated[
        Flag | None, Property("Whether a process may gain more privileges than its parent.", default=False)
    ] = None
    capabilities: Annotated[
        Sequence[Capability] | None,
        sequence('expected a list of capabilities, such as ["NET_BIND_SERVICE"]'),
        Property("Linux capabilities that the container keeps; by default none."),
    ] = None
    seccomp: Annotated[
        Seccomp | None,
        Expected("expected RuntimeDefault or Unconfined"),
        Property("The seccomp profile.", default="RuntimeDefault"),
    ] = None
    liveness: Annotated[
        Flag | None,
        Property("Whether the container is started again when its health path stops answering.", default=True),
    ] = None
    pre_stop_delay: Annotated[
        Whole | None,
        Expected(_DELAY),
        between(0, 3600, _DELAY),
        Property(
            "Seconds between the removal of a pod from its Service and the signal to stop.",
            default=contract.PRE_STOP_DELAY,
        ),
    ] = None
    grace_period: Annotated[
        Whole | None,
        Expected(_GRACE),
        between(1, 86400, _GRACE),
        Property(
            "Seconds that a pod may take to stop, the delay before the signal included. An app of a source finishes its"
            " requests within what is left.",
            default=contract.GRACE_PERIOD,
        ),
    ] = None
    max_surge: Annotated[
        PodShare | None,
        Property("Pods above the wanted number during a rollout: a number, or a share such as `25%`; 1 by default."),
    ] = None
    max_unavailable: Annotated[
        PodShare | None,
        Property("Pods below the wanted number during a rollout: a number, or a share such as `25%`; 0 by default."),
    ] = None
    disruption_budget: Annotated[
        Flag | None,
        Property("Whether drains of nodes leave pods running. It is made from two replicas on.", default=True),
    ] = None
    min_available: Annotated[
        PodShare | None,
        Property("Pods that a drain of nodes leaves running: a number, or a share; by default all but one."),
    ] = None
    spread: Annotated[Flag | None, Property("Whether pods are spread over nodes and zones.", default=True)] = None
    service_account_token: Annotated[
        Flag | None, Property("Whether the container gets a token of the Kubernetes API.", default=False)
    ] = None
    service_links: Annotated[
        Flag | None,
        Property("Whether the container gets a variable for each Service of the namespace.", default=False),
    ] = None
    revision_history: Annotated[
        Whole | None,
        Expected(_REVISIONS),
        between(0, 100, _REVISIONS),
        Property("Former revisions that stay for a rollback.", default=DEFAULT_REVISIONS),
    ] = None
    cpu_target: Annotated[
        Whole | None,
        Expected(_TARGET),
        between(1, 1000, _TARGET),
        Property(
            "Percent of the requested CPU above which another replica starts, where replicas range.",
            default=DEFAULT_CPU_TARGET,
        ),
    ] = None
    labels: Annotated[Labels | None, Property("Labels of all objects of the app.")] = None
    annotations: Annotated[Annotations | None, Property("Annotations of the app's pods.")] = None
    node_selector: Annotated[Labels | None, Property("Labels that a node must have to run the app.")] = None
    tolerations: Annotated[
        Sequence[Toleration | TolerationDict] | None,
        Converted(tolerations),
        Property("Taints of nodes that the app may run on."),
    ] = None
    image_pull_secrets: Annotated[
        Names | None, Property("Secrets of the namespace with the credentials of registries.")
    ] = None
    priority_class: Annotated[ObjectName | None, Property("The PriorityClass of the pods.")] = None

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        if self.user_from_cluster and self.run_as_user is not None:
            yield Problem(
                "run_as_user", "with user_from_cluster=True the cluster chooses the user: leave one of the two out"
            )
        if self.disruption_budget is False and self.min_available is not None:
            yield Problem(
                "min_available",
                "it is part of the disruption budget, and disruption_budget=False makes none: leave one of the two out",
            )
        if self.max_surge in (0, "0%") and self.max_unavailable in (None, 0, "0%"):
            reason = "no pod could be replaced: a rollout needs max_surge or max_unavailable above 0"
            yield Problem("max_surge", reason, self.max_surge)

        least = self.pre_stop_delay if self.pre_stop_delay is not None else contract.PRE_STOP_DELAY
        most = self.grace_period if self.grace_period is not None else contract.GRACE_PERIOD
        if not least < most:
            reason = f"no time would be left after the pre_stop_delay of {least} seconds: give it more than that"
            yield Problem("grace_period", reason, most)

    def over(self, defaults: Kubernetes | None) -> Kubernetes:
        """Return these values over those of `defaults`. Mappings are merged by key."""
        if defaults is None:
            return self
        values = {**values_of(defaults), **values_of(self)}
        # Each of the two says who the container runs as.
        if self.run_as_user is not None:
            values["user_from_cluster"] = False
        elif self.user_from_cluster:
            values["run_as_user"] = None
        for name in ("labels", "annotations", "node_selector"):
            merged = {**(getattr(defaults, name) or {}), **(getattr(self, name) or {})}
            values[name] = merged or None
        return Kubernetes(**values)


class KubernetesDict(TypedDict, total=False):
    """`Kubernetes` as a mapping."""

    run_as_user: int | None
    user_from_cluster: bool | None
    read_only_root: bool | None
    writable: Sequence[str] | None
    privilege_escalation: bool | None
    capabilities: Sequence[str] | None
    seccomp: Seccomp | None
    liveness: bool | None
    pre_stop_delay: int | None
    grace_period: int | None
    max_surge: PodCount | None
    max_unavailable: PodCount | None
    disruption_budget: bool | None
    min_available: PodCount | None
    spread: bool | None
    service_account_token: bool | None
    service_links: bool | None
    revision_history: int | None
    cpu_target: int | None
    labels: Mapping[str, str] | None
    annotations: Mapping[str, str | pulumi.Output[str]] | None
    node_selector: Mapping[str, str] | None
    tolerations: Sequence[Toleration | TolerationDict] | None
    image_pull_secrets: Sequence[str] | None
    priority_class: str | None
