"""A preview waits for the plugin to start: it loads what every run needs, and the rest when it is needed."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("httpx", "flyte", "flyte_local", "uvicorn", "aiohttp", "flyteidl2", "connectrpc.client", "croniter")
COMPONENTS = (
    "pulumi_flyte.app",
    "pulumi_flyte.task",
    "pulumi_flyte.discovery.declaration",
    "pulumi_flyte.source.loading",
)


def test_the_plugin_starts_without_what_only_some_runs_need() -> None:
    unwanted = HEAVY + COMPONENTS
    program = f"import sys, pulumi_flyte_provider.__main__; print(*[n for n in {unwanted} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
