"""Looks at a rollout while it is awaited, and says early what keeps it from going on.

pulumi-kubernetes waits until its time limit is over, since a process that ended may come up when it is started again.
People need not wait so long to learn of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from pulumi_flyte.platforms.kubernetes.cluster_reading import Rollout
from pulumi_flyte.platforms.kubernetes.failures import obstacles

# Seconds. Most rollouts are complete before the first look, which then costs nothing.
_BEFORE, _BETWEEN = 10.0, 5.0

Read = Callable[[], Awaitable[Rollout | None]]
Pause = Callable[[float], Awaitable[object]]


async def lasting_obstacles(read: Read, pause: Pause = asyncio.sleep) -> Sequence[str]:
    """Wait until there are obstacles in two looks in a row. Return those of the second; none where the rollout cannot
    be read."""
    await pause(_BEFORE)
    were_there = False
    while True:
        rollout = await read()
        if rollout is None:
            return ()
        reasons = obstacles(rollout.deployment, rollout.pods)
        if reasons and were_there:
            return reasons
        were_there = bool(reasons)
        await pause(_BETWEEN)


def early_warning(app: str, reasons: Sequence[str]) -> str:
    """Return the text for people."""
    listed = "\n".join(f"  - {reason}" for reason in reasons)
    return (
        f"the app {app!r} is not ready yet:\n{listed}\n"
        "Kubernetes tries again until the time limit is over. Ctrl+C ends the wait"
    )
