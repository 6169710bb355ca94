"""A secret as `flyte:api:Secret`."""

from __future__ import annotations

from pulumi_flyte import api
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.links import SecretLink
from pulumi_flyte.platforms.base import DeclaredSecret
from pulumi_flyte.platforms.flyte_api.properties import placement
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.secret_spec import SecretSpec


def declare_secret(spec: SecretSpec, settings: Settings, owner: Owner) -> DeclaredSecret:
    """Declare a secret of the project and domain."""
    secret = api.Secret(
        owner.name,
        name=spec.key,
        value=spec.value,
        existing=True if spec.value is None else None,
        **placement(settings, adopt=spec.adopt),
        opts=owner.main_options(),
    )
    plane = settings.control_plane
    link = SecretLink(spec.key, secret.version, settings.project, settings.domain, control_plane=plane)
    return DeclaredSecret(resource=secret, link=link, version=secret.version)
