"""Secrets: `flyteidl2.secret.SecretService`. Values go in and never come out."""

from __future__ import annotations

import re

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.common.identifier_pb2 import ClusterIdentifier
from flyteidl2.common.list_pb2 import ListRequest, Sort
from flyteidl2.secret import definition_pb2 as definition
from flyteidl2.secret import payload_pb2 as pb
from flyteidl2.secret import secret_connect

from flyte_local.api.call import Call
from flyte_local.secrets.vault import Vault
from flyte_local.state.context import ORGANIZATION
from flyte_local.state.projects import Projects
from flyte_local.wire.identifiers import check_scope, invalid, not_found
from flyte_local.wire.listing import Row, page
from flyte_local.wire.times import stamp

# flyteidl2/secret/definition.proto
_NAME = re.compile(r"[-a-zA-Z0-9_]+")
MAX_SIZE = 1 << 20


class SecretService(secret_connect.SecretService):  # type: ignore[misc]  # generated, untyped
    """Creates, replaces, describes and deletes secrets, with the errors of Flyte OSS. A project needs a domain."""

    def __init__(self, vault: Vault, projects: Projects) -> None:
        self._vault = vault
        self._projects = projects

    async def create_secret(self, request: pb.CreateSecretRequest, ctx: Call) -> pb.CreateSecretResponse:
        """Add a secret."""
        _check(request.id)
        _check_value(request.secret_spec, request.id.name)
        if self._vault.created(request.id):
            raise ConnectError(Code.ALREADY_EXISTS, f"secret {request.id.name!r} already exists {_where(request.id)}")
        if request.id.project:
            self._projects.ensure(request.id.project, request.id.domain)
        self._vault.put(request.id, request.secret_spec)
        return pb.CreateSecretResponse()

    async def update_secret(self, request: pb.UpdateSecretRequest, ctx: Call) -> pb.UpdateSecretResponse:
        """Replace a secret's value."""
        self._existing(request.id)
        _check_value(request.secret_spec, request.id.name)
        self._vault.put(request.id, request.secret_spec)
        return pb.UpdateSecretResponse()

    async def get_secret(self, request: pb.GetSecretRequest, ctx: Call) -> pb.GetSecretResponse:
        """Return a secret's metadata."""
        self._existing(request.id)
        return pb.GetSecretResponse(secret=self._describe(request.id))

    async def delete_secret(self, request: pb.DeleteSecretRequest, ctx: Call) -> pb.DeleteSecretResponse:
        """Remove a secret."""
        self._existing(request.id)
        self._vault.delete(request.id)
        return pb.DeleteSecretResponse()

    async def list_secrets(self, request: pb.ListSecretsRequest, ctx: Call) -> pb.ListSecretsResponse:
        """Return the secrets of exactly the scope asked for, by name."""
        _check_secret_scope(request.project, request.domain)
        rows: list[tuple[Row, definition.SecretIdentifier]] = [
            ({"name": identifier.name}, identifier)
            for identifier in self._vault.identifiers(request.project, request.domain)
        ]
        by_name = Sort(key="name", direction=Sort.ASCENDING)
        listing = ListRequest(limit=max(request.limit, 0), token=request.token, sort_by=by_name)
        identifiers, token = page(rows, listing)
        return pb.ListSecretsResponse(secrets=[self._describe(identifier) for identifier in identifiers], token=token)

    def _existing(self, identifier: definition.SecretIdentifier) -> None:
        _check(identifier)
        if not self._vault.created(identifier):
            raise not_found(f"secret {identifier.name!r} does not exist {_where(identifier)}")

    def _describe(self, identifier: definition.SecretIdentifier) -> definition.Secret:
        spec = self._vault.get(identifier)
        present = definition.ClusterSecretStatus(
            cluster=ClusterIdentifier(organization=ORGANIZATION, name="local"),
            presence_status=definition.PRESENT,
        )
        metadata = definition.SecretMetadata(
            created_time=stamp(self._vault.created(identifier)),
            secret_status=definition.SecretStatus(overall_status=definition.FULLY_PRESENT, cluster_status=[present]),
            type=spec.type if spec else definition.SECRET_TYPE_GENERIC,
        )
        full = definition.SecretIdentifier()
        full.CopyFrom(identifier)
        full.organization = identifier.organization or ORGANIZATION
        return definition.Secret(id=full, secret_metadata=metadata)


def _check(identifier: definition.SecretIdentifier) -> None:
    if not _NAME.fullmatch(identifier.name):
        raise invalid(f"{identifier.name!r} cannot be a secret's name: use letters, digits, '-' and '_'")
    _check_secret_scope(identifier.project, identifier.domain)


def _check_secret_scope(project: str, domain: str) -> None:
    if project and not domain:
        raise invalid(f"a secret of project {project!r} needs a domain too; without a project it may be global")
    if domain:
        check_scope(project or "any", domain)


def _check_value(spec: definition.SecretSpec, name: str) -> None:
    if spec.WhichOneof("value") is None:
        raise invalid(f"secret {name!r} has no value: send a string or bytes")
    if spec.ByteSize() > MAX_SIZE:
        raise invalid(f"secret {name!r} is larger than {MAX_SIZE >> 10} KiB: put it into a file and store its location")


def _where(identifier: definition.SecretIdentifier) -> str:
    if identifier.project:
        return f"in project {identifier.project!r} and domain {identifier.domain!r}"
    return f"in domain {identifier.domain!r}" if identifier.domain else "in the global scope"
