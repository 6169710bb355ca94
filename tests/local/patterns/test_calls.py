"""Task to app, app to app, and a chain of three, by `env.endpoint` and by parameter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.local.patterns.conftest import PROGRAMS, Patterns


@pytest.fixture(scope="module")
def calls(deployed: Callable[..., Patterns]) -> Patterns:
    return deployed("calls.py")


def test_an_app_answers_and_documents_itself(calls: Patterns) -> None:
    assert calls.up("prices", "/price/tea").json() == {"cents": 300}
    assert "Prices" in calls.get("prices", "/docs").text
    assert "/price/{item}" in calls.get("prices", "/openapi.json").json()["paths"]


def test_an_app_calls_another_by_its_endpoint(calls: Patterns) -> None:
    assert calls.up("basket", "/total?items=tea,bread").json() == {"cents": 800}


def test_a_chain_of_three_by_parameters(calls: Patterns) -> None:
    assert calls.up("till", "/pay?items=tea").json() == {"due": 300, "bread": 500}


def test_a_task_calls_an_app_by_its_endpoint_and_by_a_url_that_it_is_given(calls: Patterns) -> None:
    url = calls.endpoint("prices")
    code = f"""
    by_endpoint = finish("audit.check", item="tea")
    by_url = finish("audit.check_at", url={url!r}, item="bread")
    print(json.dumps([by_endpoint.outputs()[0], by_url.outputs()[0]]))
    """
    assert calls.world.python(code) == [300, 500]


def test_the_cli_runs_a_task_that_calls_an_app(calls: Patterns) -> None:
    printed = calls.flyte("run", "--follow", "calls.py", "check", "--item", "milk")
    run = printed.split("/runs/")[1].split("\x1b")[0].split()[0].strip("\\")
    assert calls.phase(run) == "succeeded"


def test_a_program_serves_its_own_app(calls: Patterns) -> None:
    environment = {**os.environ, "HOME": str(calls.world.user_home), "FLYTECTL_CONFIG": str(calls.world.config)}
    command = [sys.executable, "calls.py"]
    done = subprocess.run(command, cwd=PROGRAMS, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip().endswith(calls.endpoint("basket")), done.stdout + done.stderr
    assert calls.get("basket", "/total?items=tea").json() == {"cents": 300}, "it serves once the program has ended"


def test_what_an_app_links_to_is_kept(calls: Patterns) -> None:
    code = """
    links = remote.App.get("basket").pb2.spec.links
    print(json.dumps([[link.path, link.title] for link in links]))
    """
    assert ["/docs", "Documentation"] in calls.world.python(code)
