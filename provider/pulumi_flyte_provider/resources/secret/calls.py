"""The calls of SecretService."""

from __future__ import annotations

from flyteidl2.secret.definition_pb2 import SecretSpec
from flyteidl2.secret.payload_pb2 import (
    CreateSecretRequest,
    DeleteSecretRequest,
    GetSecretRequest,
    ListSecretsRequest,
    UpdateSecretRequest,
)

from pulumi_flyte_provider.errors import AlreadyExistsError, NotFoundError
from pulumi_flyte_provider.flyte_api.connection import Connection, optional
from pulumi_flyte_provider.resources.secret.identity import SecretIdentity

PAGE = 100


def exists(connection: Connection, secret: SecretIdentity) -> bool:
    """Check whether the secret exists in exactly this scope."""
    request = GetSecretRequest(id=secret.message())
    method = connection.secrets.get_secret
    return optional(lambda: connection.call(method, request, what=f"looking up {secret.title}")) is not None


def is_available(connection: Connection, secret: SecretIdentity) -> bool:
    """Check whether a workload of this scope gets the secret. Flyte looks in the project and domain, then in the
    domain, and then in the organisation."""
    return any(exists(connection, each) for each in (secret, *secret.wider()))


def put(connection: Connection, secret: SecretIdentity, name: str, value: str) -> None:
    """Create or update a secret called `name` in the scope of `secret`. It also works if others do the same now."""
    service, what = connection.secrets, f"storing {secret.title}"
    identifier, spec = secret.message(name), SecretSpec(string_value=value)
    create = CreateSecretRequest(id=identifier, secret_spec=spec)
    update = UpdateSecretRequest(id=identifier, secret_spec=spec)
    try:
        connection.call(service.update_secret, update, what=what)
    except NotFoundError:
        try:
            connection.call(service.create_secret, create, what=what)
        except AlreadyExistsError:
            connection.call(service.update_secret, update, what=what)


def remove(connection: Connection, secret: SecretIdentity, name: str) -> None:
    """Delete the secret called `name` in the scope of `secret`, unless it is already gone."""
    method, request = connection.secrets.delete_secret, DeleteSecretRequest(id=secret.message(name))
    optional(lambda: connection.call(method, request, what=f"deleting {secret.title}"))


def names(connection: Connection, secret: SecretIdentity) -> list[str]:
    """Return the names of all secrets in the scope of `secret`."""
    request = ListSecretsRequest(organization=secret.org, project=secret.project, domain=secret.domain, limit=PAGE)
    result: list[str] = []
    while True:
        page = connection.call(connection.secrets.list_secrets, request, what=f"looking up {secret.title}")
        # Flyte OSS also lists secrets of narrower scopes (flyteorg/flyte `secret_service.go`).
        result += [
            item.id.name
            for item in page.secrets
            if (item.id.project, item.id.domain) == (request.project, request.domain)
        ]
        if not page.token:
            return result
        request.token = page.token
