"""Runs that have ended are deleted after their retention time."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from flyte_local import daemon
from flyte_local.runs.phases import SUCCEEDED
from flyte_local.runs.retention import DAYS_VARIABLE, RUNS_VARIABLE, Limits, expired
from flyteidl2.workflow import run_service_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from .conftest import DOMAIN, PROJECT, World, _world, until
from .test_runs import logs_so_far

DAY = 86400.0
ENDS = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 100 * DAY), max_size=8)
USES = st.dictionaries(st.sampled_from("abcdefgh"), st.sets(st.sampled_from("abcdefgh")), max_size=8)


def test_the_oldest_go_first_by_number_and_by_age() -> None:
    ended = {"old": 1 * DAY, "middle": 50 * DAY, "young": 99 * DAY}
    assert expired(ended, {}, 100 * DAY, Limits(runs=2, age=1000 * DAY)) == ["old"]
    assert expired(ended, {}, 100 * DAY, Limits(runs=9, age=30 * DAY)) == ["old", "middle"]
    assert expired(ended, {}, 100 * DAY, Limits(runs=9, age=1000 * DAY)) == []


def test_a_run_stays_while_one_that_stays_has_its_result() -> None:
    ended = {"maker": 1 * DAY, "between": 2 * DAY, "other": 3 * DAY, "young": 99 * DAY}
    used = {"young": {"between"}, "between": {"maker"}}
    assert expired(ended, used, 100 * DAY, Limits(age=30 * DAY)) == ["other"]
    assert expired({"maker": 1 * DAY}, {"running": {"maker"}}, 100 * DAY, Limits()) == []


@given(ended=ENDS, used=USES, runs=st.integers(1, 8), days=st.integers(1, 100))
def test_what_is_removed_is_expired_and_what_stays_lacks_nothing(
    ended: dict[str, float], used: dict[str, set[str]], runs: int, days: int
) -> None:
    removed = expired(ended, used, 100 * DAY, Limits(runs, days * DAY))
    remaining = {*ended, *used} - set(removed)
    assert set(removed) <= set(ended)
    assert all(not used.get(run, set()) & set(removed) for run in remaining)
    if not used:
        assert len(ended) - len(removed) <= runs


@pytest.mark.parametrize(
    ("runs", "days", "limits"),
    [("", "", Limits()), ("5", "2", Limits(5, 2 * DAY)), ("0", "-1", Limits()), ("many", "1.5", Limits())],
)
def test_other_limits_come_from_the_environment(runs: str, days: str, limits: Limits) -> None:
    assert Limits.of({RUNS_VARIABLE: runs, DAYS_VARIABLE: days}) == limits


def test_old_runs_are_removed_with_their_files_and_running_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RUNS_VARIABLE, "2")
    for world in _world(tmp_path):
        running = world.run(world.shell("echo started; sleep 600"))
        world.started(running)
        ended = [world.run(world.shell("echo 0"))]
        while world.wait(ended[-1]).status.phase == SUCCEEDED and len(ended) < 4:
            ended.append(world.run(world.shell(f"echo {len(ended)}")))
        world.close_clients()
        world.kill()
        world.start()
        until(partial(_knows, world, {run.name for run in (running, *ended[2:])}))
        assert {folder.name for folder in (world.home.runs / PROJECT / DOMAIN).iterdir()} == _names(world)
        assert logs_so_far(world, ended[3]) == "3\n"
        world.runs.abort_run(pb.AbortRunRequest(run_id=running))
        world.close_clients()
        daemon.stop(world.home, world.port)


def _names(world: World) -> set[str]:
    return {run.action.id.run.name for run in world.runs.list_runs(pb.ListRunsRequest()).runs}


def _knows(world: World, names: set[str]) -> bool:
    return _names(world) == names
