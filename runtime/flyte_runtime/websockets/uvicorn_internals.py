"""The undocumented part of uvicorn that this package uses. Checked with uvicorn 0.54.

uvicorn logs every exception of an application with a traceback. The only exception to that is the error that it raises
when a client has left (github.com/Kludex/uvicorn/pull/2220), which has no public name. There is no upstream issue about
that yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["SilentlyClosed"]

if TYPE_CHECKING:
    SilentlyClosed = OSError
else:
    try:
        from uvicorn.protocols.utils import ClientDisconnected as SilentlyClosed
    except ImportError:  # another server
        SilentlyClosed = OSError
