"""The objects that the console's pages read and that its buttons act on."""

from __future__ import annotations

from dataclasses import dataclass

from flyte_local.apps.supervisor import Supervisor
from flyte_local.images.choice import Images
from flyte_local.proxy.browser_sessions import BrowserSessions
from flyte_local.runs.records import Records
from flyte_local.runs.runner import Runner
from flyte_local.secrets.redaction import Mask, app_workload, mask_of, run_workload
from flyte_local.secrets.vault import Vault
from flyte_local.state.context import Context
from flyte_local.tasks.triggers import Triggers
from flyte_local.tasks.versions import Tasks
from flyte_local.web.store_files import Signer
from flyte_local.wire.app_key import AppKey


@dataclass(frozen=True)
class ConsoleBackend:
    """The server as the console sees it."""

    context: Context
    supervisor: Supervisor
    sessions: BrowserSessions
    signer: Signer
    records: Records
    runner: Runner
    tasks: Tasks
    triggers: Triggers
    vault: Vault
    images: Images

    def app_mask(self, key: AppKey) -> Mask:
        """Return the mask of the secrets that an app was given."""
        return mask_of(self.vault, app_workload(key))

    def run_mask(self, run: str) -> Mask:
        """Return the mask of the secrets that a run was given; `run` is its key."""
        return mask_of(self.vault, run_workload(run))
