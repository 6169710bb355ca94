"""Flyte's own server in a pod without a sidecar."""

from __future__ import annotations

import subprocess
import sys

import pytest

LISTEN = """
from flyte_runtime.serving.flyte_app import listen_everywhere
listen_everywhere()
import uvicorn
print(uvicorn.Config({arguments}).host)
"""


@pytest.mark.parametrize(
    ("arguments", "host"),
    [
        ("None", "0.0.0.0"),
        ("None, port=9000", "0.0.0.0"),
        ("None, '127.0.0.1'", "127.0.0.1"),
        ("None, host='10.0.0.1', port=1", "10.0.0.1"),
    ],
)
def test_uvicorn_listens_everywhere_unless_the_code_names_a_host(arguments: str, host: str) -> None:
    code = LISTEN.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == host


def test_it_takes_the_arguments_of_fserve() -> None:
    command = [sys.executable, "-m", "flyte_runtime.serving.flyte_app", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "--resolver-args" in done.stdout
