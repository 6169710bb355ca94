"""The private names of Flyte's SDK that the tests of the runtime use."""

from __future__ import annotations

import flyte._initialize
from flyte import _sentry
from flyte_runtime.tasks import initialization

TELEMETRY_SWITCHES = _sentry._DISABLE_ENV_VARS
"""The variables that turn the SDK's telemetry off."""


def forget_connection() -> None:
    """Undo the initialisation of the SDK, which is the process's: the next test has another control plane."""
    initialization._done_in = None
    flyte._initialize._init_config = None
