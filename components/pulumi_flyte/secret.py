"""`Secret`: a value in the platform's secret store."""

from __future__ import annotations

import pulumi

from pulumi_flyte.arguments.secret import SecretArguments
from pulumi_flyte.engine.keywords import checked_keywords
from pulumi_flyte.environment import EnvironmentArgument
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import SecretLinkDict
from pulumi_flyte.naming import names
from pulumi_flyte.platforms import platform_of
from pulumi_flyte.problems import Problems
from pulumi_flyte.registration import Registration
from pulumi_flyte.wiring import program
from pulumi_flyte.workload.secret_spec import SecretSpec


class Secret(pulumi.ComponentResource):
    """A secret that apps and tasks of its project and domain may ask for.

    value: the value; it is encrypted in Pulumi's state and goes nowhere but to the platform's secret store.
    existing: True for a secret that somebody else keeps: it must exist, and is never changed or deleted.
    adopt: True takes over a secret that exists and is not this resource's.
    name: the key in the store, by default the Pulumi name.

    `version` changes exactly when the value does; apps that use the secret are rolled then, tasks read it at each run.
    """

    @checked_keywords(SecretArguments)
    def __init__(
        self,
        resource_name: str,
        *,
        environment: EnvironmentArgument,
        value: pulumi.Input[str] | None = None,
        existing: bool | None = None,
        adopt: bool | None = None,
        name: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        registration = Registration("Secret", resource_name, environment, opts)
        problems = Problems()
        settings = registration.settings(problems)
        secret_key = name or resource_name
        _check(secret_key, value, existing, problems)
        if problems or settings is None:
            raise ArgumentsError("Secret", resource_name, problems.found)

        registration.claim(settings)
        secret = None if value is None else pulumi.Output.secret(value)
        arguments = {"value": secret, "existing": existing, "adopt": adopt, "name": name}
        properties = {key: argument for key, argument in arguments.items() if argument is not None}
        super().__init__("flyte:index:Secret", resource_name, {"environment": settings.as_dict(), **properties}, opts)

        spec = SecretSpec(key=secret_key, value=secret, adopt=adopt)
        declared = self._declared = platform_of(settings).declare_secret(spec, settings, registration.owner(self))
        program.current(settings).secrets[secret_key] = self

        self.resource, self.link_value = declared.resource, declared.link
        self.register_outputs({"version": declared.version, "link": declared.link.as_dict()})

    @property
    def version(self) -> pulumi.Output[str]:
        """Changes exactly when the value does."""
        return self._declared.version

    @property
    def link(self) -> pulumi.Output[SecretLinkDict]:
        """What a component of another stack or language takes in place of this secret: never its value."""
        link: pulumi.Output[SecretLinkDict] = pulumi.Output.from_input(self.link_value.as_dict())
        return link


def _check(key: object, value: object, existing: bool | None, problems: Problems) -> None:
    if isinstance(key, str):
        problems.add("name", names.secret_name_problem(key), key)
    else:
        problems.add("name", "a plain string", key)
    if (value is None) == (not existing):
        problems.add("value", "give either value=, such as config.require_secret(...), or existing=True")
    if not isinstance(value, (str, pulumi.Output, type(None))):
        problems.add("value", "a string")
