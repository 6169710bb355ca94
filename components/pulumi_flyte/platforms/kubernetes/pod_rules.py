"""`PodRules`: the defaults of an app's objects, with what an app and its Environment say differently. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flyte_runtime import contract

from pulumi_flyte.arguments import kubernetes
from pulumi_flyte.arguments.cluster_values import PodCount
from pulumi_flyte.arguments.kubernetes import Kubernetes
from pulumi_flyte.arguments.pod_security import Seccomp
from pulumi_flyte.arguments.toleration import Toleration
from pulumi_flyte.engine.outputs import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PodRules:
    """The rules by which the objects of one app are made. The fields are those of `Kubernetes`.

    min_available: None means all replicas but one.
    """

    run_as_user: int = kubernetes.DEFAULT_USER
    user_from_cluster: bool = False
    read_only_root: bool = True
    writable: tuple[str, ...] = ("/tmp",)
    privilege_escalation: bool = False
    capabilities: tuple[str, ...] = ()
    seccomp: Seccomp = "RuntimeDefault"
    liveness: bool = True
    pre_stop_delay: int = contract.PRE_STOP_DELAY
    grace_period: int = contract.GRACE_PERIOD
    max_surge: PodCount = 1
    max_unavailable: PodCount = 0
    disruption_budget: bool = True
    min_available: PodCount | None = None
    spread: bool = True
    service_account_token: bool = False
    service_links: bool = False
    revision_history: int = kubernetes.DEFAULT_REVISIONS
    cpu_target: int = kubernetes.DEFAULT_CPU_TARGET
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, Text] = field(default_factory=dict)
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    image_pull_secrets: tuple[str, ...] = ()
    priority_class: str | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The container's variable that lets `rt.serve` finish requests for as long as the grace period has room."""
        drain = contract.drain_within(self.grace_period, self.pre_stop_delay)
        return {} if drain == contract.DRAIN else {contract.DRAIN_VARIABLE: str(drain)}

    @classmethod
    def of(cls, app: Kubernetes | None, environment: Kubernetes | None) -> PodRules:
        """Return the rules of an app: its own values, over its environment's, over the defaults."""
        declared = (app or Kubernetes()).over(environment)
        values = {name: value for name, value in vars(declared).items() if value is not None}
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, (list, tuple))}
        return cls(**{**values, **lists})
