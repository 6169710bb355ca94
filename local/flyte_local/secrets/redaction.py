"""Log text on its way out of the server: the values of the secrets that a workload was given become `***`.

Processes write their log files themselves, so a file holds what was printed. Whatever reads one for somebody else
(streams, pages, messages, the command line) masks it first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flyte_local.secrets.vault import SecretError, Vault
from flyte_local.wire.app_key import AppKey

MASKED = "***"
# What stands before the host of a URL; a password that should have been percent-encoded goes to its last `@`.
_IN_URL = re.compile(r"(?<=://)(?:[^/\s@]*:\S*|[^/\s@]+)@")
_SHORTEST = 4
_SHORTEST_LINE = 8


def mask_urls(text: str) -> str:
    """The text without the credentials in its URLs."""
    return _IN_URL.sub(f"{MASKED}@", text)


@dataclass(frozen=True)
class Mask:
    """Masks text. `longest` is the length of the longest thing it looks for; `blind` masks everything."""

    pattern: re.Pattern[str] | None = None
    longest: int = 0
    blind: bool = False

    @classmethod
    def of(cls, values: Iterable[bytes]) -> Mask:
        """The mask of these secrets' values; the parts too short to tell from ordinary text stay readable."""
        parts = {part for value in values for part in _parts(value.decode("utf-8", "replace"))}
        if not parts:
            return cls()
        # The longest first: where one value begins with another one, nothing of it stays.
        ordered = sorted(parts, key=len, reverse=True)
        return cls(re.compile("|".join(map(re.escape, ordered))), len(ordered[0]))

    def __call__(self, text: str) -> str:
        """The text without the values."""
        if self.blind:
            return MASKED if text else text
        return self.pattern.sub(MASKED, text) if self.pattern else text


def app_workload(key: AppKey) -> str:
    """What an app is called where the vault remembers who was given what."""
    return f"app/{key}"


def run_workload(run: str) -> str:
    """The same of a run (`project/domain/run`), for all of its actions: they quote each other's errors."""
    return f"run/{run}"


def mask_of(vault: Vault, workload: str) -> Mask:
    """The mask of a workload at this moment: it grows when a process is started with a new value."""
    try:
        return Mask.of(vault.given(workload))
    except SecretError:
        # Nobody knows any more what must not be shown.
        return Mask(blind=True)


def _parts(value: str) -> set[str]:
    lines = [line.strip() for line in value.splitlines()]
    whole = {part for part in (value, value.strip()) if len(part.strip()) >= _SHORTEST}
    return whole | ({line for line in lines if len(line) >= _SHORTEST_LINE} if len(lines) > 1 else set())
