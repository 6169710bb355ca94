"""The keys of apps that require credentials, and the credentials of their callers, as resources."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
from flyte_runtime import contract

from pulumi_flyte import api, api_shapes
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.platforms.flyte_api.properties import placement
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.variables import Guard
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.edge_credential import EdgeCredential


def declare_key(spec: AppSpec, owner: Owner) -> api.AuthKey | None:
    """Declare the key of an app that requires credentials."""
    if not spec.requires_credentials:
        return None
    return api.AuthKey(
        owner.name,
        audience=_audience(spec.identity),
        rotation=spec.auth.rotation,
        opts=owner.child_options(),
    )


def guard_of(key: api.AuthKey, identity: contract.Identity, *, by_platform: bool) -> Guard:
    """Return what the app's own wiring says of its callers."""
    # Only the plugin makes keys: a mock of a unit test answers without any.
    keys: pulumi.Output[list[dict[str, str]]] = key.keys.apply(lambda public_keys: public_keys or [])
    return Guard(_audience(identity), keys, "platform" if by_platform else "app")


def declare_credentials(
    credentials: Iterable[EdgeCredential], settings: Settings, owner: Owner
) -> list[tuple[EdgeCredential, api.Secret]]:
    """Declare each credential, and the secret that has it in the platform's store."""
    return [(credential, _declare(credential, settings, owner)) for credential in credentials]


def credential_requests(credentials: Iterable[EdgeCredential]) -> list[api_shapes.SecretRequest]:
    """Return the secrets of the credentials as the property `secrets` has them."""
    pairs = ((variable, each.secret) for each in credentials for variable in each.variables)
    return [{"key": secret, "envVar": variable} for variable, secret in sorted(pairs)]


def declare_token(credential: EdgeCredential, settings: Settings, owner: Owner) -> api.EdgeCredential:
    """Declare a credential itself, which is in Pulumi's state only."""
    return api.EdgeCredential(
        credential_name(credential, settings, owner),
        private_key=credential.key.private_key,
        caller=credential.caller,
        audience=credential.audience,
        issued_at=credential.key.created_at,
        opts=owner.child_options(),
    )


def credential_name(credential: EdgeCredential, settings: Settings, owner: Owner) -> str:
    """Return the Pulumi name of a credential's resources."""
    scope = credential.callee_scope
    here = (scope.project, scope.domain) == (settings.project, settings.domain)
    callee = credential.callee if here else credential.audience.replace("/", "-")
    return f"{owner.name}-calls-{callee}"


def _declare(credential: EdgeCredential, settings: Settings, owner: Owner) -> api.Secret:
    token = declare_token(credential, settings, owner)
    return api.Secret(
        credential_name(credential, settings, owner),
        name=credential.secret,
        value=token.credential,
        **placement(settings),
        opts=owner.child_options(credential.waits_for),
    )


def _audience(identity: contract.Identity) -> str:
    return contract.audience(identity.project, identity.domain, identity.name)
