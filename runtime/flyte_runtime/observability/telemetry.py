"""Keeps Flyte's SDK from reporting its errors to its makers, unless the container allows it."""

from __future__ import annotations

import os

__all__ = ["turn_off"]


def turn_off() -> None:
    """Turn the reports off for this process, unless its environment has the switch. Call it before the SDK's start."""
    from flyte_runtime.contract import TELEMETRY_VARIABLE  # pydantic, which a mere declaration need not load

    os.environ.setdefault(TELEMETRY_VARIABLE, "true")
