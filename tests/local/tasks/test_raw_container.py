"""Flyte's own ContainerTask: no SDK in the process, inputs and outputs as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from flyte_local.processes.declared_paths import MOST_BYTES, replace_in_files, replaced
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
    printed = world.python(
        f"""
        names = [t.name for t in remote.Task.listall()]
        name = next(n for n in names if n.endswith("greet"))
        run = finish(name, name="ada", times=2, source=File.from_local_sync({str(tmp_path / "data.txt")!r}))
        copy, text, total = run.outputs()  # an interface sorts its names
        with copy.open_sync("rb") as handle:
            print(json.dumps([text.strip(), total, handle.read().decode()]))
        """
    )
    assert printed == ["hello ada", 3, "payload"]


SANDBOX = """
import datetime
import flyte
import flyte.sandbox
from flyte.extras import ContainerTask
from flyte.io import Dir, File

env = flyte.TaskEnvironment(name="sums", image="auto")
add = flyte.sandbox.create(
    name="add", code="total = a + b + int(took.total_seconds() * 2)", image="python:3.12",
    inputs={"a": int, "b": int, "took": datetime.timedelta}, outputs={"total": int},
)
SCRIPT = "from pathlib import Path\\nword = Path('/var/inputs/word').read_text()\\n"
SCRIPT += "Path('/var/outputs/{name}').write_text(word + '{name}')"

@env.task
async def main(a: int, b: int) -> int:
    return await add.run.aio(a=a, b=b, took=datetime.timedelta(days=1, seconds=1.5))

runs = ContainerTask(
    name="runs", image="python:3.12", inputs={"file": File, "folder": Dir, "text": str, "word": str},
    outputs={"one": str, "two": str, "three": str}, input_data_dir="/var/inputs", output_data_dir="/var/outputs",
    command=["/bin/sh", "-c",
        "python /var/inputs/file && python /var/inputs/folder/two.py && python /var/inputs/text"],
)
scripts = flyte.TaskEnvironment.from_task("scripts", runs)
"""


def test_scripts_find_the_declared_paths_that_their_text_spells(world: World, tmp_path: Path) -> None:
    (tmp_path / "sandbox.py").write_text(SANDBOX)
    (tmp_path / "folder").mkdir()
    world.flyte("deploy", "sandbox.py", "scripts", cwd=tmp_path)
    printed = world.python(
        """
        import pathlib, sandbox
        pathlib.Path("one.py").write_text(sandbox.SCRIPT.format(name="one"))
        pathlib.Path("folder/two.py").write_text(sandbox.SCRIPT.format(name="two"))
        added = flyte.run(sandbox.main, a=2, b=3)
        name = next(t.name for t in remote.Task.listall() if t.name.endswith("runs"))
        ran = finish(name, file=File.from_local_sync("one.py"), folder=Dir.from_local_sync("folder"),
                     text=sandbox.SCRIPT.format(name="three"), word="x ")
        added.wait(quiet=True)
        print(json.dumps([added.outputs()[0], *(ran.outputs() or ())]))
        """,
        cwd=tmp_path,
    )
    assert printed == [5 + 2 * 86400 + 3, "x one", "x three", "x two"]


def test_only_texts_are_changed(tmp_path: Path) -> None:
    folder, declared = tmp_path / "inputs", {"/var/inputs": Path("/a"), "/var/outputs": Path("/b")}
    folder.mkdir()
    binary, large = b"\0/var/inputs", b"/var/inputs " * (MOST_BYTES // 11)
    latin, text = "ü/var/inputs".encode("latin-1"), "ü /var/inputs/x /var/outputs\r\n".encode()
    for name, content in {"binary": binary, "large": large, "latin": latin, "text": text}.items():
        (folder / name).write_bytes(content)
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text("/var/inputs")
    replace_in_files(folder, declared)
    assert (folder / "text").read_bytes() == "ü /a/x /b\r\n".encode()
    assert [(folder / name).read_bytes() for name in ("binary", "large", "latin")] == [binary, large, latin]
    assert (tmp_path / "elsewhere").read_text() == "/var/inputs"


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("-o/var/inputs/x", "-o/a/x"), ("--to=/var/inputs", "--to=/a"), ("file:///var/inputs", "file:///a"),
        ("PATH=/bin:/var/inputs/bin", "PATH=/bin:/a/bin"), ("/mnt/var/inputs", "/mnt/var/inputs"),
        ("../var/inputs", "../var/inputs"), ("~/var/inputs", "~/var/inputs"), ("/var/inputs.", "/var/inputs."),
        ("x" * 300000 + "/var/inputs", "x" * 300000 + "/var/inputs"),
    ],
)  # fmt: skip
def test_a_declared_path_is_told_from_the_end_of_another(text: str, changed: str) -> None:
    assert replaced(text, {"/var/inputs": Path("/a")}) == changed


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


@pytest.mark.parametrize(
    ("declared", "changed"),
    [
        ({"/var/in": Path("/var/out/1"), "/var/out": Path("/b")}, "/var/out/1 /b /b/1"),
        ({"/var": Path("/a"), "/var/out": Path("/b")}, "/a/in /b /b/1"),
        ({}, "/var/in /var/out /var/out/1"),
    ],
)
def test_declared_paths_are_replaced_once_and_the_longest_counts(declared: dict[str, Path], changed: str) -> None:
    assert replaced("/var/in /var/out /var/out/1", declared) == changed
