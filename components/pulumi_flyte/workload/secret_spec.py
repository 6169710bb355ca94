"""`SecretSpec`: a secret of the platform's store."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSpec:
    """A secret. `value`: never shown, and None for an existing secret that this stack does not manage.

    entry: the entry of an existing secret of a cluster, if it is not `value`.
    """

    key: str
    value: pulumi.Output[str] | None = field(default=None, repr=False)
    adopt: bool | None = None
    entry: str | None = None
