"""The stream of a run's states from the control plane. It is read in the thread of Flyte's SDK.

The SDK's `Run.watch` mistakes the cancellation of its caller for a lost connection: it subscribes again, and its thread
is busy until the next update comes. A watch by this module ends when it is cancelled.
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


_watch_in_sdk_thread = syncify(_watch)


def action_details(action: identifier_pb2.ActionIdentifier) -> AsyncIterator[ActionDetails]:
    """Yield the details of an action now and after every change, until it has ended. It survives lost connections."""
    details: AsyncIterator[ActionDetails] = _watch_in_sdk_thread.aio(action)
    return details
