"""The server as the processes of apps see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flyte_local.apps.events import AppEvents
from flyte_local.apps.logs import AppLogs
from flyte_local.apps.workload import Workload
from flyte_local.images.choice import Images
from flyte_local.memory.watch import MemoryWatch
from flyte_local.secrets.redaction import Mask, app_workload, mask_of
from flyte_local.secrets.vault import Vault
from flyte_local.state.context import Context
from flyte_local.wire.app_key import AppKey


@dataclass(frozen=True)
class AppHost:
    """The objects that all replicas of all apps share."""

    context: Context
    events: AppEvents
    images: Images
    memory: MemoryWatch
    vault: Vault

    def folder(self, key: AppKey) -> Path:
        """Return the folder of an app."""
        return self.context.home.app(key.project, key.domain, key.name)

    def logs(self, key: AppKey) -> AppLogs:
        """Return the log files of an app."""
        return AppLogs(self.folder(key) / "logs")

    def secret_variables(self, key: AppKey, work: Workload, folder: Path) -> dict[str, str]:
        """Return the variables that carry an app's secrets. Secrets that are files are written to `folder`."""
        if not work.secrets:
            return {}
        return self.vault.environment(work.secrets, key.project, key.domain, folder, workload=app_workload(key))

    def mask(self, key: AppKey) -> Mask:
        """Return the mask of the secrets that an app was given."""
        return mask_of(self.vault, app_workload(key))
