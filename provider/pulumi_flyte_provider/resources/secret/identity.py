"""The identity of a secret: its name and its scope."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flyteidl2.secret.definition_pb2 import SecretIdentifier

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.properties.values import Properties

TOKEN = "flyte:api:Secret"
KEYS = ("name", "project", "domain", "org")


@dataclass(frozen=True)
class SecretIdentity:
    """A secret of a project and domain, of a domain (without a project), or of the organisation (without both)."""

    org: str
    project: str
    domain: str
    name: str

    @classmethod
    def of(cls, plain: Properties) -> SecretIdentity:
        """Return the identity in inputs without secret wrappers."""
        return cls(*(str(plain.get(key) or "") for key in ("org", "project", "domain", "name")))

    @classmethod
    def parse(cls, id: str, org: str) -> SecretIdentity:
        """Return the identity in a resource's id. Raise ProviderError if it is not the id of a secret."""
        parts = id.split("/")
        if len(parts) > 3 or not all(parts):
            raise ProviderError(f"{id!r} is not the id of a {TOKEN}: expected name, domain/name or project/domain/name")
        project, domain, name = ["", "", *parts][-3:]
        return cls(org, project, domain, name)

    @property
    def id(self) -> str:
        """The id of the resource: `name`, `domain/name` or `project/domain/name`."""
        return "/".join(part for part in (self.project, self.domain, self.name) if part)

    @property
    def title(self) -> str:
        """The name of the secret for messages."""
        return f"the secret {self.id}"

    @property
    def properties(self) -> Properties:
        """The identity as inputs."""
        return {"name": self.name, "project": self.project, "domain": self.domain, "org": self.org}

    def message(self, name: str | None = None) -> SecretIdentifier:
        """Return the identifier of the secret, or of a secret of another name in the same scope."""
        return SecretIdentifier(
            name=self.name if name is None else name,
            organization=self.org,
            project=self.project,
            domain=self.domain,
        )

    def wider(self) -> tuple[SecretIdentity, SecretIdentity]:
        """Return the secrets of the same name in the domain and in the organisation."""
        return replace(self, project=""), replace(self, project="", domain="")
