"""Property values survive the conversion from and to the engine's encoding."""

from __future__ import annotations

from google.protobuf import struct_pb2
from hypothesis import given
from pulumi_flyte_provider.properties.codec import decode, encode
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret

from tests.provider.properties.strategies import PROPERTIES


@given(PROPERTIES)
def test_properties_survive_the_wire(properties: Properties) -> None:
    assert decode(encode(properties)) == properties


def test_output_values_are_their_values() -> None:
    struct = struct_pb2.Struct()
    struct.update(
        {
            "known": {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 2},
            "unknown": {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"},
            "hidden": {
                "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4",
                "value": "x",
                "secret": True,
            },
        }
    )
    assert decode(struct) == {"known": 2, "unknown": UNKNOWN, "hidden": Secret("x")}
