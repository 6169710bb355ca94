"""`tools/build` in a checkout of its own, with a PATH of its own: what it uses, what it says."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The parts of the repository that the tool works with, nothing built."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The only folder on PATH, with a `uv` in it."""
    folder = tmp_path / "path"
    folder.mkdir()
    program(folder, "uv", "echo uv 0")
    return folder


HOSTS = (
    "pulumi-language-nodejs",
    "pulumi-language-go",
    "pulumi-language-yaml",
    "pulumi-flyte-sdk",
    "pulumi-flyte-sdk-dotnet",
)  # what the tests in other languages use


def program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def build(checkout: Path, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "tools" / "build"), *options]
    return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, check=False)


def install(path: Path, version: str) -> None:
    program(path, "pulumi", f"echo v{version}")
    program(path, "pulumi-language-python", "")
    program(path, "pulumi-language-python-exec", "")


@pytest.mark.parametrize("version", ["3.250.0", "3.259.0", "3.300.1", "4.0.0"])
def test_an_installed_pulumi_is_used_as_it_is(checkout: Path, path: Path, version: str) -> None:
    install(path, version)
    done = build(checkout, path)
    assert (done.returncode, done.stderr) == (0, "")
    assert list((checkout / ".tools" / "bin").iterdir()) == []


def test_an_earlier_build_makes_way_for_an_installed_pulumi(checkout: Path, path: Path) -> None:
    built = checkout / ".tools" / "bin"
    built.mkdir(parents=True)
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "uv"):
        (built / name).touch()
    install(path, "3.259.0")
    assert build(checkout, path).returncode == 0
    assert [file.name for file in built.iterdir()] == ["uv"]


@pytest.mark.parametrize("version", ["3.249.9", "3.79.0", "2.99.0"])
def test_an_old_pulumi_is_named_and_not_used(checkout: Path, path: Path, version: str) -> None:
    install(path, version)
    done = build(checkout, path)
    assert done.returncode == 1
    assert f"v{version}) is older than 3.250" in done.stderr


def test_a_pulumi_without_its_python_host_is_not_used(checkout: Path, path: Path) -> None:
    program(path, "pulumi", "echo v3.259.0")
    assert build(checkout, path).returncode == 1


def test_without_pulumi_and_go_it_says_what_to_install(checkout: Path, path: Path) -> None:
    done = build(checkout, path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "https://www.pulumi.com/docs/install/" in done.stderr
    assert "https://go.dev/dl/" in done.stderr


def test_what_was_built_is_not_built_again_until_its_pin_changes(checkout: Path, path: Path) -> None:
    program(
        path,
        "go",
        f'[ "$1" = list ] && {{ echo {checkout}/sdk; exit; }}; while [ "$1" != -o ]; do shift; done; : > "$2"',
    )
    path_with_shell = Path(f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    exec_script = checkout / "sdk" / "python" / "cmd" / "pulumi-language-python-exec"
    exec_script.parent.mkdir(parents=True)
    exec_script.write_text("exec")
    exec_script.chmod(0o444)

    first = build(checkout, path_with_shell)
    assert first.returncode == 0, first.stderr
    assert first.stderr.count("Building") == 2
    assert (checkout / ".tools" / "bin" / "pulumi-language-python-exec").stat().st_mode & 0o777 == 0o755

    assert build(checkout, path_with_shell).stderr == ""

    with (checkout / "tools" / "pulumi" / "go.sum").open("a") as pins:
        pins.write("\n")
    assert build(checkout, path_with_shell).stderr.count("Building") == 1


def test_a_failing_build_is_told_without_a_traceback(checkout: Path, path: Path) -> None:
    program(path, "go", "echo 'no space left on device' >&2; exit 1")
    done = build(checkout, Path(f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin"))
    assert done.returncode == 1
    assert "no space left on device" in done.stderr
    assert "error: `build" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("tools_build", str(ROOT / "tools" / "build"))
    spec = importlib.util.spec_from_loader("tools_build", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tools_build"] = module
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["CLI", "PYTHON_HOST", "NODE_HOST"])
def test_every_module_pins_what_is_built_from_it(tool: ModuleType, name: str) -> None:
    pinned = getattr(tool, name)
    module = (ROOT / "tools" / pinned.module / "go.mod").read_text()
    assert f"\ntool {pinned.package}\n" in module


def test_every_program_of_the_test_cluster_is_pinned_or_ours(tool: ModuleType) -> None:
    for program in tool.CLUSTER_TOOLS:
        folder = ROOT / "tools" / program.module
        pinned = re.findall(r"(\S+) v\d\S*", (folder / "go.mod").read_text())
        is_ours = program.package == "." and (folder / "main.go").exists()
        assert is_ours or any(program.package.startswith(f"{module}/") for module in pinned), program.name


def test_a_program_of_the_test_cluster_is_built_by_its_name(checkout: Path, path: Path) -> None:
    program(path, "go", 'while [ "$1" != -o ]; do shift; done; : > "$2"')
    path_with_shell = Path(f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    done = build(checkout, path_with_shell, "--cluster", "pause", "kubelet")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("into .tools/cluster/bin") == 2
    built = {file.name for file in (checkout / ".tools" / "cluster" / "bin").iterdir()}
    assert built == {"pause", ".pause.stamp", "kubelet", ".kubelet.stamp"}
    assert build(checkout, path_with_shell, "--cluster", "pause", "kubelet").stderr == ""
    with (checkout / "tools" / "pause" / "main.go").open("a") as code:
        code.write("\n")
    assert build(checkout, path_with_shell, "--cluster", "pause", "kubelet").stderr.count("Building pause") == 1


def test_a_program_that_the_test_cluster_does_not_have_is_named(checkout: Path, path: Path) -> None:
    done = build(checkout, path, "--cluster", "kubeproxy")
    assert done.returncode == 1
    assert "kubeproxy. Its programs: pause, buildctl" in done.stderr


def test_the_built_cli_has_the_version_that_its_module_pins(tool: ModuleType) -> None:
    module = (ROOT / "tools" / "pulumi" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 {tool.PULUMI} " in module
    assert f"github.com/pulumi/pulumi/sdk/v3 {tool.PULUMI} " in module


@pytest.mark.parametrize("browser", ["chromium", "chromium-browser", "google-chrome"])
def test_an_installed_browser_is_used_as_it_is(checkout: Path, path: Path, browser: str) -> None:
    install(path, "3.259.0")
    for name in (*HOSTS, browser):
        program(path, name, "")
    program(path, "apt-get", "exit 1")
    assert build(checkout, path, "--all").stderr == ""


def test_a_browser_is_installed_where_that_is_possible(checkout: Path, path: Path) -> None:
    install(path, "3.259.0")
    for host in HOSTS:
        program(path, host, "")
    program(path, "apt-get", 'echo "asked: $*"')
    done = build(checkout, path, "--all")
    assert done.returncode == 0
    if os.geteuid() == 0:
        assert "asked: --quiet update" in done.stderr
        assert "asked: --quiet install --yes --no-install-recommends chromium" in done.stderr
    else:
        assert "tests of pages will be skipped" in done.stderr


def test_without_a_browser_the_tests_that_need_one_are_skipped_and_it_says_so(checkout: Path, path: Path) -> None:
    install(path, "3.259.0")
    for host in HOSTS:
        program(path, host, "")
    done = build(checkout, path, "--all")
    assert done.returncode == 0
    assert "No browser is on PATH (chromium, chromium-browser, google-chrome)" in done.stderr
    program(path, "apt-get", "echo no network >&2; exit 100")
    assert build(checkout, path, "--all").returncode == 0
