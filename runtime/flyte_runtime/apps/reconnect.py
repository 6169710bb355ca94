"""The rules for opening a WebSocket again: after which close codes, and after which pause. Pure.

Sources: RFC 6455 §7.4.1 for close codes; IANA's WebSocket Close Code Number Registry for 1012 to 1014. Libraries and
applications define 3000 to 4999.
"""

from __future__ import annotations

from flyte_runtime.apps.retry import pause

__all__ = ["STABLE", "is_final", "pause_before"]

# 1000 is a normal close. The others would come again: a protocol error, wrong data, a policy, a message too large.
_FINAL = frozenset({1000, 1002, 1003, 1007, 1008, 1009, 1010})
# Seconds after which a connection counts as stable. If it is lost earlier, that is one more failure in a row.
STABLE = 10.0
_BASE, _CEILING = 0.5, 15.0


def is_final(code: int) -> bool:
    """Check whether a connection that was closed with `code` stays closed."""
    return code in _FINAL or 3000 <= code <= 4999


def pause_before(failures: int, minimum: float) -> float:
    """Return the seconds before the next attempt: full jitter under a ceiling that doubles, plus `minimum`.

    There is a pause before the first attempt too, since all clients of an app lose their connections when it restarts.
    """
    return pause(failures, _BASE, _CEILING, minimum)
