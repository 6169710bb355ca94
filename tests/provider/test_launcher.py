"""The script that the engine starts as the plugin: which environment it takes, and what it says if it can make none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).resolve().parents[2] / "provider" / "launcher" / "launcher.py"
PROGRAM = "pulumi-resource-flyte"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The unpacked archive of the plugin, without wheels, in a folder with a blank."""
    folder = tmp_path / "plugin folder"
    folder.mkdir()
    shutil.copy(LAUNCHER, folder / PROGRAM)
    (folder / PROGRAM).chmod(0o755)
    (folder / "constraints.txt").touch()
    return folder


def environment(folder: Path, version: str) -> Path:
    """Make an environment whose plugin prints the folder."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "bin" / PROGRAM).write_text(f"import sys\nprint({str(folder)!r}, sys.argv[1:])\n")
    (folder / "lib" / "python3.12" / "site-packages" / f"pulumi_flyte-{version}.dist-info").mkdir(parents=True)
    return folder


def start(plugin: Path, program: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    program.mkdir(exist_ok=True)
    # Without an index, so that nothing is downloaded, and without uv.
    settings = {
        "PIP_INDEX_URL": "http://127.0.0.1:1/",
        "PIP_RETRIES": "0",
        "PIP_FIND_LINKS": "",
        "PIP_CONFIG_FILE": os.devnull,
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    return subprocess.run(
        [sys.executable, str(plugin / PROGRAM), "127.0.0.1:5000"],
        cwd=program,
        env={"PATH": path, "HOME": str(program), **settings, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_programs_own_environment_is_taken(plugin: Path, tmp_path: Path) -> None:
    folder = environment(tmp_path / "program" / ".venv", "0.1.0")
    assert start(plugin, tmp_path / "program").stdout == f"{folder} ['127.0.0.1:5000']\n"


def test_the_active_environment_is_taken_first(plugin: Path, tmp_path: Path) -> None:
    environment(tmp_path / "program" / ".venv", "0.1.0")
    active = environment(tmp_path / "active", "0.1.0")
    assert start(plugin, tmp_path / "program", VIRTUAL_ENV=str(active)).stdout.startswith(str(active))


def test_an_environment_with_another_version_is_named_and_not_taken(plugin: Path, tmp_path: Path) -> None:
    other = environment(tmp_path / "program" / ".venv", "0.2.0")
    ready = environment(plugin / "python" / "environment", "0.1.0")
    (plugin / "python" / "complete").touch()
    done = start(plugin, tmp_path / "program")
    assert done.stdout.startswith(str(ready))
    assert done.stderr == f"{PROGRAM}: {other} has another version of pulumi-flyte, which is not used.\n"


def test_an_environment_that_cannot_be_made_is_one_message(plugin: Path, tmp_path: Path) -> None:
    wheels = plugin / "wheels"
    wheels.mkdir()
    (plugin / "constraints.txt").write_text("a-package-that-no-index-has==1\n")
    (wheels / "pulumi_flyte-0.1.0-py3-none-any.whl").write_bytes(b"no wheel")
    done = start(plugin, tmp_path / "program")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "its Python packages could not be installed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (plugin / "python" / "environment").exists()


def test_an_environment_whose_python_is_gone_is_not_taken(plugin: Path, tmp_path: Path) -> None:
    broken = environment(tmp_path / "program" / ".venv", "0.1.0")
    ready = environment(plugin / "python" / "environment", "0.1.0")
    (plugin / "python" / "complete").touch()
    (broken / "bin" / "python").unlink()
    (broken / "bin" / "python").symlink_to("/there/is/no/python")
    done = start(plugin, tmp_path / "program")
    assert done.stdout.startswith(str(ready))
    assert f"{broken} has no Python any more" in done.stderr


def test_the_plugins_own_environment_is_made_again_where_its_python_is_gone(plugin: Path, tmp_path: Path) -> None:
    ready = environment(plugin / "python" / "environment", "0.1.0")
    (plugin / "python" / "complete").touch()
    (ready / "bin" / "python").unlink()
    (plugin / "constraints.txt").write_text("")
    (plugin / "wheels").mkdir()
    (plugin / "wheels" / "pulumi_flyte-0.1.0-py3-none-any.whl").write_bytes(b"no wheel")
    done = start(plugin, tmp_path / "program")
    assert "installing the plugin's Python packages" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (plugin / "python" / "complete").exists()


def test_a_folder_that_cannot_be_written_is_one_message(plugin: Path, tmp_path: Path) -> None:
    (plugin / "python").touch()  # a file stands where the folder has to be
    done = start(plugin, tmp_path / "program")
    assert done.returncode == 1
    assert "its Python environment cannot be made" in done.stderr
    assert str(plugin / "python") in done.stderr
    assert "Traceback" not in done.stderr
