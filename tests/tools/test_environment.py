"""`make -s env` and the Makefile, run by a real shell."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def shell(script: str, **variables: str) -> str:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), **variables}
    done = subprocess.run(["sh", "-euc", script], env=environment, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def evaluated(expression: str, **variables: str) -> str:
    return shell(f'eval "$({ROOT}/tools/env)"; printf %s "{expression}"', **variables)


def test_the_tools_and_the_virtual_environment_come_first() -> None:
    assert evaluated("$PATH").split(":")[:2] == [f"{ROOT}/.venv/bin", f"{ROOT}/.tools/bin"]


def test_evaluating_it_twice_changes_nothing() -> None:
    twice = shell(f'eval "$({ROOT}/tools/env)"; eval "$({ROOT}/tools/env)"; printf %s "$PATH"')
    assert twice.split(":").count(f"{ROOT}/.venv/bin") == 1


@pytest.mark.parametrize("variable", ["PULUMI_HOME", "PULUMI_BACKEND_URL", "FLYTE_LOCAL_HOME", "FLYTE_CACHE_DIR"])
def test_everything_that_is_remembered_is_in_the_state_folder(variable: str) -> None:
    assert evaluated(f"${variable}", **{variable: "/elsewhere"}).removeprefix("file://").startswith(f"{ROOT}/.state/")


def test_the_passphrase_is_empty_unless_there_is_one() -> None:
    assert evaluated("<${PULUMI_CONFIG_PASSPHRASE}>") == "<>"
    assert evaluated("<${PULUMI_CONFIG_PASSPHRASE}>", PULUMI_CONFIG_PASSPHRASE="mine") == "<mine>"
    assert evaluated("<${PULUMI_CONFIG_PASSPHRASE-unset}>", PULUMI_CONFIG_PASSPHRASE_FILE="/f") == "<unset>"


def test_a_passphrase_is_never_printed() -> None:
    printed = shell(f"{ROOT}/tools/env", PULUMI_CONFIG_PASSPHRASE="a-passphrase")
    assert "a-passphrase" not in printed


def test_a_checkout_in_a_folder_with_an_odd_name_works(tmp_path: Path) -> None:
    odd = tmp_path / "it's a $HOME folder"
    (odd / "tools").mkdir(parents=True)
    (odd / "tools" / "env").write_bytes((ROOT / "tools" / "env").read_bytes())
    (odd / "tools" / "env").chmod(0o755)
    script = 'eval "$("$WHERE"/tools/env)"; printf %s "$PULUMI_HOME"'
    assert shell(script, WHERE=str(odd)) == f"{odd}/.state/pulumi"


def test_make_alone_says_what_every_target_is_for() -> None:
    text = (ROOT / "Makefile").read_text()
    declared = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert declared
    phony = set(declared.group(1).split())
    told = set(re.findall(r"^ *make (\S+)", shell(f"make -sC {ROOT}"), re.MULTILINE))
    assert told == phony
