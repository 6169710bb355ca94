"""Runs type checkers over a folder of programs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

Report = Mapping[str, Mapping[int, list[str]]]
_MYPY_ERROR = re.compile(r"(?P<file>[^:\n]+):(?P<line>\d+): error: (?P<text>.*)")


def mypy(folder: Path, cache: Path) -> Report:
    """Return the errors of `mypy --strict`, without any configuration, by file and line."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-pretty", "--no-error-summary"]
    done = subprocess.run(
        [*command, f"--cache-dir={cache}", "--scripts-are-modules", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    errors: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for match in _MYPY_ERROR.finditer(done.stdout):
        errors[match["file"]][int(match["line"])].append(match["text"])
    return errors


def pyright(folder: Path) -> Report:
    """Return the errors of pyright in its standard mode, by file and line.

    The checker is basedpyright, which is pyright with a node of its own from the package index; in this mode its rules
    are those of pyright.
    """
    settings = {"include": ["."], "typeCheckingMode": "standard", "pythonVersion": "3.10"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run([*command, "--project", str(folder)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    errors: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in json.loads(done.stdout)["generalDiagnostics"]:
        if each["severity"] == "error":
            file = Path(each["file"]).relative_to(folder.resolve()).as_posix()
            errors[file][each["range"]["start"]["line"] + 1].append(each["message"])
    return errors
