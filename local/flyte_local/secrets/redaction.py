"""Masks log text that leaves the server: the values of a workload's secrets become `***`.

Processes write their log files themselves, so a file holds the original output. Every reader (streams, pages, messages,
the command line) masks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flyte_local.secrets.vault import SecretError, Vault
from flyte_local.wire.app_key import AppKey

MASKED = "***"
# The credentials of a URL. A password that should have been percent-encoded goes to its last `@`.
_IN_URL = re.compile(r"(?<=://)(?:[^/\s@]*:\S*|[^/\s@]+)@")
_SHORTEST = 4
_SHORTEST_LINE = 8


def mask_urls(text: str) -> str:
    """Return the text without the credentials in its URLs."""
    return _IN_URL.sub(f"{MASKED}@", text)


@dataclass(frozen=True)
class Mask:
    """Masks text. `longest` is the length of the longest text that it masks; `blind` masks everything."""

    pattern: re.Pattern[str] | None = None
    longest: int = 0
    blind: bool = False

    @classmethod
    def of(cls, values: Iterable[bytes]) -> Mask:
        """Return the mask of these values. Parts that are too short to tell from ordinary text stay readable."""
        parts = {part for value in values for part in _parts(value.decode("utf-8", "replace"))}
        if not parts:
            return cls()
        # The longest comes first: if one value begins with another one, no part of it may stay.
        ordered = sorted(parts, key=len, reverse=True)
        return cls(re.compile("|".join(map(re.escape, ordered))), len(ordered[0]))

    def __call__(self, text: str) -> str:
        """Return the text without the values."""
        if self.blind:
            return MASKED if text else text
        return self.pattern.sub(MASKED, text) if self.pattern else text


def app_workload(key: AppKey) -> str:
    """Return the name of an app in the vault's records of delivered secrets."""
    return f"app/{key}"


def run_workload(run: str) -> str:
    """Return the name of a run (`project/domain/run`) in the vault.

    Its actions share it: they quote each other's errors.
    """
    return f"run/{run}"


def mask_of(vault: Vault, workload: str) -> Mask:
    """Return the mask of a workload at this moment. It grows when a process starts with a new value."""
    try:
        return Mask.of(vault.given(workload))
    except SecretError:
        # The values to mask are unknown, so everything is masked.
        return Mask(blind=True)


def _parts(value: str) -> set[str]:
    lines = [line.strip() for line in value.splitlines()]
    whole = {part for part in (value, value.strip()) if len(part.strip()) >= _SHORTEST}
    return whole | ({line for line in lines if len(line) >= _SHORTEST_LINE} if len(lines) > 1 else set())
