"""Times and durations in messages.

A message can carry any two numbers, and not all of them are a time or a duration.
"""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp


def stamp(seconds: float) -> Timestamp:
    """Return unix seconds as a protobuf timestamp."""
    result = Timestamp()
    result.FromNanoseconds(int(seconds * 1e9))
    return result


def seconds(timestamp: Timestamp) -> float:
    """Return a protobuf timestamp as unix seconds."""
    return float(timestamp.ToNanoseconds()) / 1e9


def wrong_time(message: Message) -> str | None:
    """Return the field of the first invalid time or duration, at any depth. None if all are valid."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            parts = [part for part in value.values() if isinstance(part, Message)]
        else:
            parts = list(value) if field.is_repeated else [value]
        for part in parts:
            if isinstance(part, (Timestamp, Duration)):
                if not _is_valid(part):
                    return str(field.full_name)
            elif (nested := wrong_time(part)) is not None:
                return nested
    return None


def _is_valid(value: Timestamp | Duration) -> bool:
    try:
        # The only public check of the ranges that the well-known types have.
        value.ToJsonString()
    except ValueError:
        return False
    return True
