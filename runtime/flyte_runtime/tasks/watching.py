"""A run's states as the control plane tells them, in Flyte's own thread.

The SDK's `Run.watch` takes the cancellation of a waiting caller for a lost connection: it subscribes again, and its
thread spins until the next update comes. Here a cancelled watch ends.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

from connectrpc.errors import ConnectError
from flyte.remote import ActionDetails
from flyte.syncify import syncify
from flyteidl2.common import identifier_pb2

from flyte_runtime.tasks.flyte_internals import action_updates
from flyte_runtime.tasks.sdk import transient

__all__ = ["action_details"]

_RECONNECTS = 8


async def _watch(action: identifier_pb2.ActionIdentifier) -> AsyncIterator[ActionDetails]:
    failures = 0
    while True:
        try:
            async for response in action_updates(action):
                failures = 0
                details = ActionDetails(response.details)
                yield details
                if details.done():
                    return
        except (ConnectError, ConnectionError, TimeoutError) as error:
            if isinstance(error.__cause__, asyncio.CancelledError):
                raise asyncio.CancelledError from error
            failures += 1
            if (isinstance(error, ConnectError) and not transient(error)) or failures > _RECONNECTS:
                raise
        # A stream may also end early without an error: proxies limit how long one lasts.
        await asyncio.sleep(random.uniform(0.1, min(8.0, 0.5 * 2**failures)))


_in_flytes_thread = syncify(_watch)


def action_details(action: identifier_pb2.ActionIdentifier) -> AsyncIterator[ActionDetails]:
    """The action's details: the present ones, then every change, until it has ended. Survives lost connections."""
    details: AsyncIterator[ActionDetails] = _in_flytes_thread.aio(action)
    return details
