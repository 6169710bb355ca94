"""`AppSpec`: an app, as every platform can run it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flyte_runtime import contract

from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.app_domain import AppDomain
from pulumi_flyte.arguments.console_link import ConsoleLink
from pulumi_flyte.arguments.health import Health
from pulumi_flyte.arguments.kubernetes import Kubernetes
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.arguments.values import seconds
from pulumi_flyte.source.description import Json
from pulumi_flyte.wiring.edge import Edges
from pulumi_flyte.workload.container import Container
from pulumi_flyte.workload.contract import Contract
from pulumi_flyte.workload.edge_credential import EdgeCredential


class AppOptions(NamedTuple):
    """The properties of an app that a platform carries out as they are. None: not set.

    health: None means that the port answers. request_timeout: seconds.
    """

    scaling: Scaling | None = None
    health: Health | None = None
    request_timeout: float | None = None
    domain: AppDomain | None = None
    console_links: tuple[ConsoleLink, ...] | None = None
    public: bool | None = None
    service_account: str | None = None
    kubernetes: Kubernetes | None = None
    description: str | None = None
    active: bool | None = None
    adopt: bool | None = None

    @classmethod
    def of(cls, arguments: AppArguments) -> AppOptions:
        """Return the options that the arguments say. An empty mapping says nothing, and leaves it to the source."""
        scaling, domain = arguments.scaling, arguments.domain
        timeouts, links = arguments.timeouts, arguments.console_links
        return cls(
            scaling=None if scaling == Scaling() else scaling,
            health=arguments.health,
            request_timeout=None if timeouts is None else seconds(timeouts.request),
            domain=None if domain == AppDomain() else domain,
            console_links=tuple(links) if links else None,
            public=arguments.public,
            service_account=arguments.service_account,
            kubernetes=arguments.kubernetes,
            description=arguments.description,
            active=arguments.active,
            adopt=arguments.adopt,
        )

    def over(self, defaults: AppOptions) -> AppOptions:
        """Return these options, with `defaults` for those that are not set."""
        unset = (name for name, value in self._asdict().items() if value is None)
        changes = {name: value for name in unset if (value := getattr(defaults, name)) is not None}
        return self._replace(**changes) if changes else self


class AuthPolicy(NamedTuple):
    """The rule of who may call an app.

    required: True lets in only callers with a credential, False lets in everybody, None leaves it to the platform.
    rotation: another text makes another key. self_enforced: whether the app's process refuses the others itself.
    asked_by_code: whether the source says that it requires credentials, and the argument does not say anything.
    """

    required: bool | None = None
    rotation: str | None = None
    self_enforced: bool = False
    asked_by_code: bool = False

    @classmethod
    def of(cls, arguments: AppArguments, *, code: bool | None, self_enforced: bool) -> AuthPolicy:
        """Return who may call an app. `code` is what a Flyte `AppEnvironment` says, None if it says nothing.

        Only the argument closes an app by our own means: what Flyte code says is meant for Flyte's platform, which
        takes an unset value as True.
        """
        if arguments.requires_auth is not None:
            rotation = arguments.auth_rotation
            return cls(required=arguments.requires_auth, rotation=rotation, self_enforced=self_enforced)
        required = False if code is False else None
        return cls(required=required, self_enforced=self_enforced, asked_by_code=code is True)


class FlyteAppParts(NamedTuple):
    """The parts of an app that only a Flyte `AppEnvironment` has, as the messages of Flyte's API in JSON.

    inputs: the values of its parameters, by name.
    """

    type: str | None = None
    pod: Json | None = None
    inputs: Mapping[str, str] = {}
    extra: Json | None = None


class AppSpec(NamedTuple):
    """An app.

    identity: its Flyte name and where it is. depends_on: the names of Flyte environments that it starts after.
    warnings: what a preview says of it on every platform. contract: what its code offers and calls.
    """

    identity: contract.Identity
    container: Container
    port: int
    options: AppOptions
    auth: AuthPolicy
    edges: Edges
    credentials: tuple[EdgeCredential, ...] = ()
    flyte: FlyteAppParts = FlyteAppParts()
    depends_on: tuple[str, ...] = ()
    contract: Contract = Contract()
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The Flyte name."""
        return self.identity.name

    @property
    def starts(self) -> tuple[str, ...]:
        """No task: an app starts tasks by its edges only."""
        return ()

    @property
    def requires_credentials(self) -> bool:
        """True if only callers with a credential are let in."""
        return self.auth.required is True
