"""The identity of a secret: its name, and the scope that it is bound to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flyteidl2.secret.definition_pb2 import SecretIdentifier

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.properties.values import Properties

TOKEN = "flyte:api:Secret"
KEYS = ("name", "project", "domain", "org")


@dataclass(frozen=True)
class SecretIdentity:
    """A secret of a project and domain, of a domain (no project), or of everybody (neither)."""

    org: str
    project: str
    domain: str
    name: str

    @classmethod
    def of(cls, plain: Properties) -> SecretIdentity:
        """Return the identity that revealed inputs name."""
        return cls(*(str(plain.get(key) or "") for key in ("org", "project", "domain", "name")))

    @classmethod
    def parse(cls, id: str, org: str) -> SecretIdentity:
        """Return the identity that a resource's id names. Raise ProviderError if it is no id of a secret."""
        parts = id.split("/")
        if len(parts) > 3 or not all(parts):
            raise ProviderError(f"{id!r} is not the id of a {TOKEN}: expected name, domain/name or project/domain/name")
        project, domain, name = ["", "", *parts][-3:]
        return cls(org, project, domain, name)

    @property
    def id(self) -> str:
        """`name`, `domain/name` or `project/domain/name`."""
        return "/".join(part for part in (self.project, self.domain, self.name) if part)

    @property
    def title(self) -> str:
        """The secret as messages name it."""
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
        """Return the secrets of this name that the domain has, and that everybody has."""
        return replace(self, project=""), replace(self, project="", domain="")
