"""Every Flyte service that the server has: its class here and its generated Connect application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flyte_local.state.context import Context
from flyte_local.task_services import task_services


def services(context: Context) -> Iterator[tuple[object, type[Any]]]:
    """Service objects, in the order in which they start, each with the Connect application that serves it."""
    from flyteidl2.app.app_logs_service_connect import AppLogsServiceASGIApplication
    from flyteidl2.app.app_service_connect import AppServiceASGIApplication

    from flyte_local.app_logs_service import AppLogsService
    from flyte_local.app_service import AppService

    yield from task_services(context)
    yield AppService(context), AppServiceASGIApplication
    yield AppLogsService(context), AppLogsServiceASGIApplication
