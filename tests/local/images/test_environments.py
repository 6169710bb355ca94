"""Environments: built once, whole or not at all, kept."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flyte_local.errors import ImageError
from flyte_local.home import Home
from flyte_local.images.definition import Definition, parse
from flyte_local.images.environments import Environment, Environments

COWSAY = parse('local/python {"layers": [{"packages": ["cowsay==6.1"]}]}')


@pytest.fixture
def home(tmp_path: Path, with_uv: None) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def run(environment: Environment, code: str) -> str:
    done = subprocess.run([environment.python, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_concurrent_requests_build_once_and_later_ones_find_it(home: Home) -> None:
    lines: list[str] = []
    start = threading.Barrier(4)

    def get(_: int) -> Environment:
        start.wait(30)
        # Each with locks and processes of its own, as the server and a build's process have.
        return Environments(home).get(COWSAY, sys.executable, say=lines.append)

    with ThreadPoolExecutor(4) as threads:
        environments = list(threads.map(get, range(4)))
    assert len({environment.python for environment in environments}) == 1
    assert sum("Creating virtual environment" in line for line in lines) == 1
    assert run(environments[0], "import cowsay, flyte, flyte_runtime; print(flyte_runtime.__name__)") == "flyte_runtime"

    again: list[str] = []
    assert Environments(home).get(COWSAY, sys.executable, say=again.append) == environments[0]
    assert again == []


def test_variables_alone_need_no_environment(tmp_path: Path) -> None:
    environments = Environments(Home(tmp_path / "home"))
    only = parse('local/python {"env": {"MODE": "fast"}}')
    assert environments.find(only, sys.executable) == Environment(sys.executable, {"MODE": "fast"})
    assert environments.find(COWSAY, sys.executable) is None


def test_what_a_package_took_from_flyte_is_put_back(home: Home) -> None:
    older = parse('local/python {"layers": [{"packages": ["protobuf<6"]}]}')
    environment = Environments(home).get(older, sys.executable, say=print)
    assert run(environment, "import flyte.app, google.rpc.status_pb2; print('starts')") == "starts"


def test_an_environment_of_another_format_is_built_anew(home: Home) -> None:
    environments = Environments(home)
    environment = environments.get(COWSAY, sys.executable, say=print)
    environments.name("cows:1", environment)
    file = Path(environment.python).parents[2] / "environment.json"
    facts = json.loads(file.read_text())
    file.write_text(json.dumps({**facts, "format": facts["format"] - 1}))
    assert environments.named("cows:1") is None
    assert environments.find(COWSAY, sys.executable) is None
    assert environments.get(COWSAY, sys.executable, say=print) == environments.named("cows:1") == environment


def test_a_half_built_environment_is_built_anew(home: Home) -> None:
    environment = Environments(home).get(COWSAY, sys.executable, say=lambda line: None)
    folder = Path(environment.python).parent.parent.parent
    (folder / "environment.json").unlink()
    shutil.rmtree(folder / "env" / "lib")
    assert Environments(home).get(COWSAY, sys.executable, say=lambda line: None) == environment
    assert run(environment, "import cowsay; print(cowsay.__version__)") == "6.1"


def test_a_failed_build_says_why_and_leaves_nothing(home: Home) -> None:
    wrong = parse('local/python {"layers": [{"packages": ["no-such-package-of-anybody"]}]}')
    with pytest.raises(ImageError, match="no-such-package-of-anybody was not found in the package registry"):
        Environments(home).get(wrong, sys.executable, say=lambda line: None)
    assert [path.name for path in (home.path / "images").iterdir() if path.is_dir()] == []


def test_a_python_that_is_not_there_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    with pytest.raises(ImageError, match=r"asks for Python '3\.79', which uv neither found nor could fetch") as raised:
        Environments(home).get(Definition("3.79"), sys.executable, say=lambda line: None)
    assert "{}.{}".format(*sys.version_info) in str(raised.value)


def test_without_uv_it_says_how_to_get_it(tmp_path: Path, with_uv: None, monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = tmp_path / "bin" / "python"
    interpreter.parent.mkdir()
    interpreter.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(interpreter.parent))
    monkeypatch.setattr(sys, "executable", str(interpreter))
    home = Home(tmp_path / "home")
    home.prepare()
    with pytest.raises(ImageError, match="uv, which is not on the server's PATH: install it"):
        Environments(home).get(COWSAY, str(interpreter), say=lambda line: None)


def test_a_credential_in_an_index_url_is_in_no_message(home: Home) -> None:
    lines: list[str] = []
    url = "http://somebody:hunter22@127.0.0.1:9/simple"
    private = parse(f'local/python {{"layers": [{{"packages": ["cowsay"], "index_url": "{url}"}}]}}')
    with pytest.raises(ImageError) as raised:
        Environments(home).get(private, sys.executable, say=lines.append)
    assert "hunter22" not in "".join([str(raised.value), *lines])


def test_a_uv_project_is_installed_beside_the_sdk(home: Home, tmp_path: Path) -> None:
    project = tmp_path / "context" / "project"
    project.mkdir(parents=True)
    (project / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["cowsay==6.1"]\n'
    )
    step = ("sync", "--active", "--inexact", "--no-editable", "--project", "project", "--no-install-project")
    environment = Environments(home).get(
        Definition(steps=(step,)), sys.executable, tmp_path / "context", say=lambda line: None
    )
    assert run(environment, "import cowsay, flyte; print('both')") == "both"


def test_stopping_ends_a_build(home: Home) -> None:
    environments = Environments(home)
    stopper: list[threading.Thread] = []

    def say(line: str) -> None:
        if not stopper:
            stopper.append(threading.Thread(target=environments.stop))
            stopper[0].start()
            stopper[0].join(30)

    with pytest.raises(ImageError, match="stopped"):
        environments.get(COWSAY, sys.executable, say=say)
    assert not list((home.path / "images").glob("*/environment.json"))


def test_paths_of_the_server_are_none_of_the_image_s(tmp_path: Path) -> None:
    work = Path("/root/state/runs/r/work")
    image = Environment(sys.executable, {}, tmp_path, ("/home/flyte", "/root"), Path("/root/state"))
    texts = {
        "/home/flyte/rules": f"{work}/rules",
        "--dir=/root": f"--dir={work}",
        "file:///root/state/store/code.tgz": "file:///root/state/store/code.tgz",
        "/root/states": f"{work}/states",
    }
    assert {text: image.placed(text, work) for text in texts} == texts
    assert Environment(sys.executable).placed("/root/x", work) == "/root/x"


def test_links_in_an_image_s_files_become_what_they_lead_to(home: Home, tmp_path: Path) -> None:
    context, work = tmp_path / "context", tmp_path / "work"
    (context / "tree/sub").mkdir(parents=True)
    (context / "tree/sub/a.txt").write_text("a")
    (context / "tree/link").symlink_to("sub/a.txt")
    (context / "tree/nowhere").symlink_to("gone")
    work.mkdir()
    definition = Definition(copies=(("tree", "."),), workdirs=("/home/flyte",), variables={"A": "/home/flyte/link"})
    image = Environments(home).get(definition, sys.executable, context, say=print)
    assert image.lay_out(work) == {"A": str(work / "link")}
    assert {path.name for path in work.iterdir()} == {"sub", "link"}
    assert (work / "link").read_text() == "a"
    assert not (work / "link").is_symlink()
