"""Every Flyte service that the server has: its class here and its generated Connect application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flyte_local.state.context import Context


def services(context: Context) -> Iterator[tuple[object, type[Any]]]:
    """Service objects, in the order in which they start, each with the Connect application that serves it.

    Imported late: the generated modules are slow to load.
    """
    from flyteidl2.actions.actions_service_connect import ActionsServiceASGIApplication
    from flyteidl2.app.app_logs_service_connect import AppLogsServiceASGIApplication
    from flyteidl2.app.app_service_connect import AppServiceASGIApplication
    from flyteidl2.cluster.service_connect import ClusterServiceASGIApplication
    from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyServiceASGIApplication
    from flyteidl2.imagebuilder.service_connect import ImageServiceASGIApplication
    from flyteidl2.project.project_service_connect import ProjectServiceASGIApplication
    from flyteidl2.secret.secret_connect import SecretServiceASGIApplication
    from flyteidl2.task.task_service_connect import TaskServiceASGIApplication
    from flyteidl2.trigger.trigger_service_connect import TriggerServiceASGIApplication
    from flyteidl2.workflow.queue_service_connect import QueueServiceASGIApplication
    from flyteidl2.workflow.run_service_connect import RunServiceASGIApplication
    from flyteidl2.workflow.state_service_connect import StateServiceASGIApplication

    from flyte_local.api.actions import ActionsService
    from flyte_local.api.app_logs import AppLogsService
    from flyte_local.api.apps import AppService
    from flyte_local.api.clusters import ClusterService
    from flyte_local.api.data import DataProxyService
    from flyte_local.api.images import ImageService
    from flyte_local.api.projects import ProjectService
    from flyte_local.api.queue import QueueService
    from flyte_local.api.runs import RunService
    from flyte_local.api.secrets import SecretService
    from flyte_local.api.state import StateService
    from flyte_local.api.tasks import TaskService
    from flyte_local.api.triggers import TriggerService

    yield ClusterService(context), ClusterServiceASGIApplication
    yield ProjectService(context), ProjectServiceASGIApplication
    yield SecretService(context), SecretServiceASGIApplication
    yield DataProxyService(context), DataProxyServiceASGIApplication
    yield ImageService(context), ImageServiceASGIApplication
    yield TaskService(context), TaskServiceASGIApplication
    yield RunService(context), RunServiceASGIApplication
    yield StateService(context), StateServiceASGIApplication
    yield QueueService(context), QueueServiceASGIApplication
    yield ActionsService(context), ActionsServiceASGIApplication
    yield TriggerService(context), TriggerServiceASGIApplication
    yield AppService(context), AppServiceASGIApplication
    yield AppLogsService(context), AppLogsServiceASGIApplication
