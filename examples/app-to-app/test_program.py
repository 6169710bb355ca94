"""Run by `pytest` in this folder: no engine, no plugin and no platform take part."""

from pathlib import Path

from pulumi_flyte.testing import run_program

stack = run_program(Path(__file__).parent)


def test_only_the_frontend_may_call_the_backend() -> None:
    assert stack.app("backend")["requiresAuth"] is True
    callers = stack.of_type("flyte:api:EdgeCredential")
    assert [caller.name for caller in callers] == ["frontend-calls-backend"]


def test_a_call_has_a_deadline() -> None:
    assert stack.app("frontend")["inputs.backend.timeout"] == 10


def test_the_frontends_address_is_exported() -> None:
    assert stack.exports["frontend"] == "http://127.0.0.1:8480/apps/app-to-app/development/frontend"
