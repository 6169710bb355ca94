"""The answer that ends a delivery before, or instead of, the handler's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from flyte_runtime.errors import FlyteRuntimeError

__all__ = ["Refused"]


class Refused(HTTPException, FlyteRuntimeError):
    """The delivery is turned away: `{"detail": …}` with a status, as FastAPI answers it by itself. `reason` is what the
    audit line says.

    Of a repeated delivery it is a 200: the sender is to stop sending it.
    """

    def __init__(
        self, status: int, detail: Any, *, headers: Mapping[str, str] | None = None, reason: str | None = None
    ) -> None:
        super().__init__(status, detail, dict(headers) if headers else None)
        self.reason = reason or (detail if isinstance(detail, str) else str(status))

    def response(self) -> JSONResponse:
        """The same for an application that is not FastAPI's."""
        return JSONResponse({"detail": self.detail}, self.status_code, self.headers)
