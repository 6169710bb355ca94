"""Flyte's CLI, command by command, and what it says of services that are not there."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from .conftest import World, until

CODE = """
import os
from datetime import datetime
import flyte

env = flyte.TaskEnvironment(
    name="cli", image="auto",
    secrets=[flyte.Secret(key="plain"), flyte.Secret(key="filed", mount="/etc/flyte/secrets")])
inputs = {"at": flyte.TriggerTime, "x": 3}
soon = flyte.Trigger(
    "soon", flyte.FixedRate(1, start_time=datetime.fromisoformat("START")), inputs=inputs,
    env_vars={"EXTRA": "set"}, labels={"by": "trigger"}, overwrite_cache=True)
zoned = flyte.Trigger("zoned", flyte.Cron("0 9 * * 1", timezone="Europe/Berlin"), inputs=inputs)
asleep = flyte.Trigger("asleep", flyte.Cron("* * * * *"), inputs=inputs, auto_activate=False)

@env.task(triggers=[soon, zoned, asleep])
async def timed(x: int, at: datetime) -> str:
    return f"{x} {at.isoformat()} {os.environ.get('EXTRA')}"

@env.task
async def secrets(x: int) -> list[str]:
    with open(os.environ["FILED"]) as handle:
        filed = handle.read()
    return [os.environ["PLAIN"], filed, os.environ["FILED"].rpartition("/")[2]]

@env.task
async def ticked(trigger_time: datetime) -> str:
    return trigger_time.isoformat()

@env.task
async def double(x: int) -> int:
    print("doubling", x)
    return 2 * x
"""
# A beat every minute from here on, whenever the deployment is done.
START = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(seconds=30)


@pytest.fixture(scope="module")
def cli(shared_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "cli.py").write_text(CODE.replace("START", START.isoformat()))
    (folder / "file.bin").write_text("from a file")
    for name, value in (("plain", ("--value", "everywhere")), ("filed", ("--from-file", str(folder / "file.bin")))):
        shared_world.flyte("create", "secret", name, *value)
    shared_world.flyte("deploy", "cli.py", "env", cwd=folder)
    return folder


def test_a_trigger_brings_its_time_inputs_variables_and_labels(world: World, cli: Path) -> None:
    """Deployed with the task by `flyte deploy`, one that is not activated stays asleep."""
    listing = """
        print(json.dumps([[r.name, r.phase.value] for r in remote.Run.listall(task_name="cli.timed")]))
    """
    runs = until(lambda: [run for run in world.python(listing) if run[1] == "succeeded"], 200)
    result = world.python(
        f"""
        run = remote.Run.get(name={runs[0][0]!r})
        spec = run.details().pb2.run_spec
        triggers = {{t.name: t.is_active for t in remote.Trigger.listall(task_name="cli.timed")}}
        print(json.dumps([run.outputs()[0], dict(spec.labels.values), spec.overwrite_cache, triggers]))
        """
    )
    value, moment, extra = result[0].split()
    assert (value, extra) == ("3", "set")
    assert (datetime.fromisoformat(moment) - START).total_seconds() % 60 == 0
    assert result[1:] == [{"by": "trigger"}, True, {"soon": True, "zoned": True, "asleep": False}]


def test_triggers_are_created_listed_switched_fired_and_deleted(world: World, cli: Path) -> None:
    world.flyte("create", "trigger", "cli.ticked", "weekly", "--schedule", "0 9 * * 1")
    world.flyte("create", "trigger", "cli.double", "by-hand")
    listed = world.flyte("get", "trigger")
    assert all(name in listed for name in ("weekly", "by-hand", "zoned"))
    world.flyte("update", "trigger", "weekly", "cli.ticked", "--deactivate")
    active = 'print(json.dumps(remote.Trigger.get(name="weekly", task_name="cli.ticked").is_active))'
    assert world.python(active) is False
    world.flyte("update", "trigger", "weekly", "cli.ticked", "--activate")
    assert world.python(active) is True
    fired = world.python(
        """
        run = flyte.with_runcontext(env_vars={"A": "b"}).run(
            remote.Trigger.get(name="by-hand", task_name="cli.double"), x=4)
        run.wait(quiet=True)
        print(json.dumps(run.outputs()[0]))
        """
    )
    assert fired == 8
    world.flyte("delete", "trigger", "weekly", "cli.ticked")
    assert "weekly" not in world.flyte("get", "trigger")


def test_secrets_of_the_nearest_scope_reach_the_task_as_variable_and_file(world: World, cli: Path) -> None:
    read = 'print(json.dumps(list(finish("cli.secrets", x=1).outputs()[0])))'
    assert world.python(read) == ["everywhere", "from a file", "filed"]
    world.flyte("create", "secret", "plain", "--value", "domain", "--domain", "development")
    assert world.python(read)[0] == "domain"
    world.flyte("create", "secret", "plain", "--value", "project", "--project", "shop", "--domain", "development")
    assert world.python(read)[0] == "project"
    world.flyte("delete", "secret", "plain", "--project", "shop", "--domain", "development")
    assert world.python(read)[0] == "domain"


def test_projects(world: World) -> None:
    world.flyte("create", "project", "--id", "by-cli-made", "--name", "Made", "--label", "team=a")
    world.flyte("update", "project", "by-cli-made", "--description", "by hand")
    assert "by hand" in world.flyte("get", "project", "by-cli-made")
    world.flyte("update", "project", "by-cli-made", "--archive")
    assert "by-cli-made" not in world.flyte("get", "project")
    assert "by-cli-made" in world.flyte("get", "project", "--archived")


def test_runs_actions_logs_data_and_code_are_shown(world: World, cli: Path, tmp_path: Path) -> None:
    world.flyte("run", "--name", "by-cli", "--label", "team=ml", "deployed-task", "cli.double", "--x", "21")
    until(lambda: "SUCCEEDED" in world.flyte("get", "run", "by-cli").upper())
    assert "42" in world.flyte("get", "io", "by-cli", "--outputs-only")
    assert "21" in world.flyte("get", "io", "by-cli", "a0", "--inputs-only")
    assert "doubling 21" in world.flyte("get", "logs", "by-cli")
    assert "a0" in world.flyte("get", "action", "by-cli")
    assert "by-cli" in world.flyte("get", "run", "--in-phase", "succeeded")
    assert "cli.double" in world.flyte("get", "task", "cli.double")


@pytest.mark.parametrize(
    "command",
    [
        ("whoami",),
        ("get", "settings"),
        ("get", "artifact"),
    ],
)
def test_what_is_not_there_says_so_at_once(world: World, command: tuple[str, ...]) -> None:
    began = time.monotonic()
    printed = world.flyte(*command, check=False).lower()
    assert any(text in printed for text in ("does not implement", "unimplemented", "no such")), printed
    assert time.monotonic() - began < 60
