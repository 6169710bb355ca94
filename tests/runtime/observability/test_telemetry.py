"""Flyte's SDK reports nothing to its makers from a process of ours, unless its environment allows it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# Whether the SDK would report, once something here has started it. PYTEST_CURRENT_TEST turns its reports off as well.
PROGRAM = """
import os, sys
from contextlib import suppress
from flyte_runtime.errors import NotConfigured
from flyte_runtime.tasks import initialization
with suppress(NotConfigured):
    initialization.init()
print(os.environ["FLYTE_DISABLE_TELEMETRY"])
"""


@pytest.mark.parametrize(("allowed", "disabled"), [(None, "true"), ("false", "false"), ("true", "true")])
def test_the_switch_is_off_unless_the_environment_says_otherwise(allowed: str | None, disabled: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FLYTE_", "_U_"))}
    environment |= {} if allowed is None else {"FLYTE_DISABLE_TELEMETRY": allowed}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == disabled


def test_the_switch_is_the_one_that_the_sdk_reads() -> None:
    from flyte_runtime.contract import TELEMETRY_VARIABLE

    from tests.runtime.flyte_internals import TELEMETRY_SWITCHES

    assert TELEMETRY_VARIABLE in TELEMETRY_SWITCHES
