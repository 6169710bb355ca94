"""Whether a WebSocket that was closed is worth opening again, and how long to pause before. Pure.

Facts: closing codes RFC 6455 §7.4.1; 1012 to 1014 IANA's WebSocket Close Code Number Registry; 3000 to 4999 are
libraries' and applications' own.
"""

from __future__ import annotations

from flyte_runtime.apps.retry import pause

__all__ = ["STABLE", "is_final", "pause_before"]

# What was wrong will be wrong again: a protocol error, data of a wrong kind, a policy, too large a message.
_FINAL = frozenset({1000, 1002, 1003, 1007, 1008, 1009, 1010})
# Seconds after which a connection counts as one that stood: earlier losses count as further failures in a row.
STABLE = 10.0
_BASE, _CEILING = 0.5, 15.0


def is_final(code: int) -> bool:
    """Whether a connection closed with `code` stays closed."""
    return code in _FINAL or 3000 <= code <= 4999


def pause_before(failures: int, asked: float) -> float:
    """Seconds before the next attempt: full jitter under a doubling ceiling, and not less than the app has asked for.

    Also before the first one, since all clients of an app that restarts lose their connections at once.
    """
    return pause(failures, _BASE, _CEILING, asked)
