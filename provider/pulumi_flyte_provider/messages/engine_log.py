"""Messages to the user. The engine prints them with their resource."""

from __future__ import annotations

import logging
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from pulumi_flyte_provider.messages.redaction import Redactor

_log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5.0


class EngineLog:
    """The engine's log. A message that cannot be delivered is dropped."""

    def __init__(self, address: str = "", redactor: Redactor | None = None) -> None:
        self.address = address
        self._redactor = redactor or Redactor()
        self._stub: Any = None

    def info(self, urn: str, message: str) -> None:
        """Print an information about a resource."""
        self._send(engine_pb2.INFO, urn, message)

    def warning(self, urn: str, message: str) -> None:
        """Print a warning about a resource."""
        self._send(engine_pb2.WARNING, urn, message)

    def _send(self, severity: Any, urn: str, message: str) -> None:
        if not self.address:
            return
        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(self.address))
        try:
            request = engine_pb2.LogRequest(severity=severity, message=self._redactor.clean(message), urn=urn)
            self._stub.Log(request, timeout=TIMEOUT_SECONDS)
        except grpc.RpcError:
            _log.debug("the engine took no message")
