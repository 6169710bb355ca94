"""Checks the provider's settings, which the engine sends, and converts them to the configuration."""

from __future__ import annotations

import json
from typing import Any, cast

from pulumi_flyte.naming import names
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.naming.control_planes import default_org, endpoint_problem
from pulumi_flyte.problems import Problems, nearest

from pulumi_flyte_provider.errors import ConfigError
from pulumi_flyte_provider.flyte_api import platforms
from pulumi_flyte_provider.flyte_api.config import ProviderConfig
from pulumi_flyte_provider.flyte_api.credentials import is_api_key
from pulumi_flyte_provider.properties.difference import Change, Difference
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, reveal

PROPERTIES = {
    "platform": str,
    "endpoint": str,
    "insecure": bool,
    "project": str,
    "domain": str,
    "org": str,
    "apiKey": str,
    "baseDomain": str,
    "consoleUrl": str,
    "scheme": str,
    "namespace": str,
    "localPort": int,
    "localHome": str,
}
# Settings of the components, which have the same `flyte:` prefix. The plugin ignores them. The names are those of
# `pulumi_flyte.arguments.stack_configuration`, which the plugin does not import.
COMPONENT_PROPERTIES = frozenset(
    {
        *("inClusterEndpoint", "platformAuth", "python", "containerApiKey"),
        *("registry", "registryUsername", "registryPassword", "buildSecrets", "baseImage", "builder"),
        *("ingressHost", "ingressClass", "gateway", "egress"),
    }
)
ENGINE_PROPERTIES = frozenset({"version", "pluginDownloadURL", "__internal"})


def coerce(properties: Properties) -> Properties:
    """Return the settings as plain values. The engine sends booleans and numbers as JSON in a string."""
    plain = {key: value for key, value in reveal(properties).items() if key not in ENGINE_PROPERTIES}
    for key, kind in PROPERTIES.items():
        value = plain.get(key)
        if kind is not str and isinstance(value, str):
            try:
                plain[key] = json.loads(value)
            except ValueError:
                continue
    return plain


def check(properties: Properties) -> Problems:
    """Return all problems of the settings. Unknown values pass. A problem never quotes a secret."""
    problems = Problems()
    plain = coerce(properties)
    for key, value in plain.items():
        if key in COMPONENT_PROPERTIES or value is UNKNOWN or value is None:
            continue
        if key not in PROPERTIES:
            problems.add(f"flyte:{key}", f"unknown setting{nearest(key, {*PROPERTIES, *COMPONENT_PROPERTIES})}")
        elif not isinstance(value, PROPERTIES[key]) or (PROPERTIES[key] is int and isinstance(value, bool)):
            problems.add(f"flyte:{key}", f"expected {_KINDS[PROPERTIES[key]]}", _shown(key, value))
    if not problems:
        _check_values(plain, problems)
    return problems


_KINDS = {str: "a text", bool: "true or false", int: "a whole number"}


def _shown(key: str, value: Any) -> Any:
    return None if key == "apiKey" else value


def _check_values(plain: Properties, problems: Problems) -> None:
    platform = plain.get("platform") or "local"
    if isinstance(platform, str):
        problems.add("flyte:platform", names.platform_problem(platform), platform)
    for key in ("project", "domain"):
        value = plain.get(key)
        if isinstance(value, str):
            problems.add(f"flyte:{key}", names.scope_name_problem(value), value)
    port = plain.get("localPort")
    if isinstance(port, int) and not 1 <= port <= 65535:
        problems.add("flyte:localPort", "expected a port between 1 and 65535", port)
    scheme = plain.get("scheme")
    if isinstance(scheme, str) and scheme not in ("http", "https"):
        problems.add("flyte:scheme", "expected http or https as the scheme of public URLs", scheme)
    container_key = plain.get("containerApiKey")
    if isinstance(container_key, str) and not is_api_key(container_key):
        problems.add(
            "flyte:containerApiKey", "expected an API key of Flyte for containers, as `flyte create api-key` prints it"
        )
    endpoint = plain.get("endpoint")
    if isinstance(endpoint, str) and endpoint:
        problems.add("flyte:endpoint", endpoint_problem(endpoint), endpoint)
    elif platforms.needs_endpoint(platform) and endpoint is not UNKNOWN:
        problems.add(
            "flyte:endpoint",
            f"platform {platform!r} needs the URL of a Flyte API: `pulumi config set flyte:endpoint https://…`",
        )


def parse(properties: Properties) -> ProviderConfig:
    """Return the configuration. Raise ConfigError with all problems. Unknown values count as missing."""
    problems = check(properties)
    if problems:
        raise ConfigError("; ".join(str(problem) for problem in problems))
    plain = {
        key: value for key, value in coerce(properties).items() if value is not UNKNOWN and value not in (None, "")
    }
    platform = cast(names.Platform, plain.get("platform", "local"))
    port = plain.get("localPort", names.DEFAULT_LOCAL_PORT)
    endpoint = platforms.api_url(
        platform, plain.get("endpoint", ""), insecure=plain.get("insecure", False), local_port=port
    )
    return ProviderConfig(
        platform=platform,
        endpoint=endpoint,
        project=plain.get("project"),
        domain=plain.get("domain"),
        org=plain.get("org") or default_org(endpoint),
        api_key=plain.get("apiKey"),
        base_domain=plain.get("baseDomain"),
        scheme=plain.get("scheme", "https"),
        console_url=plain.get("consoleUrl"),
        namespace=plain.get("namespace"),
        local_port=port,
        local_home=plain.get("localHome"),
    )


def difference(before: ProviderConfig, after: ProviderConfig) -> Difference:
    """Return the effect of changed settings. A new control plane replaces all objects, but a new token replaces none.

    If a stack gets its first control plane, nothing is replaced: on `kubernetes` without an endpoint, a stack may have
    only keys and credentials of apps, which can stay.
    """
    changed = [key for key in type(before).model_fields if getattr(before, key) != getattr(after, key)]
    identity = platforms.control_plane(before).identity | platforms.control_plane(after).identity
    is_first = not before.endpoint and before.platform == after.platform
    replaces = [Change(camel(key), "update", replace=True) for key in changed if key in identity and not is_first]
    return Difference(tuple(replaces or (Change(camel(key), "update") for key in changed)))
