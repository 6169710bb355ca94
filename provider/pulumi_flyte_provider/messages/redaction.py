"""Redaction removes the values of secrets from all texts that leave the plugin. The engine prints and stores them.

Error messages of a platform and log lines of an app may contain secrets, because an app may print its secrets. So the
plugin remembers each secret value that passes through it, in memory and until its process ends.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from pulumi_flyte_provider.properties.values import Properties, reveal

SHORTEST_VALUE = 4  # A shorter value is part of ordinary words, and hiding it would make messages unreadable.
SHORTEST_LINE = 8
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
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, token: str, *parts: Properties) -> None:
        """Remember the secrets in the properties of a resource of this type."""
        for key in _SECRETS.get(token, ()):
            for properties in parts:
                self.remember(reveal(properties.get(key)))

    def remember(self, value: Any) -> None:
        """Hide this value from now on. Short texts and other types are ignored."""
        if not isinstance(value, str) or len(value) < SHORTEST_VALUE:
            return
        with self._lock:
            if value not in self._values:
                self._values.add(value)
                self._forms.update(form for form in forms(value) if len(form) >= SHORTEST_VALUE)
                self._pattern = None

    def clean(self, text: str) -> str:
        """Return the text with `***` in place of every remembered value, in all its encodings."""
        with self._lock:
            if not self._forms:
                return text
            if self._pattern is None:
                # The longest first, because one value may contain another one.
                longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))
            pattern = self._pattern
        return pattern.sub(HIDDEN, text)


def forms(value: str) -> set[str]:
    """Return the forms in which programs may print a value: plain, escaped, URL-quoted, hexadecimal, base64, lines."""
    lines = [line.strip() for line in value.splitlines()]
    parts = {value, value.strip(), *(line for line in lines if len(line) >= SHORTEST_LINE)}
    return {form for part in parts for form in _spellings(part)}


def _spellings(part: str) -> Iterator[str]:
    data = part.encode("utf-8", "surrogatepass")
    yield part
    yield json.dumps(part)[1:-1]
    yield json.dumps(part, ensure_ascii=False)[1:-1]
    yield repr(part)[1:-1]
    for quoted in (quote(data), quote(data, safe=""), quote_plus(data)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), quoted)
    yield data.hex()
    yield data.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(data).decode()
        yield text
        yield text.rstrip("=")
        if len(data) >= SHORTEST_LINE:
            yield from (_inside(encode(bytes(shift) + data).decode(), shift, len(data)) for shift in range(3))


def _inside(text: str, shift: int, length: int) -> str:
    """Return the characters of a base64 text that depend only on the value, and not on the text around it."""
    return text[-(-shift * 8 // 6) : (shift + length) * 8 // 6]
