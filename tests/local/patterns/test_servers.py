"""Servers of every make: plain Python with arguments and a port of its own, Streamlit, hooks, several files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.local.patterns.conftest import PROGRAMS, Patterns
from tests.local.tasks.conftest import DOMAIN, PROJECT, until


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("diary") / "page.txt"


@pytest.fixture(scope="module")
def servers(deployed: Callable[..., Patterns], diary: Path) -> Patterns:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIARY", str(diary))
        return deployed("servers.py")


def test_a_plain_server_gets_its_parameter_as_an_argument_and_any_port(servers: Patterns) -> None:
    assert servers.up("plain").text == "moin"


def test_streamlit_serves_its_page_and_its_stream(servers: Patterns) -> None:
    assert servers.up("board", "/_stcore/health").text == "ok"
    assert "<title>Streamlit</title>" in servers.get("board").text
    url = servers.endpoint("board", "ws") + "/_stcore/stream"
    with connect(url, subprotocols=["streamlit"], open_timeout=60) as websocket:  # type: ignore[list-item]
        websocket.send(b"Z\x00")  # BackMsg.rerun_script: what a browser sends when it has the page
        while b"Sales of today" not in (message := websocket.recv(timeout=60)):
            assert isinstance(message, bytes)


def test_hooks_surround_the_server(servers: Patterns, diary: Path) -> None:
    assert servers.up("lived").text == "grown and grown"
    assert diary.read_text() == "born\n"
    code = 'remote.App.get("lived").deactivate(wait=True); print(json.dumps(remote.App.get("lived").is_active()))'
    assert servers.world.python(code) is False
    until(lambda: diary.read_text() == "born\ngone, grown\n")


def test_a_server_of_uvicorns_gets_to_its_shutdown_hook(servers: Patterns, diary: Path) -> None:
    assert servers.up("served").text == "served", "its port, too, is written into its code"
    servers.world.python('remote.App.get("served").deactivate(wait=True); print(json.dumps(None))')
    until(lambda: diary.with_name("served.txt").exists())


def test_an_app_of_several_files(patterns: Patterns) -> None:
    patterns.flyte("serve", "shop.py", "env", folder="store")
    assert patterns.get("store").json() == {"vat": 19, "stock": 7, "text": "Come in"}
    home = patterns.world.home.app(PROJECT, DOMAIN, "store")
    bundled = {str(file.relative_to(work)) for work in (home / "work").glob("*") for file in work.rglob("*.*")}
    assert {"shop.py", "pricing.py", "stock/shelf.py", "texts/welcome.txt"} <= bundled


def test_an_app_serves_what_a_task_made(patterns: Patterns) -> None:
    world = patterns.world
    environment = {**os.environ, "HOME": str(world.user_home), "FLYTECTL_CONFIG": str(world.config)}
    command = [sys.executable, "model.py"]
    done = subprocess.run(command, cwd=PROGRAMS, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert patterns.get("model", "/scale/5").json() == {"value": 40, "unit": "mm", "given": "8"}
