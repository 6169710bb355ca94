"""The command ends without a traceback, whenever a signal comes and wherever its output goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# Sends a signal while a module is imported, or while the subcommand runs.
CODE = """
import os, sys, time
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Finder())
from pulumi_flyte_review.__main__ import main
sys.argv = ["pulumi-flyte", "graph"]
sys.exit(main())
"""
# Sends a signal when the engine runs and nothing waits for it yet.
START = """
import os, subprocess, sys, time
class Popen(subprocess.Popen):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        while not os.path.exists("started"):
            time.sleep(0.01)
        os.kill(os.getpid(), {number})
subprocess.Popen = Popen
from pulumi_flyte_review.__main__ import main
sys.argv = ["pulumi-flyte", "diff"]
sys.exit(main())
"""
# An engine that needs a moment to end what it has begun, and notes each interrupt.
ENGINE = """#!/bin/sh
trap 'echo interrupted >> interrupts; sleep 0.5; echo ended >> interrupts; exit 1' INT
touch started
while :; do sleep 0.05; done
"""


@pytest.fixture
def heeded_signals() -> Iterator[None]:
    """Let processes heed the signals, which they inherit as ignored if the tests run in the background."""
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number, handler in former.items():
        if handler is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("heeded_signals")
@pytest.mark.parametrize("module", ["pulumi_flyte_review.commands.main", "pulumi_flyte.policies", "yaml"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_imports_ends_the_command_quietly(module: str, number: signal.Signals) -> None:
    code = CODE.format(module=module, number=int(number))
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"")


def with_engine(folder: Path) -> dict[str, str]:
    """Return an environment in which `pulumi` is ENGINE."""
    engine = folder / "pulumi"
    folder.mkdir()
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.mark.usefixtures("heeded_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_handed_to_the_engine_once_and_waits_for_it(number: signal.Signals, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "pulumi_flyte_review", "diff", "--cwd", str(tmp_path))
    environment = with_engine(tmp_path / "bin")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not (tmp_path / "started").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        assert process.communicate() == (b"", b"")
    assert process.returncode == 128 + number
    assert (tmp_path / "interrupts").read_text().split() == ["interrupted", "ended"]


@pytest.mark.usefixtures("heeded_signals")
def test_a_signal_while_the_engine_is_started_is_handed_to_it(tmp_path: Path) -> None:
    code = START.format(number=int(signal.SIGINT))
    done = subprocess.run(
        (sys.executable, "-c", code), cwd=tmp_path, env=with_engine(tmp_path / "bin"), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, b"", b"")
    assert (tmp_path / "interrupts").read_text().split() == ["interrupted", "ended"]


@pytest.mark.parametrize("arguments", [["--help"], ["diff", "--help"]])
def test_help_whose_reader_went_away_is_quiet(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = (sys.executable, "-m", "pulumi_flyte_review", *arguments)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has this device")
def test_a_full_disk_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    command = (sys.executable, "-m", "pulumi_flyte_review", "graph", "--cwd", str(tmp_path), "--stack", "dev")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "error: standard output cannot be written: No space left on device\n",
    )
    done = subprocess.run((*command, "--output", "/dev/full"), stderr=subprocess.PIPE, encoding="utf-8", check=False)
    assert done.stderr == "error: --output /dev/full: the file cannot be written: No space left on device\n"
