"""The secret values of a stack, as they are read while the engine works."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte_review.engine.pulumi import Program
from pulumi_flyte_review.engine.stack_secrets import StackSecrets
from pulumi_flyte_review.errors import EngineError

CONFIGURATION = '{"shop:key": {"secret": true, "value": "hunter22"}}'


def stand_in(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return a program for which a script stands in for `pulumi`."""
    (folder / "pulumi").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return Program(folder)


def test_no_process_runs_for_a_stack_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = StackSecrets(stand_in(tmp_path, "exit 1", monkeypatch))
    secrets.see(b'{"preludeEvent": {"config": {"shop:a": "b"}}}')
    assert secrets.values() == frozenset()


@pytest.mark.parametrize("failure", ["echo wrong passphrase >&2; exit 1", "echo no JSON"])
def test_values_that_cannot_be_read_are_an_error(failure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"if [ $1 = config ]; then echo '{CONFIGURATION}'; else {failure}; fi"
    secrets = StackSecrets(stand_in(tmp_path, script, monkeypatch))
    secrets.see(b'{"preludeEvent": {"config": {"shop:key": "[secret]"}}}')
    assert secrets.readable_values() == {"hunter22"}
    with pytest.raises(EngineError, match="`pulumi stack export --show-secrets` does not show the secret values"):
        secrets.values()
