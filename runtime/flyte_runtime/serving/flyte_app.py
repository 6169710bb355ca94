"""Run a Flyte `AppEnvironment` in a pod that has no sidecar: `python -m flyte_runtime.serving.flyte_app`, with the
arguments of Flyte's `fserve`.

On Flyte a sidecar passes requests on inside the pod, so Flyte's `FastAPIAppEnvironment` leaves it to uvicorn to listen
on loopback. Elsewhere requests come to the pod's own address. A host that the app's code names stays.
Source: flyte/app/extras/_fastapi.py.
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
    """Let uvicorn listen on every address by default. Without uvicorn there is nothing to do."""
    try:
        import uvicorn
    except ImportError:
        return

    class Config(uvicorn.Config):
        """A configuration with another default."""

        def __init__(self, app: Any, host: str = "0.0.0.0", *args: Any, **options: Any) -> None:
            super().__init__(app, host, *args, **options)

    uvicorn.Config = Config  # type: ignore[misc]


if __name__ == "__main__":
    main()
