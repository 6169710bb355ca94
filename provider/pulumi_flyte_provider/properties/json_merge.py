"""Merges JSON values: `extra` and the other properties become one spec. Pure."""

from __future__ import annotations

from typing import Any


def merged(base: Any, over: Any) -> Any:
    """Merge two JSON values. Objects are merged deeply. For all other values, `over` wins."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: merged(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
    return base if over is None else over


def remainder(whole: Any, part: Any) -> Any:
    """Return the x for which `merged(part, x)` is `whole`, or None if both are equal."""
    if isinstance(whole, dict) and isinstance(part, dict):
        left = {key: remainder(value, part.get(key)) for key, value in whole.items()}
        return {key: value for key, value in left.items() if value is not None and value != {}} or None
    return None if whole == part else whole
