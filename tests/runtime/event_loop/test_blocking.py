"""The synchronous face where its background event loop is about to end, or has ended."""

from __future__ import annotations

import os
import subprocess
import sys

CALL = """
def call(when):
    try:
        rt.app("back").sync.get("/", retries=0)
    except rt.FlyteRuntimeError as error:
        print(when, type(error).__name__, error, flush=True)
"""


def run(code: str, port: int) -> subprocess.CompletedProcess[str]:
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    variables = {**measured, "PATH": os.environ["PATH"], "BACK": f"http://127.0.0.1:{port}"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=variables, capture_output=True, text=True, timeout=120
    )


def test_an_atexit_function_that_was_registered_before_the_first_call_may_call(free_port: int) -> None:
    done = run(
        f"import atexit\nimport flyte_runtime as rt{CALL}\natexit.register(call, 'last')\ncall('first')", free_port
    )
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["first", "CallFailed"], ["last", "CallFailed"]]
    assert done.stderr == ""


def test_after_the_background_loop_has_ended_a_call_is_an_error(free_port: int) -> None:
    code = f"import atexit{CALL}\natexit.register(call, 'last')\nimport flyte_runtime as rt\ncall('first')"
    done = run(code, free_port)
    first, last = done.stdout.splitlines()
    assert first.startswith("first CallFailed")
    assert last == "last FlyteRuntimeError synchronous calls are not possible any more: the interpreter is ending"
    assert done.stderr == ""


def test_where_no_thread_can_be_started_a_call_is_an_error(free_port: int) -> None:
    code = f"""
import threading
import flyte_runtime as rt{CALL}
def start(thread): raise RuntimeError("can't create new thread at interpreter shutdown")
threading.Thread.start = start
call("only")
"""
    done = run(code, free_port)
    assert done.stdout.startswith("only FlyteRuntimeError synchronous calls are not possible any more")
    assert done.stderr == ""
