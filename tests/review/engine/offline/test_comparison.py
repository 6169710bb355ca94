"""A working tree against a Git reference, without an engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi_flyte.notation.engine_marks import SECRET
from pulumi_flyte.source import staging
from pulumi_flyte_review.engine.offline.comparison import declared_offline, preview_offline
from pulumi_flyte_review.engine.project import project_in
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Preview

from tests.e2e.programs import SHOP
from tests.review.engine.offline.repository import Repository

STACK = "encryptionsalt: v1:salt\nconfig:\n  shop:webhookApiKey:\n    secure: v1:first\n"


@pytest.fixture(scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shop(tmp_path: Path, _cache: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(_cache))
    repository = Repository(tmp_path / "shop")
    repository.commit({**SHOP, "Pulumi.dev.yaml": STACK})
    return repository


def changed(preview: Preview) -> dict[str, str]:
    """Return type and name of what changes, without components, and the operation of each."""
    steps = [step for step in preview.steps if step.operation not in ("same", "read")]
    return {
        f"{step.type}::{step.name}".removeprefix("flyte:api:"): step.operation
        for step in steps
        if not step.type.startswith("flyte:index:")
    }


def test_an_unchanged_program_changes_nothing_and_leaves_no_files(shop: Repository) -> None:
    preview = preview_offline(shop.folder, "HEAD")
    assert changed(preview) == {}
    assert {step.type for step in preview.steps} >= {"flyte:index:App", "flyte:api:Task", "flyte:api:Trigger"}
    assert preview.configuration == {"shop:webhookApiKey": SECRET}
    assert shop.untracked == []


def test_a_changed_file_changes_what_imports_it(shop: Repository) -> None:
    shop.write({"backend.py": SHOP["backend.py"].replace("1", "2")})
    preview = preview_offline(shop.folder, "HEAD")
    assert changed(preview) == {"App::backend-api": "update"}
    (step,) = [step for step in preview.steps if step.operation == "update"]
    assert {each.path for each in step.properties} == {"bundle", "version"}


def test_a_new_version_of_a_task_reaches_whoever_starts_it(shop: Repository) -> None:
    shop.write({"tasks.py": SHOP["tasks.py"].replace("3", "4")})
    changes = {"Task::resize": "update", "Trigger::resize-nightly": "update", "App::webhook": "update"}
    assert changed(preview_offline(shop.folder, "HEAD")) == changes


def test_a_secret_that_was_set_again_reaches_its_readers(shop: Repository) -> None:
    shop.write({"Pulumi.dev.yaml": STACK.replace("first", "second")})
    changes = {"Secret::webhook-api-key": "update", "App::webhook": "update"}
    preview = preview_offline(shop.folder, "HEAD")
    assert changed(preview) == changes
    (secret,) = [step for step in preview.steps if step.type == "flyte:api:Secret"]
    assert secret.after is not None
    assert secret.after.inputs["value"] == SECRET
    assert [each.path for each in secret.properties] == ["value"]


def test_removed_and_new_workloads_are_deleted_and_created(shop: Repository) -> None:
    program = SHOP["__main__.py"].replace('Task("resize"', 'Task("shrink"')
    shop.write({"__main__.py": program})
    changes = changed(preview_offline(shop.folder, "HEAD"))
    assert changes["Task::shrink"] == "create"
    assert changes["Task::resize"] == "delete"


def test_a_new_project_is_created_whole(shop: Repository) -> None:
    shop.git("rm", "--quiet", "--cached", "-r", ".")
    shop.git("commit", "--quiet", "--allow-empty", "--message", "test: empty")
    changes = changed(preview_offline(shop.folder, "HEAD", "dev"))
    assert set(changes.values()) == {"create"}


def test_a_program_that_fails_is_one_message_that_names_the_side(shop: Repository) -> None:
    shop.write({"__main__.py": "raise ValueError('no such luck')\n"})
    with pytest.raises(EngineError, match=r"the program of the working tree fails(.|\n)*no such luck.*line 1"):
        preview_offline(shop.folder, "HEAD")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import os\nos._exit(3)\n", r"ended with exit code 3 before it .*os\._exit"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", r"ended with the signal SIGSEGV before it"),
        ("import os\nos.write(2, b'out of luck')\nos._exit(0)\n", r"ended with exit code 0 (.|\n)*out of luck"),
    ],
)
def test_a_program_that_ends_its_process_is_one_message(shop: Repository, program: str, message: str) -> None:
    shop.write({"__main__.py": program})
    with pytest.raises(EngineError, match=message):
        declared_offline(project_in(shop.folder), "dev")


def test_a_stack_must_be_named_where_there_are_several(shop: Repository) -> None:
    shop.write({"Pulumi.prod.yaml": ""})
    with pytest.raises(EngineError, match=r"configuration of one stack \(it has dev, prod\): name it with --stack"):
        preview_offline(shop.folder, "HEAD")


def test_a_program_in_another_language_is_one_message(shop: Repository) -> None:
    shop.write({"Pulumi.yaml": "name: shop\nruntime: {name: nodejs}\n"})
    with pytest.raises(EngineError, match="runs programs in Python only, and this project has the runtime 'nodejs'"):
        preview_offline(shop.folder, "HEAD")


@pytest.mark.skipif(os.name != "posix" or shutil.which("unshare") is None, reason="needs network namespaces")
def test_it_needs_neither_network_nor_home_nor_credentials(shop: Repository, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not make network namespaces")
    shop.write({"backend.py": SHOP["backend.py"].replace("1", "2")})
    (tmp_path / "home").mkdir()
    script = (
        "from pathlib import Path\n"
        "from pulumi_flyte_review.engine.offline.comparison import preview_offline\n"
        "steps = preview_offline(Path.cwd(), 'HEAD').steps\n"
        "print(*(step.urn for step in steps if step.operation != 'same'))\n"
    )
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", script],
        cwd=shop.folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["urn:pulumi:dev::shop::flyte:index:App$flyte:api:App::backend-api"]
    assert shop.untracked == [" M backend.py"]
