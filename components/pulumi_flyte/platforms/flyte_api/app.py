"""An app as `flyte:api:App`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_flyte import api
from pulumi_flyte.arguments.console_link import ConsoleLink
from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.arguments.values import seconds
from pulumi_flyte.engine.object_options import PropertyPath, without
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.links import AppLink
from pulumi_flyte.naming import names
from pulumi_flyte.platforms.base import DeclaredApp
from pulumi_flyte.platforms.flyte_api import auth_warnings
from pulumi_flyte.platforms.flyte_api.bundles import stage
from pulumi_flyte.platforms.flyte_api.credentials import credential_requests, declare_credentials, declare_key, guard_of
from pulumi_flyte.platforms.flyte_api.delivery import Delivery
from pulumi_flyte.platforms.flyte_api.entrypoint import with_bundle
from pulumi_flyte.platforms.flyte_api.properties import placement, secret_property, version_over
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.edge import CallerKey
from pulumi_flyte.wiring.variables import Guard, wiring_variables
from pulumi_flyte.workload.app_spec import AppOptions, AppSpec
from pulumi_flyte.workload.manifest import Manifest


@dataclass(frozen=True, slots=True)
class FlyteAppPlan:
    """An app that becomes one `flyte:api:App`, with its key and its credentials."""

    spec: AppSpec
    settings: Settings
    delivery: Delivery

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the specification on this platform."""
        return self.delivery.problems

    @property
    def warnings(self) -> list[str]:
        """The warnings that a preview shows."""
        auth = auth_warnings.of(self.spec, self.settings, enforced=self.delivery.enforces_auth)
        return [*self.delivery.warnings, *self.spec.warnings, *auth]

    @property
    def manifest(self) -> Manifest:
        """The files and packages of the workload."""
        return Manifest.of_bundle(self.spec.container.bundle).joined(self.delivery.manifest)

    def declare(self, owner: Owner, waits_for: Sequence[pulumi.Resource]) -> DeclaredApp:
        """Declare the resources."""
        spec, settings = self.spec, self.settings
        image = self.delivery.image.declare(owner)
        credentials = declare_credentials(spec.credentials, settings, owner)
        key = declare_key(spec, owner)
        guard = None if key is None else guard_of(key, spec.identity, by_platform=self.delivery.enforces_auth)
        versions: dict[str, Any] = {edge.variable: edge.link.version for edge in spec.edges.secrets}
        versions |= {variable: secret.version for each, secret in credentials for variable in each.variables}
        target = settings.target
        app = api.App(
            owner.name,
            **self.properties(guard, owner.ignored),
            **placement(settings, adopt=spec.options.adopt),
            active=spec.options.active,
            secret_versions=versions or None,
            # As the plugin computes them. They are sent along, so that they are known in a unit test without a plugin.
            endpoint=names.app_endpoint(spec.name, target),
            public_endpoint=names.public_app_endpoint(spec.name, target),
            console_url=names.console_url("apps", spec.name, target),
            opts=owner.main_options(
                [
                    *([] if image is None else [image]),
                    *spec.edges.waits_for,
                    *(secret for _, secret in credentials),
                    *waits_for,
                ]
            ),
        )
        return DeclaredApp(
            resource=app,
            link=self._link(key),
            key=None if key is None else CallerKey(key.private_key, key.created_at),
            endpoint=app.endpoint,
            public_endpoint=app.public_endpoint,
            console_url=app.console_url,
            version=app.version,
        )

    def properties(self, guard: Guard | None, ignored: Sequence[PropertyPath] = ()) -> dict[str, Any]:
        """Return what a version counts, and the version. It does not count what is ignored."""
        spec, container, delivery = self.spec, self.spec.container, self.delivery
        command, args = list(container.command), list(container.args)
        if container.bundle is not None and not container.fetches_bundle and command:
            command, args = with_bundle([*command, *args], spec.identity), []
        wiring = wiring_variables(spec.identity, spec.edges, self.settings.platform, guard)
        properties = {
            "name": spec.name,
            "image": delivery.image.reference,
            "command": command or None,
            "args": args or None,
            "port": spec.port,
            "env": {**container.env, **wiring, **delivery.variables},
            "secrets": [*map(secret_property, container.secrets), *credential_requests(spec.credentials)] or None,
            "resources": container.resources and container.resources.properties(),
            "bundle": stage(spec.identity, self.settings, container.bundle, delivery.added_files),
            "requires_auth": spec.auth.required,
            "type": spec.flyte.type,
            "pod": spec.flyte.pod,
            "inputs": [{"name": name, "value": value} for name, value in spec.flyte.inputs.items()] or None,
            "extra": spec.flyte.extra,
            **_options(spec.options),
        }
        return {**properties, "version": version_over(without(properties, ignored))}

    def _link(self, key: api.AuthKey | None) -> AppLink:
        target, identity = self.settings.target, self.spec.identity
        return AppLink(
            identity.project,
            identity.domain,
            identity.name,
            names.app_endpoint(identity.name, target),
            names.public_app_endpoint(identity.name, target),
            None if key is None else key.urn,
            control_plane=self.settings.control_plane,
        )


def _options(options: AppOptions) -> dict[str, Any]:
    health, domain, links = options.health, options.domain, options.console_links
    return {
        "scaling": options.scaling and _scaling(options.scaling),
        "health": health and _without_unset({"path": health.path, "timeout": seconds(health.timeout)}),
        "timeouts": None if options.request_timeout is None else {"request": options.request_timeout},
        "ingress": domain and _without_unset({"subdomain": domain.subdomain, "customDomain": domain.custom_domain}),
        "links": links and [_console_link(link) for link in links],
        "service_account": options.service_account,
        "description": options.description,
    }


def _scaling(scaling: Scaling) -> dict[str, Any]:
    least, most = scaling.bounds or (None, None)
    return _without_unset(
        {
            "minReplicas": least,
            "maxReplicas": most,
            "concurrency": scaling.concurrency,
            "requestRate": scaling.request_rate,
            "scaledownAfter": seconds(scaling.scaledown_after),
        }
    )


def _console_link(link: ConsoleLink) -> dict[str, Any]:
    return _without_unset({"path": link.path, "title": link.title, "isRelative": link.is_relative})


def _without_unset(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
