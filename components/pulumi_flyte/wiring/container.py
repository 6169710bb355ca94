"""From declared inputs and secrets to what the container is given. Pure: Outputs are lifted by the caller.

The consumer's side is `flyte_runtime.contract`; a property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import pulumi
from flyte_runtime import contract

from pulumi_flyte.engine.outputs import lift
from pulumi_flyte.links import AppEndpoint, AppLink, SecretLink, TaskLink, TaskRef, from_dict, unwrap
from pulumi_flyte.naming import names
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.edges import Edges

Kind = Literal["app", "task"]


def variables(
    kind: Kind,
    name: str,
    settings: Settings,
    edges: Edges,
    env: Mapping[str, Any],
    auth: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All variables of the container: the environment's, the user's, the wiring's. Each stands alone, so that one
    unknown value leaves the others known."""
    credentials = {alias: contract.credential_variable(alias) for alias in edges.callees}
    wired = wired_variables(
        kind=kind,
        name=name,
        settings=settings,
        inputs=edges.inputs,
        secrets=edges.secrets,
        credentials=credentials,
        auth=auth,
    )
    return {**settings.env, **env, **wired}


def secret_requests(edges: Edges, own: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """The secrets as the API takes them: a key and the variable that shall hold its value. What the source requests
    itself (`own`) stays as it is, unless an argument gives its variable another key."""
    keys = {variable: link.name for variable, link in edges.secrets.items()}
    kept = [dict(request) for request in own if keys.get(request.get("envVar", ""), request["key"]) == request["key"]]
    taken = {request.get("envVar") for request in kept}
    return [*kept, *({"key": key, "envVar": name} for name, key in sorted(keys.items()) if name not in taken)]


def resolve(value: Any, settings: Settings) -> Any:
    """A reference by name as the link that it stands for; everything else as it is."""
    if isinstance(value, AppEndpoint):
        project, domain = value.project or settings.project, value.domain or settings.domain
        target = names.Target(**{**settings.target.__dict__, "project": project, "domain": domain})
        url, public = names.app_endpoint(value.name, target), names.public_app_endpoint(value.name, target)
        return AppLink(project=project, domain=domain, name=value.name, url=url, public_url=public)
    if isinstance(value, TaskRef):
        return TaskLink(
            project=value.project or settings.project,
            domain=value.domain or settings.domain,
            name=value.name,
            version=value.version,
        )
    return value


def document_input(
    value: Any, timeout: float | None, retries: int | None, credential: str | None = None
) -> dict[str, Any]:
    """One input of the wiring document; `value` is a resolved link or a plain string, `credential` a variable."""
    if isinstance(value, AppLink):
        edge = {"timeout": timeout, "retries": retries, "credential_variable": credential}
        given = {"project": value.project, "domain": value.domain, "name": value.name, "url": value.url}
        return {"kind": "app", **given, "public_url": value.public_url, **edge}
    if isinstance(value, TaskLink):
        given = {"project": value.project, "domain": value.domain, "name": value.name}
        return {"kind": "task", **given, "version": value.version, "timeout": timeout}
    return {"kind": "value"}


def variable_value(value: Any) -> Any:
    """What the alias's own variable holds."""
    if isinstance(value, AppLink):
        return value.url
    if isinstance(value, TaskLink):
        given = {"project": value.project, "domain": value.domain, "name": value.name, "version": value.version}
        return lift(lambda plain: contract.TaskInput(**plain).reference, given)
    return value


def wired_variables(
    *,
    kind: Kind,
    name: str,
    settings: Settings,
    inputs: Mapping[str, Any],
    secrets: Mapping[str, SecretLink],
    credentials: Mapping[str, str] | None = None,
    auth: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Those of the wiring, each a string or an Output of one.

    `credentials` maps an alias to the variable with its edge's credential; `auth` says how callers are known.
    """
    given: dict[str, Any] = {}
    entries: dict[str, Any] = {}
    for alias, value in inputs.items():
        target, timeout, retries = unwrap(value)
        given[contract.variable_name(alias)] = when_known(
            target, lambda plain: variable_value(resolve(plain, settings))
        )
        edge: dict[str, Any] = {"timeout": timeout, "retries": retries, "credential": (credentials or {}).get(alias)}
        entries[alias] = when_known(target, partial(_entry, settings=settings, **edge))
    identity = {
        "kind": kind,
        "project": settings.project,
        "domain": settings.domain,
        "name": name,
        "org": settings.org,
    }
    document = {
        "platform": settings.platform,
        "identity": identity,
        "inputs": entries,
        "secrets": [[link.name, variable] for variable, link in secrets.items()],
        "auth": auth,
    }
    given[contract.WIRING_VARIABLE] = lift(_document, document)
    return given | flyte_variables(settings)


def when_known(value: Any, function: Callable[[Any], Any]) -> Any:
    """Applies `function` to a reference, or to the string or `link` that an Output turns out to be."""
    if isinstance(value, pulumi.Output):
        return value.apply(lambda known: function(from_dict(known) if isinstance(known, Mapping) else known))
    return function(value)


def _entry(
    value: Any, *, settings: Settings, timeout: float | None, retries: int | None, credential: str | None
) -> dict[str, Any]:
    return document_input(resolve(value, settings), timeout, retries, credential)


def _document(plain: Mapping[str, Any]) -> str:
    return contract.Wiring.model_validate({**plain, "secrets": dict(plain["secrets"])}).to_json()


def flyte_variables(settings: Settings) -> dict[str, str]:
    """What `flyte.init_in_cluster()` and Flyte's own `env.endpoint` read; an install's defaults are not relied upon."""
    endpoint, insecure = settings.container_endpoint
    given = {
        "FLYTE_INTERNAL_EXECUTION_PROJECT": settings.project,
        "FLYTE_INTERNAL_EXECUTION_DOMAIN": settings.domain,
        "INTERNAL_APP_ENDPOINT_PATTERN": names.app_endpoint_pattern(settings.target),
        "_U_ORG_NAME": settings.org or "local",
    }
    if endpoint:
        given["_U_EP_OVERRIDE"] = endpoint.removeprefix("dns:///")
        given["_U_INSECURE"] = "true" if insecure else "false"
    return given


PLACEHOLDER_URL = "http://placeholder.invalid"


def placeholders(
    *, kind: Kind, settings: Settings, inputs: Mapping[str, Any], secrets: Mapping[str, SecretLink]
) -> dict[str, str]:
    """A container's environment for reading its source: every name is there, no value is real."""
    stand_ins: dict[str, Any] = {}
    for alias, value in inputs.items():
        target = unwrap(value)[0]
        if isinstance(target, (AppLink, AppEndpoint)):
            stand_ins[alias] = AppLink(project="p", domain="d", name="placeholder", url=PLACEHOLDER_URL)
        elif isinstance(target, (TaskLink, TaskRef)):
            stand_ins[alias] = TaskLink(project="p", domain="d", name="placeholder", version="placeholder")
        else:
            stand_ins[alias] = "placeholder"
    bare = Settings(platform=settings.platform, project="placeholder", local_port=settings.local_port)
    named = {
        variable: SecretLink(link.name if isinstance(link.name, str) else variable)
        for variable, link in secrets.items()
    }
    given = wired_variables(kind=kind, name="placeholder", settings=bare, inputs=stand_ins, secrets=named)
    return given | dict.fromkeys(secrets, "placeholder")
