"""Values of every kind that the SDK serialises, through unmodified tasks: client to task, task to task, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import World

CODE = """
import dataclasses, datetime, enum, os, tempfile, typing
import flyte, pydantic
import pandas as pd
from flyte.io import DataFrame, Dir, File

env = flyte.TaskEnvironment(name="kinds", image="auto")

class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"

class Point(pydantic.BaseModel):
    x: int
    y: float = 0.5
    tags: list[str] = []

@dataclasses.dataclass
class Lid:
    name: str

@dataclasses.dataclass
class Box:
    name: str
    sizes: dict[str, int]
    when: datetime.datetime
    lid: typing.Optional[Lid] = None

@dataclasses.dataclass
class Parcel:
    file: File
    folder: Dir

class Opaque:
    def __init__(self, value): self.value = value

@env.task
async def scalars(
    i: int, f: float, s: str, b: bool, at: datetime.datetime, took: datetime.timedelta, colour: Colour
) -> tuple[int, float, str, bool, datetime.datetime, datetime.timedelta, Colour]:
    assert isinstance(colour, Colour)
    return i, f, s, b, at, took, colour

@env.task
async def choices(a: typing.Optional[int] = None, b: typing.Union[int, str] = 3,
                  c: str | None = "x") -> tuple[typing.Optional[int], typing.Union[int, str], str | None]:
    return a, b, c

@env.task
async def nested(l: list[list[int]], d: dict[str, dict[str, list[float]]],
                 m: list[Point]) -> tuple[list[list[int]], dict[str, dict[str, list[float]]], list[Point]]:
    return l, d, m

@env.task
async def models(point: Point, box: Box, boxes: dict[str, Box]) -> tuple[Point, Box, dict[str, Box]]:
    assert isinstance(point, Point) and isinstance(box, Box) and isinstance(boxes["k"].lid, Lid)
    return point, box, boxes

@env.task
async def opaque(value: Opaque) -> Opaque:
    return Opaque(value.value + 1)

@env.task
async def nothing(x: int) -> None:
    print("nothing", x)

@env.task
async def frames(source: pd.DataFrame, other: DataFrame) -> tuple[pd.DataFrame, DataFrame]:
    read = await other.open(pd.DataFrame).all()
    return source * 2, DataFrame.from_df(read + 1)

@env.task
async def rows(source: pd.DataFrame) -> int:
    return len(source)

@env.task
async def makes(x: int) -> tuple[File, File, Dir, Parcel]:
    with open("relative.txt", "w") as handle:
        handle.write(f"relative {x}")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.txt")
        with open(path, "w") as handle:
            handle.write(f"temporary {x}")
        relative, file, whole = (
            await File.from_local("relative.txt"), await File.from_local(path), await Dir.from_local(folder))
    return relative, file, whole, Parcel(file, whole)

@env.task
async def reads(parcel: Parcel, file: File) -> str:
    path = await parcel.file.download()
    with open(path, "a") as handle:
        handle.write("!")
    folder = await parcel.folder.download()
    async with file.open("rb") as handle:
        direct = bytes(await handle.read()).decode()
    return f"{open(path).read()} {sorted(os.listdir(folder))} {direct}"

@env.task
async def passes(x: int) -> list[str]:
    relative, _, _, parcel = await makes(x)
    return [await reads(parcel, relative), await reads(parcel, relative), str(await rows(pd.DataFrame({"a": [1, x]})))]
"""


@pytest.fixture(scope="module")
def kinds(shared_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "kinds.py").write_text(CODE)
    return folder


def test_plain_values_models_and_what_is_pickled_come_back_equal(world: World, kinds: Path) -> None:
    printed = world.python(
        """
        import datetime, enum, kinds
        from kinds import Box, Colour, Opaque, Point
        at = datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=datetime.timezone.utc)
        took = datetime.timedelta(days=1, microseconds=5)
        box = Box("b", {"a": 1}, at, kinds.Lid("c"))
        inputs = {
            "scalars": (-5, 1.5, "ü", False, at, took, Colour.BLUE),
            "choices": (7, "s", None),
            "nested": ([[1], [], [2, 3]], {"a": {"b": [1.0]}}, [Point(x=1, tags=["t"])]),
            "models": (Point(x=3), box, {"k": box}),
            "opaque": (Opaque(41),),
            "nothing": (1,),
        }
        runs = {name: flyte.run(getattr(kinds, name), *values) for name, values in inputs.items()}
        defaults = flyte.run(kinds.choices)
        def outputs(run):
            run.wait(quiet=True)
            assert run.phase.value == "succeeded", (run.name, run.phase)
            return tuple(run.outputs())
        def text(value):  # The client builds its own enumeration from the interface.
            return value.name if isinstance(value, enum.Enum) else value
        print(json.dumps({
            "scalars": [text(v) for v in outputs(runs["scalars"])] == [text(v) for v in inputs["scalars"]],
            "choices": outputs(runs["choices"]) == inputs["choices"],
            "defaults": outputs(defaults) == (None, 3, "x"),
            "lists": outputs(runs["nested"])[:2] == inputs["nested"][:2],
            "pydantic": [p.model_dump() for p in (*outputs(runs["nested"])[2], outputs(runs["models"])[0])],
            "dataclass": [outputs(runs["models"])[1].lid.name, outputs(runs["models"])[2]["k"].sizes],
            "pickle": outputs(runs["opaque"])[0].value,
            "nothing": outputs(runs["nothing"]),
        }))
        """,
        cwd=kinds,
    )
    assert printed == {
        "scalars": True,
        "choices": True,
        "defaults": True,
        "lists": True,
        "pydantic": [{"x": 1, "y": 0.5, "tags": ["t"]}, {"x": 3, "y": 0.5, "tags": []}],
        "dataclass": ["c", {"a": 1}],
        "pickle": 42,
        "nothing": [None],
    }


def test_data_frames_of_a_client_and_of_a_task(world: World, kinds: Path) -> None:
    printed = world.python(
        """
        import kinds, pandas as pd
        run = flyte.run(kinds.frames, pd.DataFrame({"a": [1, 2]}), kinds.DataFrame.from_df(pd.DataFrame({"b": [1.5]})))
        run.wait(quiet=True)
        print(json.dumps([pd.read_parquet(out.uri).to_dict("list") for out in run.outputs()]))
        """,
        cwd=kinds,
    )
    assert printed == [{"a": [2, 4]}, {"b": [2.5]}]


def test_what_a_task_leaves_in_its_own_or_a_temporary_folder_is_kept(world: World, kinds: Path) -> None:
    """`File.from_local` is an upload as on Flyte, so the task's folders may go; and a download is a copy."""
    printed = world.python(
        """
        import kinds
        run, parent = flyte.run(kinds.makes, 1), flyte.run(kinds.passes, 2)
        run.wait(quiet=True), parent.wait(quiet=True)
        relative, file, folder, parcel = run.outputs()
        again = flyte.run(kinds.reads, parcel, relative)
        again.wait(quiet=True)
        print(json.dumps([
            open(relative.download_sync()).read(), open(file.download_sync()).read(),
            os.listdir(folder.download_sync()), open(parcel.file.path).read(), parent.outputs()[0], again.outputs()[0],
        ]))
        """,
        cwd=kinds,
    )
    assert printed[:4] == ["relative 1", "temporary 1", ["t.txt"], "temporary 1"]
    assert printed[4] == ["temporary 2! ['t.txt'] relative 2"] * 2 + ["2"]
    assert printed[5] == "temporary 1! ['t.txt'] relative 1"


def test_a_clients_files_are_downloaded_by_the_task(world: World, kinds: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "two.txt").write_text("two")
    (tmp_path / "one #1.txt").write_text("one")
    printed = world.python(
        f"""
        import kinds
        file = File.from_local_sync({str(tmp_path / "one #1.txt")!r})
        parcel = kinds.Parcel(file, Dir.from_local_sync({str(tmp_path / "folder")!r}))
        runs = [flyte.run(kinds.reads, parcel, file) for _ in range(2)]
        for run in runs:
            run.wait(quiet=True)
        print(json.dumps([run.outputs()[0] for run in runs]))
        """,
        cwd=kinds,
    )
    assert printed == ["one! ['two.txt'] one"] * 2
