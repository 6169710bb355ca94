"""Two spellings of one file: `store:///path` for the processes that the server starts, `/path` for everybody else.

A process of this server copies what it reads and writes under `store://`, as with an object store
(processes/task_path/flyte_local_storage.py). A client has no such protocol, and needs none: it opens the path.
"""

from __future__ import annotations

from collections.abc import Callable

import msgpack  # type: ignore[import-untyped]
from flyteidl2.core.literals_pb2 import Binary
from google.protobuf.message import Message

from flyte_local.home import Home

SCHEME = "store://"
_MSGPACK = "msgpack"


def for_clients(message: Message) -> None:
    """Rewrites every file's URI in literals, and in what contains literals, as clients read it."""
    _rewrite(message, lambda text: text.removeprefix(SCHEME), SCHEME)


def for_tasks(message: Message, home: Home) -> None:
    """The reverse, for the files of this server; what a task does to its copy does not change them."""
    roots = (f"{home.store}/", f"{home.runs}/")
    _rewrite(message, lambda text: SCHEME + text if text.startswith(roots) else text, f"{home.path}/")


def _rewrite(message: Message, change: Callable[[str], str], mark: str) -> None:
    for field, value in message.ListFields():
        if field.name == "uri" and isinstance(value, str):
            setattr(message, field.name, change(value))
        elif isinstance(value, Message):
            _rewrite(value, change, mark)
        elif field.message_type is not None:
            entry = field.message_type.GetOptions().map_entry
            for each in value.values() if entry else value:
                if isinstance(each, Message):
                    _rewrite(each, change, mark)
    # Dataclasses and pydantic models carry their files inside (flyte/types/_type_engine.py).
    if isinstance(message, Binary) and message.tag == _MSGPACK and mark.encode() in message.value:
        message.value = msgpack.packb(_changed(msgpack.unpackb(message.value, strict_map_key=False), change))


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _changed(each, change) for key, each in value.items()}
    return value
