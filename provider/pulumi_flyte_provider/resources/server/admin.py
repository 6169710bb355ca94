"""The server's API for registrations: the stacks that use the server, each with its epoch."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from flyte_local import daemon
from flyte_local.errors import LocalServerError
from pulumi_flyte.errors import reason_of

from pulumi_flyte_provider.errors import ProviderError

TIMEOUT = 10.0
_OWNERS = "/local/v1/owners"


def epochs(port: int) -> dict[str, int]:
    """Return the epoch of every registration, by its owner."""
    return {str(owner): int(epoch) for owner, epoch in _request(port, "GET", _OWNERS).items()}


def register(port: int, owner: str, epoch: int) -> None:
    """Record that the owner uses the server since this epoch."""
    _request(port, "PUT", _path(owner), {"epoch": epoch})


def unregister(port: int, owner: str) -> None:
    """Remove a registration. The server deletes objects that only this stack used."""
    _request(port, "DELETE", _path(owner))


def _path(owner: str) -> str:
    return f"{_OWNERS}?owner={quote(owner, safe='')}"


def _request(port: int, method: str, path: str, body: Mapping[str, int] | None = None) -> dict[str, Any]:
    try:
        answer = daemon.request(port, method, path, body, timeout=TIMEOUT)
    except (OSError, HTTPException, ValueError, LocalServerError) as error:
        raise ProviderError(
            f"the local control plane at http://127.0.0.1:{port} did not answer {path.split('?')[0]}"
            f" ({reason_of(error)}): see `flyte-local status`"
        ) from None
    return answer if isinstance(answer, dict) else {}
