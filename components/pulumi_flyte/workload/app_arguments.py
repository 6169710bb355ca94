"""The arguments of an app as the values of its specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_flyte.naming import names
from pulumi_flyte.notation import quantities
from pulumi_flyte.problems import Problems, nearest
from pulumi_flyte.workload.app_environment import scaling_of
from pulumi_flyte.workload.app_spec import AppOptions, AuthPolicy, ConsoleLink, Domain, Health

DEFAULT_PORT = 8080


def options_of(arguments: Mapping[str, Any], problems: Problems) -> AppOptions:
    """Return the arguments that a platform carries out as they are."""
    scaling = quantities.scaling(arguments.get("scaling"), problems)
    return AppOptions(
        scaling=scaling_of(scaling) if scaling else None,
        health=_health(arguments.get("health"), problems),
        request_timeout=_request_timeout(arguments.get("timeouts"), problems),
        domain=_domain(arguments.get("domain"), problems),
        console_links=_console_links(arguments.get("console_links"), problems),
        service_account=arguments.get("service_account"),
        description=arguments.get("description"),
        active=arguments.get("active"),
        adopt=arguments.get("adopt"),
    )


def auth_of(arguments: Mapping[str, Any], problems: Problems, *, code: bool | None, self_enforced: bool) -> AuthPolicy:
    """Return who may call the app. `code` is what a Flyte `AppEnvironment` says, None where it says nothing.

    Only the argument closes an app by our own means: what Flyte code says is meant for Flyte's platform, which takes
    an unset value as True.
    """
    argument = arguments.get("requires_auth")
    rotation = arguments.get("auth_rotation")
    if rotation is not None and argument is not True:
        problems.add("auth_rotation", "there is a key to rotate only with requires_auth=True", rotation)
    if argument is not None:
        return AuthPolicy(required=bool(argument), rotation=rotation, self_enforced=self_enforced)
    required = False if code is False else None
    return AuthPolicy(required=required, self_enforced=self_enforced, asked_by_code=code is True)


def port_of(argument: Any, source: int | None, problems: Problems) -> int:
    """Return the declared port: the argument's, the source's, or 8080."""
    port = quantities.whole(next((each for each in (argument, source) if each is not None), DEFAULT_PORT))
    if isinstance(port, bool) or not isinstance(port, int):
        problems.add("port", "a port is a number", argument)
        return DEFAULT_PORT
    problems.add("port", names.port_problem(port), port)
    return port


def _health(argument: Any, problems: Problems) -> Health | None:
    if argument is None:
        return None
    health = {"path": argument} if isinstance(argument, str) else argument
    if not isinstance(health, Mapping) or set(health) - {"path", "timeout"}:
        problems.add("health", 'a path such as "/healthz", or {"path": "/healthz", "timeout": 120}', argument)
        return None
    path = health.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        problems.add("health.path", "a path starts with '/'", path)
        return None
    return Health(path, quantities.seconds(health.get("timeout"), problems, "health.timeout"))


def _request_timeout(argument: Any, problems: Problems) -> float | None:
    """`{"request": 300}`: seconds that one request may take, at most an hour (Knative's cap)."""
    if argument is None:
        return None
    timeouts = argument if isinstance(argument, Mapping) else {"request": argument}
    for key in timeouts:
        if key != "request":
            problems.add(f"timeouts.{key}", f"unknown timeout{nearest(str(key), ['request'])}")
    most = quantities.MAX_REQUEST_TIMEOUT
    return quantities.seconds(timeouts.get("request"), problems, "timeouts.request", most=most)


def _domain(argument: Any, problems: Problems) -> Domain | None:
    """`{"subdomain": …}` or `{"custom_domain": …}`."""
    fields = _fields(argument, "domain", {"subdomain": "subdomain", "custom_domain": "customDomain"}, problems)
    return Domain(**fields) if fields else None


def _console_links(argument: Any, problems: Problems) -> tuple[ConsoleLink, ...] | None:
    """`[{"path": "/docs", "title": "API", "is_relative": True}]`."""
    if argument is None:
        return None
    if isinstance(argument, (str, Mapping)) or not isinstance(argument, Sequence):
        problems.add("console_links", 'a list such as [{"path": "/docs", "title": "API"}]', argument)
        return None
    keys = {"path": "path", "title": "title", "is_relative": "isRelative"}
    links = (_fields(link, f"console_links.{number}", keys, problems) for number, link in enumerate(argument))
    return tuple(ConsoleLink(**link) for link in links) or None


def _fields(argument: Any, path: str, keys: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    """Return a mapping with known keys, in snake_case or as other languages write them, by the former."""
    if argument is None:
        return {}
    if not isinstance(argument, Mapping):
        problems.add(path, f"a mapping with some of {', '.join(keys)}", argument)
        return {}
    field_names = {key: key for key in keys} | {camel: key for key, camel in keys.items()}
    for key in argument:
        if key not in field_names:
            problems.add(f"{path}.{key}", f"unknown setting{nearest(str(key), keys)}")
    return {field_names[key]: value for key, value in argument.items() if key in field_names}
