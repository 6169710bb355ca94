"""Secrets, read from the variables that the platform's secret store sets. The wiring holds no values."""

from __future__ import annotations

import os

from flyte_runtime.container import wiring
from flyte_runtime.errors import SecretMissing, nearest

__all__ = ["SecretText", "secret"]


class SecretText(str):
    """A secret's value: a `str` whose repr is masked, so that logged data structures do not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def secret(key: str) -> SecretText:
    """Return the value of the secret `key`, which `secrets=` of this container's component declares.

    Without a wiring document it reads Flyte's default variable: the key in upper case, with `_` for `-`.
    Raises SecretMissing. Messages never hold a value.
    """
    document = wiring.current()
    if document is None:
        variable = default_variable(key)
        why = f"secret {key!r} is not there: {variable} is not set and the container is not wired"
    elif key in document.secrets:
        variable = document.secrets[key]
        why = f"secret {key!r} is declared, but its variable {variable} is not set: does it exist in the secret store?"
    else:
        declared = ", ".join(sorted(document.secrets)) or "none"
        msg = (
            f"secret {key!r} is not declared for {document.identity.kind} {document.identity.name!r}"
            f"{nearest(key, document.secrets)}; declared: {declared}. Add it to its secrets= in the Pulumi program."
        )
        raise SecretMissing(msg)
    value = os.environ.get(variable)
    if not value:
        raise SecretMissing(why)
    return SecretText(value)


def default_variable(key: str) -> str:
    """Return the variable into which Flyte puts a secret by default (flyte.Secret.as_env_var)."""
    return key.upper().replace("-", "_")
