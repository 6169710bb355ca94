"""Tasks use features of Flyte's SDK: mapping, gathering, groups, retries, time limits, caches, reports, conditions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from .conftest import World, until

CODE = """
import asyncio, os, time
from datetime import datetime, timedelta
import flyte, flyte.report

env = flyte.TaskEnvironment(name="feats", image="auto")

@env.task
async def double(x: int) -> int:
    return x * 2

@env.task
def mapped(n: int) -> list[int]:
    return list(flyte.map(double, range(n)))

@env.task
async def gathered(n: int) -> list[int]:
    with flyte.group("pairs"):
        return list(await asyncio.gather(*(double(x) for x in range(n))))

@env.task(retries=2)
async def third_time(x: int) -> str:
    attempt = os.environ["FLYTE_ATTEMPT_NUMBER"]
    checkpoint = flyte.ctx().checkpoint
    before = await checkpoint.load()
    seen = (checkpoint.path / "payload").read_text() if before and (checkpoint.path / "payload").exists() else "-"
    await checkpoint.save(f"{seen}{attempt}".encode())
    if attempt != "2":
        raise RuntimeError(f"attempt {attempt}")
    return seen

@env.task(timeout=timedelta(seconds=2))
async def too_long(x: int) -> int:
    await asyncio.sleep(60)
    return x

@env.task(cache="auto")
async def stamped(x: int) -> float:
    return time.time()

@env.task(cache=flyte.Cache(behavior="override", version_override="1", ignored_inputs=("y",)))
async def by_version(x: int, y: int) -> float:
    return time.time()

@env.task(cache=flyte.Cache(behavior="auto", serialize=True))
async def one_at_a_time(x: int) -> float:
    await asyncio.sleep(1.0)
    return time.time()

@env.task(report=True)
async def reports(x: int) -> None:
    await flyte.report.replace.aio(f"<h1>report {x}</h1>", do_flush=True)

@env.task
async def asks(x: int) -> str:
    condition = await flyte.new_condition.aio("go", prompt="How many?", data_type=int)
    return f"told {await condition.wait.aio()}"

@env.task
async def context(x: int) -> dict[str, str]:
    ctx = flyte.ctx()
    return {"project": ctx.action.project, "domain": ctx.action.domain, "run": ctx.action.run_name,
            "extra": os.environ.get("EXTRA", ""), "start": str(ctx.run_start_time is not None),
            "custom": str(dict(ctx.custom_context or {}))}

@env.task
async def spawns(x: int) -> str:
    await context.override(short_name="renamed")(x)
    return "ok"

@env.task
async def waits(seconds: int) -> int:
    await asyncio.gather(*(asleep(seconds) for _ in range(2)), return_exceptions=True)
    return seconds

@env.task
async def asleep(seconds: int) -> int:
    print("asleep", flush=True)
    await asyncio.sleep(seconds)
    return seconds
"""


@pytest.fixture(scope="module")
def feats(shared_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feats")
    (folder / "feats.py").write_text(CODE)
    shared_world.flyte("deploy", "feats.py", "env", cwd=folder)
    return folder


def test_map_gather_groups_retries_checkpoints_and_time_limits(world: World, feats: Path) -> None:
    printed = world.python(
        """
        runs = {name: start(f"feats.{name}", **inputs) for name, inputs in {
            "mapped": {"n": 3}, "gathered": {"n": 3}, "third_time": {"x": 1}, "too_long": {"x": 1}, "spawns": {"x": 1},
        }.items()}
        for run in runs.values():
            run.wait(quiet=True)
        groups = {a.pb2.metadata.group for a in remote.Action.listall(for_run_name=runs["gathered"].name)}
        names = {a.pb2.metadata.task.short_name for a in remote.Action.listall(for_run_name=runs["spawns"].name)}
        print(json.dumps({
            "mapped": list(runs["mapped"].outputs()[0]), "gathered": list(runs["gathered"].outputs()[0]),
            "groups": sorted(groups), "third_time": runs["third_time"].outputs()[0], "names": sorted(names),
            "attempts": runs["third_time"].details().action_details.attempts,
            "too_long": runs["too_long"].phase.value,
        }))
        """
    )
    assert printed == {
        "mapped": [0, 2, 4],
        "gathered": [0, 2, 4],
        "groups": ["", "pairs"],
        "third_time": "-01",
        "names": ["renamed", "spawns"],
        "attempts": 3,
        "too_long": "timed_out",
    }


def test_the_root_of_a_run_takes_a_cached_result_unless_told_not_to(world: World, feats: Path) -> None:
    printed = world.python(
        """
        def stamp(name, context=None, **inputs):
            run = flyte.with_runcontext(**context or {}).run(remote.Task.get(name, auto_version="latest"), **inputs)
            run.wait(quiet=True)
            details = run.details().action_details
            return [run.outputs()[0], details.pb2.status.cache_status]
        print(json.dumps({
            "same": [stamp("feats.stamped", x=11), stamp("feats.stamped", x=11)],
            "other": stamp("feats.stamped", x=12),
            "overwritten": stamp("feats.stamped", {"overwrite_cache": True}, x=11),
            "after": stamp("feats.stamped", x=11),
            "ignored": [stamp("feats.by_version", x=1, y=1), stamp("feats.by_version", x=1, y=2)],
            "not": [stamp("feats.double", x=1)[1], stamp("feats.double", x=1)[1]],
        }))
        """
    )
    hit, populated = 2, 3
    assert [status for _, status in printed["same"]] == [populated, hit]
    assert printed["same"][0][0] == printed["same"][1][0] != printed["other"][0]
    assert printed["overwritten"][1] == populated
    assert printed["after"] == [printed["overwritten"][0], hit]
    assert printed["ignored"][0][0] == printed["ignored"][1][0]
    assert printed["not"] == [0, 0]


def test_a_serialized_cached_task_runs_once_for_many_who_ask_at_once(world: World, feats: Path) -> None:
    printed = world.python(
        """
        runs = [start("feats.one_at_a_time", x=5) for _ in range(3)]
        for run in runs:
            run.wait(quiet=True)
        print(json.dumps([run.outputs()[0] for run in runs]))
        """
    )
    assert len(set(printed)) == 1


def test_a_report_is_downloaded_by_its_link(world: World, feats: Path) -> None:
    url = world.python(
        """
        from flyteidl2.common.identifier_pb2 import ActionAttemptIdentifier
        from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyServiceClientSync
        from flyteidl2.dataproxy.dataproxy_service_pb2 import ARTIFACT_TYPE_REPORT, CreateDownloadLinkRequest
        run = finish("feats.reports", x=7)
        attempt = ActionAttemptIdentifier(action_id=run.details().action_details.pb2.id, attempt=1)
        with DataProxyServiceClientSync(f"http://127.0.0.1:THE_PORT") as client:
            link = client.create_download_link(
                CreateDownloadLinkRequest(artifact_type=ARTIFACT_TYPE_REPORT, action_attempt_id=attempt))
        print(json.dumps(list(link.pre_signed_urls.signed_url)[0]))
        """.replace("THE_PORT", str(world.port))
    )
    assert "<h1>report 7</h1>" in httpx.get(url).text


def test_a_condition_is_listed_and_signalled_by_the_cli(world: World, feats: Path) -> None:
    name = world.python('print(json.dumps(start("feats.asks", x=1).name))')
    listed = f"""
        print(json.dumps([c.action_name for c in remote.Condition.listall(run_name={name!r})]))
    """
    (action,) = until(lambda: world.python(listed))
    assert "go" in world.flyte("get", "condition", name)
    world.flyte("signal", "condition", name, action, "3")
    ended = f"""
        run = remote.Run.get(name={name!r})
        run.wait(quiet=True)
        print(json.dumps(run.outputs()[0]))
    """
    assert world.python(ended) == "told 3"


def test_options_of_a_run_reach_it(world: World, feats: Path) -> None:
    printed = world.python(
        """
        context = flyte.with_runcontext(
            name="with-options", env_vars={"EXTRA": "yes"}, labels={"team": "ml"}, annotations={"why": "test"},
            project="other", domain="staging", interruptible=True, log_level=10, custom_context={"k": "v"},
            max_action_concurrency=2,
        )
        import feats
        run = context.run(feats.context, x=1)
        run.wait(quiet=True)
        spec = run.details().pb2.run_spec
        flyte.init(endpoint="dns:///127.0.0.1:THE_PORT", insecure=True, project="other", domain="staging", org="local")
        listed = [r.name for r in remote.Run.listall(with_labels={"team": "ml"})] if "with_labels" in str(
            __import__("inspect").signature(remote.Run.listall.aio)) else None
        print(json.dumps([dict(run.outputs()[0]), dict(spec.labels.values), spec.interruptible.value,
                          spec.max_action_concurrency, listed]))
        """.replace("THE_PORT", str(world.port)),
        cwd=feats,
    )
    outputs, labels, interruptible, concurrency, _ = printed
    assert outputs == {
        "project": "other",
        "domain": "staging",
        "run": "with-options",
        "extra": "yes",
        "start": "True",
        "custom": "{'k': 'v'}",
    }
    assert (labels, interruptible, concurrency) == ({"team": "ml"}, True, 2)


def test_a_run_is_run_again_with_its_inputs_or_others(world: World, feats: Path) -> None:
    first = world.python('print(json.dumps(finish("feats.double", x=21).name))')
    world.flyte("rerun", first, "--name", "again-same")
    world.flyte("rerun", first, "--name", "again-other", "--x", "5")
    code = 'r = remote.Run.get(name="{}")\nr.wait(quiet=True)\nprint(json.dumps(r.outputs()[0]))'
    assert [world.python(code.format(name)) for name in ("again-same", "again-other")] == [42, 10]


def test_one_child_of_a_run_is_aborted(world: World, feats: Path) -> None:
    name = world.python('print(json.dumps(start("feats.waits", seconds=600).name))')
    listing = f"print(json.dumps([a.name for a in remote.Action.listall(for_run_name={name!r}) if a.name != 'a0']))"
    children = until(lambda: len(actions := world.python(listing)) == 2 and actions)
    world.flyte("abort", "action", name, children[0])
    assert "aborted" in world.flyte("get", "action", name, children[0]).lower()
    world.flyte("abort", "run", name)
    assert "aborted" in world.flyte("get", "run", name).lower()


def test_results_survive_a_stop_and_a_start(own_world: World, tmp_path: Path) -> None:
    (tmp_path / "feats.py").write_text(CODE)
    run = "import feats\nrun = flyte.run(feats.double, x=4)\nrun.wait(quiet=True)\nprint(json.dumps(run.name))"
    name = own_world.python(run, cwd=tmp_path)
    command = [sys.executable, "-m", "flyte_local", "stop", "--home", str(own_world.home.path)]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    own_world.close_clients()
    own_world.start()
    again = f"run = remote.Run.get(name={name!r})\nprint(json.dumps([run.outputs()[0], run.phase.value]))"
    assert own_world.python(again) == [8, "succeeded"]
