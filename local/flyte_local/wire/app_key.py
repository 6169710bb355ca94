"""The identity of an app (project, domain, name), and the addresses that follow from it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from flyteidl2.app.app_definition_pb2 import Identifier

from flyte_local.errors import InvalidAppError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SCOPE = re.compile(r"[A-Za-z0-9]([-_A-Za-z0-9]*[A-Za-z0-9])?")
_MAX_LABEL = 63


@dataclass(frozen=True, order=True)
class AppKey:
    """The identity of an app. `str()` is the store's key: project/domain/name."""

    project: str
    domain: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}/{self.domain}/{self.name}"

    @classmethod
    def of(cls, identifier: Identifier) -> AppKey:
        """Return the key of an identifier. Raises InvalidAppError if a part cannot be in a path and a host name."""
        if not _NAME.fullmatch(identifier.name) or len(identifier.name) > _MAX_LABEL:
            raise InvalidAppError(
                f"{identifier.name!r} is not an app name: use lower-case letters, digits and inner dashes"
            )
        for what, value in (("project", identifier.project), ("domain", identifier.domain)):
            if not _SCOPE.fullmatch(value) or len(value) > _MAX_LABEL:
                raise InvalidAppError(f"{value!r} is not a {what}: use letters, digits and inner dashes")
        return cls(identifier.project, identifier.domain, identifier.name)

    @classmethod
    def parse(cls, text: str) -> AppKey:
        """Return the key in a text that `str()` made."""
        project, domain, name = text.split("/")
        return cls(project, domain, name)

    @property
    def identifier(self) -> Identifier:
        """The key as an identifier of the API."""
        return Identifier(org="local", project=self.project, domain=self.domain, name=self.name)

    @property
    def path(self) -> str:
        """The path that the server serves the app under."""
        return f"/apps/{self.project}/{self.domain}/{self.name}"

    @property
    def host_label(self) -> str:
        """The first label of the app's host form, by Flyte's rule for service names (joined by `-`, 63 characters)."""
        joined = f"{self.name}-{self.project}-{self.domain}".lower()
        if len(joined) <= _MAX_LABEL:
            return joined
        return f"{joined[:54]}-{hashlib.sha256(str(self).encode()).hexdigest()[:8]}"

    def host_url(self, port: int) -> str:
        """Return the app's address for browsers, its host form, on a server with that port. It ends without a slash."""
        return f"http://{self.host_label}.localhost:{port}"
