"""The log formats of `rt.serve`: JSON lines for machines, plain lines for people."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from datetime import datetime, timezone
from typing import Any

from flyte_runtime.errors import ServeError
from flyte_runtime.observability import log_lines, tracing

__all__ = ["FORMAT_VARIABLE", "configuration", "is_json"]

FORMAT_VARIABLE = "FLYTE_LOG_FORMAT"
# The messages of these loggers are JSON objects already.
_EVENTS = frozenset({log_lines.ACCESS.name, log_lines.AUDIT.name})
_PLAIN = logging.Formatter()
_REQUEST = ("method", "path", "status", "duration_ms")
_VISIBLE = re.compile(r"[!-~]+")


class JsonLines(logging.Formatter):
    """Formats a record as a JSON object.

    It has the time (UTC), the level and the logger, then either the fields of an access or audit event, or the message,
    its trace and its traceback.
    """

    def format(self, record: logging.LogRecord) -> str:
        head = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        message = record.getMessage()
        if record.name in _EVENTS and message.startswith("{") and len(message) > 2:
            return f"{json.dumps(head)[:-1]}, {message[1:]}"
        head["message"] = message
        context = tracing.incoming.get()
        if context is not None:
            head["trace_id"] = context.trace_id
        if record.exc_info:
            head["exception"] = self.formatException(record.exc_info)
        return json.dumps(head)


class Lines(logging.Formatter):
    """Formats a record as a line for people: the local time with its zone, the level, and the message.

    A request is written as `GET /path 200 in 3.1 ms`; its other fields, and the fields of audit events, follow as
    `name=value`.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = _PLAIN.format(record)
        if record.name in _EVENTS:
            line = _as_words(line)
        at = time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(record.created))
        return f"{at} {record.levelname:<7} {line}"


def is_json(platform: str | None) -> bool:
    """Check whether to log JSON. The default is text in a terminal and on the local platform, and JSON elsewhere.

    The variable FLYTE_LOG_FORMAT (`json` or `text`) overrides it. Raises ServeError on another value.
    """
    chosen = os.environ.get(FORMAT_VARIABLE, "").lower()
    if chosen not in {"", "json", "text"}:
        msg = f"the variable {FORMAT_VARIABLE} is {chosen!r}: expected json or text"
        raise ServeError(msg)
    return chosen == "json" if chosen else platform != "local" and not sys.stdout.isatty()


def configuration(level: str, *, json_lines: bool) -> dict[str, Any]:
    """Return the configuration for logging.config.dictConfig.

    It leaves the root logger alone if the application has configured it. Raises ServeError on an unknown level.
    """
    if not isinstance(logging.getLevelName(level.upper()), int):
        msg = f"log_level={level!r}: expected critical, error, warning, info or debug"
        raise ServeError(msg)
    handled = {"handlers": ["flyte"], "level": level.upper(), "propagate": False}
    document: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"flyte": {"()": JsonLines if json_lines else Lines}},
        "handlers": {"flyte": {"class": "logging.StreamHandler", "formatter": "flyte", "stream": "ext://sys.stdout"}},
        "loggers": {"uvicorn": handled, "flyte_runtime": handled},
    }
    if not logging.getLogger().handlers:
        document["root"] = {"handlers": ["flyte"], "level": "WARNING"}
    return document


def _as_words(message: str) -> str:
    try:
        fields = json.loads(message)
    except ValueError:
        return message
    request = ""
    if fields.keys() >= set(_REQUEST):
        fields.pop("event", None)  # the method tells it already
        method, path, status, duration = (_as_word(fields.pop(name)) for name in _REQUEST)
        request = f"{method} {path} {status} in {duration} ms"
    return " ".join(filter(None, (request, *(f"{name}={_as_word(value)}" for name, value in fields.items()))))


def _as_word(value: Any) -> str:
    # Senders choose paths and ids. Quote line breaks and escape sequences, which could fake a line or set colours.
    text = str(value)
    return text if _VISIBLE.fullmatch(text) else json.dumps(value)
