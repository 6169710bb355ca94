"""Keeps Flyte's SDK from reporting its errors to its makers, unless the container allows it."""

from __future__ import annotations

import os

__all__ = ["TELEMETRY_VARIABLE", "turn_off"]

# The SDK's own switch (flyte/_sentry.py). `false` allows the reports.
TELEMETRY_VARIABLE = "FLYTE_DISABLE_TELEMETRY"


def turn_off() -> None:
    """Turn the reports off for this process, unless its environment has the switch. Call it before the SDK's start."""
    os.environ.setdefault(TELEMETRY_VARIABLE, "true")
