"""The arguments of an `App`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pulumi_flyte.arguments import workload
from pulumi_flyte.arguments.app_domain import AppDomain
from pulumi_flyte.arguments.console_link import ConsoleLink
from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.env import Variables
from pulumi_flyte.arguments.health import Health
from pulumi_flyte.arguments.image import ImageArgument
from pulumi_flyte.arguments.kubernetes import Kubernetes
from pulumi_flyte.arguments.refusal import Expected, rule, sequence
from pulumi_flyte.arguments.resources import Resources
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.arguments.timeouts import Timeouts
from pulumi_flyte.arguments.values import Flag, PlainText, Whole
from pulumi_flyte.arguments.workload import Command, EnvironmentReference, Include, Inputs, Secrets, Source
from pulumi_flyte.naming import names
from pulumi_flyte.notation.quantities import DEFAULT_PORT
from pulumi_flyte.problems import Problem

Port = Annotated[Whole, Expected("expected a number"), rule(names.port_problem)]
ConsoleLinks = Annotated[Sequence[ConsoleLink], sequence('expected a list such as [{"path": "/docs", "title": "API"}]')]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AppArguments(Declaration):
    """A service that stays up and answers requests. Dependents start only after it answers its health path."""

    environment: Annotated[EnvironmentReference, workload.ENVIRONMENT]
    source: Annotated[
        Source | None,
        Property(
            "`file.py:attribute`: an ASGI application, a function that returns one, or a Flyte AppEnvironment. Without"
            " a source, an image and its command run."
        ),
    ] = None
    image: Annotated[ImageArgument | None, workload.IMAGE] = None
    command: Annotated[
        Command | None,
        Property(
            "The program and its arguments, if there is no source. Each element is one argument, no shell reads it,"
            " and no variable in it is replaced where code travels along (`include`)."
        ),
    ] = None
    args: Annotated[Command | None, Property("Arguments of the image's own program, if there is no source.")] = None
    port: Annotated[Port | None, Property("The port that the app listens on.", default=DEFAULT_PORT)] = None
    inputs: Annotated[Inputs | None, workload.INPUTS] = None
    secrets: Annotated[Secrets | None, workload.SECRETS] = None
    env: Annotated[Variables | None, workload.ENV] = None
    resources: Annotated[Resources | None, workload.RESOURCES] = None
    scaling: Annotated[Scaling | None, Property("How many replicas run, and what adds another.")] = None
    health: Annotated[
        Health | None,
        Property(
            "The check that it can take requests. By default `/healthz` for an ASGI source, otherwise a connection."
        ),
    ] = None
    timeouts: Annotated[Timeouts | None, Property("Time limits in seconds.")] = None
    requires_auth: Annotated[
        Flag | None,
        Property(
            "True admits only apps and tasks that are wired to it, each with its own credential. The platform decides"
            " which people may call it. If unset, the platform decides about every caller."
        ),
    ] = None
    auth_rotation: Annotated[
        PlainText | None,
        Property(
            "Any text, such as the month. A changed text makes a new key and new credentials. The former ones stay"
            " valid until the next rotation."
        ),
    ] = None
    domain: Annotated[AppDomain | None, Property("Its public name, if the platform serves one.")] = None
    public: Annotated[
        Flag | None,
        Property(
            "True gives it a public address. Only `kubernetes` keeps an app private without it; the other platforms"
            " give each app an address."
        ),
    ] = None
    console_links: Annotated[ConsoleLinks | None, Property("Links on its page in the console.")] = None
    include: Annotated[Include | None, workload.INCLUDE] = None
    service_account: Annotated[PlainText | None, Property("The Kubernetes service account.")] = None
    kubernetes: Annotated[
        Kubernetes | None, Property("How its objects on `kubernetes` differ from those of its Environment.")
    ] = None
    description: Annotated[PlainText | None, workload.DESCRIPTION] = None
    active: Annotated[Flag | None, Property("False stops the app and keeps it deployed.", default=True)] = None
    adopt: Annotated[Flag | None, workload.ADOPT] = None
    name: Annotated[
        PlainText | None, Property("The Flyte name, by default the Pulumi name; at most 30 characters.")
    ] = None

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        if self.auth_rotation is not None and self.requires_auth is not True:
            reason = "it rotates the key of requires_auth=True, which is not set: set that, or leave this out"
            yield Problem("auth_rotation", reason, self.auth_rotation)
