"""Names for runs. A name identifies a run, so a name that is made from an idempotency key makes a start idempotent."""

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
    """Return the run name for an idempotency key.

    The name also depends on the inputs. A control plane may store the inputs under the name before it notices that the
    run exists, and must not overwrite those of another run. Raises TypeError for an input without a canonical form.
    """
    canonical = json.dumps([key, task, _plain(inputs)], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return _label("k", hashlib.sha256(canonical.encode()).digest())


def random_run_name() -> str:
    """Return a random run name. With a name, a start can be repeated after a lost answer and gives one run."""
    return _label("r", secrets.token_bytes(20))


def _label(prefix: str, digest: bytes) -> str:
    return prefix + base64.b32encode(digest).decode().lower()[:_DIGITS]


def _plain(value: Any) -> Any:
    """Return `value` as JSON types, equal for equal values. Dictionaries and sets are sorted."""
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
    if hasattr(value, "model_dump"):  # pydantic models, such as Flyte's File and Dir
        return _plain(value.model_dump(mode="json"))
    msg = f"a {type(value).__name__} has no canonical form"
    raise TypeError(msg)
