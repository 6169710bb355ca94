"""The home folder and the store: permissions, owners, locks, durability."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flyte_local.errors import HomeError
from flyte_local.home import Home, write_file
from flyte_local.state.store import Store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.processes import all_started


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    os.umask(old := os.umask(0))
    os.umask(0)
    try:
        home = Home(tmp_path / "deep" / "home")
        home.prepare()
        home.instance_id()
        home.set_owner("me", 1)
        home.write_server({"pid": 1})
        Store(home.database).close()
    finally:
        os.umask(old)
    for path in [home.path, *home.path.rglob("*")]:
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o755)
    Home(tmp_path / "home").prepare()
    assert mode(tmp_path / "home") == 0o700


def test_making_the_object_touches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_LOCAL_HOME", str(tmp_path / "from-variable"))
    home = Home(None)
    assert home.path == tmp_path / "from-variable"
    assert home.owners() == {}
    assert not home.path.exists()
    assert Home(tmp_path / "given").path == tmp_path / "given"


def test_the_instance_id_is_made_once_and_changes_with_the_home(tmp_path: Path) -> None:
    first = Home(tmp_path / "a").instance_id()
    assert Home(tmp_path / "a").instance_id() == first
    assert Home(tmp_path / "b").instance_id() != first


def test_owners_of_two_writers_are_both_kept(tmp_path: Path) -> None:
    program = "import sys; from flyte_local.home import Home; [Home(sys.argv[1]).set_owner(f'{sys.argv[2]}{n}', n + 1) for n in range(20)]"  # noqa: E501
    with all_started([sys.executable, "-c", program, str(tmp_path), who] for who in "abc") as writers:
        assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert len(Home(tmp_path).owners()) == 60


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": "x"}', "null", '"x"'])
def test_an_owners_file_that_is_not_ours_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "owners.json").write_text(content)
    with pytest.raises(HomeError, match="is not readable as JSON"):
        Home(tmp_path).owners()


@pytest.mark.parametrize("part", ["", ".", "..", "a/b", "a\0b"])
def test_a_name_that_leaves_the_home_is_an_error(tmp_path: Path, part: str) -> None:
    with pytest.raises(HomeError):
        Home(tmp_path).app("p", "d", part)


def test_a_write_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file(path, "old")

    class Broken(str):
        def encode(self, *_: object) -> bytes:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_file(path, Broken("new"))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_lock_is_held_against_another_process(tmp_path: Path) -> None:
    home = Home(tmp_path)
    program = "import sys; from flyte_local.home import Home\nwith Home(sys.argv[1]).lock('x', blocking=False): pass"
    with home.lock("x"):
        refused = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert "BlockingIOError" in refused.stderr
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)]).returncode == 0


_KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(["put", "delete"]), _KEYS, st.binary(max_size=20)), max_size=30), _KEYS)
def test_the_store_behaves_like_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, bytes]], prefix: str
) -> None:
    store = Store(tmp_path_factory.mktemp("store") / "db")
    expected: dict[str, bytes] = {}
    try:
        for action, key, body in steps:
            if action == "put":
                store.put("kind", key, body)
                expected[key] = body
            else:
                assert store.delete("kind", key) == (expected.pop(key, None) is not None)
        store.put("another", prefix, b"x")
        records = store.list("kind", prefix)
        assert dict(records) == {k: v for k, v in expected.items() if k.startswith(prefix)}
        assert [k.encode() for k, _ in records] == sorted(k.encode() for k, _ in records)
        assert all(store.get("kind", k) == v for k, v in expected.items())
    finally:
        store.close()


def test_a_creation_time_stays_that_of_the_first_write(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    store.put("k", "a", b"1")
    first = store.created("k", "a")
    store.put("k", "a", b"2")
    assert store.created("k", "a") == first
    assert store.created("k", "b") is None
    store.close()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")

    def half_way() -> None:
        with store.transaction():
            store.put("k", "a", b"1")
            with store.transaction():
                store.put("k", "b", b"2")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_way()
    assert store.list("k") == []
    with store.transaction():
        store.put("k", "a", b"1")
    assert store.list("k") == [("a", b"1")]
    store.close()


def test_threads_take_turns(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")

    def work(number: int) -> None:
        for n in range(20):
            with store.transaction():
                count = int(store.get("k", "count") or b"0")
                store.put("k", f"{number}-{n}", b"")
                store.put("k", "count", str(count + 1).encode())

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("k", "count") == b"80"
    store.close()


def test_what_was_written_survives_a_killed_writer(tmp_path: Path) -> None:
    program = (
        "import os, sys; from flyte_local.state.store import Store; s = Store(sys.argv[1]);"
        "s.put('k', 'kept', b'1')\nwith s.transaction():\n s.put('k', 'lost', b'1'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path / "db")]).returncode == -9
    store = Store(tmp_path / "db")
    assert store.list("k") == [("kept", b"1")]
    store.close()


def test_a_newer_or_foreign_database_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "newer")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(HomeError, match="written by a newer flyte-local"):
        Store(tmp_path / "newer")
    (tmp_path / "foreign").write_text(json.dumps({"not": "sqlite"}) * 100)
    with pytest.raises(HomeError, match="is not a flyte-local database"):
        Store(tmp_path / "foreign")
