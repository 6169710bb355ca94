"""Objects that several services of one server share: made by whoever asks first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from flyte_local.state.context import Context

_T = TypeVar("_T")


def shared(context: Context, kind: Callable[[Context], _T]) -> _T:
    """The server's one object of the class `kind`, made at the first call."""
    as_class = cast("type[_T]", kind)
    try:
        return context.find(as_class)
    except LookupError:
        made = kind(context)
        context.register(made)
        return made
