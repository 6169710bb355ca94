"""`App`: a long-running service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from pulumi_flyte import api, app_spec, code, names, program, quantities
from pulumi_flyte.casing import camel
from pulumi_flyte.environment import Environment
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.keywords import checked_keywords, given_arguments
from pulumi_flyte.links import AppLink
from pulumi_flyte.options import child_options
from pulumi_flyte.outputs import lift
from pulumi_flyte.platforms import platform_for
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.versions import version_of
from pulumi_flyte.workload import (
    Edges,
    check_env,
    check_kinds,
    edges_of,
    flyte_name,
    secret_requests,
    settings_of,
    variables,
    warnings_of,
)


class App(pulumi.ComponentResource):
    """A service that stays up and answers requests. Dependents start only after it answers its health path.

    environment: the `Environment` that it runs in.
    source: `file.py:attribute`, an ASGI application or a Flyte `AppEnvironment`; or none, with `image` and `command`.
    inputs: what it may call, by alias: an `App`, a `Task`, `AppEndpoint`, `TaskRef`, `Link(…)` or a plain string.
    secrets: variable name -> `Secret`.
    resources: `{"cpu": "500m", "memory": ("512Mi", "1Gi"), "gpu": "T4:1"}`; a pair is request and limit.
    scaling: `{"replicas": (0, 3), "concurrency": 10}`.
    domain: `{"subdomain": "shop"}` or `{"custom_domain": "shop.example.com"}`, where the platform serves one.
    console_links: `[{"path": "/docs", "title": "API"}]` on the app's console page.
    health: the path that answers 2xx once the app can take requests, `/healthz` for an ASGI source; or
        `{"path": …, "timeout": seconds}` for one that loads longer than a minute.
    timeouts: `{"request": 300}` seconds, at most 3600.
    include: more files of the bundle: paths, folders or globs.
    name: the Flyte name, by default the Pulumi name; at most 30 characters.

    Raises ArgumentsError with every problem.
    """

    endpoint: pulumi.Output[str]
    public_endpoint: pulumi.Output[str]
    console_url: pulumi.Output[str]
    version: pulumi.Output[str]
    link: pulumi.Output[dict[str, Any]]

    @checked_keywords
    def __init__(
        self,
        resource_name: str,
        *,
        environment: Environment | Any,
        source: str | None = None,
        image: pulumi.Input[str] | None = None,
        command: Sequence[str] | None = None,
        args: Sequence[str] | None = None,
        port: int | None = None,
        inputs: Mapping[str, Any] | None = None,
        secrets: Mapping[str, Any] | None = None,
        env: Mapping[str, pulumi.Input[str]] | None = None,
        resources: Mapping[str, Any] | None = None,
        scaling: Mapping[str, Any] | None = None,
        health: str | Mapping[str, Any] | None = None,
        timeouts: Mapping[str, Any] | None = None,
        requires_auth: bool | None = None,
        domain: Mapping[str, Any] | None = None,
        console_links: Sequence[Mapping[str, Any]] | None = None,
        include: Sequence[str] | None = None,
        service_account: str | None = None,
        description: str | None = None,
        active: bool | None = None,
        adopt: bool | None = None,
        name: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = given_arguments(locals())
        problems = Problems()
        settings = settings_of(environment, problems)
        edges = edges_of(inputs, secrets, problems)
        spec, warnings = ({}, []) if settings is None else _spec(resource_name, given, settings, edges, problems)
        if problems or settings is None:
            raise ArgumentsError("App", resource_name, problems.found)
        props = {camel(key): value for key, value in given.items()}
        super().__init__(
            "flyte:index:App",
            resource_name,
            {**props, "environment": settings.as_dict(), **edges.props()},
            opts,
        )
        for warning in warnings:
            pulumi.log.warn(warning, self)
        by_name = spec.pop("depends_on")
        declared = program.current(settings.project, settings.domain)
        earlier = declared.declare(spec["name"], edges.waits_for_names(settings), by_name)
        self.resource = api.App(
            resource_name,
            **spec,
            opts=child_options(self, opts, environment, [*edges.waits_for, *earlier]),
        )
        declared.resources[spec["name"]] = self.resource
        self._publish(spec["name"], settings)

    def _publish(self, name: str, settings: Settings) -> None:
        self.endpoint = self.resource.endpoint
        self.public_endpoint = self.resource.public_endpoint
        self.console_url = self.resource.console_url
        self.version = self.resource.version
        public = names.public_app_endpoint(name, settings.target)
        url = names.app_endpoint(name, settings.target)
        self.link_value = AppLink(settings.project, settings.domain, name, url, public)
        outputs: dict[str, Any] = {
            "endpoint": self.endpoint,
            "publicEndpoint": self.public_endpoint,
            "consoleUrl": self.console_url,
            "version": self.version,
            # The endpoint of the resource, not the equal string: it carries the dependency to other languages.
            "link": {**self.link_value.as_dict(), "url": self.endpoint},
        }
        self.link = pulumi.Output.from_input(outputs["link"])
        self.register_outputs(outputs)


def _spec(
    resource_name: str, given: Mapping[str, Any], settings: Settings, edges: Edges, problems: Problems
) -> tuple[dict[str, Any], list[str]]:
    """The child's arguments, and what a preview should warn about."""
    platform = platform_for(settings.platform, problems)
    include = code.include_of(given.get("include"), problems)
    env = check_env(given.get("env"), edges, problems)
    check_kinds(given, problems)
    reading = None
    if "source" in given:
        reading = code.read_source(
            given["source"], kind="app", settings=settings, edges=edges, env=env, include=include, problems=problems
        )
        if reading is not None and reading.kind == "task":
            problems.add("source", "this is a task: declare it with Task(…)", given["source"])
        for key in ("command", "args"):
            if key in given:
                problems.add(key, "a source brings its own command: leave this out, or leave out source=")
    elif not given.get("command") and not given.get("args") and not given.get("image"):
        problems.add("source", 'what shall run? Give source="file.py:attribute", or image= and command=')
    described = code.described_of(reading)
    base = app_spec.base(reading, settings)
    name = flyte_name(resource_name, given.get("name"), described.get("name"), names.app_name_problem, problems)
    port = app_spec.port_of(given.get("port"), base, problems)
    bundle = reading.bundle if reading is not None else code.included_files(include, problems)
    command = app_spec.strings_of(given.get("command"), "command", problems)
    if reading is not None and reading.kind == "asgi":
        command = app_spec.serve_command(reading, port)
    args = app_spec.strings_of(given.get("args"), "args", problems)
    if bundle is not None and command:
        command, args = app_spec.carried([*command, *(args or [])], settings), None
    health = app_spec.health_of(given.get("health"), reading, problems)
    own = {
        "command": command,
        "args": args,
        "resources": quantities.resources(given.get("resources"), problems),
        "scaling": quantities.scaling(given.get("scaling"), problems),
        "timeouts": app_spec.timeouts_of(given.get("timeouts"), problems),
        "ingress": app_spec.domain_of(given.get("domain"), problems),
        "links": app_spec.links_of(given.get("console_links"), problems),
        "requires_auth": given.get("requires_auth"),
        "service_account": given.get("service_account"),
        "description": given.get("description"),
    }
    from_source = {"service_account" if k == "serviceAccount" else k: v for k, v in base.items()}
    defaults = {
        "resources": quantities.resources(settings.resources, problems),
        "service_account": settings.service_account,
    }
    # The argument first, then the source's own, then the environment's.
    spec = {**_said(defaults), **from_source, **_said(own)}
    spec["secrets"] = [*base.get("secrets", []), *secret_requests(edges)] or None
    spec["name"], spec["port"] = name, port
    spec["image"] = platform.image(given.get("image"), described, settings.image, problems)
    if problems:
        return spec, []
    spec["bundle"] = code.stage("app", name, settings, bundle, platform)
    spec["env"] = variables("app", name, settings, edges, {**base.get("env", {}), **env})
    spec["health"] = health or None
    spec["version"] = lift(version_of, {key: value for key, value in spec.items() if value is not None})
    spec |= {
        "project": settings.project,
        "domain": settings.domain,
        "org": settings.org or None,
        "secret_versions": {variable: link.version for variable, link in edges.secrets.items()} or None,
        "active": given.get("active"),
        "adopt": given.get("adopt"),
        "instance": settings.instance,
        "depends_on": list(described.get("depends_on", ())),
    }
    return spec, warnings_of("app", platform, given, described, settings)


def _said(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is unset."""
    return {key: value for key, value in arguments.items() if value not in (None, {}, [])}
