"""Code bundles that would do harm when they are unpacked are refused where they are named."""

from __future__ import annotations

import gzip
import io
import tarfile
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local.runs import launcher
from flyte_local.state import bundle_check
from flyte_local.state.bundle_check import bundle_problem
from flyteidl2.workflow.run_service_connect import RunServiceClientSync
from flyteidl2.workflow.run_service_pb2 import CreateRunRequest, CreateRunResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.local.apps.conftest import Plane

from .cases import Case
from .doors import InProcess


def archive(path: Path, *members: tarfile.TarInfo | str) -> Path:
    with tarfile.open(path, "w:gz") as made:
        for member in members:
            made.addfile(tarfile.TarInfo(member) if isinstance(member, str) else member, io.BytesIO(b""))
    return path


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def test_what_the_sdk_makes_is_fine(tmp_path: Path) -> None:
    folder = member("./pkg", tarfile.DIRTYPE)
    link = member("pkg/data", tarfile.SYMTYPE, "/somewhere/of/mine")
    assert bundle_problem(archive(tmp_path / "a.tar.gz", folder, "./pkg/a.py", link, "b.py")) is None
    (tmp_path / "code.pkl").write_bytes(gzip.compress(b"pickle"))
    assert bundle_problem(tmp_path / "code.pkl") is None


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (["../evil.py"], "leads out"),
        (["/etc/cron.d/evil"], "leads out"),
        (["a/../../evil"], "leads out"),
        ([member("hard", tarfile.LNKTYPE, "../../vault.key")], "leads out"),
        ([member("d", tarfile.SYMTYPE, "/etc"), "d/evil"], "through a symbolic link"),
        ([member("d", tarfile.SYMTYPE, "/etc/passwd"), "d"], "through a symbolic link"),
        ([member("null", tarfile.CHRTYPE)], "neither a file"),
        ([member("pipe", tarfile.FIFOTYPE)], "neither a file"),
    ],
)
def test_archives_that_write_elsewhere(tmp_path: Path, members: list[tarfile.TarInfo | str], reason: str) -> None:
    problem = bundle_problem(archive(tmp_path / "evil.tar.gz", *members))
    assert problem is not None
    assert reason in problem


def test_bombs_are_noticed_before_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "bomb.tar.gz"
    header = tarfile.TarInfo("zeros")
    header.size = 8 << 30
    packer = zlib.compressobj(9, wbits=31)
    bomb.write_bytes(packer.compress(header.tobuf()) + packer.compress(bytes(1 << 24)) + packer.flush())
    assert "more than 2 GiB" in str(bundle_problem(bomb))
    monkeypatch.setattr(bundle_check, "MAX_UNPACKED", 1 << 20)
    (tmp_path / "bomb.pkl").write_bytes(gzip.compress(bytes(1 << 22)))
    assert "unpacks to more" in str(bundle_problem(tmp_path / "bomb.pkl"))
    monkeypatch.setattr(bundle_check, "MAX_MEMBERS", 10)
    assert "10 files" in str(bundle_problem(archive(tmp_path / "many.tar.gz", *map(str, range(11)))))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 400), noise=st.binary(max_size=30))
def test_damaged_archives_are_a_sentence(tmp_path: Path, cut: int, noise: bytes) -> None:
    whole = archive(tmp_path / "whole.tar.gz", "a.py", "b.py").read_bytes()
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(whole[:cut] + noise + whole[cut + len(noise) :])
    problem = bundle_problem(damaged)
    assert problem is None or problem.startswith("it")


def run_request(bundle: Path, run: str = "") -> CreateRunRequest:
    """Return the request for a run of a task whose command names the bundle."""
    request = CreateRunRequest()
    if run:
        request.run_id.project, request.run_id.domain, request.run_id.name = "shop", "development", run
    else:
        request.project_id.name, request.project_id.domain = "shop", "development"
    template = request.task_spec.task_template
    template.id.name, template.type = "bundled.task", "python-task"
    template.container.args.extend(["true", "--tgz", str(bundle)])
    return request


def test_an_app_and_a_run_with_such_a_bundle_are_refused(plane: Plane, tmp_path: Path) -> None:
    evil = archive(tmp_path / "evil.tar.gz", "../evil.py")
    with pytest.raises(ConnectError, match=r"leads out of the bundle") as caught:
        plane.create("evil", ["fserve", "--tgz", f"file://{evil}"])
    assert caught.value.code == Code.INVALID_ARGUMENT
    with pytest.raises(ConnectError, match=r"leads out of the bundle") as caught:
        plane.client(RunServiceClientSync).create_run(run_request(evil))
    assert caught.value.code == Code.INVALID_ARGUMENT
    plane.close_clients()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[InProcess]:
    made = InProcess(tmp_path)
    yield made
    made.close()


class Held:
    """The check of a bundle, which waits for `let_go`. The check of a large bundle takes as long by itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()
        monkeypatch.setattr(launcher, "bundle_problem", self)

    def __call__(self, path: Path) -> str | None:
        self.begun.release()
        assert self.let_go.wait(60), "nobody let it go on"
        return bundle_problem(path)


def create_run(request: CreateRunRequest) -> Case:
    headers = (("content-type", "application/proto"), ("connect-protocol-version", "1"))
    return Case("POST", "/flyteidl2.workflow.RunService/CreateRun", headers, request.SerializeToString())


def test_others_are_answered_while_a_large_bundle_is_looked_into(
    door: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Held(monkeypatch)
    evil = archive(tmp_path / "evil.tar.gz", "../evil.py")
    with ThreadPoolExecutor() as threads:
        pending = threads.submit(door.send, create_run(run_request(evil)))
        assert look.begun.acquire(timeout=60)
        other = door.send(Case("GET", "/local/v1/info", (), b""))
        assert other.status == 200
        assert not pending.done(), "the bundle was looked into before the other call was answered"
        look.let_go.set()
        refusal = pending.result()
    assert refusal.status == 400
    assert b"leads out of the bundle" in refusal.body


def test_a_run_that_is_asked_for_again_meanwhile_is_one_run(
    door: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Held(monkeypatch)
    request = create_run(run_request(archive(tmp_path / "fine.tar.gz", "a.py"), "once"))
    with ThreadPoolExecutor() as threads:
        both = [threads.submit(door.send, request) for _ in range(2)]
        assert all(look.begun.acquire(timeout=60) for _ in both)
        look.let_go.set()
        first, second = (CreateRunResponse.FromString(pending.result().body).run for pending in both)
    assert first.action.id.run.name == "once"
    assert first.action.status.start_time == second.action.status.start_time, "two runs of one name"


def test_a_header_longer_than_any_name_is_not_read(tmp_path: Path) -> None:
    """`tarfile` takes an extended header into memory whole, before the first entry is seen."""
    bundle = tmp_path / "long.tgz"
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 8 << 20
    with gzip.open(bundle, "wb") as packed:
        packed.write(header.tobuf(tarfile.USTAR_FORMAT))
        packed.write(bytes(header.size))
    assert "a header of 8388608 bytes" in str(bundle_problem(bundle))
