"""The console's list of secrets: names and the places where they are valid, never a value."""

from __future__ import annotations

from dataclasses import dataclass

from flyteidl2.secret.definition_pb2 import SecretIdentifier

from flyte_local.console.pagination import list_view
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest


@dataclass(frozen=True)
class SecretRow:
    """A secret in the list."""

    name: str
    place: str
    created_at: float


def secret_list(request: PageRequest) -> View:
    """Return the list of the secrets that are valid in a scope, the nearest first, which takes precedence."""
    vault, scope = request.parts.vault, request.scope
    if scope.project:
        places = ((scope.project, scope.domain), ("", scope.domain), ("", ""))
        identifiers = [each for place in places for each in vault.identifiers(*place)]
    else:
        identifiers = vault.every_identifier()
    return list_view(
        request, "secrets", identifiers, lambda each: SecretRow(each.name, _place(each), vault.created(each))
    )


def _place(identifier: SecretIdentifier) -> str:
    if identifier.project:
        return f"{identifier.project} / {identifier.domain}"
    return f"every project of {identifier.domain}" if identifier.domain else "everywhere"
