"""The URL of a call to a wired app, and the credential that the call carries."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from flyte_runtime.errors import InvalidCall, SecretMissing

if TYPE_CHECKING:
    from flyte_runtime.contract import AppInput

__all__ = ["credential_of", "join"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def join(base: str, path: str) -> str:
    """Return the URL of `path` in the app at `base`. Raises InvalidCall if `path` leads out of the app."""
    if not path:
        return base
    if _SCHEME.match(path):
        msg = f"{path!r} is a URL: calls go to the wired app only, so pass the path that follows {base}"
        raise InvalidCall(msg)
    if _leads_above(path):
        msg = f"{path!r} leads above the wired app: calls go to {base} and below only"
        raise InvalidCall(msg)
    return base.rstrip("/") + (path if path[0] in "/?" else f"/{path}")


def _leads_above(path: str) -> bool:
    """Check whether `..` leads above the app. On the local platform that would be another app on the same host."""
    if ".." not in path and "%" not in path:
        return False
    from urllib.parse import unquote

    depth = 0
    for segment in unquote(path.partition("#")[0].partition("?")[0]).split("/"):
        depth += -1 if segment == ".." else segment not in {"", "."}
        if depth < 0:
            return True
    return False


def credential_of(app_input: AppInput) -> tuple[str, str] | None:
    """Return the header with the edge's credential, or None. The variable is read again for each call."""
    if app_input.credential_variable is None:
        return None
    from flyte_runtime.contract import CREDENTIAL_HEADER

    value = os.environ.get(app_input.credential_variable)
    if not value:
        msg = (
            f"the credential for app {app_input.name!r} is missing: "
            f"{app_input.credential_variable} is not set in this process"
        )
        raise SecretMissing(msg)
    return CREDENTIAL_HEADER, value
