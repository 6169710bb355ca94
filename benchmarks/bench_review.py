"""Measures `pulumi-flyte diff` beside the preview that is inside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from benchmarks.bench_preview import ASGI, Program, deployed_apps
from benchmarks.metric import Pair, metric, seconds


@cache
def _changed(count: int) -> Program:
    """Deploy apps, and change the code of one."""
    program = deployed_apps(count)
    (program.folder / "app0.py").write_text(ASGI.format(number=-1))
    return program


@metric("pulumi-flyte diff of 100 apps ÷ pulumi preview of them", at_most=1.15)
def diff(rounds: int) -> Iterator[Pair]:
    program = _changed(100)
    report, log = program.folder / "report.md", program.folder / "events.json"

    def review() -> None:
        program.run("sh", "-c", f"pulumi-flyte diff --stack dev --format markdown --output {report}; test $? = 2")

    def preview() -> None:
        log.unlink(missing_ok=True)
        program.pulumi("preview", "--stack", "dev", "--event-log", str(log))

    review()
    preview()
    for _ in range(rounds):
        yield Pair(ours=seconds(review), baseline=seconds(preview))
