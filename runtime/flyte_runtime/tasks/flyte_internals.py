"""The private names of Flyte's SDK that this package uses. Checked with flyte 2.12.

The SDK has no public way to get its client or its configuration, or to start a task with inputs that are already
literals. There are no upstream issues about these yet.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

import flyte.errors
from flyte._initialize import get_client, get_init_config
from flyteidl2.common import identifier_pb2
from flyteidl2.workflow import run_service_pb2

if TYPE_CHECKING:
    from flyte.remote import TaskDetails

__all__ = ["action_updates", "has_client", "organization", "with_input_types"]


def has_client() -> bool:
    """Check whether the SDK is initialised with a control plane.

    The public `flyte.is_control_plane_available` is different: it is False in a task that runs locally, even if the SDK
    has a client.
    """
    try:
        get_client()
    except flyte.errors.InitializationError:
        return False
    return True


def organization() -> str | None:
    """Return the organization that the SDK is initialised with, which is part of a run's identity.

    The public `RunDetails.get` fills it in, but takes no project and domain.
    """
    return get_init_config().org


def action_updates(
    action: identifier_pb2.ActionIdentifier,
) -> AsyncIterator[run_service_pb2.WatchActionDetailsResponse]:
    """Return a stream of an action's states. It must be read in the SDK's own thread.

    The public `ActionDetails.watch` subscribes again after a lost connection (github.com/flyteorg/flyte-sdk/pull/1423),
    but also after its caller was cancelled.
    """
    request = run_service_pb2.WatchActionDetailsRequest(action_id=action)
    updates: Any = get_client().run_service.watch_action_details(request=request)  # its protocol says a coroutine
    return updates  # type: ignore[no-any-return]


def with_input_types(details: TaskDetails, types: Mapping[str, tuple[type[Any], Any]]) -> TaskDetails:
    """Return a copy of the task with other Python types and defaults for its inputs. The SDK converts values by them.

    `TaskDetails.interface` is a cached property. The new value is written to where it is cached.
    """
    task = copy.copy(details)
    vars(task)["interface"] = dataclasses.replace(details.interface, inputs=dict(types))
    return task
