"""Keeps every declared app running: it deploys, replaces and stops apps, and adopts running ones after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Iterator
from weakref import WeakValueDictionary

from flyteidl2.app.app_definition_pb2 import App

from flyte_local.apps.app import APP_KIND, AppRecord, Listener, ManagedApp
from flyte_local.apps.host import AppHost
from flyte_local.apps.process import PROCESS_KIND
from flyte_local.apps.replica import Replica
from flyte_local.apps.revision import Revision
from flyte_local.apps.revision_record import RevisionRecord
from flyte_local.errors import AppError, NotFoundError
from flyte_local.processes.process import ProcessRecord, end_marked, mark, marked
from flyte_local.secrets.redaction import app_workload
from flyte_local.wire.app_key import AppKey

_log = logging.getLogger(__name__)
_REVISION_KIND = "app-revision"
_DRAIN_SECONDS = 5.0
_LOG_ROTATION_SECONDS = 15.0


class Supervisor:
    """All apps of one server."""

    def __init__(self, host: AppHost) -> None:
        self.events = host.events
        self._host = host
        self._context = host.context
        self._apps: dict[AppKey, ManagedApp] = {}
        self._locks: WeakValueDictionary[AppKey, asyncio.Lock] = WeakValueDictionary()
        self._listeners: list[Listener] = []
        self._rotation: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Take over or start every app that is not stopped, and end processes that belong to no app."""
        for text, body in self._context.store.list(APP_KIND):
            key = AppKey.parse(text)
            self._apps[key] = app = ManagedApp.load(self._context.store, key, body)
            if not app.record.stopped:
                self._restore(app)
        await self._reap()
        for revision in self._running():
            revision.run()
        self._rotation = asyncio.create_task(self._rotate_logs())

    async def stop(self) -> None:
        """End every app's processes; the next start brings them back."""
        self._stopping = True
        if self._rotation is not None:
            self._rotation.cancel()
        ends = [revision.stop() for revision in self._running()]
        draining = [task for app in self._apps.values() for task in app.draining]
        await asyncio.gather(*ends, *draining, return_exceptions=True)

    @contextlib.contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Call `listener` at every change of any app."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def apps(self) -> list[ManagedApp]:
        """Return all apps, by key."""
        return [self._apps[key] for key in sorted(self._apps)]

    def find(self, key: AppKey) -> ManagedApp | None:
        """Return an app, or None if it does not exist."""
        return self._apps.get(key)

    def existing(self, key: AppKey) -> ManagedApp:
        """Return an app. Raises NotFoundError if it does not exist."""
        app = self._apps.get(key)
        if app is None:
            raise NotFoundError(f"no app {key} on this server")
        return app

    def by_host_label(self, label: str) -> list[ManagedApp]:
        """Return the apps with that host label. Names and projects may contain dashes, so there may be several."""
        return [app for app in self.apps() if app.key.host_label == label]

    async def deploy(self, key: AppKey, declared: App, python: str) -> ManagedApp:
        """Create or replace an app. An equal specification changes nothing, unless it is stopped or has failed."""
        async with self._turn(key):
            app = self._apps.setdefault(key, ManagedApp(key, App(), AppRecord(created_at=time.time())))
            if self._unchanged(app, declared, python):
                return app
            await self._begin(app, App(metadata=declared.metadata, spec=declared.spec), python)
        self._changed(app)
        return app

    async def restart(self, key: AppKey) -> ManagedApp:
        """Start an app again, also a stopped one. The old revision serves until the new one is healthy.

        Raises NotFoundError.
        """
        async with self._turn(key):
            app = self.existing(key)
            await self._begin(app, app.app, app.record.python or self._context.python)
        self._changed(app)
        return app

    async def halt(self, key: AppKey) -> ManagedApp:
        """Stop an app; its declaration stays. Raises NotFoundError."""
        async with self._turn(key):
            app = self.existing(key)
            if not app.record.stopped:
                app.record.stopped, app.record.serving = True, None
                app.record.changed_at = time.time()
                app.save(self._context.store)
                await self._stop_revisions(app)
        self._changed(app)
        return app

    async def remove(self, key: AppKey) -> bool:
        """Delete an app with everything that belongs to it. Return whether it existed."""
        async with self._turn(key):
            app = self._apps.pop(key, None)
            if app is None:
                return False
            with self._context.store.transaction():
                app.remove(self._context.store)
                for name, _ in self._context.store.list(_REVISION_KIND, f"{key}#"):
                    self._context.store.delete(_REVISION_KIND, name)
            await self._stop_revisions(app)
            self.events.forget(key)
            self._host.vault.forget(app_workload(key))
            await asyncio.to_thread(shutil.rmtree, self._host.folder(key), ignore_errors=True)
        self._changed(app, removed=True)
        return True

    async def ready(self, app: ManagedApp, timeout: float) -> Replica:
        """Return the replica to send a request to, waiting for one that starts, waking an app that is scaled to zero.

        Raises NotFoundError if the app was deleted, AppError where it is stopped, failed or takes too long.
        """
        deadline = time.monotonic() + timeout
        while True:
            if self._apps.get(app.key) is not app:
                raise NotFoundError(f"no app {app.key} on this server")
            if (replica := app.pick()) is not None:
                return replica
            left = deadline - time.monotonic()
            if not app.may_become_ready or left <= 0:
                raise AppError(f"app {app.key} is not ready: {app.status().message}")
            if app.serving is not None and app.serving.idle:
                app.serving.wake()
            await app.change(left)

    def _turn(self, key: AppKey) -> asyncio.Lock:
        """Return the lock of an app. A deployment waits until a deleted app of that name has left its folder."""
        return self._locks.setdefault(key, asyncio.Lock())

    async def _begin(self, app: ManagedApp, declared: App, python: str) -> None:
        record = RevisionRecord(app.record.latest + 1, declared.spec, python)
        app.app = declared
        app.record.latest, app.record.python = record.number, python
        app.record.stopped, app.record.failure = False, None
        app.record.changed_at = time.time()
        with self._context.store.transaction():
            self._context.store.put(_REVISION_KIND, f"{app.key}#{record.number}", record.to_bytes())
            app.save(self._context.store)
        await self._replace_candidate(app, self._revision(app, record))

    def _unchanged(self, app: ManagedApp, declared: App, python: str) -> bool:
        if app.record.stopped or app.status().phase == "failed":
            return False
        latest = app.candidate or app.serving
        return latest is not None and latest.record.python == python and _fingerprint(app.app) == _fingerprint(declared)

    async def _replace_candidate(self, app: ManagedApp, revision: Revision) -> None:
        if app.candidate is not None:
            await self._discard(app.candidate)
        if app.serving is not None and app.serving.fixed_port:
            # Two processes cannot listen on one port, so this program has a short gap.
            await app.serving.stop()
        app.candidate = revision
        revision.run()

    def _revision(self, app: ManagedApp, record: RevisionRecord) -> Revision:
        return Revision(
            self._host, app.key, record, lambda revision: self._on_change(app, revision), app.meter, app.replicas
        )

    def _restore(self, app: ManagedApp) -> None:
        app.serving = self._load(app, app.record.serving)
        if app.record.latest != app.record.serving and not (app.record.failure and app.serving):
            app.candidate = self._load(app, app.record.latest)

    def _load(self, app: ManagedApp, number: int | None) -> Revision | None:
        body = self._context.store.get(_REVISION_KIND, f"{app.key}#{number}") if number else None
        return self._revision(app, RevisionRecord.from_bytes(body)) if body else None

    def _on_change(self, app: ManagedApp, revision: Revision) -> None:
        if self._stopping or self._apps.get(app.key) is not app:
            return
        if revision is app.candidate:
            if revision.proven:
                self._promote(app, revision)
            elif app.serving is not None and revision.problem:
                app.record.failure = f"{revision.problem}; revision {app.serving.number} keeps serving"
                app.candidate = None
                app.save(self._context.store)
                app.serving.run()
                self._retire(app, revision)
        self._changed(app)

    def _promote(self, app: ManagedApp, revision: Revision) -> None:
        old, app.serving, app.candidate = app.serving, revision, None
        app.record.serving = revision.number
        app.record.changed_at = time.time()
        app.save(self._context.store)
        if old is not None:
            self._retire(app, old, _DRAIN_SECONDS)

    async def _discard(self, revision: Revision, drain: float = 0.0) -> None:
        await revision.stop(drain)
        revision.forget()
        self._context.store.delete(_REVISION_KIND, f"{revision.key}#{revision.number}")

    async def _stop_revisions(self, app: ManagedApp) -> None:
        revisions = app.revisions
        app.serving = app.candidate = None
        self._changed(app)
        await asyncio.gather(*(self._discard(r) for r in revisions), *app.draining)

    def _changed(self, app: ManagedApp, *, removed: bool = False) -> None:
        app.notify()
        for listener in list(self._listeners):
            listener(app, removed)

    def _retire(self, app: ManagedApp, revision: Revision, drain: float = 0.0) -> None:
        task = asyncio.create_task(self._discard(revision, drain))
        app.draining.add(task)
        task.add_done_callback(app.draining.discard)

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(_LOG_ROTATION_SECONDS)
            for app in self.apps():
                with contextlib.suppress(OSError):
                    await asyncio.to_thread(self._host.logs(app.key).rotate)

    def _running(self) -> list[Revision]:
        return [revision for app in self.apps() for revision in app.revisions]

    async def _reap(self) -> None:
        """End processes of this home that belong to no revision: a server was killed while it stopped them."""
        running = {f"{r.key}#{r.number}" for r in self._running()}
        tokens = set()
        for name, body in self._context.store.list(PROCESS_KIND):
            if name.rpartition("-")[0] in running:
                tokens.add(ProcessRecord.from_bytes(body).token)
            else:
                self._context.store.delete(PROCESS_KIND, name)
        processes = await asyncio.to_thread(marked, mark("app", self._context.instance_id))
        strays = [(process, token) for process, token in processes if token not in tokens]
        for process, _ in strays:
            _log.warning("ending pid %s: it belongs to no app any more", process.pid)
        if strays:
            await end_marked(tuple(token for _, token in strays))


def _fingerprint(app: App) -> bytes:
    spec = type(app.spec)()
    spec.CopyFrom(app.spec)
    spec.ClearField("desired_state")
    return bytes(spec.SerializeToString(deterministic=True))
