"""`Timeouts`: an app's time limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar, TypedDict

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.values import RequestSeconds


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Timeouts(Declaration):
    """The time limits of an app."""

    key_noun: ClassVar[str] = "timeout"
    shorthands: ClassVar[tuple[type, ...]] = (float,)

    request: Annotated[
        RequestSeconds | None,
        Property("Seconds that one request may take, at most 3600. A WebSocket counts as one request."),
    ] = None

    @classmethod
    def from_shorthand(cls, value: object) -> object:
        return value if isinstance(value, Mapping) else {"request": value}


class TimeoutsDict(TypedDict, total=False):
    """`Timeouts` as a mapping."""

    request: float | timedelta | None
