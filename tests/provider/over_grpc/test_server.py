"""`flyte:local:Server` over gRPC against the real embedded control plane."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from flyte_local import daemon
from flyte_local.home import Home
from flyte_local.version import VERSION

from tests.ports import free_port
from tests.provider.over_grpc.plugin import Plugin, PluginError

SERVER = "flyte:local:Server"


@pytest.fixture
def inputs(tmp_path: Path) -> Iterator[dict[str, object]]:
    """A server of our own, stopped in the end."""
    port, home = free_port(), tmp_path / "home"
    yield {"port": port, "home": str(home)}
    daemon.stop(Home(home), port)


@pytest.fixture
def plugin(unconfigured: Plugin) -> Plugin:
    """A plugin on platform `local`."""
    unconfigured.configure()
    return unconfigured


def test_a_preview_starts_nothing_and_knows_endpoint_and_epoch(plugin: Plugin, inputs: dict[str, object]) -> None:
    _, outputs = plugin.create(SERVER, "local", inputs, preview=True)
    assert (outputs["endpoint"], outputs["epoch"]) == (f"http://127.0.0.1:{inputs['port']}", 1)
    assert not Path(str(inputs["home"])).exists()
    assert daemon.probe(int(str(inputs["port"]))) is None


def test_down_is_started_and_wiped_is_a_new_epoch(plugin: Plugin, inputs: dict[str, object]) -> None:
    port, home = int(str(inputs["port"])), Home(str(inputs["home"]))
    id, outputs = plugin.create(SERVER, "local", inputs)
    assert outputs["epoch"] == 1
    assert not plugin.diff(SERVER, "local", id, inputs, outputs, inputs).changed

    daemon.stop(home, port)
    assert plugin.diff(SERVER, "local", id, inputs, outputs, inputs).paths == {"running": "UPDATE"}
    assert plugin.update(SERVER, "local", id, inputs, outputs, inputs, preview=True) == outputs
    assert daemon.probe(port) is None
    assert plugin.update(SERVER, "local", id, inputs, outputs, inputs) == outputs
    assert daemon.probe(port) is not None

    daemon.stop(home, port)
    shutil.rmtree(home.path)
    assert plugin.diff(SERVER, "local", id, inputs, outputs, inputs).paths == {"epoch": "UPDATE"}
    preview = plugin.update(SERVER, "local", id, inputs, outputs, inputs, preview=True)
    assert preview["epoch"] == 2
    assert plugin.update(SERVER, "local", id, inputs, outputs, inputs) == preview
    assert not plugin.diff(SERVER, "local", id, inputs, preview, inputs).changed


def test_a_server_of_another_version_is_said_to_be_restarted_and_is(plugin: Plugin, inputs: dict[str, object]) -> None:
    port = int(str(inputs["port"]))
    with subprocess.Popen([sys.executable, "-c", OLD_SERVER, str(inputs["home"]), str(port)]) as old:
        try:
            deadline = time.monotonic() + 60
            while daemon.probe(port) is None:
                assert time.monotonic() < deadline, "the old server did not start"
                time.sleep(0.05)
            daemon.request(port, "PUT", f"/local/v1/owners?owner={quote(OWNER, safe='')}", {"epoch": 1})
            outputs = {**inputs, "endpoint": f"http://127.0.0.1:{port}", "epoch": 1, "owner": OWNER}
            id = f"127.0.0.1:{port}"
            assert plugin.diff(SERVER, "local", id, inputs, outputs, inputs).paths == {"version": "UPDATE"}
            assert plugin.update(SERVER, "local", id, inputs, outputs, inputs, preview=True) == outputs
            assert (info := daemon.probe(port)) is not None
            assert info.version == "0.0.1"
            assert plugin.update(SERVER, "local", id, inputs, outputs, inputs) == outputs
            assert (info := daemon.probe(port)) is not None
            assert info.version == VERSION
            assert not plugin.diff(SERVER, "local", id, inputs, outputs, inputs).changed
        finally:
            old.kill()


OWNER = "shop/dev/flyte:local:Server::local"
OLD_SERVER = """
import sys
import flyte_local.version
flyte_local.version.VERSION = "0.0.1"
from flyte_local.home import Home
from flyte_local.server.process import serve
serve(Home(sys.argv[1]), int(sys.argv[2]))
"""


def test_two_stacks_share_a_server_and_the_last_one_stops_it(
    plugin: Plugin, other_stack: Plugin, inputs: dict[str, object]
) -> None:
    port = int(str(inputs["port"]))
    id, outputs = plugin.create(SERVER, "local", inputs)
    _, theirs = other_stack.create(SERVER, "local", inputs)
    plugin.delete(SERVER, "local", id, outputs)
    assert daemon.probe(port) is not None
    other_stack.delete(SERVER, "local", id, theirs)
    assert daemon.probe(port) is None
    other_stack.delete(SERVER, "local", id, theirs)
    assert daemon.probe(port) is None


def test_a_lost_state_finds_its_epoch_again(plugin: Plugin, inputs: dict[str, object]) -> None:
    plugin.create(SERVER, "local", inputs)
    daemon.request(
        int(str(inputs["port"])),
        "PUT",
        "/local/v1/owners?owner=shop%2Fdev%2Fflyte%3Alocal%3AServer%3A%3Alocal",
        {"epoch": 4},
    )
    assert plugin.create(SERVER, "local", inputs, preview=True)[1]["epoch"] == 4
    assert plugin.create(SERVER, "local", inputs)[1]["epoch"] == 4


def test_a_taken_port_is_one_clear_sentence(plugin: Plugin, inputs: dict[str, object]) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", int(str(inputs["port"]))))
        taken.listen()
        with pytest.raises(PluginError, match=f"{inputs['port']}") as caught:
            plugin.create(SERVER, "local", inputs)
    assert "\n" not in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_local_server_that_is_down_is_said_to_be(plugin: Plugin, inputs: dict[str, object]) -> None:
    plugin.configure(localPort=inputs["port"])
    with pytest.raises(
        PluginError, match=r"local control plane does not answer at http://127.0.0.1:\d+ .*flyte-local start"
    ):
        plugin.create("flyte:api:App", "web", {"name": "web", "image": "local/python"})


def test_a_server_that_was_moved_with_aliases_is_the_same_one(plugin: Plugin, inputs: dict[str, object]) -> None:
    port = int(str(inputs["port"]))
    id, outputs = plugin.create(f"flyte:index:Environment${SERVER}", "local", inputs)
    moved = f"my:index:Group$flyte:index:Environment${SERVER}"
    assert plugin.diff(moved, "local", id, inputs, outputs, inputs).paths == {"owner": "UPDATE"}
    updated = plugin.update(moved, "local", id, inputs, outputs, inputs)
    assert updated["epoch"] == outputs["epoch"]
    assert plugin.update(moved, "local", id, inputs, outputs, inputs) == updated, "an interrupted update goes on"
    assert not plugin.diff(moved, "local", id, inputs, updated, inputs).changed
    assert list(Home(str(inputs["home"])).owners()) == [updated["owner"]]
    plugin.delete(moved, "local", id, updated)
    assert daemon.probe(port) is None, "no registration under the old name is left"
