"""`SecretSpec`: a secret of the platform's store."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSpec:
    """A secret. `value` is None for one that somebody else keeps; it is never shown.

    entry: the entry of an existing secret of a cluster, where it is not `value`.
    """

    key: str
    value: pulumi.Output[str] | None = field(default=None, repr=False)
    adopt: bool | None = None
    entry: str | None = None
