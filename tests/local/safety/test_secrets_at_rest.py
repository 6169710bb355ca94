"""A secret's value is on no disk in clear and on no command line, while an app and a task that have it run."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import psutil
from flyteidl2.app.app_definition_pb2 import SecurityContext as AppSecurityContext
from flyteidl2.common.identifier_pb2 import ProjectIdentifier
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.secret import payload_pb2 as secrets
from flyteidl2.secret.definition_pb2 import SecretIdentifier, SecretSpec
from flyteidl2.secret.secret_connect import SecretServiceClientSync
from flyteidl2.workflow.run_service_connect import RunServiceClientSync
from flyteidl2.workflow.run_service_pb2 import CreateRunRequest

from tests.local.apps.conftest import DOMAIN, PROJECT, Plane, running, until
from tests.local.tasks.conftest import files, shell_spec

VALUE = "s3cr3t/canary+value==0123456789"


def test_a_value_is_only_in_the_processes_that_it_is_for(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        identifier = SecretIdentifier(name="canary", project=PROJECT, domain=DOMAIN)
        request = secrets.CreateSecretRequest(id=identifier, secret_spec=SecretSpec(string_value=VALUE))
        plane.client(SecretServiceClientSync).create_secret(request)
        references = [Secret(key="canary", env_var="CANARY")]
        plane.up("has-it", security_context=AppSecurityContext(secrets=references))
        plane.up("has-it-not")
        spec = shell_spec('test -n "$CANARY"; echo started; sleep 600', secrets=references)
        project = ProjectIdentifier(name=PROJECT, domain=DOMAIN)
        run = plane.client(RunServiceClientSync).create_run(CreateRunRequest(project_id=project, task_spec=spec))
        log = plane.home.runs / PROJECT / DOMAIN / run.run.action.id.run.name / "a0" / "1" / "task.log"
        until(lambda: log.exists() and "started" in log.read_text())
        forms = [VALUE.encode(), base64.b64encode(VALUE.encode()), VALUE.encode().hex().encode()]
        for path in files(plane.home.path):
            with contextlib.suppress(FileNotFoundError):
                content = path.read_bytes()
                assert not [form for form in forms if form in content], f"the value is in {path}"
        holders = _holders(plane)
        assert "on a command line" not in holders.values()
        has_it = plane.fetch("has-it")["pid"]
        assert has_it in holders
        assert plane.fetch("has-it-not")["pid"] not in holders
        assert plane.pid not in holders
        task = {p.pid for p in psutil.process_iter() if p.pid in holders and p.pid != has_it}
        assert task, "the task should have the value"
        assert all("sleep 600" in " ".join(psutil.Process(pid).cmdline()) for pid in task)


def _holders(plane: Plane) -> dict[int, str]:
    """Return the processes that show the value in their command line or environment, by pid."""
    holders = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(VALUE in argument for argument in process.cmdline()):
                holders[process.pid] = "on a command line"
            elif VALUE in process.environ().values():
                holders[process.pid] = "in the environment"
    return holders
