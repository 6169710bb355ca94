"""The Flyte services of a server: each object with the generated Connect application that serves it."""

from __future__ import annotations

from typing import Any

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
from flyte_local.composition import Parts


def services(parts: Parts) -> list[tuple[object, type[Any]]]:
    """Return the service objects, each with its application."""
    p = parts
    return [
        (ClusterService(), ClusterServiceASGIApplication),
        (ProjectService(p.projects), ProjectServiceASGIApplication),
        (SecretService(p.vault, p.projects), SecretServiceASGIApplication),
        (
            DataProxyService(p.context.home, p.records, p.action_logs, p.projects, p.signer),
            DataProxyServiceASGIApplication,
        ),
        (ImageService(p.images), ImageServiceASGIApplication),
        (TaskService(p.context, p.images, p.tasks, p.triggers, p.projects), TaskServiceASGIApplication),
        (RunService(p.records, p.launcher, p.runner, p.children, p.notices), RunServiceASGIApplication),
        (StateService(p.children), StateServiceASGIApplication),
        (QueueService(p.children), QueueServiceASGIApplication),
        (ActionsService(p.children), ActionsServiceASGIApplication),
        (TriggerService(p.triggers, p.projects), TriggerServiceASGIApplication),
        (AppService(p.context, p.supervisor, p.projects, p.images), AppServiceASGIApplication),
        (AppLogsService(p.context.home, p.supervisor, p.vault), AppLogsServiceASGIApplication),
    ]
