"""The pure rules: ports in commands, hosts, environments, names, log files."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from flyte_local.apps import logs as app_logs
from flyte_local.apps.logs import AppLogs
from flyte_local.apps.workload import bundle_of
from flyte_local.daemon import environment
from flyte_local.errors import InvalidAppError
from flyte_local.processes.environment import machine_environment
from flyte_local.processes.ports import free_port, laments_port, rewrite_port
from flyte_local.processes.process import open_log
from flyte_local.server.guard import app_label, host_of, is_foreign
from flyte_local.server.process import listen
from flyte_local.wire.app_key import AppKey
from flyteidl2.app.app_definition_pb2 import Identifier
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("8080", "5555"),
        ("--port=8080", "5555"),
        ("--server.port=8080", "5555"),
        ("-p=8080", "5555"),
        ("--bind=0.0.0.0:8080", "5555"),
        ("0.0.0.0:8080", "5555"),
        ("127.0.0.1:8080", "5555"),
        ("localhost:8080", "5555"),
        ("[::]:8080", "5555"),
        (":8080", "5555"),
        ("'*:8080'", "5555"),
        ("'--bind=[::]:8080'", "5555"),
        ("'8080", None),
        ("18080", None),
        ("80800", None),
        ("--workers=8080", None),
        ("http://other:8080", None),
        ("http://127.0.0.1:8080/x", None),
        ("redis:8080", None),
        ("--upstream=redis:8080", None),
        ("port 8080", None),
        ("", None),
    ],
)
def test_only_an_argument_that_is_the_port_is_rewritten(token: str, expected: str | None) -> None:
    assert rewrite_port([token], 8080, 5555) == [token if expected is None else token.replace("8080", expected)]


@given(st.lists(st.text(max_size=20)), st.integers(1, 65535))
def test_rewriting_a_port_to_itself_changes_nothing(argv: list[str], port: int) -> None:
    assert rewrite_port(argv, port, port) == argv


def scope(**headers: str) -> dict[str, Any]:
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8480", "127.0.0.1"),
        ("localhost:8480", "localhost"),
        ("LocalHost.:8480", "localhost"),
        ("[::1]:8480", "[::1]"),
        ("a-b.localhost:8480", "a-b.localhost"),
        ("a.b.localhost:8480", None),
        (".localhost:8480", None),
        ("localhost", None),
        ("localhost:80", None),
        ("localhost.evil.example:8480", None),
        ("evil.example:8480", None),
        ("", None),
    ],
)
def test_only_own_names_with_the_own_port_are_served(host: str, expected: str | None) -> None:
    assert host_of(scope(host=host), 8480) == expected


@given(st.text(max_size=30))
def test_no_host_header_breaks_the_guard(host: str) -> None:
    name = host_of({"headers": [(b"host", host.encode("utf-8", "surrogatepass"))]}, 8480)
    assert name is None or name in ("127.0.0.1", "localhost", "[::1]") or app_label(name)


@given(st.text(st.characters(max_codepoint=255), max_size=30))
def test_no_origin_header_breaks_the_guard(origin: str) -> None:
    assert is_foreign({"headers": [(b"origin", origin.encode("latin-1"))]}, 8480) in (True, False)


_NAME = st.from_regex(r"\A[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?\Z")


@given(_NAME, _NAME, _NAME)
def test_every_legal_app_has_a_legal_host_and_finds_itself_again(name: str, project: str, domain: str) -> None:
    key = AppKey.of(Identifier(name=name, project=project, domain=domain))
    assert AppKey.parse(str(key)) == key
    assert len(key.host_label) <= 63
    assert host_of(scope(host=f"{key.host_label}.localhost:8480"), 8480) is not None


@given(st.text(max_size=80))
def test_an_accepted_name_is_safe_in_a_path(name: str) -> None:
    try:
        key = AppKey.of(Identifier(name=name, project=name, domain=name))
    except InvalidAppError:
        return
    assert not {"/", ".", "\0", "#"} & set(str(key).replace("/", "", 2))


def test_the_servers_environment_is_a_list_of_the_allowed() -> None:
    source = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "PULUMI_ACCESS_TOKEN": "x", "AWS_SECRET_ACCESS_KEY": "x",
              "GITHUB_TOKEN": "x", "FLYTE_LOCAL_HOME": "/f", "PYTHONPATH": "/evil", "FLYTE_API_KEY": "x"}  # fmt: skip
    assert set(environment(source)) == {
        "PATH",
        "HOME",
        "LC_ALL",
        "FLYTE_LOCAL_HOME",
        "PYTHONUNBUFFERED",
        "PYTHONSAFEPATH",
    }


def test_processes_reach_each_other_past_a_proxy() -> None:
    assert "no_proxy" not in machine_environment({"HOME": "/h"})
    variables = machine_environment({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "corp"})
    assert variables["NO_PROXY"] == variables["no_proxy"] == "corp,127.0.0.1,localhost,.localhost"


def test_the_bundle_that_a_command_names(tmp_path: Path) -> None:
    assert bundle_of(("fserve", "--tgz", f"file://{tmp_path}/a b.tgz")) == tmp_path / "a b.tgz"
    assert bundle_of(("fserve", "--pkl", f"{tmp_path}/a.pkl")) == tmp_path / "a.pkl"
    assert bundle_of(("fserve", "--tgz", "s3://bucket/x.tgz")) is None
    assert bundle_of(("fserve", "--tgz")) is None


def test_log_positions_grow_across_a_rotation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_logs, "MAX_BYTES", 20)
    logs = AppLogs(tmp_path / "logs")
    descriptor = open_log(logs.prepare(1))
    os.write(descriptor, b"first line\nsecond line\n")
    before, position = logs.read(1, 0)
    assert [line.text for line in before] == ["first line", "second line"]
    logs.rotate()
    os.write(descriptor, b"third\nhalf")
    os.close(descriptor)
    after, position = logs.read(1, position, partial=False)
    assert [line.text for line in after] == ["third"]
    assert after[0].position > before[-1].position
    rest, _ = logs.read(1, position)
    assert [line.text for line in rest] == ["half"]
    assert (tmp_path / "logs" / "1.log.1").read_text() == "first line\nsecond line\n"


def test_only_the_latest_revisions_logs_are_kept(tmp_path: Path) -> None:
    logs = AppLogs(tmp_path / "logs")
    for number in range(1, 12):
        logs.write(number, "x")
    assert logs.revisions()[-1] == 11
    assert len(logs.revisions()) <= app_logs.KEPT_REVISIONS + 1


def test_bytes_that_are_no_text_do_not_break_a_log(tmp_path: Path) -> None:
    logs = AppLogs(tmp_path)
    (tmp_path / "1.log").write_bytes(b"\xff\xfe\n\0\r\nend")
    assert len(logs.tail(1, 10)) == 3
    assert logs.tail(1, 0) == []
    assert logs.tail(2, 5) == []


def test_accepted_connections_get_no_nagle_delay() -> None:
    with listen(0) as server:
        assert server.proto == socket.IPPROTO_TCP, "asyncio sets TCP_NODELAY for no other"


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("OSError: [Errno 98] Address already in use", True),
        ("[Errno 98] error while attempting to bind on address ('127.0.0.1', 8080): address already in use", True),
        ("2026-11-21 12:42:28.594 Port 8080 is not available", True),
        ("Error: listen EADDRINUSE: address already in use :::8080", True),
        ("Uvicorn running on http://127.0.0.1:8080", False),
        ("the model is not available", False),
    ],
)
def test_a_line_that_complains_of_a_taken_port(line: str, taken: bool) -> None:
    assert laments_port(line) is taken


def test_ports_for_apps_are_not_those_of_outgoing_connections() -> None:
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 1
    assert all(20000 <= port < 32768 for port in ports)
