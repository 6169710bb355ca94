"""The resources of the plugin by their tokens. Each is imported when it is first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.resources.resource import Resource

_PLACES = {
    "flyte:api:App": ("app.lifecycle", "AppResource"),
    "flyte:api:Task": ("task.lifecycle", "TaskResource"),
    "flyte:api:Secret": ("secret.lifecycle", "SecretResource"),
    "flyte:api:Trigger": ("trigger.lifecycle", "TriggerResource"),
    "flyte:api:Project": ("project.lifecycle", "ProjectResource"),
    "flyte:api:AuthKey": ("auth.auth_key", "AuthKeyResource"),
    "flyte:api:EdgeCredential": ("auth.edge_credential", "EdgeCredentialResource"),
    "flyte:local:Server": ("server.lifecycle", "ServerResource"),
}
TOKENS = tuple(_PLACES)


@cache
def resource(token: str) -> Resource:
    """Return the resource of a token. Raise ProviderError for a token that this plugin does not know."""
    if token not in _PLACES:
        raise ProviderError(f"unknown resource type {token!r}; this plugin has {', '.join(TOKENS)}")
    module, name = _PLACES[token]
    kind: Resource = getattr(import_module(f"pulumi_flyte_provider.resources.{module}"), name)()
    return kind
