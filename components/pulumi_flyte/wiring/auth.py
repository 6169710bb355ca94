"""Edges to apps that require credentials: the app's key, and one credential for each workload wired to it.

    AuthKey (the app's) ──► EdgeCredential (the caller's) ──► Secret (in the platform's store) ──► the caller's variable
       └──► the app's FLYTE_WIRING: public keys

A credential is stored once the app that it is for is up with its present keys, so that with new keys the app rolls
first, accepting both, and its callers after it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pulumi
from flyte_runtime import contract

from pulumi_flyte import api
from pulumi_flyte.links import AppEndpoint, AppLink, Link, from_dict, unwrap
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring import program
from pulumi_flyte.wiring.options import child_options


@dataclass(frozen=True)
class Callee:
    """An app that requires credentials, as the component of its caller sees it."""

    project: str
    domain: str
    name: str
    private_key: pulumi.Input[str]
    created_at: pulumi.Input[int]
    waits_for: Sequence[pulumi.Resource]

    @property
    def audience(self) -> str:
        """What its credentials are for."""
        return contract.audience(self.project, self.domain, self.name)


@dataclass(frozen=True)
class Credential:
    """What one alias needs: the secret in the platform's store, and the variable that carries its value."""

    variable: str
    secret: str
    callee: Callee


def callee_of(value: Any) -> Callee | None:
    """The app behind an input, where it is one that requires credentials and whose key is in this program."""
    if isinstance(value, Link):
        return callee_of(value.to)
    if isinstance(value, Mapping):
        return callee_of(from_dict(value))
    if isinstance(value, AppLink) and isinstance(value.auth_key, str):
        return _of_other_language(value, value.auth_key)
    key = getattr(value, "auth_key", None) if isinstance(value, pulumi.ComponentResource) else None
    if not isinstance(key, api.AuthKey):
        return None
    app: Any = value
    link: AppLink = app.link_value
    return Callee(link.project, link.domain, link.name, key.private_key, key.created_at, [app.resource])


def _of_other_language(link: AppLink, urn: str) -> Callee:
    """The key by its URN: only this crosses the engine, as a secret inside a link would make all of it one."""
    found = pulumi.runtime.invoke_output("pulumi:pulumi:getResource", {"urn": urn})
    private_key: pulumi.Output[str] = found.apply(lambda answer: answer["state"]["privateKey"])
    created_at: pulumi.Output[int] = found.apply(lambda answer: int(answer["state"]["createdAt"]))
    return Callee(link.project, link.domain, link.name, pulumi.Output.secret(private_key), created_at, [])


def planned(
    kind: Literal["app", "task"], name: str, settings: Settings, callees: Mapping[str, Callee]
) -> dict[str, Credential]:
    """Alias -> its credential, for the workload `name`."""
    caller = subject(kind, name, settings)
    return {
        alias: Credential(contract.credential_variable(alias), secret_name(caller, callee.audience), callee)
        for alias, callee in callees.items()
    }


def subject(kind: Literal["app", "task"], name: str, settings: Settings) -> str:
    """A caller as credentials name it."""
    return contract.Identity(kind=kind, project=settings.project, domain=settings.domain, name=name).subject


def secret_name(caller: str, audience: str) -> str:
    """A credential's key in the store: readable, and told apart from every other edge's by a digest."""
    parts = (re.sub(r"[^a-zA-Z0-9]+", "-", text.rpartition("/")[2])[:30].strip("-") for text in (caller, audience))
    return "-".join(("edge", *parts, hashlib.sha256(f"{caller} {audience}".encode()).hexdigest()[:8]))


def requests(credentials: Mapping[str, Credential]) -> list[dict[str, Any]]:
    """The secrets as the API takes them."""
    return [{"key": found.secret, "envVar": found.variable} for _, found in sorted(credentials.items())]


def declare(
    owner: pulumi.ComponentResource,
    resource_name: str,
    caller: str,
    credentials: Mapping[str, Credential],
    settings: Settings,
    opts: pulumi.ResourceOptions | None,
    environment: Any,
) -> dict[str, api.Secret]:
    """Declares one credential and its secret for each app that `owner` calls. Variable -> the secret."""
    secrets: dict[str, api.Secret] = {}
    for credential in {found.secret: found for _, found in sorted(credentials.items())}.values():
        callee = credential.callee
        here = (callee.project, callee.domain) == (settings.project, settings.domain)
        called = callee.name if here else callee.audience.replace("/", "-")
        token = api.EdgeCredential(
            f"{resource_name}-calls-{called}",
            private_key=callee.private_key,
            caller=caller,
            audience=callee.audience,
            issued_at=callee.created_at,
            opts=child_options(owner, opts, environment),
        )
        secrets[credential.secret] = api.Secret(
            f"{resource_name}-calls-{called}",
            name=credential.secret,
            project=settings.project,
            domain=settings.domain,
            org=settings.org or None,
            value=token.credential,
            instance=settings.instance,
            opts=child_options(owner, opts, environment, callee.waits_for),
        )
    return {found.variable: secrets[found.secret] for found in credentials.values()}


def wired(key: api.AuthKey, settings: Settings, name: str, *, by_platform: bool) -> dict[str, Any]:
    """What the app's own wiring says of its callers."""
    audience = contract.audience(settings.project, settings.domain, name)
    # Only the plugin makes keys: a mock of a unit test answers without any.
    keys = key.keys.apply(lambda public_keys: public_keys or [])
    return {"audience": audience, "keys": keys, "enforced_by": "platform" if by_platform else "app"}


def warnings(name: str, inputs: Mapping[str, Any], settings: Settings, *, guarded: bool) -> list[str]:
    """Edges by name carry no credential: says so where both ends are in this program, whichever was declared first.

    `name` is the workload that is being declared; `guarded`: whether it is an app that requires credentials.
    """
    found = []
    targets = [unwrap(value)[0] for value in inputs.values()]
    for target in targets:
        if isinstance(target, AppEndpoint):
            scope = program.current(settings, target.project, target.domain)
            scope.callers_by_name.setdefault(target.name, set()).add(name)
            if target.name in scope.guarded:
                found.append((name, target.name))
    if guarded:
        here = program.current(settings)
        here.guarded.add(name)
        found += [(caller, name) for caller in sorted(here.callers_by_name.get(name, ()))]
    return [
        f"{caller!r} calls {callee!r} by name, which carries no credential, and {callee!r} requires one: its calls will"
        f" be refused. Pass the App itself in its inputs instead of AppEndpoint({callee!r})"
        for caller, callee in found
    ]


def warn_of_late_links(owner: pulumi.ComponentResource, inputs: Mapping[str, Any]) -> None:
    """A link that arrives as an Output is known too late to declare its credential: says so once it is known."""

    def look(alias: str, known: Any) -> None:
        if isinstance(known, Mapping) and known.get("authKey"):
            pulumi.log.warn(
                f"inputs.{alias}: the app {known.get('name')!r} requires credentials, and an edge through an Output"
                " carries none: its calls will be refused. Pass the App itself, from the same program",
                owner,
            )

    for alias, value in inputs.items():
        target, *_ = unwrap(value)
        if isinstance(target, pulumi.Output):
            target.apply(partial(look, alias))
