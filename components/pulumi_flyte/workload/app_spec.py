"""From an app's arguments and its source to the properties of `flyte:api:App`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_flyte import api
from pulumi_flyte.naming import names
from pulumi_flyte.notation import quantities
from pulumi_flyte.platforms import platform_for
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import AppEnvironmentDescription, AsgiDescription, Description, TaskDescription
from pulumi_flyte.source.loading import BundledSource
from pulumi_flyte.wiring import auth
from pulumi_flyte.wiring.container import secret_requests, variables
from pulumi_flyte.wiring.edges import Edges, check_env
from pulumi_flyte.workload import code, older_spellings, serving
from pulumi_flyte.workload.arguments import (
    beside_spec,
    check_kinds,
    flyte_name,
    strings_of,
    version_over,
    warnings_of,
)


@dataclass(frozen=True)
class AppArguments:
    """What the child is made from: its specification, what is beside that, and what a preview should warn about."""

    name: str
    spec: Mapping[str, Any]
    beside: Mapping[str, Any]
    depends_on: list[str]
    credentials: Mapping[str, auth.Credential]
    guarded: bool
    by_platform: bool
    warnings: list[str]


def build(
    resource_name: str, given: Mapping[str, Any], settings: Settings, edges: Edges, problems: Problems
) -> AppArguments | None:
    """None where there are problems."""
    platform = platform_for(settings.platform, problems)
    include = code.include_of(given.get("include"), problems)
    env = check_env(given.get("env"), edges, problems)
    check_kinds(given, problems)
    reading = _reading(given, settings, edges, env, include, problems)
    description = code.description_of(reading)
    base = serving.base(description, settings)
    name = flyte_name(resource_name, given.get("name"), description.name, names.app_name_problem, problems)
    port = serving.port_of(given.get("port"), base, problems)
    bundle = reading.bundle if reading is not None else code.included_files(include, problems)
    command = strings_of(given.get("command"), "command", problems)
    if reading is not None and isinstance(description, AsgiDescription):
        command = serving.serve_command(reading.location, port)
    args = strings_of(given.get("args"), "args", problems)
    if bundle is not None and command:
        command, args = serving.carried([*command, *(args or [])], settings), None
    health = serving.health_of(given.get("health"), description, problems)
    own = {
        "command": command,
        "args": args,
        "resources": quantities.resources(given.get("resources"), problems),
        "scaling": quantities.scaling(given.get("scaling"), problems),
        "timeouts": serving.timeouts_of(given.get("timeouts"), problems),
        "ingress": serving.domain_of(given.get("domain"), problems),
        "links": serving.links_of(given.get("console_links"), problems),
        "requires_auth": _requires_auth(given, description),
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
    credentials = auth.planned("app", name, settings, edges.callees)
    spec["secrets"] = [*secret_requests(edges, base.get("secrets", ())), *auth.requests(credentials)] or None
    spec["name"], spec["port"] = name, port
    spec["image"] = platform.image(given.get("image"), description, settings.image, problems)
    guarded = given.get("requires_auth") is True
    if "auth_rotation" in given and not guarded:
        problems.add("auth_rotation", "there is a key to rotate only with requires_auth=True", given["auth_rotation"])
    if problems:
        return None
    spec["bundle"] = code.stage("app", name, settings, bundle, platform)
    spec["env"] = {**base.get("env", {}), **env}
    for key in ("command", "args"):
        spec[key] = older_spellings.with_readers(spec.get(key), {**settings.env, **spec["env"]})
    spec["health"] = health or None
    by_platform = platform.enforces_auth(settings)
    warnings = warnings_of("app", platform, given, description, settings)
    warnings += code.lacking_data(reading, include)
    warnings += older_spellings.warnings(spec, spec["env"])
    warnings += quantities.resource_warnings(spec.get("resources") or {})
    if guarded and not by_platform and not isinstance(description, AsgiDescription):
        warnings.append(
            "requires_auth=True: nothing turns strangers away here, as neither the platform does nor flyte_runtime"
            f" serves this app. {_OTHER_WAYS}"
        )
    says_auth = isinstance(description, AppEnvironmentDescription) and description.requires_auth is True
    if "requires_auth" not in given and says_auth and not settings.platform_auth:
        ways = _OWN_WAY if by_platform else _OTHER_WAYS
        warnings.append(
            "its code says requires_auth=True, which is left to the platform, as `flyte deploy` leaves it: nothing"
            f" turns strangers away here. {ways}"
        )
    return AppArguments(
        name=name,
        spec=spec,
        beside={**beside_spec(given, settings), "active": given.get("active")},
        depends_on=list(description.depends_on),
        credentials=credentials,
        guarded=guarded,
        by_platform=by_platform,
        warnings=warnings,
    )


_OWN_WAY = (
    "To let in only the apps and tasks that are wired to it, pass requires_auth=True to its App, or to discover in"
    " overrides; these then have it in their inputs and call it through flyte_runtime.app(alias)"
)
_OTHER_WAYS = (
    'Give source="file.py:attribute" of an ASGI application, put it behind one that calls it,'
    " or set flyte:platformAuth to true where the platform's front does (Union)"
)


def _requires_auth(given: Mapping[str, Any], description: Description) -> bool | None:
    """Return what the specification says. Only the argument closes an app by our own means: what Flyte code says is
    meant for Flyte's platform, which takes an unset value as True."""
    if "requires_auth" in given:
        return bool(given["requires_auth"])
    is_open = isinstance(description, AppEnvironmentDescription) and description.requires_auth is False
    return False if is_open else None


def finished(built: AppArguments, settings: Settings, edges: Edges, key: api.AuthKey | None) -> dict[str, Any]:
    """The specification with its wiring, and the version of all that."""
    known = None if key is None else auth.wired(key, settings, built.name, by_platform=built.by_platform)
    spec = dict(built.spec)
    spec["env"] = variables("app", built.name, settings, edges, spec["env"], known)
    spec["version"] = version_over(spec)
    return {**spec, **built.beside, **_urls(built.name, settings)}


def _urls(name: str, settings: Settings) -> dict[str, Any]:
    """The app's URLs, as the plugin computes them. They are sent along, so that they are known in a unit test, where
    no plugin runs."""
    target = settings.target
    return {
        "endpoint": names.app_endpoint(name, target),
        "public_endpoint": names.public_app_endpoint(name, target),
        "console_url": names.console_url("apps", name, target),
    }


def _reading(
    given: Mapping[str, Any],
    settings: Settings,
    edges: Edges,
    env: Mapping[str, Any],
    include: list[str],
    problems: Problems,
) -> BundledSource | None:
    if "source" not in given:
        if not given.get("command") and not given.get("args") and not given.get("image"):
            problems.add("source", 'what shall run? Give source="file.py:attribute", or image= and command=')
        return None
    reading = code.read_source(
        given["source"], kind="app", settings=settings, edges=edges, env=env, include=include, problems=problems
    )
    if reading is not None and isinstance(reading.description, TaskDescription):
        problems.add("source", "this is a task: declare it with Task(…)", given["source"])
    for key in ("command", "args"):
        if key in given:
            problems.add(key, "a source brings its own command: leave this out, or leave out source=")
    return reading


def _said(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is unset."""
    return {key: value for key, value in arguments.items() if value not in (None, {}, [])}
