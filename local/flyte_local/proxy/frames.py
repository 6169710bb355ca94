"""Finds the boundaries of frames in the bytes of a WebSocket (RFC 6455 §5.2), which is all that a tunnel needs."""

from __future__ import annotations

import secrets

_CLOSE = 8
_FINAL = 0x80
_MASKED = 0x80


class Frames:
    """Follows one direction of a WebSocket through its bytes, in pieces of any size."""

    def __init__(self) -> None:
        self.closed = False
        """Tell if a close frame has gone by. Nothing may follow it."""
        self._head = b""
        self._left = 0

    @property
    def between(self) -> bool:
        """True if the next byte begins a frame."""
        return not self._left and not self._head

    def see(self, data: bytes) -> None:
        """Follow the next bytes."""
        if self._head:
            data, self._head = self._head + data, b""
        at, size = self._left, len(data)
        while at < size:
            length = _frame_length(data, at)
            if length is None:
                self._head = data[at:]
                at = size
                break
            if data[at] & 0x0F == _CLOSE:
                self.closed = True
            at += length
        self._left = at - size


def _frame_length(data: bytes, at: int) -> int | None:
    """Return bytes of the frame that begins there, head included, or None if its head is not complete."""
    if len(data) < at + 2:
        return None
    second = data[at + 1]
    short = second & 0x7F
    extended = 2 if short == 126 else 8 if short == 127 else 0
    head = 2 + extended + (4 if second & _MASKED else 0)
    if len(data) < at + head:
        return None
    return head + (int.from_bytes(data[at + 2 : at + 2 + extended], "big") if extended else short)


def close_frame(code: int, *, masked: bool) -> bytes:
    """Return a close frame without a reason. Clients mask their frames, servers do not (RFC 6455 §5.1)."""
    payload = code.to_bytes(2, "big")
    if not masked:
        return bytes((_FINAL | _CLOSE, len(payload))) + payload
    key = secrets.token_bytes(4)
    hidden = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
    return bytes((_FINAL | _CLOSE, _MASKED | len(payload))) + key + hidden
