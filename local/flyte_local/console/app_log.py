"""An app's log in the console. It follows the app from revision to revision, unless the query names one."""

from __future__ import annotations

from collections.abc import Mapping

from flyte_local.apps.app import ManagedApp
from flyte_local.apps.logs import AppLogs
from flyte_local.composition import Parts
from flyte_local.console.app_phase import app_phase
from flyte_local.console.logs import Piece
from flyte_local.secrets.redaction import Mask, app_workload, mask_of
from flyte_local.web.paths import with_query


class AppLog:
    """The log of one replica of an app. A position is `revision.position`."""

    def __init__(self, parts: Parts, app: ManagedApp, revision: int | None, replica: int) -> None:
        self._parts = parts
        self._app = app
        self._requested = revision
        self.replica = replica
        self.logs = AppLogs.of(parts.context.home, app.key)

    @property
    def query(self) -> str:
        """The query that names this log."""
        return log_query(self._requested, self.replica)

    @property
    def revision(self) -> int:
        """The revision that is shown: the requested one, or the latest with a log."""
        if self._requested is not None:
            return self._requested
        return next(reversed(self.logs.revisions()), 0)

    def end(self) -> Piece:
        """Return the last lines. An unfinished line is included only if the log has ended."""
        revision = self.revision
        partial = self.ended() or self._app.record.stopped
        lines, position = self.logs.read(revision, 0, self.replica, partial=partial)
        mask = self._mask()
        return Piece([mask(line.text) for line in lines[-200:]], f"{revision}.{position}")

    def after(self, position: str) -> Piece:
        """Return the next lines, of the same revision or of the one that replaced it."""
        revision, _, at = position.partition(".")
        if not (revision.isdecimal() and at.isdecimal() and len(position) < 40):
            revision, at = str(self.revision), "0"
        lines, end = self.logs.read(int(revision), int(at), self.replica, partial=False)
        if lines or int(revision) == self.revision:
            mask = self._mask()
            return Piece([mask(line.text) for line in lines], f"{revision}.{end}")
        return Piece([f"— revision {self.revision} —"], f"{self.revision}.0")

    def whole(self) -> str:
        """Return the whole log of the replica, as far as it is kept."""
        lines, _ = self.logs.read(self.revision, 0, self.replica)
        mask = self._mask()
        return "".join(f"{mask(line.text)}\n" for line in lines)

    def ended(self) -> bool:
        """Return whether the app is gone, or runs another revision than the requested one."""
        if self._parts.supervisor.find(self._app.key) is not self._app:
            return True
        return self._requested is not None and self._requested != next(reversed(self.logs.revisions()), self._requested)

    def status(self) -> Mapping[str, str]:
        """Return the app's phase, its message, and the number of replicas that take requests."""
        status = self._app.status()
        message = self._mask()(status.message)
        return {"phase": app_phase(self._app), "message": message, "replicas": str(self._app.replicas)}

    def _mask(self) -> Mask:
        return mask_of(self._parts.vault, app_workload(self._app.key))


def log_query(revision: int | None, replica: int) -> str:
    """Return the query of an app's page that names a log. Without a revision it is the latest."""
    return with_query("", {"revision": revision, "replica": replica if replica > 1 else None})
