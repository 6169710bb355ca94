"""Repeated deliveries are recognized in one process and across several."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from flyte_runtime.errors import WebhookError
from flyte_runtime.testing import wired
from flyte_runtime.webhooks import FileReplays, MemoryReplays
from flyte_runtime.webhooks.replays import Earlier, Replays, default_folder
from flyte_runtime.webhooks.verdict import Identity

from tests.processes import all_started

ONE = (Identity("one", 100.0),)
BOTH = (Identity("one", 100.0), Identity("body", 10.0))


@pytest.fixture(params=["file", "memory"])
def replays(request: pytest.FixtureRequest, tmp_path: Path) -> Replays:
    return FileReplays(tmp_path / "replays") if request.param == "file" else MemoryReplays()


def test_a_delivery_is_handled_once_for_as_long_as_it_lasts(replays: Replays) -> None:
    assert replays.claim(ONE, "a", 1000, 1060) is None
    assert replays.claim(ONE, "b", 1001, 1061) == Earlier(None)
    replays.settle(ONE, "a", Earlier(202, ("r1", "r2")), 1002)
    assert replays.claim(ONE, "b", 1101, 1161) == Earlier(202, ("r1", "r2"))
    assert replays.claim(ONE, "b", 1103, 1163) is None


def test_one_that_failed_may_come_again(replays: Replays) -> None:
    assert replays.claim(BOTH, "a", 1000, 1060) is None
    replays.release(BOTH, "a")
    assert replays.claim(BOTH, "b", 1001, 1061) is None


def test_one_whose_process_died_may_come_again_after_the_lease(replays: Replays) -> None:
    assert replays.claim(ONE, "a", 1000, 1060) is None
    assert replays.claim(ONE, "b", 1060, 1120) is None
    replays.settle(ONE, "a", Earlier(200), 1061)  # the dead one was only slow: it owns nothing any more
    replays.release(ONE, "a")
    assert replays.claim(ONE, "c", 1062, 1122) == Earlier(None)


def test_each_identity_lasts_as_long_as_it_says_and_all_are_taken_or_none(replays: Replays) -> None:
    assert replays.claim(BOTH, "a", 1000, 1060) is None
    replays.settle(BOTH, "a", Earlier(200), 1000)
    other = (Identity("two", 100.0), Identity("body", 10.0))
    assert replays.claim(other, "b", 1009, 1069) == Earlier(200)
    assert replays.claim((Identity("two", 100.0),), "b", 1009, 1069) is None
    replays.release((Identity("two", 100.0),), "b")
    assert replays.claim(other, "b", 1011, 1071) is None


def test_what_has_expired_goes(tmp_path: Path) -> None:
    memory, file = MemoryReplays(), FileReplays(tmp_path)
    for number in range(500):
        now = 1000.0 + number * 10
        for replays in (memory, file):
            identity = (Identity(str(number), 100.0),)
            assert replays.claim(identity, "a", now, now + 60) is None
            replays.settle(identity, "a", Earlier(200), now)
    file.close()
    with sqlite3.connect(tmp_path / "deliveries.sqlite") as database:
        rows = database.execute("select count(*) from delivery").fetchone()[0]
    database.close()
    assert rows < 80
    assert len(memory) < 80


# A busy store is not the subject: a webhook answers 503 then, and the delivery comes again.
CLAIMS = """
import os, sqlite3, sys
from flyte_runtime.webhooks import FileReplays
from flyte_runtime.webhooks.verdict import Identity
replays = FileReplays(sys.argv[1])
me = str(os.getpid())
def claim(number):
    while True:
        try:
            return replays.claim((Identity(str(number), 100.0),), me, 1000, 1060)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
print(*[number for number in range(300) if claim(number) is None])
"""


def test_of_several_processes_one_has_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CLAIMS, str(tmp_path / "r")]
    with all_started([command] * 3, stdout=subprocess.PIPE, text=True) as processes:
        taken = [int(number) for process in processes for number in process.communicate(timeout=240)[0].split()]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(taken) == list(range(300))


def in_a_fork(function: Callable[[], str]) -> str:
    """Return what the function returns in a forked child, or the error that it raises."""
    reading, writing = os.pipe()
    with open(reading, "rb") as answers, open(writing, "wb", buffering=0) as answer:
        child = os.fork()
        if child == 0:
            try:
                answer.write(function().encode())
            except BaseException as error:
                answer.write(repr(error).encode())
            finally:
                os._exit(0)  # the child must not go on with the tests
        os.waitpid(child, 0)
        answer.close()
        return answers.read().decode()


# Whether other threads run depends on the tests before. The child needs none of their locks.
FORKING = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@FORKING
def test_an_open_file_survives_a_fork(tmp_path: Path) -> None:
    replays = FileReplays(tmp_path)
    assert replays.claim(ONE, "a", 1000, 1060) is None
    assert in_a_fork(lambda: repr(replays.claim(ONE, "b", 1001, 1061))) == repr(Earlier(None))
    replays.close()


def test_a_store_that_nobody_has_any_more_leaves_no_file_open(tmp_path: Path) -> None:
    replays = FileReplays(tmp_path)
    assert replays.claim(ONE, "a", 1000, 1060) is None
    assert open_files(tmp_path)
    del replays
    assert open_files(tmp_path) == []


@FORKING
def test_a_child_does_not_close_its_parents_file(tmp_path: Path) -> None:
    """SQLite forbids it: https://www.sqlite.org/howtocorrupt.html section 2.6."""
    replays = FileReplays(tmp_path)
    assert replays.claim(ONE, "a", 1000, 1060) is None
    opened = len(open_files(tmp_path))

    def claim() -> str:
        replays.claim(ONE, "b", 1001, 1061)
        return str(len(open_files(tmp_path)))

    assert int(in_a_fork(claim)) > opened  # the child's files and the parent's; both share one mapping of memory
    replays.close()


def open_files(folder: Path) -> list[str]:
    return [file.path for file in psutil.Process().open_files() if Path(file.path).is_relative_to(folder)]


def test_the_folder_is_the_users_own(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(WebhookError, match="other users may write"):
        FileReplays(shared).claim(ONE, "a", 0, 1)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(WebhookError, match="cannot be used"):
        FileReplays(file / "below").claim(ONE, "a", 0, 1)
    made = FileReplays(tmp_path / "made")
    assert made.claim(ONE, "a", 0, 1) is None
    made.close()
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700


def test_a_link_that_somebody_laid_in_the_temporary_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    default_folder().parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WebhookError, match="belongs to another user"):
        FileReplays().claim(ONE, "a", 0, 1)


def test_apps_of_one_machine_do_not_meet() -> None:
    unwired = default_folder()
    with wired({}):
        assert default_folder() != unwired
        assert default_folder().name == "test.development.under-test"


def test_each_wiring_of_a_test_has_deliveries_of_its_own() -> None:
    replays = FileReplays()
    identities = [Identity("d1", 60)]
    for _ in range(2):
        with wired({}):
            assert replays.claim(identities, "a", 1.0, 10.0) is None
            assert replays.claim(identities, "b", 1.0, 10.0) == Earlier(None)
            folder = replays.folder
        assert not folder.exists()
    replays.close()


def test_a_platform_may_say_where_they_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The local control plane does: what a wiped home forgot is not known as a duplicate."""
    monkeypatch.setenv("FLYTE_STATE_FOLDER", str(tmp_path))
    assert default_folder().is_relative_to(tmp_path)
