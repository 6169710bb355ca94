"""The frames of a WebSocket are recognized in pieces of any size."""

from __future__ import annotations

from flyte_local.proxy.frames import Frames, close_frame
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

SIZES = st.sampled_from([0, 1, 125, 126, 127, 65535, 65536])


@given(sizes=st.lists(SIZES, max_size=4), mask=st.booleans(), cuts=st.lists(st.integers(1, 9), max_size=40))
def test_frames_are_followed_through_any_pieces(sizes: list[int], mask: bool, cuts: list[int]) -> None:
    frames = [Frame(Opcode.BINARY, bytes(size)).serialize(mask=mask) for size in sizes]
    whole, ends, at = b"".join(frames), {0}, 0
    for frame in frames:
        at += len(frame)
        ends.add(at)
    seen, at = Frames(), 0
    for cut in [*cuts, len(whole) + 1]:
        seen.see(whole[at : at + cut])
        at = min(at + cut, len(whole))
        assert seen.between == (at in ends)
        assert not seen.closed


@given(data=st.binary(max_size=200), cut=st.integers(0, 200))
def test_no_bytes_are_too_odd(data: bytes, cut: int) -> None:
    whole, parts = Frames(), Frames()
    whole.see(data)
    parts.see(data[:cut])
    parts.see(data[cut:])
    assert (whole.between, whole.closed) == (parts.between, parts.closed)


def test_a_close_frame_is_seen() -> None:
    seen = Frames()
    seen.see(Frame(Opcode.TEXT, b"hello").serialize(mask=False) + close_frame(1001, masked=False))
    assert (seen.closed, seen.between) == (True, True)


def test_a_clients_close_frame_is_masked_and_says_its_code() -> None:
    server = ServerProtocol(state=State.OPEN)
    server.receive_data(close_frame(1012, masked=True))
    assert server.close_rcvd is not None
    assert server.close_rcvd.code == 1012
