"""The objects of one server. They are made here, once, and handed to each other by name."""

from __future__ import annotations

from dataclasses import dataclass

from flyte_local.apps.events import AppEvents
from flyte_local.apps.host import AppHost
from flyte_local.apps.supervisor import Supervisor
from flyte_local.images.choice import Images
from flyte_local.memory.watch import MemoryWatch
from flyte_local.proxy.browser_sessions import BrowserSessions
from flyte_local.runs.children import Children
from flyte_local.runs.command import CommandBuilder
from flyte_local.runs.launcher import Launcher
from flyte_local.runs.logs import ActionLogs
from flyte_local.runs.records import Records
from flyte_local.runs.result_cache import ResultCache
from flyte_local.runs.retention import Retention
from flyte_local.runs.runner import Runner
from flyte_local.runs.scheduler import Scheduler
from flyte_local.secrets.vault import Vault
from flyte_local.state.context import Context
from flyte_local.state.notices import Notices
from flyte_local.state.projects import Projects
from flyte_local.tasks.triggers import Triggers
from flyte_local.tasks.versions import Tasks
from flyte_local.warm.pool import WarmPool
from flyte_local.web.store_files import Signer


@dataclass(frozen=True)
class Parts:
    """The objects that services, pages and the administration work with."""

    context: Context
    vault: Vault
    images: Images
    projects: Projects
    tasks: Tasks
    triggers: Triggers
    notices: Notices
    records: Records
    action_logs: ActionLogs
    runner: Runner
    children: Children
    launcher: Launcher
    retention: Retention
    scheduler: Scheduler
    supervisor: Supervisor
    signer: Signer
    sessions: BrowserSessions


def compose(context: Context) -> Parts:
    """Make the objects of a server. Nothing is started."""
    home, store = context.home, context.store
    vault = Vault(home, store)
    images = Images(home)
    memory = MemoryWatch()
    notices = Notices()
    projects = Projects(store)
    tasks = Tasks(store)
    triggers = Triggers(store, tasks)
    records = Records(home, store, notices)
    cache = ResultCache(store)
    commands = CommandBuilder(context, records, images, vault)
    runner = Runner(context.instance_id, records, commands, cache, vault, WarmPool(context), memory)
    launcher = Launcher(home, records, runner, projects, tasks, triggers)
    return Parts(
        context=context,
        vault=vault,
        images=images,
        projects=projects,
        tasks=tasks,
        triggers=triggers,
        notices=notices,
        records=records,
        action_logs=ActionLogs(records, notices, vault),
        runner=runner,
        children=Children(records, runner, notices),
        launcher=launcher,
        retention=Retention(context, records, vault),
        scheduler=Scheduler(triggers, launcher),
        supervisor=Supervisor(AppHost(context, AppEvents(store), images, memory, vault)),
        signer=Signer(context),
        sessions=BrowserSessions(context.port),
    )
