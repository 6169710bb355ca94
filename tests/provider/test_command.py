"""The plugin's command line: the engine's arguments, and a person's."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pulumi_flyte.version import VERSION
from pulumi_flyte_provider.__main__ import engine_address


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pulumi_flyte_provider", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


def test_it_says_its_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"pulumi-resource-flyte {VERSION}\n")


def test_help_says_who_starts_it() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "The Pulumi engine starts it" in " ".join(done.stdout.split())


@pytest.mark.parametrize("arguments", [["--frob"], ["--versio"], ["-x"], ["--frob", "--frab=1"]])
def test_unknown_flags_are_one_line_and_end_with_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"pulumi-resource-flyte: unknown arguments: {' '.join(arguments)} (see --help)\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["127.0.0.1:4242"],
        ["-logflow", "-logtostderr", "-v=9", "127.0.0.1:4242"],
        ["-tracing", "http://127.0.0.1:9411", "127.0.0.1:4242"],
        ["-of-a-later-engine", "127.0.0.1:4242"],
    ],
)
def test_the_engines_address_is_found_among_its_options(arguments: list[str]) -> None:
    assert engine_address(arguments) == "127.0.0.1:4242"
