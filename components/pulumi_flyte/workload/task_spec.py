"""`TaskSpec`: a task, as every platform hands it to a Flyte control plane."""

from __future__ import annotations

from dataclasses import dataclass, field

from flyte_runtime import contract

from pulumi_flyte.arguments.task import TaskArguments
from pulumi_flyte.arguments.values import seconds
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Json
from pulumi_flyte.wiring.edge import Edges
from pulumi_flyte.workload.container import Container
from pulumi_flyte.workload.contract import Contract
from pulumi_flyte.workload.edge_credential import EdgeCredential
from pulumi_flyte.workload.trigger_spec import TriggerSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOptions:
    """The properties of a task that a control plane carries out as they are. None: as the source says.

    timeout: seconds that one attempt may take. cache: whether results are kept, or the version under which they are.
    service_account: for a source that names none.
    """

    retries: int | None = None
    timeout: float | None = None
    cache: bool | str | None = None
    description: str | None = None
    service_account: str | None = None
    adopt: bool | None = None

    @classmethod
    def of(cls, arguments: TaskArguments, settings: Settings) -> TaskOptions:
        """Return the options that the arguments and the environment say."""
        return cls(
            retries=arguments.retries,
            timeout=seconds(arguments.timeout),
            cache=arguments.cache,
            description=arguments.description,
            service_account=settings.service_account,
            adopt=arguments.adopt,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """A task.

    identity: its Flyte name and where it is. depends_on: the names of Flyte environments that it comes after.
    definition: what has no field here (interface, metadata, configuration), as a `task.TaskSpec` in JSON.
    starts: the names of the other tasks that it may start, which get its wiring.
    warnings: what a preview says of it on every platform. contract: what its code offers and calls.
    """

    identity: contract.Identity
    container: Container
    definition: Json
    options: TaskOptions
    edges: Edges
    triggers: tuple[TriggerSpec, ...] = ()
    credentials: tuple[EdgeCredential, ...] = ()
    depends_on: tuple[str, ...] = ()
    contract: Contract = field(default_factory=Contract)
    starts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The Flyte name."""
        return self.identity.name

    @property
    def requires_credentials(self) -> bool:
        """False: callers start a task through the control plane, which lets them in by itself."""
        return False
