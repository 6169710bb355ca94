"""Flyte's own ContainerTask: no SDK in the process, inputs and outputs as files."""

from __future__ import annotations

from pathlib import Path

from flyte_local.tasks.raw_container import Staged
from flyteidl2.core.tasks_pb2 import Container, DataLoadingConfig
from hypothesis import given
from hypothesis import strategies as st

from .conftest import World

CODE = """
import flyte
from flyte.extras import ContainerTask
from flyte.io import File

greet = ContainerTask(
    name="greet", image="alpine:3.20", inputs={"name": str, "times": int, "source": File},
    outputs={"text": str, "total": int, "copy": File},
    input_data_dir="/var/inputs", output_data_dir="/var/outputs",
    command=["/bin/sh", "-c",
        "echo hello {{.inputs.name}} > /var/outputs/text; expr {{.inputs.times}} + 1 > /var/outputs/total;"
        "cp /var/inputs/source /var/outputs/copy; cat /var/inputs/inputs.json"],
)
env = flyte.TaskEnvironment.from_task("raw", greet)
"""


def test_a_container_task_of_the_sdk(world: World, tmp_path: Path) -> None:
    (tmp_path / "raw.py").write_text(CODE)
    (tmp_path / "data.txt").write_text("payload")
    world.flyte("deploy", "raw.py", "env", cwd=tmp_path)
    found = world.python(
        f"""
        names = [t.name for t in remote.Task.listall()]
        name = next(n for n in names if n.endswith("greet"))
        run = finish(name, name="ada", times=2, source=File.from_local_sync({str(tmp_path / "data.txt")!r}))
        copy, text, total = run.outputs()  # an interface sorts its names
        with copy.open_sync("rb") as handle:
            print(json.dumps([text.strip(), total, handle.read().decode()]))
        """
    )
    assert found == ["hello ada", 3, "payload"]


@given(
    st.sampled_from(["/var/inputs", "/in", "/data/in.d"]), st.sampled_from(["", "/x", "/x/y", " ", ";", '"', "'", ":"])
)
def test_a_declared_path_is_replaced_wherever_it_ends(declared: str, rest: str) -> None:
    staged = Staged({declared: Path("/home/a1"), "/out": Path("/home/a2")}, {})
    assert staged.argv([f"cat {declared}{rest}"]) == [f"cat /home/a1{rest}"]


def test_a_longer_path_is_another_path() -> None:
    staged = Staged({"/var/inputs": Path("/a"), "/var/outputs": Path("/b")}, {})
    assert staged.argv(["/var/inputs-old /var/inputs.bak /var/inputs2"]) == [
        "/var/inputs-old /var/inputs.bak /var/inputs2"
    ]


def test_the_default_folders_are_flytes() -> None:
    assert not Container().data_config.enabled
    assert DataLoadingConfig().input_path == ""
