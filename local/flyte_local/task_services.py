"""The services of the tasks' side, in the order in which they start, with the applications that serve them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flyte_local.state.context import Context


def task_services(context: Context) -> Iterator[tuple[object, type[Any]]]:
    """Service objects and their applications. Imported late: the generated modules are slow to load."""
    from flyteidl2.actions.actions_service_connect import ActionsServiceASGIApplication
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

    from flyte_local.actions_service import ActionsService
    from flyte_local.cluster_service import ClusterService
    from flyte_local.dataproxy_service import DataProxyService
    from flyte_local.image_service import ImageService
    from flyte_local.project_service import ProjectService
    from flyte_local.queue_service import QueueService
    from flyte_local.run_service import RunService
    from flyte_local.secret_service import SecretService
    from flyte_local.state_service import StateService
    from flyte_local.task_service import TaskService
    from flyte_local.trigger_service import TriggerService

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
