"""Runs the benchmarks of this package and prints their results."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import benchmarks
from benchmarks.metric import METRICS, Metric, Result, Skip

RESULTS = Path(__file__).parent / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table and write `results.json`. Return 0 always: a number that misses its bar is not a failure."""
    options = _parser().parse_args(arguments)
    for module in sorted(info.name for info in pkgutil.iter_modules(benchmarks.__path__)):
        if module.startswith("bench_"):
            importlib.import_module(f"benchmarks.{module}")
    metrics = [metric for metric in METRICS if options.only.lower() in metric.name.lower()]
    width = max((len(metric.name) for metric in metrics), default=0)
    print(f"{platform.machine()} {platform.system()}, Python {platform.python_version()}, {options.rounds} rounds")
    print(f"{'metric':{width}}  {'ratio':>8}  {'bar':>8}  ok")
    for metric in metrics:
        result = _measure(metric, options.rounds, width)
        if result is not None:
            _write(result)  # now, because a later benchmark may take minutes
    return 0


def _measure(metric: Metric, rounds: int, width: int) -> Result | None:
    print(f"{metric.name:{width}}  ", end="", flush=True)
    try:
        result = Result(metric, [pair.ours / pair.baseline for pair in metric.rounds(rounds)])
    except Skip as reason:
        print(f"skipped: {reason}")
        return None
    except Exception as error:  # a broken benchmark must not stop the others
        print(f"broke: {type(error).__name__}: {' '.join(str(error).split())[:200]}")
        return None
    verdict = {True: "yes", False: "NO", None: ""}[result.ok]
    print(f"{result.ratio:8.3f}  {_bar(metric):>8}  {verdict}".rstrip())
    return result


def _bar(metric: Metric) -> str:
    if metric.at_most is not None:
        return f"≤ {metric.at_most:g}"
    return f"≥ {metric.at_least:g}" if metric.at_least is not None else "-"


def _write(result: Result) -> None:
    """Add a result to the file, which keeps the results of other benchmarks."""
    document = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    document[result.metric.name] = {
        "ratio": round(result.ratio, 4),
        "bar": _bar(result.metric),
        "ok": result.ok,
        "rounds": [round(value, 4) for value in result.rounds],
    }
    RESULTS.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=benchmarks.__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only benchmarks whose name contains TEXT")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
