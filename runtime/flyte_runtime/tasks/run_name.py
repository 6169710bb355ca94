"""Run names. A run's name is its identity, so a name made from an idempotency key makes starting it idempotent."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any

__all__ = ["MAX_RUN_NAME", "keyed_run_name", "random_run_name"]

# flyteorg/flyte runs/service/utils.go: a DNS-1035 label of at most 30 characters.
MAX_RUN_NAME = 30
_DIGITS = 26  # base 32: 130 bits


def keyed_run_name(key: str, task: str, inputs: Mapping[str, Any]) -> str:
    """The name of the run that `key` stands for.

    The inputs are part of it, since a control plane may store them under the run's name before it notices that the
    run exists: another run's inputs must never be written there. Raises TypeError for an input that has no
    canonical form.
    """
    canonical = json.dumps([key, task, _plain(inputs)], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return _label("k", hashlib.sha256(canonical.encode()).digest())


def random_run_name() -> str:
    """A name of its own: so a start can be sent again after a lost answer and still makes one run."""
    return _label("r", secrets.token_bytes(20))


def _label(prefix: str, digest: bytes) -> str:
    return prefix + base64.b32encode(digest).decode().lower()[:_DIGITS]


def _plain(value: Any) -> Any:
    """`value` in JSON's types, equal for equal values. Dictionaries lose their order, sets gain one."""
    if value is None or (isinstance(value, (bool, int, float, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, Mapping):
        return {"map": sorted(([_plain(k), _plain(v)] for k, v in value.items()), key=json.dumps)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item) for item in value), key=json.dumps)
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, (datetime, date, time)):
        return {"time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    if isinstance(value, PurePath):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if hasattr(value, "model_dump"):  # pydantic, and so Flyte's File and Dir
        return _plain(value.model_dump(mode="json"))
    msg = f"a {type(value).__name__} has no canonical form"
    raise TypeError(msg)
