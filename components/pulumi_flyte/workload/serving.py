"""What only an app has: how it is served, its port, health, timeouts, domain and links on its page. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from flyte_runtime.contract import DEFAULT_HEALTH_PATH

from pulumi_flyte.engine.outputs import Text, lift
from pulumi_flyte.naming import names
from pulumi_flyte.notation import quantities
from pulumi_flyte.notation.proto import from_app_spec
from pulumi_flyte.problems import Problems, nearest
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import AppEnvironmentDescription, AsgiDescription, Description
from pulumi_flyte.source.location import Location

DEFAULT_PORT = 8080


def carried(command: Sequence[Text], settings: Settings) -> list[Text]:
    """Wraps a command in Flyte's own entrypoint, which brings the bundle into the container.

    Each element of the command arrives at the process as one argument, unchanged.
    """
    identity = ["--project", settings.project, "--domain", settings.domain, "--org", settings.org or "local"]
    return [
        "fserve",
        "--version",
        "{{version}}",
        *identity,
        "--tgz",
        "{{bundle}}",
        "--dest",
        ".",
        "--",
        *(lift(_quoted, argument) for argument in command),
    ]


def _quoted(argument: str) -> str:
    """Quote an argument for `fserve`, which joins its arguments with blanks and has a shell run the line.

    Two more would replace a variable's name: `fserve` in an argument that begins with `$`, and Kubernetes in `$(NAME)`,
    even inside quotes, where a value with a quote would end them. So a `$` is never the first character, and never
    stands before `(` or another `$`.
    """
    return shlex.quote(argument).replace("$", "$''")


def serve_command(location: Location, port: int) -> list[Text]:
    """How an ASGI source is served."""
    place = f"{location.module}:{location.attribute}"
    return ["python", "-m", "flyte_runtime", "serve", place, "--port", str(port)]


def base(description: Description, settings: Settings) -> dict[str, Any]:
    """What the source itself settles: everything for a Flyte AppEnvironment, the command for an ASGI application."""
    if not isinstance(description, AppEnvironmentDescription):
        return {}
    spec = from_app_spec(description.spec)
    names_in = {"{{project}}": settings.project, "{{domain}}": settings.domain, "{{org}}": settings.org or "local"}
    spec["command"] = [names_in.get(token, token) for token in spec.get("command", [])]
    return spec


def port_of(given: Any, base: Mapping[str, Any], problems: Problems) -> int:
    """The declared port."""
    port = quantities.whole(given if given is not None else base.get("port", DEFAULT_PORT))
    if isinstance(port, bool) or not isinstance(port, int):
        problems.add("port", "a port is a number", given)
        return DEFAULT_PORT
    problems.add("port", names.port_problem(port), port)
    return port


def health_of(given: Any, description: Description, problems: Problems) -> dict[str, Any]:
    """The path that says whether the app can take requests; none means that its port answers."""
    if given is None:
        return {"path": DEFAULT_HEALTH_PATH} if isinstance(description, AsgiDescription) else {}
    health = {"path": given} if isinstance(given, str) else given
    if not isinstance(health, Mapping) or set(health) - {"path", "timeout"}:
        problems.add("health", 'a path such as "/healthz", or {"path": "/healthz", "timeout": 120}', given)
        return {}
    path = health.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        problems.add("health.path", "a path starts with '/'", path)
        return {}
    timeout = quantities.seconds(health.get("timeout"), problems, "health.timeout")
    return {"path": path} if timeout is None else {"path": path, "timeout": timeout}


def timeouts_of(given: Any, problems: Problems) -> dict[str, Any]:
    """`{"request": 300}`: seconds that one request may take, at most an hour (Knative's cap)."""
    if given is None:
        return {}
    timeouts = given if isinstance(given, Mapping) else {"request": given}
    for key in timeouts:
        if key != "request":
            problems.add(f"timeouts.{key}", f"unknown timeout{nearest(str(key), ['request'])}")
    request = quantities.seconds(
        timeouts.get("request"), problems, "timeouts.request", most=quantities.MAX_REQUEST_TIMEOUT
    )
    return {} if request is None else {"request": request}


def domain_of(given: Any, problems: Problems) -> dict[str, Any]:
    """`{"subdomain": …}` or `{"custom_domain": …}`."""
    return _texts(given, "domain", {"subdomain": "subdomain", "custom_domain": "customDomain"}, problems)


def links_of(given: Any, problems: Problems) -> list[dict[str, Any]]:
    """`[{"path": "/docs", "title": "API", "is_relative": True}]`."""
    if given is None:
        return []
    if isinstance(given, (str, Mapping)) or not isinstance(given, Sequence):
        problems.add("console_links", 'a list such as [{"path": "/docs", "title": "API"}]', given)
        return []
    keys = {"path": "path", "title": "title", "is_relative": "isRelative"}
    return [_texts(link, f"console_links.{number}", keys, problems) for number, link in enumerate(given)]


def _texts(given: Any, path: str, keys: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    """A mapping of known keys, in snake_case or as other languages write them."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        problems.add(path, f"a mapping with some of {', '.join(keys)}", given)
        return {}
    known = {**keys, **{camel: camel for camel in keys.values()}}
    for key in given:
        if key not in known:
            problems.add(f"{path}.{key}", f"unknown setting{nearest(str(key), keys)}")
    return {known[key]: value for key, value in given.items() if key in known}
