"""The API key with which a container logs in to Flyte, as Flyte's SDK reads it from the environment.

Source: flyte/_initialize.py, init_in_cluster. The SDK reads `_UNION_EAGER_API_KEY`, or else `EAGER_API_KEY`: base64 of
`endpoint:client_id:client_secret:org`. It then connects to that endpoint with TLS and ignores the other variables.
Without a key, an endpoint that requires one leads to a login in a browser (PKCE), unless FLYTE_AUTH_TYPE is set.
"""

from __future__ import annotations

import base64
import os

from flyte_runtime.contract import API_KEY_VARIABLE

__all__ = ["advice", "problem", "shown_key", "without_login"]

_VARIABLES = (API_KEY_VARIABLE, "EAGER_API_KEY")
# Variables of the SDK for credentials from a command or a file instead of a key.
_OTHER_CREDENTIALS = ("FLYTE_AUTH_TYPE", "FLYTE_ADMIN_AUTHTYPE", "UCTL_CONFIG", "FLYTECTL_CONFIG")
_AUTH_TYPE, _NO_LOGIN = "FLYTE_AUTH_TYPE", "Passthrough"
_SET_IT = "`pulumi config set --secret flyte:containerApiKey KEY` in the program's stack"


def shown_key() -> str | None:
    """Return the variable whose key the SDK uses, if there is one."""
    return next((name for name in _VARIABLES if os.environ.get(name)), None)


def problem() -> str | None:
    """Return a sentence about a key that the SDK cannot read, or None. It does not quote the key."""
    variable = shown_key()
    if variable is None:
        return None
    try:
        parts = base64.b64decode(os.environ[variable]).decode().split(":", 3)
    except ValueError:  # includes binascii.Error and UnicodeDecodeError
        parts = []
    if len(parts) == 4 and all(parts[:3]):
        return None
    return (
        f"the variable {variable} is not an API key of Flyte: expected the output of `flyte create api-key`, base64 of "
        f"endpoint:client_id:client_secret:org. {_SET_IT} sets it."
    )


def without_login() -> dict[str, str]:
    """Return variables that keep the SDK from opening a browser if it has no credential. It is then refused at once."""
    if shown_key() is not None or any(os.environ.get(name) for name in _OTHER_CREDENTIALS):
        return {}
    return {_AUTH_TYPE: _NO_LOGIN}


def advice() -> str:
    """Return a suggestion for a container that the control plane has refused."""
    variable = shown_key()
    if variable is not None:
        return f"is the key in {variable} still valid? {_SET_IT} sets another one"
    return f"this container has no API key; {_SET_IT} sets one"
