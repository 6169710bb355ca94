"""The key that a container shows to Flyte's endpoint, as Flyte's SDK reads it. Pure but for the environment.

Facts (flyte/_initialize.py, init_in_cluster): `_UNION_EAGER_API_KEY`, else `EAGER_API_KEY`, is base64 of
`endpoint:client_id:client_secret:org`. The SDK then connects to that endpoint, by TLS, and no other variable counts.
A container without a key whose endpoint wants one would be sent to a browser's login (PKCE), unless FLYTE_AUTH_TYPE
says otherwise.
"""

from __future__ import annotations

import base64
import os

from flyte_runtime.contract import API_KEY_VARIABLE

__all__ = ["advice", "problem", "shown_key", "without_login"]

_VARIABLES = (API_KEY_VARIABLE, "EAGER_API_KEY")
# Of the SDK: credentials by a command or a file instead of a key.
_OTHER_CREDENTIALS = ("FLYTE_AUTH_TYPE", "FLYTE_ADMIN_AUTHTYPE", "UCTL_CONFIG", "FLYTECTL_CONFIG")
_AUTH_TYPE, _NO_LOGIN = "FLYTE_AUTH_TYPE", "Passthrough"
_SET_IT = "`pulumi config set --secret flyte:containerApiKey KEY` in the program's stack"


def shown_key() -> str | None:
    """Return the variable whose key the SDK uses, if there is one."""
    return next((name for name in _VARIABLES if os.environ.get(name)), None)


def problem() -> str | None:
    """Return a sentence about a key that the SDK could not read, without the key."""
    variable = shown_key()
    if variable is None:
        return None
    try:
        parts = base64.b64decode(os.environ[variable]).decode().split(":", 3)
    except ValueError:  # binascii.Error and UnicodeDecodeError are such
        parts = []
    if len(parts) == 4 and all(parts[:3]):
        return None
    return (
        f"the variable {variable} is no API key of Flyte: expected what `flyte create api-key` prints, base64 of "
        f"endpoint:client_id:client_secret:org. {_SET_IT} sets it."
    )


def without_login() -> dict[str, str]:
    """Return the variables by which the SDK, without a credential, is refused at once and opens no browser."""
    if shown_key() is not None or any(os.environ.get(name) for name in _OTHER_CREDENTIALS):
        return {}
    return {_AUTH_TYPE: _NO_LOGIN}


def advice() -> str:
    """Return what to do after the control plane has said that the caller is unknown to it."""
    variable = shown_key()
    if variable is not None:
        return f"is the key in {variable} still valid? {_SET_IT} gives another one"
    return f"this container shows no key; {_SET_IT} gives it one"
