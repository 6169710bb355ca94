"""Redaction removes the values of secrets from all texts that leave the plugin. The engine prints and stores them.

Error messages of a platform and log lines of an app may contain secrets, because an app may print its secrets. So the
plugin remembers each secret value that passes through it, in memory and until its process ends.
"""

from __future__ import annotations

import threading
from typing import Any

from pulumi_flyte.redaction.secrets import SecretForms

from pulumi_flyte_provider.properties.values import Properties, reveal

HIDDEN = "***"
_SECRETS = {
    "flyte:api:Secret": ("value",),
    "flyte:api:AuthKey": ("privateKey",),
    "flyte:api:EdgeCredential": ("privateKey", "credential"),
}


class Redactor:
    """The values that must not be shown. Several threads may use it. It has no repr of the values."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: set[str] = set()
        self._forms = SecretForms()

    def learn(self, token: str, *parts: Properties) -> None:
        """Remember the secrets in the properties of a resource of this type."""
        for key in _SECRETS.get(token, ()):
            for properties in parts:
                self.remember(reveal(properties.get(key)))

    def remember(self, value: Any) -> None:
        """Hide this value from now on. Short texts and other types are ignored."""
        if not isinstance(value, str):
            return
        with self._lock:
            if value not in self._values:
                self._values.add(value)
                self._forms.add(value)

    def clean(self, text: str) -> str:
        """Return the text with `***` in place of every remembered value, in all its encodings."""
        with self._lock:
            return self._forms.replaced(text, HIDDEN)
