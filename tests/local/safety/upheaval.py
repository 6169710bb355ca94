"""Load on a server's real API, the server's sudden death, and what must be true after it."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psutil
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local import daemon
from flyte_local.runs.phases import TERMINAL
from flyteidl2.app import app_payload_pb2 as payload
from flyteidl2.app.app_service_connect import AppServiceClientSync
from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier
from flyteidl2.secret import payload_pb2 as secrets
from flyteidl2.secret.definition_pb2 import SecretIdentifier, SecretSpec
from flyteidl2.secret.secret_connect import SecretServiceClientSync
from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from flyteidl2.task.task_service_connect import TaskServiceClientSync
from flyteidl2.task.task_service_pb2 import DeployTaskRequest
from flyteidl2.trigger import trigger_service_pb2 as triggers
from flyteidl2.trigger.trigger_service_connect import TriggerServiceClientSync
from flyteidl2.workflow.run_service_connect import RunServiceClientSync
from flyteidl2.workflow.run_service_pb2 import AbortRunRequest, CreateRunRequest, GetActionDetailsRequest

from tests.local.apps.conftest import DOMAIN, PLAIN, PROJECT, Plane, declaration, identifier, phase, until
from tests.local.tasks.conftest import shell_spec
from tests.local.tasks.test_triggers import trigger_name

_SCRIPTS = ("true", "sleep 0.3", "sleep 2", "exit 3", "sleep 30 & sleep 1", "setsid sleep 40 & true")
# The changes that are acknowledged, at least, between one death and the next: a slow machine has more time for them.
STEPS = 8
# What a client hears of a server that died under it.
_BROKEN = (Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELED, Code.UNKNOWN)
_Kind = str


@dataclass
class Ledger:
    """The acknowledged objects (kind, name): whether each exists. `unsure`: those being changed at a death."""

    objects: dict[tuple[_Kind, str], bool] = field(default_factory=dict)
    unsure: set[tuple[_Kind, str]] = field(default_factory=set)
    acknowledged: int = 0
    refused: list[str] = field(default_factory=list)


class Load(threading.Thread):
    """One client that creates, updates and deletes objects of its own, one after the other, until it is stopped."""

    def __init__(self, plane: Plane, number: int, seed: int) -> None:
        super().__init__(daemon=True)
        self._url = plane.url
        self._number = number
        self._rng = random.Random(seed)
        self._count = 0
        self._over = threading.Event()
        self.ledger = Ledger()

    def stop(self) -> None:
        self._over.set()
        self.join(90)
        assert not self.is_alive(), "a client hangs"

    def run(self) -> None:
        while not self._over.is_set():
            with contextlib.ExitStack() as stack:
                self._opened = stack
                try:
                    for _ in range(50):
                        if self._over.is_set():
                            break
                        self._step()
                except ConnectError as error:
                    if error.code not in _BROKEN:
                        self.ledger.refused.append(f"{error.code}: {error}")
                except OSError:
                    pass
            time.sleep(0.05)

    def _client(self, kind: Callable[[str], Any]) -> Any:
        made = kind(self._url)
        self._opened.callback(made.close)
        return made

    def _step(self) -> None:
        kind = self._rng.choice(("app", "app", "secret", "secret", "trigger", "run", "run"))
        name = f"{kind}-{self._number}-{self._rng.randrange(4)}"
        exists = self._rng.random() < 0.7
        if kind == "run":
            self._count += 1
            name, exists = f"run-{self._number}-{self._count}", True
        self.ledger.unsure.add((kind, name))
        getattr(self, f"_{kind}")(name, exists)
        self.ledger.objects[kind, name] = exists
        self.ledger.unsure.discard((kind, name))
        self.ledger.acknowledged += 1

    def _app(self, name: str, exists: bool) -> None:
        client: AppServiceClientSync = self._client(AppServiceClientSync)
        if exists:
            app = declaration(name, PLAIN, {"VERSION": str(self._rng.randrange(3))})
            client.create(payload.CreateRequest(app=app), timeout_ms=60_000)
        else:
            client.delete(payload.DeleteRequest(app_id=identifier(name)), timeout_ms=60_000)

    def _secret(self, name: str, exists: bool) -> None:
        client: SecretServiceClientSync = self._client(SecretServiceClientSync)
        secret = SecretIdentifier(name=name, project=PROJECT, domain=DOMAIN)
        spec = SecretSpec(string_value=str(self._rng.random()))
        try:
            if exists:
                client.create_secret(secrets.CreateSecretRequest(id=secret, secret_spec=spec))
            else:
                client.delete_secret(secrets.DeleteSecretRequest(id=secret))
        except ConnectError as error:
            if error.code == Code.ALREADY_EXISTS:
                client.update_secret(secrets.UpdateSecretRequest(id=secret, secret_spec=spec))
            elif error.code != Code.NOT_FOUND:
                raise

    def _trigger(self, name: str, exists: bool) -> None:
        client: TriggerServiceClientSync = self._client(TriggerServiceClientSync)
        tasks: TaskServiceClientSync = self._client(TaskServiceClientSync)
        task = TaskIdentifier(org="local", project=PROJECT, domain=DOMAIN, name="upheaval.task", version="v1")
        tasks.deploy_task(DeployTaskRequest(task_id=task, spec=shell_spec("true")))
        full = trigger_name("upheaval.task", name)
        if exists:
            request = triggers.DeployTriggerRequest(name=full)
            request.automation_spec.schedule.cron.expression = "0 3 1 1 *"
            client.deploy_trigger(request)
        else:
            client.delete_triggers(triggers.DeleteTriggersRequest(names=[full]))

    def _run(self, name: str, exists: bool) -> None:
        client: RunServiceClientSync = self._client(RunServiceClientSync)
        run = RunIdentifier(org="local", project=PROJECT, domain=DOMAIN, name=name)
        client.create_run(CreateRunRequest(run_id=run, task_spec=shell_spec(self._rng.choice(_SCRIPTS))))
        if self._rng.random() < 0.2:
            client.abort_run(AbortRunRequest(run_id=run, reason="enough"))


def upheaval(plane: Plane, kills: int, seed: int) -> dict[str, int]:
    """Kill the server under load, again and again. Return counts. Raises AssertionError if anything is lost."""
    rng = random.Random(seed)
    loads = [Load(plane, number, seed + number) for number in range(3)]
    for load in loads:
        load.start()
    try:
        for death in range(1, kills + 1):
            time.sleep(rng.uniform(0.3, 4.0))
            until(lambda death=death: acknowledged(loads) >= death * STEPS)  # type: ignore[misc]
            psutil.Process(plane.pid).kill()
            until(lambda: daemon.probe(plane.port, 1.0) is None)
            plane.pid = daemon.start(plane.home, plane.port).pid
    finally:
        for load in loads:
            load.stop()
    for load in loads:
        assert not load.ledger.refused, f"a request was refused: {load.ledger.refused}"
    objects = {key: there for load in loads for key, there in load.ledger.objects.items()}
    unsure = {key for load in loads for key in load.ledger.unsure}
    consistent(plane, {key: there for key, there in objects.items() if key not in unsure})
    return {"kills": kills, "acknowledged": acknowledged(loads), "objects": len(objects)}


def acknowledged(loads: list[Load]) -> int:
    """Return the number of changes that the server has acknowledged."""
    return sum(load.ledger.acknowledged for load in loads)


def consistent(plane: Plane, objects: dict[tuple[_Kind, str], bool]) -> None:
    """Everything acknowledged is there or gone, apps serve, runs end."""
    for (kind, name), there in objects.items():
        if kind == "run":
            _ends(plane, name)
        elif kind == "app":
            assert _app_state(plane, name) == ("active" if there else "gone"), f"app {name}"
        else:
            assert _exists(plane, kind, name) == there, f"{kind} {name} should {'' if there else 'not '}be there"


def _ends(plane: Plane, name: str) -> None:
    run = RunIdentifier(org="local", project=PROJECT, domain=DOMAIN, name=name)
    request = GetActionDetailsRequest(action_id=ActionIdentifier(run=run, name="a0"))
    client = plane.client(RunServiceClientSync)

    def ended() -> Any:
        details = client.get_action_details(request).details
        return details if details.status.phase in TERMINAL else None

    details = until(ended)
    # ACTION_PHASE_SUCCEEDED or a reason.
    assert not details.HasField("error_info") or details.error_info.message, f"run {name} failed without a reason"


def _app_state(plane: Plane, name: str) -> str:
    def settled() -> str | None:
        try:
            current = phase(plane.get(name))
        except ConnectError as error:
            return "gone" if error.code == Code.NOT_FOUND else str(error)
        return None if current == "pending" else current

    return str(until(settled))


def _exists(plane: Plane, kind: str, name: str) -> bool:
    try:
        if kind == "secret":
            secret = SecretIdentifier(name=name, project=PROJECT, domain=DOMAIN)
            plane.client(SecretServiceClientSync).get_secret(secrets.GetSecretRequest(id=secret))
        else:
            request = triggers.GetTriggerDetailsRequest(name=trigger_name("upheaval.task", name))
            plane.client(TriggerServiceClientSync).get_trigger_details(request)
    except ConnectError as error:
        if error.code != Code.NOT_FOUND:
            raise
        return False
    return True


def marked(plane: Plane) -> list[str]:
    """Return every process that has this home's mark in its environment: apps, tasks, warm workers."""
    instance = plane.home.instance_id()
    processes = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            environment = process.environ()
            if instance in environment.get("FLYTE_LOCAL_PROCESS", "") and process.status() != psutil.STATUS_ZOMBIE:
                processes.append(f"{process.pid} {process.cmdline()}")
    return processes
