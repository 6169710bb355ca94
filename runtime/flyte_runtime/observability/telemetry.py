"""Turns off the error reports that Flyte's SDK sends to its makers, unless the container allows them."""

from __future__ import annotations

import os

__all__ = ["turn_off"]


def turn_off() -> None:
    """Turn the reports off, unless the variable is already set. Call this before the SDK is imported."""
    from flyte_runtime.contract import TELEMETRY_VARIABLE  # imports pydantic, so not at the top of the module

    os.environ.setdefault(TELEMETRY_VARIABLE, "true")
