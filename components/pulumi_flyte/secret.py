"""`Secret`: a value in the platform's secret store."""

from __future__ import annotations

import pulumi

from pulumi_flyte import api
from pulumi_flyte.arguments.secret import SecretArguments
from pulumi_flyte.engine import names_in_use
from pulumi_flyte.engine.keywords import checked_keywords
from pulumi_flyte.environment import EnvironmentArgument, settings_of
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import SecretLink, SecretLinkDict
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems
from pulumi_flyte.wiring import program
from pulumi_flyte.wiring.options import child_options


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
        problems = Problems()
        settings = settings_of(environment, problems)
        if settings is not None and not problems:
            problems.add("name", names_in_use.name_problem("Secret", resource_name, settings.place, opts))
        key = name or resource_name
        if isinstance(key, str):
            problems.add("name", names.secret_name_problem(key), key)
        else:
            problems.add("name", "a plain string", key)
        if (value is None) == (not existing):
            problems.add("value", "give either value=, such as config.require_secret(...), or existing=True")
        if not isinstance(value, (str, pulumi.Output, type(None))):
            problems.add("value", "a string")
        if problems or settings is None:
            raise ArgumentsError("Secret", resource_name, problems.found)
        secret = None if value is None else pulumi.Output.secret(value)
        props = {"environment": settings.as_dict(), "value": secret, "existing": existing, "adopt": adopt, "name": name}
        names_in_use.claim("Secret", resource_name, settings.place, opts)
        super().__init__("flyte:index:Secret", resource_name, {k: v for k, v in props.items() if v is not None}, opts)
        self.resource = api.Secret(
            resource_name,
            name=key,
            project=settings.project,
            domain=settings.domain,
            org=settings.org or None,
            value=secret,
            existing=existing or None,
            adopt=adopt,
            instance=settings.instance,
            opts=child_options(self, opts, environment),
        )
        self.link_value = SecretLink(
            key, self.version, settings.project, settings.domain, control_plane=settings.control_plane
        )
        self.register_outputs({"version": self.version, "link": self.link_value.as_dict()})
        program.current(settings).secrets[key] = self

    @property
    def version(self) -> pulumi.Output[str]:
        """Changes exactly when the value does."""
        return self.resource.version

    @property
    def link(self) -> pulumi.Output[SecretLinkDict]:
        """What a component of another stack or language takes in place of this secret: never its value."""
        link: pulumi.Output[SecretLinkDict] = pulumi.Output.from_input(self.link_value.as_dict())
        return link
