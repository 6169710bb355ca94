"""The error that refuses a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from flyte_runtime.errors import FlyteRuntimeError

__all__ = ["Refused"]


class Refused(HTTPException, FlyteRuntimeError):
    """The delivery is refused with a status and `{"detail": …}`, which FastAPI sends by itself.

    `reason` is the text of the audit line. The status is 200 for a repeated delivery, so that the sender stops
    repeating it.
    """

    def __init__(
        self, status: int, detail: Any, *, headers: Mapping[str, str] | None = None, reason: str | None = None
    ) -> None:
        super().__init__(status, detail, dict(headers) if headers else None)
        self.reason = reason or (detail if isinstance(detail, str) else str(status))

    def response(self) -> JSONResponse:
        """Return the answer, for an application that does not use FastAPI."""
        return JSONResponse({"detail": self.detail}, self.status_code, self.headers)
