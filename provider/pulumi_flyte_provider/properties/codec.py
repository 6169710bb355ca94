"""Converts property values between the engine's protobuf Struct and Python.

The engine marks secrets, unknown values and outputs by objects and strings of a fixed form
(pulumi/pulumi `sdk/go/common/resource/properties.go`, `plugin/rpc.go`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi_flyte.notation.engine_marks import SECRET_SIGNATURE, SIGNATURE

from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret

_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


def decode(struct: struct_pb2.Struct) -> Properties:
    """Return the engine's properties as Python values. The engine sends only doubles; whole numbers become ints."""
    return {key: decode_value(value) for key, value in struct.fields.items()}


def decode_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [decode_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _decode_object(value.struct_value)
    return None


def _decode_object(struct: struct_pb2.Struct) -> Any:
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else None
    if signature == SECRET_SIGNATURE:
        return _secret(decode_value(struct.fields["value"]))
    if signature == _OUTPUT:
        inner = decode_value(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
        hidden = "secret" in struct.fields and struct.fields["secret"].bool_value
        return _secret(inner) if hidden else inner
    return decode(struct)


def _secret(inner: Any) -> Any:
    # An unknown secret counts as unknown, because there is no value to hide yet.
    return inner if inner is UNKNOWN else Secret(inner)


def encode(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return properties for the engine. Entries that are None are left out."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        if value is not None:
            struct.fields[key].CopyFrom(_encode(value))
    return struct


def _encode(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, Secret):
        wrapped = struct_pb2.Struct()
        wrapped.fields[SIGNATURE].string_value = SECRET_SIGNATURE
        wrapped.fields["value"].CopyFrom(_encode(value.value))
        return struct_pb2.Value(struct_value=wrapped)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=float(value))
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode(value))
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_encode(item) for item in value]))
