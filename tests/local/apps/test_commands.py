"""The command line: what a person types, and what is said of a mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flyte_local.home import Home
from flyte_local.version import VERSION

from .conftest import Plane

COMMAND = [sys.executable, "-m", "flyte_local"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_it_says_its_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"flyte-local {VERSION}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--frob"], "unknown arguments: --frob"),
        (["status", "--frob"], "unknown arguments: --frob"),
        (["status", "more"], "unknown arguments: more"),
        ([], "say a command, such as status"),
        (["frob"], "invalid choice: 'frob'"),
        (["status", "--port", "x"], "'x' is not a port"),
        (["logs"], "required: name"),
        (["status", "--ho", "x"], "unknown arguments: --ho x"),
    ],
)
def test_a_mistake_is_one_line_and_ends_with_2(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["nope", "shop/development/nope", "../../etc", "*", ""])
def test_an_unknown_name_lists_the_apps(plane: Plane, name: str) -> None:
    plane.up("named")
    plane.fetch("named")
    done = run("logs", name, "--home", str(plane.home.path))
    assert done.returncode == 1
    assert f"no app and no run is called {name!r}: " in done.stderr
    assert "not running" not in done.stderr


def test_without_a_server_it_says_so(tmp_path: Path) -> None:
    done = run("logs", "nope", "--home", str(tmp_path / "home"))
    assert done.returncode == 1
    assert "no app has written anything yet; flyte-local is not running" in done.stderr


def test_the_server_of_another_home_is_not_that_of_a_named_home(plane: Plane, tmp_path: Path) -> None:
    plane.up("elsewhere")
    at = ["--port", str(plane.port), "--home", str(tmp_path / "home")]
    done = run("status", *at)
    assert (done.returncode, done.stdout) == (3, f"not running (home {tmp_path / 'home'})\n")
    done = run("open", "elsewhere", *at)
    assert done.returncode == 1
    assert "the server is not running" in done.stderr
    assert "elsewhere" in run("status", "--port", str(plane.port), "--home", str(plane.home.path)).stdout


def test_a_run_s_name_shows_what_it_wrote_and_where_its_page_is(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    for attempt, text in ((9, "former\n"), (10, "one\ntwo\nthree\n")):
        log = home.runs / "shop" / "development" / "r1" / "a0" / str(attempt) / "task.log"
        log.parent.mkdir(parents=True)
        log.write_text(text)
    done = run("logs", "r1", "-n", "2", "--home", str(home.path))
    assert (done.returncode, done.stdout) == (0, "two\nthree\n")
    assert done.stderr.startswith("shop/development/r1 is a run: its page, with its other actions, is http://")
    followed = run("logs", "-f", "shop/development/r1", "--home", str(home.path))
    assert followed.returncode == 1
    assert "shop/development/r1 is a run, and -f follows apps only: see http://" in followed.stderr


def test_a_reader_that_has_enough_costs_no_traceback(plane: Plane) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [*COMMAND, "status", "--home", str(plane.home.path)]
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
