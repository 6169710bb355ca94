"""A version: one hash of the whole normalised spec. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

LENGTH = 16


def version_of(spec: Mapping[str, Any]) -> str:
    """Equal specs give equal versions on every machine.

    The caller leaves out what is not the workload's own: secret versions, the ownership mark, interpreter paths.
    """
    canonical = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:LENGTH]
