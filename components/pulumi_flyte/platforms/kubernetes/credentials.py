"""The credentials that an app shows to apps which let in only their callers, as Secrets of the namespace."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi

from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.platforms.flyte_api.credentials import credential_name, declare_token
from pulumi_flyte.platforms.kubernetes.secrets import ENTRY, secret_object
from pulumi_flyte.platforms.kubernetes.variables import SecretEntry
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.edge_credential import EdgeCredential


def declare_credentials(
    credentials: Iterable[EdgeCredential], settings: Settings, owner: Owner
) -> tuple[dict[str, SecretEntry], list[pulumi.Resource]]:
    """Declare the credentials. Return their entries by variable, and what the app waits for."""
    entries: dict[str, SecretEntry] = {}
    secrets: list[pulumi.Resource] = []
    for credential in credentials:
        token = declare_token(credential, settings, owner)
        name = credential_name(credential, settings, owner)
        secret = secret_object(name, token.credential, settings, owner.child_options(credential.waits_for))
        secrets.append(secret)
        entries |= {variable: SecretEntry(secret.object_name, ENTRY) for variable in credential.variables}
    return entries, secrets
