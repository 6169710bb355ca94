"""The memory watch, on real processes: whose memory counts, what counts, and that the whole workload ends."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flyte_local.memory import usage
from flyte_local.memory.limit import MemoryLimit
from flyte_local.memory.trees import ProcessTrees
from flyte_local.memory.watch import MemoryWatch, WatchedWorkload
from flyte_local.processes.environment import PROCESS_VARIABLE
from flyte_local.processes.process import kill_marked, marked

MIB = 2**20
LIMIT = MemoryLimit(200 * MIB, "its limit (200Mi)")
# Says that it is done, and stays until it is killed.
STAY = "print('done', flush=True); import time; time.sleep(600)"
Begin = Callable[[str], tuple[subprocess.Popen[str], WatchedWorkload]]


@pytest.fixture
def watch() -> MemoryWatch:
    return MemoryWatch()


@pytest.fixture
def begin(watch: MemoryWatch, tmp_path: Path) -> Iterator[Begin]:
    """Starts a program as the server starts a workload, and watches it."""
    token = f"memory-test-{os.getpid()}-{tmp_path.name}"
    started: list[tuple[subprocess.Popen[str], WatchedWorkload]] = []

    def start(program: str) -> tuple[subprocess.Popen[str], WatchedWorkload]:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)],
            env={**os.environ, PROCESS_VARIABLE: token},
            start_new_session=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        started.append((process, watch.begin(process.pid, token, LIMIT)))
        return started[-1]

    yield start
    for process, workload in started:
        kill_marked(token)
        process.wait(60)
        watch.end(workload)
        assert process.stdout is not None
        process.stdout.close()


def done(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"


def survives(process: subprocess.Popen[str], workload: WatchedWorkload) -> None:
    """The watch has looked several times and let it live."""
    time.sleep(1.5)
    assert process.poll() is None
    assert workload.reason is None


def killed(process: subprocess.Popen[str], workload: WatchedWorkload) -> None:
    assert process.wait(60) == -9
    assert workload.reason is not None
    assert workload.reason.startswith("OOMKilled (exit code 137): its processes used ")
    token = workload.token
    deadline = time.monotonic() + 60
    while marked(token):
        assert time.monotonic() < deadline, "something of the workload is left"
        time.sleep(0.05)


def test_what_stays_below_its_limit_lives(begin: Begin) -> None:
    process, workload = begin(f"memory = b'x' * {100 * MIB}; {STAY}")
    done(process)
    survives(process, workload)


def test_what_passes_its_limit_is_killed(begin: Begin) -> None:
    process, workload = begin(f"memory = b'x' * {300 * MIB}; {STAY}")
    killed(process, workload)


def test_what_grows_slowly_is_killed_as_well(begin: Begin) -> None:
    process, workload = begin(
        f"""
        import time
        memory = []
        while len(memory) < 60:
            memory.append(b'x' * {10 * MIB})
            time.sleep(0.02)
        {STAY}
        """
    )
    killed(process, workload)


def test_memory_of_all_that_it_started_counts_together(begin: Begin) -> None:
    child = f"memory = b'x' * {90 * MIB}; {STAY}"
    process, workload = begin(
        f"""
        import subprocess, sys
        children = [subprocess.Popen([sys.executable, "-c", {child!r}]) for _ in range(3)]
        {STAY}
        """
    )
    killed(process, workload)


@pytest.mark.parametrize("leaves", ["os.setsid()", "os.setsid(); os.fork() and os._exit(0)"])
def test_what_leaves_the_session_still_counts(begin: Begin, leaves: str) -> None:
    process, workload = begin(
        f"""
        import os, time
        if os.fork() == 0:
            {leaves}
            memory = b'x' * {300 * MIB}
            time.sleep(600)
        {STAY}
        """
    )
    killed(process, workload)


def test_memory_that_forked_workers_share_counts_once(begin: Begin) -> None:
    process, workload = begin(
        f"""
        import os, time
        memory = b'x' * {100 * MIB}
        for _ in range(6):
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
        {STAY}
        """
    )
    done(process)
    survives(process, workload)


def test_what_forked_workers_make_their_own_counts(begin: Begin) -> None:
    process, workload = begin(
        f"""
        import os, time
        memory = bytearray(b'x') * {100 * MIB}
        for _ in range(3):
            if os.fork() == 0:
                for at in range(0, len(memory), 4096):
                    memory[at] = 1
                time.sleep(600)
                os._exit(0)
        {STAY}
        """
    )
    killed(process, workload)


def test_shared_memory_counts_once(begin: Begin) -> None:
    program = f"""
        import mmap, os, time
        memory = mmap.mmap(-1, SIZE)
        for at in range(0, len(memory), 4096):
            memory[at] = 1
        for _ in range(3):
            if os.fork() == 0:
                for at in range(0, len(memory), 4096):
                    memory[at]
                time.sleep(600)
        {STAY}
        """
    process, workload = begin(program.replace("SIZE", str(100 * MIB)))
    done(process)
    survives(process, workload)


def test_too_much_shared_memory_is_too_much(begin: Begin) -> None:
    process, workload = begin(
        f"""
        import mmap
        memory = mmap.mmap(-1, {300 * MIB})
        for at in range(0, len(memory), 4096):
            memory[at] = 1
        {STAY}
        """
    )
    killed(process, workload)


def test_a_mapped_file_does_not_count(begin: Begin) -> None:
    process, workload = begin(
        f"""
        import mmap
        with open("model", "wb+") as file:
            for _ in range(300):
                file.write(b'x' * {MIB})
            file.flush()
            memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        for at in range(0, len(memory), 4096):
            memory[at]
        {STAY}
        """
    )
    done(process)
    survives(process, workload)


def test_reserved_addresses_do_not_count(begin: Begin) -> None:
    process, workload = begin(
        f"""
        import mmap, threading, time
        memory = mmap.mmap(-1, {4096 * MIB}, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for _ in range(50):
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        {STAY}
        """
    )
    done(process)
    survives(process, workload)


def test_other_processes_are_left_alone(begin: Begin) -> None:
    with contextlib.ExitStack() as stack:
        command = [sys.executable, "-c", f"memory = b'x' * {300 * MIB}; {STAY}"]
        other = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stack.callback(other.kill)
        done(other)
        process, workload = begin(STAY)
        done(process)
        survives(process, workload)
        assert other.poll() is None


def test_the_thread_ends_with_the_last_workload(watch: MemoryWatch, begin: Begin) -> None:
    process, workload = begin(STAY)
    done(process)
    thread = watch._thread
    assert thread is not None
    watch.end(workload)
    thread.join(60)
    assert not thread.is_alive()


def test_a_process_that_is_gone_uses_nothing() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert usage.at_most(process.pid) == usage.exactly(process.pid) == 0


def test_a_kernel_that_does_not_tell_kinds_of_memory_apart_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "_ROLLUP", ("Pss_Missing", "SwapPss"))
    assert usage.exactly(os.getpid()) > 0


def test_the_first_process_of_a_workload_counts_even_if_it_was_seen_before() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            trees = ProcessTrees()
            assert trees.update({}) == {}
            assert trees.update({process.pid: "a token"}) == {process.pid: [process.pid]}
        finally:
            process.kill()


def test_what_a_process_uses_is_at_most_what_is_read_cheaply() -> None:
    memory = b"x" * (50 * MIB)
    exact, most = usage.exactly(os.getpid()), usage.at_most(os.getpid())
    assert len(memory) < exact <= most * 1.01
