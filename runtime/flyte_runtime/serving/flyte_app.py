"""Run a Flyte `AppEnvironment` in a pod that has no sidecar: `python -m flyte_runtime.serving.flyte_app`, with the
arguments of Flyte's `fserve`.

On Flyte, a sidecar in the pod passes requests to the app, so Flyte's `FastAPIAppEnvironment` listens on loopback, which
is uvicorn's default. Without a sidecar, requests come to the address of the pod. This module changes the default; a
host that the app sets itself still wins. Source: flyte/app/extras/_fastapi.py.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Run `fserve` with the arguments of this process."""
    listen_everywhere()
    (command,) = entry_points(group="console_scripts", name="fserve")
    command.load()()


def listen_everywhere() -> None:
    """Make uvicorn listen on every address by default. Without uvicorn it does nothing."""
    try:
        import uvicorn
    except ImportError:
        return

    class Config(uvicorn.Config):
        """A uvicorn.Config whose default host is 0.0.0.0."""

        def __init__(self, app: Any, host: str = "0.0.0.0", *args: Any, **options: Any) -> None:
            super().__init__(app, host, *args, **options)

    uvicorn.Config = Config  # type: ignore[misc]


if __name__ == "__main__":
    main()
