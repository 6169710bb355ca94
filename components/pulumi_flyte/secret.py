"""`Secret`: a value in the platform's secret store."""

from __future__ import annotations

import pulumi

from pulumi_flyte.arguments.secret import SecretArguments
from pulumi_flyte.arguments.workload import properties_of
from pulumi_flyte.engine.keywords import checked_keywords
from pulumi_flyte.engine.object_options import without_hooks
from pulumi_flyte.engine.outputs import output_of
from pulumi_flyte.environment import EnvironmentArgument
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.links import SecretLinkDict
from pulumi_flyte.naming import names
from pulumi_flyte.platforms import platform_of
from pulumi_flyte.problems import Problems
from pulumi_flyte.registration import Registration
from pulumi_flyte.wiring import program
from pulumi_flyte.workload.manifest import OUTPUT, secret_manifest
from pulumi_flyte.workload.secret_spec import SecretSpec


class Secret(pulumi.ComponentResource):
    """A secret that apps and tasks of its project and domain may ask for.

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
        entry: str | None = None,
        adopt: bool | None = None,
        name: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """A secret that apps and tasks of its project and domain may ask for.

        Args:
            resource_name: The Pulumi name.
            environment: The Environment that it runs in.
            value: The value. It is encrypted in Pulumi's state and goes nowhere but to the platform's secret store.
            existing: True for a secret that somebody else keeps: it must exist, and is never changed or deleted.
            entry: The entry of an existing secret on `kubernetes`, where one has several. Default: `value`.
            adopt: Take over an object that exists and is not this resource's. Default: `False`.
            name: The key in the store, by default the Pulumi name.
            opts: Options of Pulumi, such as `parent`, `protect` and `depends_on`.
        """
        problems = Problems()
        arguments = SecretArguments.collect(
            problems, environment=environment, value=value, existing=existing, entry=entry, adopt=adopt, name=name
        )
        registration = Registration("Secret", resource_name, environment, opts)
        settings = registration.settings(problems)
        key = arguments.name or resource_name
        problems.add("name", names.secret_name_problem(key), key)
        secret = None if arguments.value is None else pulumi.Output.secret(arguments.value)
        spec = SecretSpec(key=key, value=secret, adopt=arguments.adopt, entry=arguments.entry)
        if not problems and settings is not None:
            problems.extend(platform_of(settings).secret_problems(spec))
        if problems or settings is None:
            raise ArgumentsError("Secret", resource_name, problems.entries)

        registration.claim(settings)
        properties = {**properties_of(arguments), "environment": settings.as_dict()}
        if secret is not None:
            properties["value"] = secret
        super().__init__("flyte:index:Secret", resource_name, properties, without_hooks(opts))

        declared = self._declared = platform_of(settings).declare_secret(
            spec, settings, registration.owner(self, settings)
        )
        program.current(settings).secrets[key] = self

        self.resource, self.link_value = declared.resource, declared.link
        self.register_outputs(
            {"version": declared.version, "link": declared.link.as_dict(), OUTPUT: secret_manifest(arguments.value)}
        )

    @property
    def version(self) -> pulumi.Output[str]:
        """Changes exactly when the value does."""
        return self._declared.version

    @property
    def link(self) -> pulumi.Output[SecretLinkDict]:
        """The reference to this secret that components of other stacks and languages take. It never has the value."""
        return output_of(self.link_value.as_dict())
