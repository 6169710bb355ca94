"""Secrets: read from the variable that the platform's secret store filled, never from the wiring itself."""

from __future__ import annotations

import os

from flyte_runtime.container import wiring
from flyte_runtime.errors import SecretMissing, nearest

__all__ = ["SecretText", "secret"]


class SecretText(str):
    """A secret's value: a `str` in every way but its repr, so that no log of a structure shows it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def secret(key: str) -> SecretText:
    """The value of the secret `key`, as declared by `secrets=` of this container's component.

    Without a wiring document the variable is Flyte's own: the key in upper case with `-` as `_`.
    Raises SecretMissing; no message ever holds a value.
    """
    document = wiring.current()
    if document is None:
        variable = default_variable(key)
        why = f"secret {key!r} is not there: {variable} is not set and the container is not wired"
    elif key in document.secrets:
        variable = document.secrets[key]
        why = f"secret {key!r} is declared, but its variable {variable} is not set: does it exist in the secret store?"
    else:
        known = ", ".join(sorted(document.secrets)) or "none"
        msg = (
            f"secret {key!r} is not declared for {document.identity.kind} {document.identity.name!r}"
            f"{nearest(key, document.secrets)}; declared: {known}. Add it to its secrets= in the Pulumi program."
        )
        raise SecretMissing(msg)
    value = os.environ.get(variable)
    if not value:
        raise SecretMissing(why)
    return SecretText(value)


def default_variable(key: str) -> str:
    """The variable that Flyte puts a secret into by default (flyte.Secret.as_env_var)."""
    return key.upper().replace("-", "_")
