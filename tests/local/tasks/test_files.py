"""Files of tasks: the verbs of Flyte's SDK and of fsspec, and libraries with input and output of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flyte_local.processes.environment import TASK_PATH

from .conftest import World

CODE = """
import hashlib, os, pathlib, shutil, tempfile
import flyte, flyte.storage as storage
from flyte.io import Dir, File, HashFunction

env = flyte.TaskEnvironment(name="files", image="auto")

def tree():
    folder = tempfile.mkdtemp()
    os.makedirs(folder + "/tree/sub")
    for name, text in (("a.txt", "a"), ("sub/b.txt", "bb")):
        with open(f"{folder}/tree/{name}", "w") as handle:
            handle.write(text)
    return pathlib.Path(folder)

def text(path):
    with open(path) as handle:
        return handle.read()

def spoil(path):
    with open(path, "w") as handle:
        handle.write("changed")

@env.task
def makes() -> tuple[File, Dir, File]:
    folder = tree()
    file, whole = File.from_local_sync(folder / "tree/a.txt"), Dir.from_local_sync(folder / "tree")
    new = File.new_remote("new.txt")
    with new.open_sync("wb") as handle:
        handle.write(b"new")
    shutil.rmtree(folder)
    assert file.exists_sync() and whole.exists_sync()
    return file, whole, new

@env.task
async def makes_async() -> tuple[File, Dir, File]:
    folder = tree()
    hashed = HashFunction.from_fn(lambda content: hashlib.md5(content).hexdigest())
    file = await File.from_local(str(folder / "tree/a.txt"), hash_method=hashed)
    whole, new = await Dir.from_local(str(folder / "tree/")), File.new_remote("new.txt")
    async with new.open("wb") as handle:
        await handle.write(b"new")
    shutil.rmtree(folder)
    assert file.hash and await file.exists() and await whole.exists()
    return file, whole, new

@env.task
def uses(file: File, whole: Dir, new: File) -> list[str]:
    to = pathlib.Path(tempfile.mkdtemp())
    copy, copies = file.download_sync(), whole.download_sync()
    seen = [text(copy), os.path.basename(copy), text(new.download_sync()), text(file.download_sync(to / "n/x.txt")),
            text(file.download_sync(str(to / "y.txt"))), str(sorted(os.listdir(copies))), os.path.basename(copies),
            str(sorted(os.listdir(whole.download_sync(to / "whole")))),
            str(sorted(text(each.download_sync()) for each in whole.walk_sync()))]
    spoil(copy), spoil(copies + "/a.txt")
    with file.open_sync("rb") as handle:
        return [*seen, handle.read().decode(), text(whole.download_sync() + "/a.txt")]

@env.task
async def uses_async(file: File, whole: Dir, new: File) -> list[str]:
    to = pathlib.Path(tempfile.mkdtemp())
    copy, copies = await file.download(), await whole.download()
    seen = [text(copy), os.path.basename(copy), text(await new.download()), text(await file.download(to / "n/x.txt")),
            text(await file.download(str(to / "y.txt"))), str(sorted(os.listdir(copies))), os.path.basename(copies),
            str(sorted(os.listdir(await whole.download(to / "whole")))),
            str(sorted([text(await each.download()) async for each in whole.walk()]))]
    spoil(copy), spoil(copies + "/a.txt")
    async with file.open("rb") as handle:
        return [*seen, bytes(await handle.read()).decode(), text(await whole.download() + "/a.txt")]

@env.task
async def stores(file: File) -> list[str]:
    handle = await storage.open(file.path, "rb")
    read = bytes(await handle.read())
    streamed = b"".join([bytes(chunk) async for chunk in storage.get_stream(file.path)])
    put, got = await storage.put_stream(b"put", name="p.bin"), await storage.get(file.path)
    return [read.decode(), streamed.decode(), text(put), text(got), str(got != file.path)]

@env.task
async def libraries() -> list[int]:
    import pandas as pd, pyarrow as pa, pyarrow.dataset as ds, pyarrow.fs as fs, pyarrow.parquet as pq
    table, paths = pa.table({"a": [1, 2, 3]}), [File.new_remote(f"{n}.parquet").path for n in range(3)]
    folder = flyte.ctx().raw_data_path.get_random_remote_path("many")
    pq.write_table(table, paths[0]), ds.write_dataset(table, folder, format="parquet")
    pd.DataFrame({"a": [1, 2, 3]}).to_parquet(paths[1])
    with open(paths[2], "wb") as handle:  # As a library that is not Python's does it.
        handle.write(open(paths[0], "rb").read())
    files, path = fs.FileSystem.from_uri(paths[2])
    return [pq.read_table(paths[0]).num_rows, ds.dataset(folder).count_rows(), len(pd.read_parquet(paths[1])),
            files.get_file_info(path).is_file + 2]

@env.task
async def main() -> list[list[str]]:
    made, made_async = await makes.aio(), await makes_async()
    return [await uses.aio(*made), await uses_async(*made), await uses.aio(*made_async), await uses_async(*made_async),
            await stores(made[0]), [str(rows) for rows in await libraries()]]
"""

VERBS = """
import asyncio, os, pathlib, sys, tempfile
import fsspec
from fsspec.asyn import AsyncFileSystem

root, kind = sys.argv[1], {"str": str, "Path": pathlib.Path}[sys.argv[2]]
files, _ = fsspec.url_to_fs(root)
place = lambda name: kind(f"{root}/{name}")
local = tempfile.mkdtemp()
here = lambda name: kind(f"{local}/{name}")

async def check(verb):
    await verb("pipe_file")(place("x/y/a.txt"), b"hello")
    await verb("pipe")(place("x/y/b.txt"), b"b")
    assert await verb("cat_file")(place("x/y/a.txt"), start=1, end=3) == b"el"
    assert await verb("cat")(place("x/y/a.txt")) == b"hello"
    assert len(await verb("cat")([place("x/y/a.txt"), place("x/y/b.txt")])) == 2
    assert await verb("cat_ranges")([place("x/y/a.txt")], [0], [2]) == [b"he"]
    assert await verb("exists")(place("x/y/a.txt")) and not await verb("exists")(place("z"))
    assert await verb("isfile")(place("x/y/a.txt")) and await verb("isdir")(place("x/y"))
    assert (await verb("info")(place("x/y/a.txt")))["size"] == await verb("size")(place("x/y/a.txt")) == 5
    assert await verb("du")(place("x/y")) == 6
    for name, what in (("ls", "x/y"), ("find", "x"), ("glob", "x/*/*.txt")):
        assert len(await verb(name)(place(what))) == 2, name
    assert len(await verb("expand_path")(place("x"), recursive=True)) == 4
    await verb("get")(place("x/y/a.txt"), here("n/a.txt"))
    await verb("get")(place("x"), here("all"), recursive=True)
    assert open(f"{local}/n/a.txt").read() == open(f"{local}/all/y/a.txt").read() == "hello"
    await verb("put")(here("n/a.txt"), place("p/q/put.txt"))
    await verb("put")(here("all"), place("r"), recursive=True)
    assert await verb("exists")(place("r/y/a.txt"))
    await verb("cp_file")(place("x/y/a.txt"), place("c/d/cp.txt"))
    await verb("copy")(place("x/y/a.txt"), place("c/e/cp.txt"))
    await verb("mv_file")(place("c/d/cp.txt"), place("c/f/mv.txt"))
    assert await verb("exists")(place("c/f/mv.txt")) and not await verb("exists")(place("c/d/cp.txt"))
    await verb("mkdir")(place("m/n")), await verb("makedirs")(place("m/n/o"), exist_ok=True)
    await verb("rm_file")(place("x/y/b.txt")), await verb("rm")(place("x"), recursive=True)
    assert not await verb("exists")(place("x"))
    for name in "prcm":
        await verb("rm")(place(name), recursive=True)

def synchronous(name):
    async def verb(*arguments, **options):
        return getattr(files, name)(*arguments, **options)
    return verb

async def opened():
    async with await files.open_async(place("o/a.bin"), "wb") as handle:
        await handle.write(b"12")
    async with await files.open_async(place("o/a.bin"), "rb") as handle:
        assert await handle.read() == b"12"
    assert [names async for _, _, names in files._walk(place("o"))] == [["a.bin"]]
    assert await fsspec.filesystem("file", asynchronous=True)._cat_file(place("o/a.bin")) == b"12"

assert isinstance(files, AsyncFileSystem)
asyncio.run(check(synchronous))
asyncio.run(check(lambda name: getattr(files, "_" + name)))
asyncio.run(opened())
with fsspec.open(f"{root}/f/x.txt", "w") as handle:
    handle.write("t")
files.mv(place("f/x.txt"), place("g/x.txt"))
with files.open(place("g/x.txt")) as handle:
    assert handle.read() == b"t"
files.rm(place("g"), recursive=True)
print("all verbs")
"""


def test_files_are_copied_and_read_whatever_the_verb_and_the_library(world: World, tmp_path: Path) -> None:
    (tmp_path / "files.py").write_text(CODE)
    results = world.python(
        """
        import files
        run = flyte.run(files.main)
        run.wait(quiet=True)
        print(json.dumps(run.outputs()[0] if run.phase.value == "succeeded" else [run.name, run.phase.value]))
        """,
        cwd=tmp_path,
    )
    names = "['a.txt', 'sub']"
    used = ["a", "a.txt", "new", "a", "a", names, "tree", names, "['a', 'bb']", "a", "a"]
    assert results == [used, used, used, used, ["a", "a", "put", "a", "True"], ["3", "3", "3", "3"]]


@pytest.mark.parametrize(("scheme", "kind"), [("", "str"), ("", "Path"), ("file://", "str")])
def test_every_verb_of_fsspec_synchronous_and_not(tmp_path: Path, scheme: str, kind: str) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TASK_PATH)}
    command = [sys.executable, "-c", VERBS, f"{scheme}{tmp_path}", kind]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "all verbs\n", done.stderr
