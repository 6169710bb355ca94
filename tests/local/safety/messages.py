"""Random messages of any type, from its descriptor: half of it what clients send, half what none of them would.

Everything is drawn from one `random.Random`: hypothesis hands in one that it can shrink, a soak one with a seed.
"""

from __future__ import annotations

import json
import random
import struct
from typing import Any

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

# Commands that end at once and start nothing: random specifications do run.
HARMLESS: tuple[list[str], ...] = (
    ["true"],
    ["/bin/false"],
    ["sleep", "0.01"],
    ["/nowhere/at-all"],
    ["\x00"],
    ["x" * 5000],
    [""],
    [],
)
_PROBABLE = {
    "org": ("local", ""),
    "organization": ("local", ""),
    "project": ("shop", "other"),
    "domain": ("development", "staging"),
    "version": ("v1", "v2"),
    "task_name": ("task.a", "task.b"),
    "key": ("k", "SECRET"),
    "field": ("project", "name", "phase", "created_at", "nothing"),
    "type": ("python-task", "raw-container", "container"),
    "action": ("a0", "a0", "child"),
    "token": ("", "", "1"),
    "image": ("local/python", ""),
    "uri": ("file:///nowhere/inputs.pb", ""),
    "content_md5": ("",),
    "filename": ("code.tgz", "a/b.bin"),
    "expression": ("* * * * *", "0 2 31 2 *", "@every 1ns", "*/0 * * * *", "@never", "0 0 * * * * *"),
}
_MEANINGS = {"ProjectIdentifier.name": "project", "Project.id": "project", "ActionIdentifier.name": "action"}
_TEXTS = (
    "",
    "a",
    "b",
    "a0",
    "..",
    "../../etc",
    "a/b",
    "%2e%2e%2f",
    "\x00",
    "\n",
    " ",
    "-",
    "é",
    "💥",
    "A" * 300,
    "a/" * 3000,
    "file:///etc/hostname",
    "file:///",
    "file://x",
    "s3://bucket/key",
    "http://127.0.0.1:1/",
    "{{.inputs.x}}",
    "{",
    "0",
    "-1",
    "9" * 5000,
    "1e999",
    "NaN",
    "Europe/Nowhere",
    "Europe/Berlin",
    "2026-02-30T00:00:00Z",
    "'; --",
    "\u202e",
    "\ufffd",
    "<b>",
    "--tgz",
    "1" * 12,
)
_WHOLE = (0, 1, 2, 3, 63, 100, -1, 2**31 - 1, -(2**31), 2**31, 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1, 10**9, 999)
_RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_FLOATS = (0.0, -0.0, 1.5, -1.0, float("nan"), float("inf"), float("-inf"), 1e308, 5e-324)
_DEPTH = 9


class Messages:
    """Draws messages and their encodings."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def message(self, descriptor: Descriptor, depth: int = 0) -> Message:
        """A message with any of its fields set."""
        made = message_factory.GetMessageClass(descriptor)()
        if descriptor.full_name == "google.protobuf.Struct":
            made.update(self._pod())
            return made
        if descriptor.full_name == "google.protobuf.Value":
            made.string_value = self.text()
            return made
        # The further down, the fewer: messages are trees, and some are their own parts.
        chance = 0.85 if depth < 3 else max(0.0, 0.5 - depth / _DEPTH / 2)
        if _identifies(descriptor):
            chance = 0.98
        for field in descriptor.fields:
            if self.rng.random() < chance and not (
                field.containing_oneof is not None
                and made.WhichOneof(field.containing_oneof.name) is not None
                and self.rng.random() < 0.7
            ):
                self._fill(made, field, depth)
        return made

    def _fill(self, made: Message, field: FieldDescriptor, depth: int) -> None:
        holder: Any = getattr(made, field.name) if field.message_type is not None or field.is_repeated else None
        owner = field.containing_type.name
        if owner == "Container" and field.name in ("command", "args"):
            holder.extend(t for t in self._command(field.name) if "\x00" not in t or self.rng.random() < 0.5)
        elif field.message_type is not None and field.message_type.GetOptions().map_entry:
            key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
            for _ in range(self.rng.randrange(3)):
                if value.message_type is None:
                    holder[self._scalar(key)] = self._scalar(value)
                else:
                    holder[self._scalar(key)].CopyFrom(self.message(value.message_type, depth + 1))
        elif field.is_repeated:
            for _ in range(self.rng.randrange(3)):
                if field.message_type is None:
                    holder.append(self._scalar(field))
                elif depth < _DEPTH:
                    holder.append(self.message(field.message_type, depth + 1))
        elif field.message_type is None:
            setattr(made, field.name, self._scalar(field))
        elif depth < _DEPTH:
            holder.SetInParent()
            holder.CopyFrom(self.message(field.message_type, depth + 1))

    def _command(self, name: str) -> list[str]:
        return list(self.rng.choice(HARMLESS)) if name == "command" or self.rng.random() < 0.2 else []

    def _pod(self) -> dict[str, Any]:
        container: dict[str, Any] = {
            "name": self.rng.choice(("primary", "app", "")),
            "command": self._command("command"),
            "args": self.rng.choice(([], "x", [1, None], {"a": 1})),
            "env": self.rng.choice(([], [{"name": "A", "value": 1}], [{"name": 1, "value": {}}], "x", [None])),
        }
        if self.rng.random() < 0.3:
            container["ports"] = self.rng.choice(
                ([{"containerPort": 8080}], [{"containerPort": "x"}], {}, [3], [{"containerPort": 1e300}])
            )
        return {"containers": self.rng.choice(([container], [container], [], "x", [3], {"a": container}))}

    def _scalar(self, field: FieldDescriptor) -> Any:
        kind = field.cpp_type
        if kind == FieldDescriptor.CPPTYPE_STRING:
            if field.type == FieldDescriptor.TYPE_BYTES:
                return self.rng.choice((b"", b"\xff\xfe", self.rng.randbytes(16), self.rng.randbytes(70)))
            return self.text(_MEANINGS.get(f"{field.containing_type.name}.{field.name}", field.name))
        if kind == FieldDescriptor.CPPTYPE_BOOL:
            return self.rng.random() < 0.5
        if kind == FieldDescriptor.CPPTYPE_ENUM:
            return self.rng.choice([*(value.number for value in field.enum_type.values), 9999, -1])
        if kind in _RANGES:
            low, high = _RANGES[kind]
            return self.rng.choice([n for n in _WHOLE if low <= n <= high])
        return self.rng.choice(_FLOATS[:-2] if kind == FieldDescriptor.CPPTYPE_FLOAT else _FLOATS)

    def text(self, field: str = "") -> str:
        """A text: mostly one that such a field has."""
        if self.rng.random() < 0.93:
            return self.rng.choice(_PROBABLE.get(field, ("a", "b", "c")))
        return self.rng.choice(_TEXTS)

    def encoded(self, message: Message, codec: str) -> bytes:
        """The message in `proto` or `json`; now and then one is damaged."""
        damaged = self.rng.random() < 0.15
        if codec == "proto":
            body = message.SerializeToString()
            return self._damaged(body) if damaged else body
        try:
            content = json_format.MessageToDict(message)
        except Exception:  # What has no JSON form is sent as something else.
            content = {"x": self.text()}
        if damaged and self.rng.random() < 0.7:
            content = self._other_types(content)
            return json.dumps(content).encode()
        body = json.dumps(content).encode()
        return self._damaged(body) if damaged else body

    def _damaged(self, body: bytes) -> bytes:
        position = self.rng.randrange(len(body) + 1)
        match self.rng.randrange(5):
            case 0:
                return body[:position]
            case 1:
                return body[:position] + self.rng.randbytes(self.rng.randrange(1, 9)) + body[position:]
            case 2:
                return body[:position] + self.rng.randbytes(1) + body[position + 1 :]
            case 3:
                # A field of another wire type, or with a length that leads beyond the end.
                tag = self.rng.randrange(1, 20) << 3 | self.rng.randrange(8)
                return body + bytes([tag & 0x7F]) + struct.pack("<Q", self.rng.choice(_WHOLE) % 2**64)
            case _:
                return self.rng.choice(
                    (b"[" * 100_000, b'{"a":' * 5000, b"null", b"[]", b"1e99999", b'"\\ud800"', b"{")
                )

    def _other_types(self, content: Any) -> Any:
        if self.rng.random() < 0.15:
            return self.rng.choice((None, 1, -1.5, "x", [], {}, [[]], True, "\ud800", 10**400, {"@type": "x"}))
        if isinstance(content, dict):
            return {key: self._other_types(value) for key, value in content.items()}
        if isinstance(content, list):
            return [self._other_types(value) for value in content]
        return content


def _identifies(descriptor: Descriptor) -> bool:
    return descriptor.name.endswith(("Identifier", "TriggerName")) or descriptor.name in (
        "Meta",
        "Container",
        "Project",
    )
